import pytest

from tests.video import clips


@pytest.fixture(scope="session")
def clip(some_video: bytes) -> bytes:
    """The first half second of a real video."""
    return clips.beginning(some_video, frames=12)
