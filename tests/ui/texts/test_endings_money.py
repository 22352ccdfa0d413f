"""What the end of a task without a video says about money."""

from datetime import timedelta

import pytest

from bot.domain.delivery import Delivery, DeliveryMethod
from bot.domain.money import Usd
from bot.domain.task import Failure, FailureKind, State
from bot.ui.texts import endings
from tests.factories import NOON, make_options, make_request, make_task


def test_a_deadline_before_sending_costs_nothing() -> None:
    task = make_task(state=State.FAILED, failure=Failure(kind=FailureKind.DEADLINE))
    assert endings.money(task).startswith("Nothing was charged")


@pytest.mark.parametrize(
    "kind", [FailureKind.DEADLINE, FailureKind.NO_VIDEO, FailureKind.FORGOTTEN]
)
def test_a_task_that_was_sent_may_have_been_charged(kind: FailureKind) -> None:
    sent = NOON + timedelta(seconds=1)
    task = make_task(state=State.FAILED, failure=Failure(kind=kind), submitted_at=sent)
    assert "$0.20 stays counted" in endings.money(task)


@pytest.mark.parametrize("counted", [True, False])
def test_whether_a_failure_that_was_charged_counts_is_told(counted: bool) -> None:
    task = make_task(state=State.FAILED, cost=Usd.parse("0.25"), counted=counted)
    words = endings.money(task)
    assert "$0.25" in words
    assert ("it counts towards your limit" in words) == counted
    assert ("It doesn't count towards your limit" in words) != counted


def test_an_undelivered_video_counts_and_an_unknown_cost_is_no_number() -> None:
    task = make_task(state=State.UNDELIVERED, cost=Usd.parse("0.25"))
    assert endings.money(task) == "It counts towards your limit and cost $0.25."
    words = endings.money(make_task(state=State.UNDELIVERED, cost=None))
    assert words == "It counts towards your limit; its cost wasn't reported."


def test_many_pending_notices_fit_one_message() -> None:
    task = make_task(
        state=State.UNDELIVERED,
        delivery=Delivery(method=DeliveryMethod.DIRECT, attempts=1),
        request=make_request(options=make_options(prompt="*" * 800)),
    )
    words = endings.pending_notices([task] * 9)
    assert len(words) <= 2000
    assert words.count("`/tasks` sends it again") == endings.MOST_NOTICES
    assert "And 5 more" in words
