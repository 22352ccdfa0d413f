"""What an ending without a video says about money."""

from datetime import timedelta

import pytest

from bot.domain.task import Failure, FailureKind, State
from bot.ui.texts import endings
from tests.factories import NOON, make_task


def test_a_deadline_before_it_was_sent_cost_nothing() -> None:
    task = make_task(state=State.FAILED, failure=Failure(kind=FailureKind.DEADLINE))
    assert endings.money(task).startswith("Nothing was charged")


@pytest.mark.parametrize(
    "kind", [FailureKind.DEADLINE, FailureKind.NO_VIDEO, FailureKind.FORGOTTEN]
)
def test_what_was_sent_may_have_been_charged(kind: FailureKind) -> None:
    sent = NOON + timedelta(seconds=1)
    task = make_task(state=State.FAILED, failure=Failure(kind=kind), submitted_at=sent)
    assert "$0.20 stays counted" in endings.money(task)
