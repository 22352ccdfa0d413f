"""Charts for Discord's dark theme, drawn off the event loop."""

import io

from bot.domain.statistics import Statistics

# Discord's own colours, readable on its dark ground.
_GROUND = "#2b2d31"
_INK = "#dbdee1"
_LINE = "#4e5058"
_BARS = "#5865f2"
_MONEY = "#f0b232"


def days_chart(found: Statistics, *, videos: str, spent: str) -> bytes:
    """Videos as bars and money as a line, a day each; a PNG. Blocking: half a second at first.

    Args:
        found: the numbers.
        videos: what the bars are called.
        spent: what the line is called.
    """
    # Late: it costs half a second, and few processes ever draw.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, MultipleLocator

    figure = Figure(figsize=(8, 3.2), dpi=120, facecolor=_GROUND, layout="constrained")
    FigureCanvasAgg(figure)
    left = figure.subplots()
    labels = [f"{day.day:%d.%m.}" for day in found.days]
    left.bar(labels, [day.videos for day in found.days], color=_BARS, label=videos)
    right = left.twinx()
    money = [day.spent.micros / 1e6 for day in found.days]
    right.plot(labels, money, color=_MONEY, marker="o", markersize=3, label=spent)
    for axes in (left, right):
        axes.set_facecolor(_GROUND)
        axes.tick_params(colors=_INK, labelsize=8)
        axes.set_ylim(bottom=0)
        for spine in axes.spines.values():
            spine.set_color(_LINE)
    left.yaxis.set_major_locator(MaxNLocator(integer=True))
    left.xaxis.set_major_locator(MultipleLocator(max(1, len(labels) // 10)))
    left.set_ylabel(videos, color=_INK, fontsize=9)
    right.set_ylabel(spent, color=_MONEY, fontsize=9)
    left.grid(axis="y", color=_LINE, linewidth=0.5)
    left.set_axisbelow(True)
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=_GROUND)
    return out.getvalue()
