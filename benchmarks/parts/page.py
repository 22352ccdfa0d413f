"""Writes the table into `docs/performance.md`, with the machine that it was measured on."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.table import Row, render

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGINS = "<!-- made by `make bench BENCH_ARGS=--write` -->"
ENDS = "<!-- end of what is made -->"


def machine() -> str:
    """Describe the machine by processors, memory and versions; nothing identifies it."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} processors ({_processor()}), {gib:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    """Return the processor's name, if Linux knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def load() -> float:
    """Return the load average of the last minute; above the number of processors, something else
    ran.
    """
    return os.getloadavg()[0]


def write(rows: Sequence[Row], *, before: float, after: float) -> None:
    """Write the table into the page.

    Args:
       rows: The rows of all benchmarks.
       before: The load at the start.
       after: The load at the end, most of which is the benchmarks' own.
    """
    page = PAGE.read_text()
    start, end = page.index(BEGINS) + len(BEGINS), page.index(ENDS)
    made = (
        f"{datetime.now(UTC):%Y-%m-%d}, on {machine()}; "
        f"load {before:.1f} before it and {after:.1f} at its end.\n\n{render(rows)}"
    )
    PAGE.write_text(f"{page[:start]}\n\n{made}\n\n{page[end:]}")
