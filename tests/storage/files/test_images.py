import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.submission import MadeFrame
from bot.storage.files.images import ImageStore
from tests.factories import make_frame


def made(folder: Path, content: bytes = b"a picture") -> MadeFrame:
    folder.mkdir(exist_ok=True)
    path = folder / "made.tmp"
    path.write_bytes(content)
    return MadeFrame(path=path, frame=make_frame(content), mended=())


async def test_a_frame_is_moved_in_and_found(tmp_path: Path) -> None:
    images = ImageStore(tmp_path / "data" / "frames")
    new = made(tmp_path / "work")
    assert await images.find(new.frame.digest) is None
    assert await images.keep(new) == new.frame
    path = await images.find(new.frame.digest)
    assert path is not None
    assert path.read_bytes() == b"a picture"
    assert not new.path.exists()
    assert [found for found in (tmp_path / "data").rglob("*") if found.is_file()] == [path]


async def test_the_same_content_again_leaves_the_first_as_it_is(tmp_path: Path) -> None:
    images = ImageStore(tmp_path / "frames")
    await images.keep(made(tmp_path / "work"))
    path = await images.find(make_frame(b"a picture").digest)
    assert path is not None
    before = path.stat()
    again = made(tmp_path / "work")
    await images.keep(again)
    assert path.stat().st_ino == before.st_ino
    assert not again.path.exists()


async def test_the_same_frame_many_times_at_once(tmp_path: Path) -> None:
    images = ImageStore(tmp_path / "frames")
    frames = [made(tmp_path / f"work{n}", bytes([n % 4])) for n in range(20)]
    await asyncio.gather(*(images.keep(one) for one in frames))
    for n in range(4):
        path = await images.find(make_frame(bytes([n])).digest)
        assert path is not None
        assert path.read_bytes() == bytes([n])


@pytest.mark.parametrize(
    "digest",
    ["", "..", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "/" + "a" * 63, "é" * 64],
)
async def test_a_name_that_is_no_digest(tmp_path: Path, digest: str) -> None:
    images = ImageStore(tmp_path / "frames")
    one = made(tmp_path / "work")
    with pytest.raises(ValueError, match="hexadecimal"):
        await images.find(digest)
    with pytest.raises(ValueError, match="hexadecimal"):
        await images.keep(MadeFrame(path=one.path, frame=make_frame(digest=digest), mended=()))
    assert one.path.exists()
    assert not (tmp_path / "frames").exists()


async def test_frames_are_listed_with_their_size_and_age(tmp_path: Path) -> None:
    images = ImageStore(tmp_path / "frames")
    assert await images.listed() == []
    await images.keep(made(tmp_path / "work", b"old"))
    path = await images.find(make_frame(b"old").digest)
    assert path is not None
    path.with_name(f"{path.name}.shared").write_bytes(b"half")
    then = path.stat().st_mtime - 7200
    os.utime(path, (then, then))
    (file,) = await images.listed()
    assert (file.digest, file.bytes) == (make_frame(b"old").digest, 3)
    assert timedelta(seconds=7200) <= file.age < timedelta(seconds=7300)
    assert await images.listed_elsewhere() == []
    # Sent in again, the picture counts as new.
    await images.keep(made(tmp_path / "work", b"old"))
    (file,) = await images.listed()
    assert file.age < timedelta(seconds=100)
