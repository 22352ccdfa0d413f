"""Models, lengths and sound are named where they can differ, and nowhere else."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.guilds.statistics import Statistics
from bot.domain.models.model import MODELS, WAN22_I2V_FLASH, WAN26_I2V_FLASH, Models, VideoKind
from bot.domain.money import Usd
from bot.domain.quotas.quota import Denial, Offer, Reason
from bot.domain.task import State
from bot.errors import OptionRefused, QuotaRefused, SettingsClash
from bot.ui.texts import cards, choices, tasks
from bot.ui.texts.catalogues import languages, speaking_in
from bot.ui.texts.measures import moment
from bot.ui.texts.moderation import log_channel, usage
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


POSTED: dict[str, Any] = {
    "state": State.DELIVERED,
    "created_at": NOON,
    "result_channel_id": 2,
    "result_message_id": 3,
}


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


def test_the_list_and_its_menu_name_kinds_where_there_are_several() -> None:
    price = Usd.parse("1.5")
    done = replace(TASK, cost=price, estimate=price, **POSTED)
    (line,) = tasks.page([done], [None], SEVERAL).splitlines()[1:]
    begin = f"- **delivered** · {moment(NOON)}"
    assert line == f"{begin} · Wan 2.6 flash · 10 s · with sound · $1.50 · waves roll in"
    assert tasks.made_with(done, SEVERAL) == "Wan 2.6 flash · 10 s · with sound"
    usual = replace(make_task(), cost=Usd.parse("0.2"), **POSTED)
    (line,) = tasks.page([usual], [None], ONE).splitlines()[1:]
    assert line == f"{begin} · $0.20 · waves roll in"
    assert tasks.made_with(usual, ONE) is None


def test_the_log_channel_names_the_kind_of_an_unclear_video_where_there_are_several() -> None:
    estimate = Usd.parse("1.5")
    rest = (
        "is unclear: the video service didn't say whether it accepted the request. I won't send it "
        "again; $1.50 stays reserved until the bot's owner has looked into it (task `{}`)."
    )
    words = log_channel.unclear(replace(TASK, estimate=estimate), SEVERAL)
    kind = "Wan 2.6 flash · 10 s · with sound"
    assert words == f"A video for <@1001> ({kind}) {rest.format(TASK.id)}"
    usual = replace(make_task(), estimate=estimate)
    assert log_channel.unclear(usual, ONE) == f"A video for <@1001> {rest.format(usual.id)}"


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


def test_who_loses_to_another_moderator_reads_why() -> None:
    cause = OptionRefused("default_model", given="Wan 2.6 flash", allowed=["Wan 2.2 flash"])
    assert refusals.refusal(SettingsClash(cause)) == (
        "Another moderator changed these settings at the same moment, and together with that, "
        "yours can't be saved. Members may not use Wan 2.6 flash, so it can't be the default "
        "model. Choose one of these: Wan 2.2 flash."
    )


@pytest.mark.parametrize("language", ["en-US", *languages()])
def test_every_choice_of_a_known_model_fits_without_being_shortened(language: str) -> None:
    dear = Usd.parse("9999.999999")
    with speaking_in(language):
        for model in MODELS.values():
            kinds = model.kinds()
            assert all(len(choices.model(model, kind, dear)) <= 100 for kind in kinds)
            assert all(len(choices.kind(kind)) <= 100 for kind in kinds)
