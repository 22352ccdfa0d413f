"""First frames: next to bare Pillow, refused by the header, and next to a busy event loop."""

import asyncio
import contextlib
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.table import Row
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.errors import PictureRefused
from bot.imaging.pool.pool import open_frame_maker
from bot.services.ports import FirstFrameMaker

ROUNDS = 15
HEADER_ROUNDS = 500
RATIO_MOST = 1.15
HEADER_MS = 0.2
HEADER_WEBP_MS = 3.0
LOOP_P99_MS = 5.0
LOOP_SECONDS = 8.0
TICK = 0.001


def main() -> Sequence[Row]:
    """Measure all rows."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(Path(folder)))


async def _measured(folder: Path) -> list[Row]:
    async with open_frame_maker() as maker:
        made = [await _against_pillow(case, maker, folder) for case in _cases()]
        refused = [
            await _header(name, content, maker, folder) for name, content in _refusals().items()
        ]
        return [*made, *refused, await _loop_delay(maker, folder)]


# --- the pictures -------------------------------------------------------------------------------


def photograph(size: tuple[int, int]) -> Image.Image:
    """Soft shapes under grain; the same picture every time."""
    width, height = size
    small = (width // 64 + 1, height // 64 + 1)
    shapes = Image.merge("RGB", [_hashed(small, channel) for channel in range(3)])
    grain = _hashed((512, 512), 7).resize(size, Image.Resampling.BICUBIC)
    soft = shapes.resize(size, Image.Resampling.BICUBIC)
    return Image.blend(soft, Image.merge("RGB", (grain, grain, grain)), 0.2)


def _hashed(size: tuple[int, int], seed: int) -> Image.Image:
    """Noise without a random generator."""
    count = size[0] * size[1]
    return Image.frombytes(
        "L", size, bytes((at * at * 31 + at * 17 + seed * 101) % 251 for at in range(count))
    )


def _saved(image: Image.Image, format_: str, **save: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **save)
    return out.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A kind of picture, and what a plain script would do with it in Pillow."""

    what: str
    content: bytes
    bare: Callable[[bytes], bytes]


def _cases() -> list[Case]:
    large = photograph((4032, 3024))
    fitting = photograph((1600, 1200))
    faded = fitting.convert("RGBA")
    faded.putalpha(Image.linear_gradient("L").resize(faded.size))
    jpeg = {"quality": 92}
    return [
        Case(
            what="first frame of a 12 MP photograph (JPEG)",
            content=_saved(large, "JPEG", **jpeg),
            bare=_bare_scaled,
        ),
        Case(
            what="first frame of a 12 MP photograph (PNG)",
            content=_saved(large, "PNG"),
            bare=_bare_scaled,
        ),
        Case(
            what="first frame of a transparent 2 MP PNG",
            content=_saved(faded, "PNG"),
            bare=_bare_flattened,
        ),
        Case(
            what="first frame of a fine 2 MP JPEG (goes through)",
            content=_saved(fitting, "JPEG", **jpeg),
            bare=_bare_again,
        ),
    ]


def _bare_scaled(content: bytes) -> bytes:
    image = Image.open(io.BytesIO(content))
    image.thumbnail((MODEL.side_max, MODEL.side_max))
    return _saved(image, "JPEG", quality=95, subsampling=0)


def _bare_flattened(content: bytes) -> bytes:
    image = Image.open(io.BytesIO(content))
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return _saved(white, "PNG")


def _bare_again(content: bytes) -> bytes:
    return _saved(Image.open(io.BytesIO(content)), "JPEG", quality=95, subsampling=0)


# --- the measurements -----------------------------------------------------------------------------


async def _against_pillow(case: Case, maker: FirstFrameMaker, folder: Path) -> Row:
    """Measure both in turn, from file to file; ours includes the way to the worker and back.

    The fastest run of each counts, since workers give way to everything else on the machine.
    """
    source = folder / "source"
    source.write_bytes(case.content)
    ours, bare = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        (await maker.make(source, folder, MODEL)).path.unlink()
        middle = time.perf_counter()
        target = folder / "bare"
        target.write_bytes(case.bare(source.read_bytes()))
        bare.append(time.perf_counter() - middle)
        ours.append(middle - start)
    one, other = min(ours), min(bare)
    return Row(
        what=case.what,
        ours=f"{one * 1000:.0f} ms",
        beside=f"bare Pillow, decode and encode: {other * 1000:.0f} ms",
        ratio=f"{one / other:.2f}x",
        figure=_verdict(one / other <= RATIO_MOST, f"at most {RATIO_MOST}x"),
    )


def _refusals() -> dict[str, bytes]:
    small = photograph((1600, 359))
    contents = {kind: _saved(small, kind) for kind in ("JPEG", "PNG", "BMP", "WEBP")}
    return contents | {"GIF": _saved(small, "GIF"), "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"}


async def _header(name: str, content: bytes, maker: FirstFrameMaker, folder: Path) -> Row:
    """Measure from the call to the refusal, including the way to the thread that reads the file."""
    source = folder / "refused"
    source.write_bytes(content)
    ours = await _refusal_ms(maker, source, folder)
    opened = "-" if name == "HEIC" else f"Image.open alone: {_opening_ms(source):.3f} ms"
    most = HEADER_WEBP_MS if name == "WEBP" else HEADER_MS
    return Row(
        what=f"refusing a picture by its header ({name})",
        ours=f"{ours:.3f} ms",
        beside=opened,
        figure=_verdict(ours <= most, f"at most {most} ms"),
    )


async def _refusal_ms(maker: FirstFrameMaker, source: Path, folder: Path) -> float:
    taken = []
    for _ in range(HEADER_ROUNDS):
        start = time.perf_counter()
        with contextlib.suppress(PictureRefused):
            await maker.make(source, folder, MODEL)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def _opening_ms(source: Path) -> float:
    taken = []
    for _ in range(HEADER_ROUNDS):
        start = time.perf_counter()
        Image.open(source).close()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


async def _loop_delay(maker: FirstFrameMaker, folder: Path) -> Row:
    """Measure the delay of a timer of 1 ms, idle and while all workers decode 12 MP photographs."""
    source = folder / "source"
    source.write_bytes(_saved(photograph((4032, 3024)), "JPEG", quality=92))
    idle = await _lateness(LOOP_SECONDS / 4)
    workers = [asyncio.create_task(_keep_making(maker, source, folder)) for _ in range(4)]
    busy = await _lateness(LOOP_SECONDS)
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return Row(
        what="event loop held up while images decode, p99",
        ours=f"{_p99(busy):.2f} ms (worst {max(busy) * 1000:.1f})",
        beside=f"idle loop: {_p99(idle):.2f} ms (worst {max(idle) * 1000:.1f})",
        figure=_verdict(_p99(busy) <= LOOP_P99_MS, f"at most {LOOP_P99_MS} ms"),
    )


async def _keep_making(maker: FirstFrameMaker, source: Path, folder: Path) -> None:
    while True:
        (await maker.make(source, folder, MODEL)).path.unlink()


async def _lateness(seconds: float) -> list[float]:
    late = []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - start - TICK)
    return late


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98] * 1000


def _verdict(reached: bool, figure: str) -> str:
    return f"{figure}: {'reached' if reached else 'NOT reached'}"


if __name__ == "__main__":
    from benchmarks.table import render

    sys.stdout.write(render(main()) + "\n")
