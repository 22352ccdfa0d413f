"""Files that several machines share, on a real S3 server of this machine and in a folder."""

import asyncio
import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.submission import MadeFrame
from bot.domain.task import Frame
from bot.errors import DatabaseUnusable, StorageError
from bot.storage.files.images import ImageStore
from bot.storage.files.object_store import SharedFiles, open_shared_files
from tests.factories import make_frame

LARGE = bytes(range(256)) * 40_000  # 10 MB


@pytest.fixture(params=["s3", "folder"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "folder":
        return f"file://{tmp_path / 'shared'}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3_endpoint"))
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-key")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    bucket = f"bucket-{uuid.uuid4().hex[:8]}"
    make_bucket(os.environ["AWS_ENDPOINT_URL"], bucket)
    return f"s3://{bucket}/flipbook"


def make_bucket(endpoint: str, name: str) -> None:
    import urllib.request

    request = urllib.request.Request(f"{endpoint}/{name}", method="PUT")  # noqa: S310 - loopback
    urllib.request.urlopen(request).close()  # noqa: S310 - loopback


def files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()]


@pytest.fixture
def shared(url: str) -> SharedFiles:
    return open_shared_files(url)


def made(folder: Path, content: bytes) -> MadeFrame:
    path = folder / "made"
    path.write_bytes(content)
    return MadeFrame(path=path, frame=make_frame(content), mended=())


async def test_a_file_that_one_machine_stored_is_found_by_another(
    shared: SharedFiles, tmp_path: Path
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(LARGE)
    await shared.put("videos/one.mp4", source)
    assert await shared.get("videos/one.mp4", target)
    assert target.read_bytes() == LARGE
    source.write_bytes(b"newer")
    await shared.put("videos/one.mp4", source)
    assert await shared.get("videos/one.mp4", target)
    assert target.read_bytes() == b"newer"


async def test_a_missing_file_is_told_and_leaves_nothing(
    shared: SharedFiles, tmp_path: Path
) -> None:
    assert not await shared.get("videos/none.mp4", tmp_path / "target")
    assert files(tmp_path) == []
    await shared.remove("videos/none.mp4")


async def test_old_files_are_deleted_and_others_stay(shared: SharedFiles, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"a video")
    await shared.put("videos/old.mp4", source)
    await shared.put("images/other", source)
    assert await shared.sweep("videos/", timedelta(days=7)) == 0
    await asyncio.sleep(1.1)  # S3 reports whole seconds
    assert await shared.sweep("videos/", timedelta(seconds=0)) == 1
    assert not await shared.get("videos/old.mp4", target)
    assert await shared.get("images/other", target)


async def test_a_frame_kept_on_one_machine_is_found_on_another(
    shared: SharedFiles, tmp_path: Path
) -> None:
    here = ImageStore(tmp_path / "here", shared=shared)
    there = ImageStore(tmp_path / "there", shared=shared)
    frame: Frame = await here.keep(made(tmp_path, b"a picture"))
    found = await there.find(frame.digest)
    assert found is not None
    assert found.read_bytes() == b"a picture"
    assert str(found).startswith(str(tmp_path / "there"))
    assert await there.renew(frame.digest)
    assert await there.find(make_frame(b"another").digest) is None


async def test_a_frame_that_the_others_cannot_have_is_not_kept_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-key")
    images = ImageStore(tmp_path / "here", shared=open_shared_files("s3://no-such-bucket/x"))
    with pytest.raises(StorageError, match="cannot be written"):
        await images.keep(made(tmp_path, b"a picture"))


def test_an_address_that_cannot_be_used_is_told_in_words() -> None:
    with pytest.raises(DatabaseUnusable, match="FILE_STORE"):
        open_shared_files("ftp://somewhere")
