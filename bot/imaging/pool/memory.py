"""Calculates how much memory pictures may take on this machine, all of them together."""

import os
from collections.abc import Iterator
from pathlib import Path

from bot.domain.first_frame import Format
from bot.imaging.formats.structure import Measured

MEGABYTE = 1024 * 1024
# The bot and two idle workers take about 200 MB.
_OTHERS = 224 * MEGABYTE
# Enough for a small picture on any machine.
_LEAST = 32 * MEGABYTE
# If the machine does not say: the maximum of two workers.
_UNKNOWN = 2048 * MEGABYTE
# Bytes per pixel while a picture is decoded, scaled and encoded; WEBP's decoder keeps four copies.
_BYTES_A_PIXEL = {Format.JPEG: 8, Format.PNG: 8, Format.BMP: 16, Format.WEBP: 18}
# A JPEG with several scans also keeps all coefficients, two bytes for each of three colors.
_COEFFICIENTS = 6
# A JPEG is decoded at 1/2, 1/4 or 1/8 as long as a side has at least this many pixels left, twice
# the size of the frame (``bot.imaging.pixels``).
_REDUCED_SIDE = 4000


def budget(memory: int | None = None) -> int:
    """Return the bytes for all pictures that are decoded at once.

    Args:
        memory: bytes of the machine; by default those of the machine or the container.
    """
    return max(_LEAST, (memory or _memory()) - _OTHERS)


def needed(format_: Format, measured: Measured, file_bytes: int) -> int:
    """Return the maximum bytes that a picture takes, including two copies of the file."""
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
    """Yield the limits of the machine, and of all control groups of this process."""
    yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for file in _group_files():
        try:
            text = file.read_text().strip()
        except OSError:
            continue
        if text.isdecimal():
            yield int(text)


def _group_files() -> Iterator[Path]:
    """Yield the limit files of this control group and all groups above it, in both versions."""
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
