"""Memory: what all workers together use for pictures, compared with what the machine has."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.domain.submission import Sender
from bot.errors import PictureProblem, PictureRefused
from bot.imaging.pipeline import check_header
from bot.imaging.pool.memory import MEGABYTE, budget
from bot.imaging.pool.pool import Pool, open_frame_maker
from tests.attacks.small_machine import resident
from tests.factories import make_picture
from tests.imaging.pictures import photograph, saved
from tests.requirements import need_linux


async def most_resident(maker: Pool, making: "asyncio.Future[Any]") -> int:
    most = 0
    while not making.done():
        most = max(most, resident(maker.pids))
        await asyncio.sleep(0.005)
    return most


async def test_two_small_files_of_many_pixels_go_one_at_a_time(tmp_path: Path) -> None:
    need_linux("memory use in /proc")
    source = tmp_path / "source"
    source.write_bytes(saved(Image.new("RGB", (10_000, 9_000), "red")))
    assert source.stat().st_size < 500_000
    machine = 1100 * MEGABYTE
    async with open_frame_maker(workers=2, memory=machine) as maker:
        assert isinstance(maker, Pool)
        making = asyncio.gather(
            *(maker.make(source, tmp_path, MODEL, Sender(server=n, person=n)) for n in range(2))
        )
        most = await most_resident(maker, making)
        await making
    # One such picture takes 380 MB; two at once took 780 MB.
    assert most < 560 * MEGABYTE
    assert most < budget(machine)


async def test_512_megabytes_are_enough_for_photographs(tmp_path: Path) -> None:
    need_linux("memory use in /proc")
    source = tmp_path / "source"
    source.write_bytes(saved(photograph(), "JPEG", quality=90))
    machine = 512 * MEGABYTE
    async with open_frame_maker(workers=2, memory=machine) as maker:
        assert isinstance(maker, Pool)
        making = asyncio.gather(
            *(maker.make(source, tmp_path, MODEL, Sender(server=n, person=n)) for n in range(6))
        )
        most = await most_resident(maker, making)
        assert {(one.frame.width, one.frame.height) for one in await making} == {(2000, 1500)}
    assert most < budget(machine)


async def test_256_megabytes_are_enough_for_small_pictures_and_say_so_of_others(
    tmp_path: Path,
) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(make_picture("JPEG", (1200, 900)))
    large.write_bytes(saved(Image.new("L", (6000, 4500)), "JPEG"))
    async with open_frame_maker(workers=1, memory=256 * MEGABYTE) as maker:
        assert (await maker.make(small, tmp_path, MODEL)).frame.width == 1200
        with pytest.raises(PictureRefused) as caught:
            await maker.make(large, tmp_path, MODEL)
    assert caught.value.problem is PictureProblem.MACHINE_TOO_SMALL


@pytest.mark.parametrize(
    "save", [{"format": "JPEG"}, {"format": "JPEG", "progressive": True}, {"format": "PNG"}]
)
async def test_no_picture_takes_more_than_was_counted_for_it(
    save: dict[str, object], tmp_path: Path
) -> None:
    need_linux("memory use in /proc")
    source, tiny = tmp_path / "source", tmp_path / "tiny"
    source.write_bytes(saved(Image.new("RGB", (8000, 6000), "red"), **save))  # type: ignore[arg-type]
    tiny.write_bytes(make_picture("PNG"))
    counted = check_header(source, MODEL)
    assert counted is not None
    async with open_frame_maker(workers=1) as maker:
        assert isinstance(maker, Pool)
        await maker.make(tiny, tmp_path, MODEL)
        before = resident(maker.pids)
        making = asyncio.gather(maker.make(source, tmp_path, MODEL))
        assert await most_resident(maker, making) - before < counted
