"""Models, lengths and sound are named where they can differ, and nowhere else."""

from dataclasses import replace

from bot.domain.guilds.statistics import Statistics
from bot.domain.models.model import WAN22_I2V_FLASH, WAN26_I2V_FLASH, Models, VideoKind
from bot.domain.money import Usd
from bot.domain.quotas.quota import Denial, Offer, Reason
from bot.errors import QuotaRefused
from bot.ui.texts import cards, tasks
from bot.ui.texts.moderation import usage
from bot.ui.texts.refusals import refusals
from tests.factories import NOON, SEVERAL, make_options, make_request, make_task

ONE = Models(default=WAN22_I2V_FLASH)
LONG = VideoKind(WAN26_I2V_FLASH.id, "1080P", 10, audio=True)
NAME = "Wan 2.6 flash · 10 s · 1080P · with sound"
TASK = make_task(
    request=make_request(
        model=LONG.model, options=make_options(resolution="1080P", seconds=10, audio=True)
    )
)


def stats(kind: VideoKind, models: Models, listed: str = "0") -> str:
    found = Statistics(
        days=(),
        members=[(1001, 3, Usd.parse("0.6"))],
        videos=3,
        missed=0,
        spent=Usd.parse("0.6"),
        median_seconds=None,
        p95_seconds=None,
        kinds=[(kind, 3, Usd.parse("0.6"))],
        listed=Usd.parse(listed),
    )
    return usage.statistics(found, days=7, models=models)


def test_statistics_name_kinds_where_there_are_several() -> None:
    usual = make_request().kind
    assert f"{NAME}: 3 videos, $0.60" in stats(LONG, SEVERAL)
    assert f"{NAME}: 3 videos, $0.60" in stats(LONG, ONE)
    assert "Wan 2.2 flash · 5 s · 720P: 3 videos" in stats(usual, SEVERAL)
    assert "Wan" not in stats(usual, ONE)
    assert "price list" not in stats(usual, ONE)
    assert "Booked by price list: $0.20" in stats(LONG, SEVERAL, "0.2")


def test_a_tasks_details_name_its_kind() -> None:
    assert "Wan 2.6 flash · 10 s · with sound · 1080P · seed" in tasks.one(TASK, models=SEVERAL)
    assert " · 720P · seed" in tasks.one(make_task(), models=ONE)
    assert "Wan" not in tasks.one(make_task(), models=ONE)


def test_a_cost_that_nobody_reported_is_marked() -> None:
    price = Usd.parse("0.2")
    task = make_task(cost=price, estimate=price)
    assert cards.charge(task) == "$0.20"
    assert cards.charge(replace(task, cost_is_listed=True)) == "$0.20 (by price list)"


def test_a_budget_names_what_costs_too_much_and_what_fits() -> None:
    short = VideoKind(LONG.model, LONG.resolution, 5)
    denial = Denial(
        reason=Reason.OPERATOR_MONTH_BUDGET,
        limit=Usd.parse("50"),
        used=Usd.parse("49.7"),
        held=Usd.parse("0"),
        frees_at=NOON,
        asked=Offer(LONG, Usd.parse("0.5")),
        fits=(Offer(short, Usd.parse("0.25")),),
        names_kinds=True,
    )
    words = refusals.refusal(QuotaRefused(denial))
    assert f"A video ({NAME}) costs about $0.50, but only $0.30 of my budget limit" in words
    assert "1080P (about $0.25) still fits." in words
