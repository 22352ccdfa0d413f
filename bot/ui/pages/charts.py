"""Charts for Discord's dark theme, drawn in a process of their own."""

import asyncio
import io
import json
import os
import sys
from collections.abc import Sequence
from datetime import date

from bot.domain.money import Usd
from bot.domain.statistics import Day, Statistics

# A fresh interpreter on this one's path, with none of its secrets: see bot.imaging.pool.process.
_PROGRAM = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from bot.ui.pages.charts import main
main()
"""
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "TZ", "HOME", "MPLCONFIGDIR")
# The first chart of a machine looks through its fonts.
_SECONDS_MAX = 60.0
# People's pictures go first.
_NICE = 10

# Discord's own colours, readable on its dark ground.
_GROUND = "#2b2d31"
_INK = "#dbdee1"
_LINE = "#4e5058"
_BARS = "#5865f2"
_MONEY = "#f0b232"


class NotDrawn(Exception):
    """There is no picture; the numbers are there all the same."""


async def drawn_apart(found: Statistics) -> bytes:
    """The chart, drawn by another process.

    Raises:
        NotDrawn: it was not, and why.
    """
    days = [(day.day.isoformat(), day.videos, day.spent.micros) for day in found.days]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        json.dumps(sys.path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_SECONDS_MAX):
            picture, _ = await process.communicate(json.dumps(days).encode())
    except TimeoutError as error:
        raise NotDrawn(f"it took longer than {_SECONDS_MAX:.0f} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not picture:
        raise NotDrawn(f"the process ended with {process.returncode}")
    return picture


def main() -> None:
    """In that other process: days from the standard input, the picture to the standard output."""
    os.nice(_NICE)
    days = [
        Day(day=date.fromisoformat(day), videos=videos, spent=Usd(micros))
        for day, videos, micros in json.load(sys.stdin)
    ]
    sys.stdout.buffer.write(days_chart(days))


def days_chart(days: Sequence[Day]) -> bytes:
    """Videos as bars and money as a line, a day each; a PNG. Blocking: half a second at first.

    It has numbers and no words: those stand beside it, in every language, while few machines have
    a font that can draw them all.
    """
    # Late: it costs half a second, and few processes ever draw.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, MultipleLocator

    figure = Figure(figsize=(6, 3.2), dpi=160, facecolor=_GROUND, layout="constrained")
    FigureCanvasAgg(figure)
    left = figure.subplots()
    labels = [f"{day.day:%m-%d}" for day in days]
    left.bar(labels, [day.videos for day in days], color=_BARS)
    right = left.twinx()
    money = [day.spent.micros / 1e6 for day in days]
    right.plot(labels, money, color=_MONEY, marker="o", markersize=4)
    for axes in (left, right):
        axes.set_facecolor(_GROUND)
        axes.tick_params(colors=_INK, labelsize=11)
        axes.set_ylim(bottom=0)
        for spine in axes.spines.values():
            spine.set_color(_LINE)
    left.yaxis.set_major_locator(MaxNLocator(integer=True))
    left.xaxis.set_major_locator(MultipleLocator(max(1, round(len(labels) / 6))))
    right.yaxis.set_major_formatter(r"\${x:.2f}")
    right.tick_params(axis="y", colors=_MONEY)
    left.grid(axis="y", color=_LINE, linewidth=0.5)
    left.set_axisbelow(True)
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=_GROUND)
    return out.getvalue()
