"""The table in `docs/performance.md`, with the machine that it was made on."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.table import Row, render

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGINS = "<!-- made by `make bench BENCH_ARGS=--write` -->"
ENDS = "<!-- end of what is made -->"


def machine() -> str:
    """Processors, memory and versions; nothing that says whose it is."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} processors ({_processor()}), {gib:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    """Its name where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def load() -> float:
    """How many processes wanted a processor in the last minute: above their number, not alone."""
    return os.getloadavg()[0]


def write(rows: Sequence[Row], *, before: float, after: float) -> None:
    """Put the table in its place.

    Args:
        rows: of all benchmarks.
        before: the load when it began. after: and when it ended, which is its own as well.
    """
    page = PAGE.read_text()
    start, end = page.index(BEGINS) + len(BEGINS), page.index(ENDS)
    made = (
        f"{datetime.now(UTC):%Y-%m-%d}, on {machine()}; "
        f"load {before:.1f} before it and {after:.1f} at its end.\n\n{render(rows)}"
    )
    PAGE.write_text(f"{page[:start]}\n\n{made}\n\n{page[end:]}")
