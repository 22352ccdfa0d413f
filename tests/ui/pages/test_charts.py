"""The chart of `/stats`: its bars have the right heights, and nothing is cut off."""

import io
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from PIL import Image

from bot.domain.guilds.statistics import Day
from bot.domain.money import Usd
from bot.ui.pages.charts import days_chart

GROUND, VIDEOS, MONEY = (0x2B, 0x2D, 0x31), (0x58, 0x65, 0xF2), (0xF0, 0xB2, 0x32)
TODAY = date(2026, 11, 23)


def days(videos: Sequence[int], *, price: int = 200_000) -> list[Day]:
    """Return the last days until today, with these numbers of videos."""
    first = TODAY - timedelta(days=len(videos) - 1)
    return [
        Day(day=first + timedelta(days=number), videos=count, spent=Usd(count * price))
        for number, count in enumerate(videos)
    ]


def drawn(shown: Sequence[Day]) -> Image.Image:
    picture = Image.open(io.BytesIO(days_chart(shown)))
    assert picture.format == "PNG"
    return picture.convert("RGB")


def bars(picture: Image.Image, color: tuple[int, int, int]) -> list[int]:
    """Return the height in pixels of each bar of a color, from left to right."""
    heights, run = [], 0
    for x in range(picture.width):
        column = picture.crop((x, 0, x + 1, picture.height))
        height = {shade: count for count, shade in column.getcolors() or []}.get(color, 0)
        if run and not height:
            heights.append(run)
        run = max(run, height) if height else 0
    return heights


def test_bars_are_as_high_as_their_numbers() -> None:
    picture = drawn(days([12, 0, 6, 3]))
    for color in (VIDEOS, MONEY):
        first, second, third = bars(picture, color)
        assert first / second == pytest.approx(2, rel=0.05)
        assert first / third == pytest.approx(4, rel=0.1)


def test_one_video_among_thousands_is_seen() -> None:
    assert len(bars(drawn(days([9000, 1, 9000])), VIDEOS)) == 3


def test_free_videos_have_bars_for_their_number_alone() -> None:
    picture = drawn(days([1, 2], price=0))
    assert len(bars(picture, VIDEOS)) == 2
    assert bars(picture, MONEY) == []


@pytest.mark.parametrize(
    "shown",
    [
        days([1]),
        days([0] * 13 + [2]),
        days([number * 97 % 60 for number in range(90)]),
        days([987_654, 123_456] * 7, price=9_999_999_999),
        days([1] * 90, price=1),
    ],
    ids=["one-day", "today-alone", "ninety-days", "fortunes", "millionths"],
)
def test_nothing_is_cut_off_at_the_edges(shown: list[Day]) -> None:
    picture = drawn(shown)
    inside = picture.crop((12, 12, picture.width - 12, picture.height - 12))
    frame = picture.copy()
    frame.paste(GROUND, (12, 12, 12 + inside.width, 12 + inside.height))
    assert frame.getcolors() == [(frame.width * frame.height, GROUND)]
