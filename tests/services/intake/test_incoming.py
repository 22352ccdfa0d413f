"""Incoming pictures: saved completely, limited in size, and removed afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.first_frame import SOURCE_BYTES_MAX
from bot.errors import PictureRefused
from bot.services.intake.incoming import save, temporary_folder


class Coming:
    """A picture that arrives in chunks."""

    name = "photo.jpg"
    announced_bytes = None

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks
        self.given = 0

    async def read(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            self.given += 1
            yield chunk


@pytest.mark.parametrize("sizes", [(), (5,), (100_000,) * 7, (300_000, 1, 300_000)])
async def test_a_picture_arrives_whole(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    chunks = [bytes([number]) * size for number, size in enumerate(sizes)]
    await save(Coming(*chunks), tmp_path / "source")
    assert (tmp_path / "source").read_bytes() == b"".join(chunks)


async def test_no_more_is_read_than_is_taken(tmp_path: Path) -> None:
    piece = b"\0" * (SOURCE_BYTES_MAX // 4)
    picture = Coming(*[piece] * 8)
    with pytest.raises(PictureRefused):
        await save(picture, tmp_path / "source")
    assert picture.given == 5


async def _fail_in(parent: Path) -> None:
    async with temporary_folder(parent) as folder:
        (folder / "source").write_bytes(b"picture")
        raise LookupError


async def test_the_temporary_folder_is_always_removed(tmp_path: Path) -> None:
    parent = tmp_path / "not" / "there"
    with pytest.raises(LookupError):
        await _fail_in(parent)
    assert list(parent.iterdir()) == []
