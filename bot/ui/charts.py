"""Charts for Discord's dark theme, drawn off the event loop."""

import io

from bot.domain.statistics import Statistics

# Discord's own colours, readable on its dark ground.
_GROUND = "#2b2d31"
_INK = "#dbdee1"
_LINE = "#4e5058"
_BARS = "#5865f2"
_MONEY = "#f0b232"


def days_chart(found: Statistics) -> bytes:
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
    labels = [f"{day.day:%m-%d}" for day in found.days]
    left.bar(labels, [day.videos for day in found.days], color=_BARS)
    right = left.twinx()
    money = [day.spent.micros / 1e6 for day in found.days]
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
