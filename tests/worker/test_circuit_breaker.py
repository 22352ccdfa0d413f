"""The circuit breaker: what opens and closes it, and how often the operator is told."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.domain.provider.provider_status import FIRST_PROBE_AFTER
from bot.errors import Closed, Closure, ProviderUnreachable
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from tests.clock import VirtualClock
from tests.factories import VARIABLES, make_frame, make_options, make_request


class Operator:
    """An operator who reads the messages, and whose key works or does not."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.key_works = False
        self.is_away = False
        self.asked = 0

    async def ask(self) -> bool:
        self.asked += 1
        if self.is_away:
            raise ProviderUnreachable("away")
        return self.key_works

    async def hear(self, text: str) -> None:
        self.read.append(text)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
async def breaker(clock: VirtualClock, operator: Operator) -> AsyncIterator[ProviderCircuitBreaker]:
    breaker = ProviderCircuitBreaker(
        key_works=operator.ask, tell_operator=operator.hear, variables=VARIABLES, clock=clock
    )
    asking = asyncio.create_task(breaker.run())
    yield breaker
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def refuse(breaker: ProviderCircuitBreaker, closure: Closure = Closure.KEY_REFUSED) -> None:
    if await breaker.trip(closure):
        await breaker.tell()


async def test_a_refused_key_closes_for_commands_and_tasks(breaker: ProviderCircuitBreaker) -> None:
    await breaker.check()
    await refuse(breaker)
    assert (await breaker.admit()) is Closure.KEY_REFUSED
    with pytest.raises(Closed) as refused:
        await breaker.check()
    assert refused.value.closure is Closure.KEY_REFUSED


async def test_the_key_is_asked_for_once_a_minute_until_it_is_accepted(
    breaker: ProviderCircuitBreaker, operator: Operator, clock: VirtualClock
) -> None:
    await clock.forward(600)
    assert operator.asked == 0
    await refuse(breaker)
    await clock.forward(180)
    assert (operator.asked, breaker.closure) == (3, Closure.KEY_REFUSED)
    operator.key_works = True
    await clock.forward(60)
    assert breaker.closure is None
    await clock.forward(600)
    assert operator.asked == 4


async def test_an_unreachable_provider_leaves_the_breaker_as_it_is(
    breaker: ProviderCircuitBreaker, operator: Operator, clock: VirtualClock
) -> None:
    await refuse(breaker)
    operator.is_away = True
    await clock.forward(120)
    assert breaker.closure is Closure.KEY_REFUSED
    operator.is_away, operator.key_works = False, True
    await clock.forward(60)
    assert breaker.closure is None


async def test_many_refusals_are_told_once(
    breaker: ProviderCircuitBreaker, operator: Operator
) -> None:
    for _ in range(5):
        await refuse(breaker)
    assert len(operator.read) == 1
    assert VARIABLES.key in operator.read[0]


async def test_a_key_that_may_look_and_not_create_is_told_of_once(
    breaker: ProviderCircuitBreaker, operator: Operator, clock: VirtualClock
) -> None:
    operator.key_works = True
    for _ in range(30):
        await refuse(breaker)
        await clock.forward(60)
        assert breaker.closure is None
    assert len(operator.read) == 1


async def test_a_refusal_after_an_accepted_task_is_news(
    breaker: ProviderCircuitBreaker, operator: Operator
) -> None:
    await refuse(breaker)
    await breaker.reset()
    await refuse(breaker)
    first, over, second = operator.read
    assert first == second
    assert over == "the provider works again (was: the key was refused)."


async def test_the_end_of_the_trouble_is_told_once_and_only_if_the_trouble_was(
    breaker: ProviderCircuitBreaker, operator: Operator
) -> None:
    await breaker.reset()
    await breaker.answered()
    assert operator.read == []
    for _ in range(3):
        if await breaker.lost():
            await breaker.tell()
    await breaker.answered()
    await breaker.answered()
    await breaker.reset()
    _, over = operator.read
    assert over == "the provider works again (was: no clear answers)."


async def test_a_refusal_after_hours_with_a_good_key_is_news(
    breaker: ProviderCircuitBreaker, operator: Operator, clock: VirtualClock
) -> None:
    operator.key_works = True
    await refuse(breaker)
    await clock.forward(2 * 3600)
    await refuse(breaker)
    assert len(operator.read) == 2


async def test_another_reason_is_news(breaker: ProviderCircuitBreaker, operator: Operator) -> None:
    await refuse(breaker)
    await refuse(breaker, Closure.BALANCE_EMPTY)
    assert len(operator.read) == 2
    assert "balance" in operator.read[1]


async def test_an_empty_balance_is_probed_by_one_task_ever_less_often(
    breaker: ProviderCircuitBreaker, operator: Operator, clock: VirtualClock
) -> None:
    await refuse(breaker, Closure.BALANCE_EMPTY)
    probes = []
    for minute in range(1, 181):
        await clock.forward(60)
        if (await breaker.admit()) is None:
            probes.append(minute)
            assert (await breaker.admit()) is Closure.BALANCE_EMPTY
            await refuse(breaker, Closure.BALANCE_EMPTY)
    assert probes == [5, 15, 35, 75, 135]
    assert operator.asked == 0
    assert len(operator.read) == 1


# --- refused without a reason ---------------------------------------------------------------


async def refuse_somehow(
    breaker: ProviderCircuitBreaker, prompt: str, *, seed: int = 7, frame: bytes = b"a"
) -> None:
    options = make_options(prompt=prompt, seed=seed)
    if await breaker.refused(make_request(options=options, frame=make_frame(frame))):
        await breaker.tell()


async def test_one_request_that_is_refused_without_a_reason_closes_nothing(
    breaker: ProviderCircuitBreaker, operator: Operator
) -> None:
    for seed in range(5):
        await refuse_somehow(breaker, "something odd", seed=seed)
        await breaker.check()
        assert await breaker.admit() is None
    assert operator.read == []


@pytest.mark.parametrize("other", [{"prompt": "another"}, {"prompt": "one", "frame": b"b"}])
async def test_two_different_unexplained_refusals_in_a_row_close_the_breaker(
    breaker: ProviderCircuitBreaker, operator: Operator, other: dict[str, Any]
) -> None:
    await refuse_somehow(breaker, "one")
    await refuse_somehow(breaker, **other)
    with pytest.raises(Closed) as refused:
        await breaker.check()
    assert refused.value.closure is Closure.ACCOUNT_REFUSED
    assert len(operator.read) == 1
    assert "without a reason" in operator.read[0]


async def test_two_refusals_with_an_accepted_task_in_between_close_nothing(
    breaker: ProviderCircuitBreaker,
) -> None:
    for number in range(5):
        await refuse_somehow(breaker, f"number {number}")
        await breaker.reset()
    await breaker.check()


async def test_after_two_unexplained_refusals_a_task_is_tried_each_minute(
    breaker: ProviderCircuitBreaker, clock: VirtualClock
) -> None:
    await refuse_somehow(breaker, "one")
    await refuse_somehow(breaker, "another")
    for _ in range(5):
        assert await breaker.admit() is Closure.ACCOUNT_REFUSED
        await clock.forward(60)
        await breaker.check()
        assert await breaker.admit() is None
        await refuse_somehow(breaker, "a third one")
    await clock.forward(60)
    assert await breaker.admit() is None
    await breaker.reset()
    await breaker.check()


# --- one of several models --------------------------------------------------------------------


async def test_a_model_that_is_refused_closes_no_other(
    breaker: ProviderCircuitBreaker, operator: Operator, clock: VirtualClock
) -> None:
    assert await breaker.trip(Closure.MODEL_REFUSED, "one")
    await breaker.tell("one")
    assert "model one" in operator.read[0]
    await breaker.check("another")
    assert await breaker.admit("another") is None
    with pytest.raises(Closed):
        await breaker.check("one")
    # A successful request for another model says nothing about this one.
    await breaker.reset("another")
    assert await breaker.admit("one") is Closure.MODEL_REFUSED
    await clock.forward(301)
    assert await breaker.admit("one") is None
    await breaker.reset("one")
    await breaker.check("one")


async def test_each_model_that_the_key_may_not_use_is_refused_and_probed_by_itself(
    breaker: ProviderCircuitBreaker, operator: Operator, clock: VirtualClock
) -> None:
    for model in ("small", "large", "small"):
        if await breaker.trip(Closure.MODEL_REFUSED, model):
            await breaker.tell(model)
    told = zip(operator.read, ("small", "large"), strict=True)
    assert all(f"model {model}" in words for words, model in told)
    for model in ("small", "large"):
        with pytest.raises(Closed) as refused:
            await breaker.check(model)
        assert refused.value.closure is Closure.MODEL_REFUSED
    await clock.forward(FIRST_PROBE_AFTER.total_seconds())
    assert await breaker.admit("small") is None
    assert await breaker.admit("small") is Closure.MODEL_REFUSED
    await breaker.reset("small")
    await breaker.check("small")
    assert await breaker.admit("large") is None
    assert await breaker.admit("large") is Closure.MODEL_REFUSED
