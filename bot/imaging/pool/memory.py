"""How much memory pictures may take here, all of them together."""

import os
from collections.abc import Iterator
from pathlib import Path

from bot.domain.first_frame import Format
from bot.imaging.formats.structure import Measured

MEGABYTE = 1024 * 1024
# The bot itself and two workers that have nothing to do take about 200 MB.
_OTHERS = 224 * MEGABYTE
# A small picture, wherever it is.
_LEAST = 32 * MEGABYTE
# Where the machine does not say; what two workers may take at most.
_UNKNOWN = 2048 * MEGABYTE
# Bytes a pixel while a picture is decoded, brought to its size and encoded: WEBP's decoder keeps
# four copies.
_BYTES_A_PIXEL = {Format.JPEG: 8, Format.PNG: 8, Format.BMP: 16, Format.WEBP: 18}
# Of a JPEG in several scans all coefficients are kept besides, two bytes for each of three colours.
_COEFFICIENTS = 6
# A JPEG is decoded at a half, a quarter or an eighth as long as that leaves so many pixels a side:
# twice what goes out (``bot.imaging.pixels``).
_REDUCED_SIDE = 4000


def budget(memory: int | None = None) -> int:
    """Bytes for all pictures that are decoded at once.

    Args:
        memory: of the machine; by default what it, or the container, says.
    """
    return max(_LEAST, (memory or _memory()) - _OTHERS)


def needed(format_: Format, measured: Measured, file_bytes: int) -> int:
    """Bytes that a picture takes at most; the file is there twice, once without its metadata."""
    pixels = measured.size[0] * measured.size[1]
    part = 1
    if format_ is Format.JPEG:
        while part < 8 and max(measured.size) >= 2 * part * _REDUCED_SIDE:
            part *= 2
    decoded = pixels // part**2 * _BYTES_A_PIXEL[format_]
    kept = pixels * _COEFFICIENTS if measured.scans > 1 else 0
    return decoded + kept + 2 * file_bytes


def _memory() -> int:
    return min(_limits(), default=_UNKNOWN)


def _limits() -> Iterator[int]:
    """Of the machine, and of all control groups that this process is in."""
    yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for file in _group_files():
        try:
            text = file.read_text().strip()
        except OSError:
            continue
        if text.isdecimal():
            yield int(text)


def _group_files() -> Iterator[Path]:
    """The limits of both versions of control groups, in every group above this one."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _number, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        root = Path("/sys/fs/cgroup", controllers)
        name = "memory.limit_in_bytes" if controllers else "memory.max"
        group = Path(path.lstrip("/"))
        for one in (group, *group.parents):
            yield root / one / name
