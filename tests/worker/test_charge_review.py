"""Charges far from the configured price: reported now and then, and only to the operator."""

import logging
from dataclasses import replace

import pytest

from bot.domain.money import Usd
from bot.domain.task import State
from bot.worker.charge_review import TOLD_EVERY, ChargeReview
from bot.worker.supervisor import Supervisor
from tests.clock import VirtualClock
from tests.factories import make_options, make_prices, make_request, make_task

PRICES = replace(make_prices(), variables={make_request().kind: "PRICE_USD_720P"})


class Operator:
    """An operator who reads the messages."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.clock = VirtualClock()

        async def let_go(task_id: str) -> None:
            raise AssertionError(task_id)

        self.supervisor = Supervisor(clock=self.clock, let_go=let_go)
        self.review = ChargeReview(
            prices=PRICES, tell_operator=self._tell, supervisor=self.supervisor, clock=self.clock
        )

    async def _tell(self, text: str) -> None:
        self.read.append(text)

    async def sees(self, cost: str | None, **changes: object) -> None:
        amount = None if cost is None else Usd.parse(cost)
        self.review.look(make_task(**{"state": State.RENDERED, "cost": amount, **changes}))
        await self.clock.until(lambda: not len(self.supervisor), within=1.0)


@pytest.mark.parametrize("cost", ["0.05", "0.20", "0.80", None])
async def test_a_usual_charge_is_nothing_to_tell(cost: str | None) -> None:
    operator = Operator()
    await operator.sees(cost)
    assert operator.read == []


async def test_a_failure_that_costs_nothing_is_nothing_to_tell() -> None:
    operator = Operator()
    await operator.sees("0", state=State.FAILED)
    assert operator.read == []


@pytest.mark.parametrize("cost", ["9999", "0.000001", "0", "0.81", "0.049999"])
async def test_an_odd_charge_is_told_with_what_was_expected(cost: str) -> None:
    operator = Operator()
    await operator.sees(cost)
    (words,) = operator.read
    assert f"charged {Usd.parse(cost)} for task t0000001" in words
    assert "between $0.05 and $0.80" in words
    assert "PRICE_USD_720P" in words
    assert "flipbook prices show" in words


async def test_no_setting_is_named_for_a_price_without_one() -> None:
    operator = Operator()
    await operator.sees("9999", request=make_request(options=make_options(resolution="480P")))
    (words,) = operator.read
    assert "with the price at $0.10, a charge between $0.025 and $0.40 is expected" in words
    assert "setting" not in words


async def test_no_charge_of_an_unknown_model_is_odd() -> None:
    operator = Operator()
    await operator.sees("9999", request=make_request(model="wan_gone"))
    assert operator.read == []


async def test_each_odd_charge_is_logged_and_the_operator_reads_one_an_hour(
    caplog: pytest.LogCaptureFixture,
) -> None:
    operator = Operator()
    low = make_request(options=make_options(resolution="480P"))
    with caplog.at_level(logging.WARNING, logger="bot.worker.charge_review"):
        for number in range(3):
            await operator.sees("9999", id=f"t{number}")
        await operator.sees("9999", request=low)
    assert len(caplog.records) == 4
    assert len(operator.read) == 2
    await operator.clock.forward(TOLD_EVERY)
    await operator.sees("9999")
    assert len(operator.read) == 3
