"""The chart of `/stats`: bars for each day's videos and, below them, for each day's cost.

It has numbers, dates and dollar signs but no words, because Pillow's own font has only Latin
letters. The message beside it has the words in the reader's language.
"""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle

from PIL import Image, ImageColor, ImageDraw, ImageFont

from bot.domain.guilds.statistics import Day
from bot.domain.money import MICROS

# Twice the width at which Discord shows a picture, in pixels.
_SIZE = _WIDTH, _HEIGHT = 1100, 640
# Bars are drawn this many times larger and scaled down, which smooths their corners.
_SMOOTH = 2

# Discord's colors. The background is opaque, so that text is readable on the light theme too.
_GROUND = "#2b2d31"
_TEXT = "#dbdee1"
_FAINT = "#949ba4"
_GRID = "#3f4147"
_VIDEOS = "#5865f2"
_MONEY = "#f0b232"

_MARGIN = 30
_AXIS_SIZE, _VALUE_SIZE = 24, 23
_BAR_SHARE, _BAR_MOST, _CORNER = 0.68, 96, 9

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class _Panel:
    """One row of bars with an axis of its own."""

    top: int
    bottom: int
    color: str
    values: Sequence[int]
    step: int
    """The value between two grid lines."""
    written: Callable[[int], str]

    @property
    def ticks(self) -> range:
        """The values of the grid lines, from zero to the first one above every bar."""
        lines = max(1, math.ceil(max(self.values) / self.step))
        return range(0, (lines + 1) * self.step, self.step)

    def y(self, value: int) -> float:
        """The y coordinate of a value in the picture."""
        return self.bottom - (self.bottom - self.top) * value / self.ticks[-1]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of the days, in pixels."""

    left: float
    width: float

    def middle(self, number: int) -> float:
        return self.left + self.width * (number + 0.5)

    @property
    def bar(self) -> float:
        return min(self.width * _BAR_SHARE, _BAR_MOST)


def days_chart(days: Sequence[Day]) -> bytes:
    """Draw a bar for each day's videos and one for its cost, as a PNG. Blocks for about 20 ms."""
    videos = [day.videos for day in days]
    micros = [day.spent.micros for day in days]
    panels = (
        _Panel(64, 356, _VIDEOS, videos, _step(max(videos), lines=4, least=1), str),
        _Panel(
            444, 564, _MONEY, micros, _step(max(micros), lines=3, least=MICROS // 100), _dollars
        ),
    )
    axis, value = _font(_AXIS_SIZE), _font(_VALUE_SIZE)
    labels = [panel.written(tick) for panel in panels for tick in panel.ticks]
    left = _MARGIN + max(axis.getlength(label) for label in labels) + 16
    columns = _Columns(left, (_WIDTH - _MARGIN - left) / len(days))
    picture = _bars(panels, columns)
    draw = ImageDraw.Draw(picture)
    for panel in panels:
        _label_axis(draw, panel, axis, right=left - 16)
        _label_bars(draw, panel, columns, value)
    _label_days(draw, [f"{day.day:%m-%d}" for day in days], columns, axis)
    out = io.BytesIO()
    # A palette halves the file and makes writing it three times as fast.
    picture.quantize(palette=_palette(), dither=Image.Dither.NONE).save(out, format="PNG")
    return out.getvalue()


@cache
def _font(size: int) -> _Font:
    return ImageFont.load_default(size)


@cache
def _palette() -> Image.Image:
    """The colors, with shades between each of them and the background for smooth edges."""
    ground = ImageColor.getrgb(_GROUND)
    palette = Image.new("P", (1, 1))
    shades = [
        round(low + (high - low) * shade / 16)
        for color in (_TEXT, _FAINT, _GRID, _VIDEOS, _MONEY)
        for shade in range(17)
        for low, high in zip(ground, ImageColor.getrgb(color), strict=True)
    ]
    palette.putpalette(shades)
    return palette


def _step(largest: int, *, lines: int, least: int) -> int:
    """The smallest step of 1, 2 or 5 times a power of ten that needs at most ``lines`` lines."""
    step = least
    for factor in cycle((2, 2.5, 2)):
        if step * lines >= largest:
            break
        step = int(step * factor)
    return step


def _dollars(micros: int) -> str:
    return f"${micros / MICROS:,.2f}"


def _bars(panels: Sequence[_Panel], columns: _Columns) -> Image.Image:
    large = Image.new("RGB", (_WIDTH * _SMOOTH, _HEIGHT * _SMOOTH), _GROUND)
    draw = ImageDraw.Draw(large)
    for panel in panels:
        for tick in panel.ticks:
            y = round(panel.y(tick)) * _SMOOTH
            ends = (round(columns.left) * _SMOOTH, y, (_WIDTH - _MARGIN) * _SMOOTH, y + 3)
            draw.rectangle(ends, fill=_GRID)
        for number, value in enumerate(panel.values):
            if value:
                _bar(draw, panel, value, columns.middle(number), columns.bar)
    return large.reduce(_SMOOTH)


def _bar(draw: ImageDraw.ImageDraw, panel: _Panel, value: int, middle: float, width: float) -> None:
    # One video stays visible among thousands.
    top = min(panel.y(value), panel.bottom - 3)
    box = (middle - width / 2, top, middle + width / 2, panel.bottom)
    radius = min(_CORNER, width / 2, panel.bottom - top) * _SMOOTH
    corners = (True, True, False, False)
    scaled = tuple(round(edge) * _SMOOTH for edge in box)
    draw.rounded_rectangle(scaled, radius, fill=panel.color, corners=corners)


def _label_axis(draw: ImageDraw.ImageDraw, panel: _Panel, font: _Font, *, right: float) -> None:
    for tick in panel.ticks:
        place = (right, panel.y(tick))
        draw.text(place, panel.written(tick), fill=_FAINT, font=font, anchor="rm")


def _label_bars(draw: ImageDraw.ImageDraw, panel: _Panel, columns: _Columns, font: _Font) -> None:
    """Write each bar's value above it, if all of them fit."""
    written = [panel.written(value) if value else "" for value in panel.values]
    if max(font.getlength(text) for text in written) > columns.width - 6:
        return
    for number, text in enumerate(written):
        if not text:
            continue
        place = (columns.middle(number), panel.y(panel.values[number]) - 8)
        left, top, right, bottom = draw.textbbox(place, text, font=font, anchor="ms")
        # Erase the grid line behind the value.
        draw.rectangle((left - 4, top - 4, right + 4, bottom + 4), fill=_GROUND)
        draw.text(place, text, fill=_TEXT, font=font, anchor="ms")


def _label_days(
    draw: ImageDraw.ImageDraw, labels: Sequence[str], columns: _Columns, font: _Font
) -> None:
    """Write the dates below: today's, and as many others as fit."""
    width = max(font.getlength(label) for label in labels)
    every = math.ceil((width + 24) / columns.width)
    for number in range(len(labels) - 1, -1, -every):
        middle = min(columns.middle(number), _WIDTH - _MARGIN - width / 2)
        place = (middle, _HEIGHT - _MARGIN)
        draw.text(place, labels[number], fill=_FAINT, font=font, anchor="ms")
