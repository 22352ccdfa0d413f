"""The pool of worker processes: what workers return, and what happens when one dies."""

import asyncio
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.first_frame import Adjustment
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.errors import PictureProblem, PictureRefused
from bot.imaging.pool.pool import Pool, open_frame_maker
from tests.factories import make_picture
from tests.imaging.pictures import exif, saved


@contextlib.asynccontextmanager
async def pool(*, workers: int = 1, seconds: float = 20.0) -> AsyncIterator[Pool]:
    async with open_frame_maker(workers=workers, seconds=seconds) as maker:
        assert isinstance(maker, Pool)
        yield maker


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_0001.png"
    path.write_bytes(make_picture("JPEG", exif=exif(6)))
    return path


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


def runs(pid: int) -> bool:
    """Return whether a process runs, as opposed to waiting to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def next_pids(maker: Pool, before: frozenset[int]) -> frozenset[int]:
    """Wait for the workers that replace others, and return their process ids."""
    async with asyncio.timeout(20):
        while maker.pids <= before:  # noqa: ASYNC110, the pool has no event for this
            await asyncio.sleep(0)
    return maker.pids - before


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "the condition never held"
        time.sleep(0.01)


async def test_a_first_frame_in_a_file_of_its_own(source: Path, tmp_path: Path) -> None:
    before = content_of(source)
    folder = tmp_path / "made"
    folder.mkdir()
    async with pool() as maker:
        made = await maker.make(source, folder, MODEL)
    content = content_of(made.path)
    assert made.path.parent == folder
    assert made.mended == (Adjustment.UPRIGHT, Adjustment.CLEANED)
    assert made.frame.digest == hashlib.sha256(content).hexdigest()
    assert (made.frame.mime, made.frame.bytes) == ("image/jpeg", len(content))
    assert (made.frame.width, made.frame.height) == (480, 640)
    assert content_of(source) == before


async def test_a_refusal_comes_across_whole(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(make_picture("JPEG", (700, 500))[:-100])
    async with pool() as maker:
        with pytest.raises(PictureRefused) as caught:
            await maker.make(source, tmp_path, MODEL)
    assert (caught.value.problem, caught.value.found) == (PictureProblem.DAMAGED, "JPEG")
    assert names_in(tmp_path) == [source.name]


async def test_what_the_header_gives_away_needs_no_worker(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(make_picture("PNG", (359, 500)))
    async with pool() as maker:
        signal_all(maker.pids, signal.SIGSTOP)
        with pytest.raises(PictureRefused) as caught:
            await maker.make(source, tmp_path, MODEL)
    assert caught.value.problem is PictureProblem.TOO_SMALL


async def test_many_frames_at_once_are_in_files_of_their_own(source: Path, tmp_path: Path) -> None:
    async with pool(workers=2) as maker:
        made = await asyncio.gather(*(maker.make(source, tmp_path, MODEL) for _ in range(8)))
        assert len(maker.pids) == 2
    assert len({each.path for each in made}) == 8
    assert len({each.frame for each in made}) == 1


async def test_a_folder_that_is_not_there_is_not_the_pictures_fault(
    source: Path, tmp_path: Path
) -> None:
    async with pool() as maker:
        with pytest.raises(OSError, match="No such file"):
            await maker.make(source, tmp_path / "missing", MODEL)
        await maker.make(source, tmp_path, MODEL)


async def test_a_worker_that_dies_over_a_picture_is_replaced_and_the_picture_made(
    source: Path, tmp_path: Path
) -> None:
    async with pool() as maker:
        (first,) = maker.pids
        os.kill(first, signal.SIGSTOP)
        making = asyncio.create_task(maker.make(source, tmp_path, MODEL))
        assert not (await asyncio.wait({making}, timeout=0.2))[0]
        os.kill(first, signal.SIGKILL)
        made = await making
        assert made.path.exists()
        assert first not in maker.pids


async def test_a_picture_that_ends_two_workers_is_refused(source: Path, tmp_path: Path) -> None:
    async with pool() as maker:
        first = maker.pids
        signal_all(first, signal.SIGSTOP)
        making = asyncio.create_task(maker.make(source, tmp_path, MODEL))
        await asyncio.wait({making}, timeout=0.2)
        signal_all(first, signal.SIGKILL)
        second = await next_pids(maker, first)
        # The second worker is killed before it has started up.
        signal_all(second, signal.SIGKILL)
        with pytest.raises(PictureRefused) as caught:
            await making
        assert caught.value.problem is PictureProblem.DAMAGED
        assert (await maker.make(source, tmp_path, MODEL)).path.exists()


async def test_a_worker_that_died_while_idle_is_replaced(source: Path, tmp_path: Path) -> None:
    async with pool() as maker:
        await maker.make(source, tmp_path, MODEL)
        (first,) = maker.pids
        os.kill(first, signal.SIGKILL)
        assert (await maker.make(source, tmp_path, MODEL)).path.exists()
        assert maker.pids != {first}


async def test_a_picture_that_takes_too_long_is_refused(source: Path, tmp_path: Path) -> None:
    async with pool(seconds=2) as maker:
        await maker.make(source, tmp_path, MODEL)
        stuck = maker.pids
        signal_all(stuck, signal.SIGSTOP)
        with pytest.raises(PictureRefused) as caught:
            await maker.make(source, tmp_path, MODEL)
        assert caught.value.problem is PictureProblem.TOO_SLOW
        assert (await maker.make(source, tmp_path, MODEL)).path.exists()
        assert not stuck & maker.pids


async def test_a_canceled_picture_gives_its_place_back(source: Path, tmp_path: Path) -> None:
    async with pool() as maker:
        stuck = maker.pids
        signal_all(stuck, signal.SIGSTOP)
        making = asyncio.create_task(maker.make(source, tmp_path, MODEL))
        await asyncio.wait({making}, timeout=0.2)
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert (await maker.make(source, tmp_path, MODEL)).path.exists()
        assert not stuck & maker.pids


async def test_the_second_process_starts_when_two_pictures_come_at_once(
    source: Path, tmp_path: Path
) -> None:
    async with pool(workers=2) as maker:
        assert len(maker.pids) == 1
        for _ in range(2):
            await maker.make(source, tmp_path, MODEL)
        assert len(maker.pids) == 1
        await asyncio.gather(*(maker.make(source, tmp_path, MODEL) for _ in range(2)))
        assert len(maker.pids) == 2


async def test_no_process_is_left_behind(source: Path, tmp_path: Path) -> None:
    async with pool(workers=2) as maker:
        await asyncio.gather(*(maker.make(source, tmp_path, MODEL) for _ in range(2)))
        pids = maker.pids
        assert len(pids) == 2
        assert all(runs(pid) for pid in pids)
    assert not any(runs(pid) for pid in pids)
    assert not maker.pids


async def test_a_terminals_interrupt_does_not_reach_the_workers(
    source: Path, tmp_path: Path
) -> None:
    async with pool() as maker:
        await maker.make(source, tmp_path, MODEL)
        pids = maker.pids
        signal_all(pids, signal.SIGINT)
        await maker.make(source, tmp_path, MODEL)
        assert maker.pids == pids
        assert all(os.getsid(pid) == pid for pid in pids)


async def test_workers_hold_no_secret_and_little_memory(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VTRIX_API_KEY", "test-key")
    async with pool() as maker:
        await maker.make(source, tmp_path, MODEL)
        (pid,) = maker.pids
        # Only root may read it.
        with contextlib.suppress(PermissionError):
            assert b"test-key" not in content_of(Path(f"/proc/{pid}/environ"))
        limits = content_of(Path(f"/proc/{pid}/limits")).decode()
    assert f"Max address space         {1280 * 1024 * 1024}" in limits
    assert "Max core file size        0" in limits


def test_workers_import_neither_discord_nor_the_event_loop_nor_the_rest() -> None:
    program = "import sys, bot.imaging.pool.worker; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not {"asyncio", "discord", "aiohttp", "sqlalchemy", "pydantic"} & set(
        done.stdout.split()
    )


async def test_a_large_picture_with_few_bytes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(saved(Image.new("L", (10_000, 9_000), 7)))
    assert source.stat().st_size < 200_000
    async with pool() as maker:
        made = await maker.make(source, tmp_path, MODEL)
    assert (made.frame.width, made.frame.height) == (2000, 1800)


async def test_each_frame_fits_the_model_that_it_is_for(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(make_picture("PNG", (1500, 1000)))
    small = replace(MODEL, id="small", side_max=900)
    large = replace(MODEL, id="large", side_min=1200)
    async with open_frame_maker(workers=1) as maker:
        sizes = [
            (made.frame.width, made.frame.height)
            for model in (MODEL, small, MODEL)
            for made in [await maker.make(source, tmp_path, model)]
        ]
        assert sizes == [(1500, 1000), (900, 600), (1500, 1000)]
        with pytest.raises(PictureRefused) as caught:
            await maker.make(source, tmp_path, large)
    assert (caught.value.problem, caught.value.rules) == (PictureProblem.TOO_SMALL, large)


async def test_what_a_worker_refuses_says_what_it_was_measured_by(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(saved(Image.effect_noise((900, 900), 100)))
    tiny = replace(MODEL, picture_bytes=2_000)
    async with open_frame_maker(workers=1) as maker:
        with pytest.raises(PictureRefused) as caught:
            await maker.make(source, tmp_path, tiny)
    assert (caught.value.problem, caught.value.rules) == (PictureProblem.CANNOT_SHRINK, tiny)


PARENT = """
import asyncio, sys
from bot.imaging.pool.pool import open_frame_maker

async def main():
    async with open_frame_maker(workers=1) as maker:
        print(*maker.pids, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def test_workers_of_a_killed_parent_go_away() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert runs(pid)
        parent.kill()
    wait_until(lambda: not runs(pid))
