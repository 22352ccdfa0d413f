"""Two providers in one worker: prices, cancellation and limits are each one's own."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.models.model import (
    DASHSCOPE,
    VTRIX,
    WAN22_I2V_FLASH,
    WAN22_I2V_FLASH_DASHSCOPE,
    Models,
)
from bot.domain.models.prices import PriceList
from bot.domain.money import ZERO, Usd
from bot.domain.provider.job import Job, MadeVideo
from bot.domain.quotas.limits import Limits
from bot.domain.task import FailureKind, Request, State, Task
from bot.errors import NotFound, ProviderUnreachable, StaleTask
from bot.services.cancellation import Cancellations
from bot.storage.tasks.tasks import TaskStore
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.provider_registry import ProviderAccess, ProviderRegistry
from bot.worker.submitter import SUBMIT_AT_ONCE
from bot.worker.worker import Worker
from tests.clock import VirtualClock
from tests.factories import VARIABLES, make_limits, make_new_task, make_options, make_request
from tests.simulation.channel import FakeMessenger
from tests.simulation.disk import FakeFrames, at_once
from tests.simulation.fake_world import FakeProvider, Script

MODELS = Models(default=WAN22_I2V_FLASH, others=(WAN22_I2V_FLASH_DASHSCOPE,))
PRICE = Usd.parse("0.06")
ASKED = make_options(resolution="720P")
LIMITS = make_limits(videos=-1, concurrent=100)
ADA = 1001


class Site:
    """A worker with a provider that names costs, and another one with a price list."""

    def __init__(
        self, folder: Path, store: TaskStore, clock: VirtualClock, models: Models, faults: Any
    ) -> None:
        self.clock = clock
        self.store = store
        self.messenger = FakeMessenger(clock, Script())
        self.first = FakeProvider(clock, Script(), random.Random(1), name="first")
        self.second = FakeProvider(
            clock, Script(**faults), random.Random(2), reports_cost=False, name="second"
        )
        self.providers = ProviderRegistry(
            {VTRIX: self._access(self.first), DASHSCOPE: self._access(self.second)}, models=models
        )
        messenger: Any = self.messenger
        frames: Any = FakeFrames(folder / "frame.png")
        kind, low = (
            make_request(model=WAN22_I2V_FLASH_DASHSCOPE.id, options=one).kind
            for one in (ASKED, make_options(resolution="480P"))
        )
        self.worker = Worker(
            owner="run-test",
            tasks=store,
            images=frames,
            providers=self.providers,
            messenger=messenger,
            clock=clock,
            videos=folder / "videos",
            rng=random.Random(1),
            prices=PriceList(prices={kind: PRICE, low: Usd.parse("0.03")}),
        )
        self.cancellations = Cancellations(
            tasks=store, models=models, provider_of=lambda model: self.providers.of(model).client
        )

    def _access(self, client: FakeProvider) -> ProviderAccess:
        breaker = ProviderCircuitBreaker(
            key_works=client.key_works,
            tell_operator=self.messenger.tell_operator,
            variables=VARIABLES,
            clock=self.clock,
        )
        return ProviderAccess(client=client, breaker=breaker)

    async def ask(self, number: int, model: str) -> None:
        options = make_options(resolution="720P", seed=number)
        request = make_request(model=model, options=options)
        new = make_new_task(id=f"t{number}", request=request)
        self.worker.take(await self.store.reserve(new, LIMITS))

    def task(self, number: int) -> Task:
        task = at_once(self.store.get(f"t{number}"))
        assert isinstance(task, Task)
        return task

    async def reach(self, number: int, state: State) -> Task:
        await self.clock.until(lambda: self.task(number).state is state, within=3600)
        return self.task(number)

    async def spent(self, limits: Limits = LIMITS) -> tuple[Usd, Usd]:
        """Return the settled and the held money."""
        use = await self.store.use(ADA, 2001, limits)
        return use.operator_spend.settled, use.operator_spend.counted - use.operator_spend.settled


Start = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
def start(tmp_path: Path, store: TaskStore, clock: VirtualClock) -> Start:

    @asynccontextmanager
    async def site(models: Models = MODELS, **faults: list[str | None]) -> AsyncIterator[Site]:
        made = Site(tmp_path, store, clock, models, faults)
        async with made.worker:
            yield made

    return site


async def test_where_no_cost_is_named_the_price_list_is_booked(start: Start) -> None:
    async with start() as site:
        await site.ask(1, WAN22_I2V_FLASH_DASHSCOPE.id)
        await site.ask(2, WAN22_I2V_FLASH.id)
        listed = await site.reach(1, State.DELIVERED)
        assert (listed.cost, listed.cost_is_listed) == (PRICE, True)
        reported = await site.reach(2, State.DELIVERED)
        assert reported.cost is not None
        assert not reported.cost_is_listed
        assert await site.spent() == (PRICE + reported.cost, ZERO)
        # Estimates learn from what a provider charged, not from the price list.
        bounds = (ZERO, Usd.parse("99"))
        assert await site.store.charges(listed.request.kind, bounds) == []
        assert await site.store.charges(reported.request.kind, bounds) == [reported.cost]


@pytest.mark.parametrize(
    ("made", "cost"),
    [
        # The provider does not say, or what was asked for.
        (MadeVideo(), "0.06"),
        (MadeVideo(seconds=5, resolution="720P", audio=False), "0.06"),
        # It bills what it made: by the list, or by the second if that length has no price.
        (MadeVideo(seconds=10), "0.12"),
        (MadeVideo(seconds=3), "0.036"),
        (MadeVideo(resolution="480P"), "0.03"),
        (MadeVideo(seconds=2, resolution="480P"), "0.012"),
        # Without any price for it, the price of what was asked for is all there is.
        (MadeVideo(audio=True), "0.06"),
    ],
)
async def test_what_the_provider_made_is_booked(
    made: MadeVideo,
    cost: str,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with start() as site:
        status = site.second.status

        async def with_usage(job_id: str) -> Job:
            return replace(await status(job_id), made=made)

        monkeypatch.setattr(site.second, "status", with_usage)
        await site.ask(1, WAN22_I2V_FLASH_DASHSCOPE.id)
        task = await site.reach(1, State.DELIVERED)
        assert (task.cost, task.cost_is_listed) == (Usd.parse(cost), True)
        assert await site.spent() == (Usd.parse(cost), ZERO)
    told = [one.getMessage() for one in caplog.records if "another video" in one.getMessage()]
    assert bool(told) is (made.kind(task.request.kind) != task.request.kind)
    assert all("t1" in one and f"{Usd.parse(cost)} is booked" in one for one in told)


async def test_a_model_that_is_no_longer_offered_finishes_what_was_asked_for(
    start: Start,
) -> None:
    async with start(models=Models(default=WAN22_I2V_FLASH)) as site:
        await site.ask(1, WAN22_I2V_FLASH_DASHSCOPE.id)
        await site.reach(1, State.DELIVERED)
        assert site.second.accepted == {1: 1}


async def test_one_provider_that_refuses_leaves_the_other_s_tasks_alone(start: Start) -> None:
    async with start(create=["401"]) as site:
        await site.ask(1, WAN22_I2V_FLASH_DASHSCOPE.id)
        failed = await site.reach(1, State.FAILED)
        assert failed.failure is not None
        assert failed.failure.kind is FailureKind.KEY_REFUSED
        assert site.providers.of(WAN22_I2V_FLASH_DASHSCOPE.id).breaker.closure is not None
        assert site.providers.of(WAN22_I2V_FLASH.id).breaker.closure is None
        await site.ask(2, WAN22_I2V_FLASH.id)
        await site.reach(2, State.DELIVERED)
        assert not site.second.accepted
        assert site.first.accepted == {2: 1}


async def test_a_provider_that_hangs_leaves_the_other_s_tasks_alone(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as site:
        over = asyncio.Event()

        async def hang(request: Request, picture: Path) -> Job:
            await over.wait()
            raise ProviderUnreachable("no answer")

        with monkeypatch.context() as patched:
            patched.setattr(site.first, "create", hang)
            for number in range(SUBMIT_AT_ONCE):
                await site.ask(number, WAN22_I2V_FLASH.id)
                await site.reach(number, State.SUBMITTING)
            await site.ask(9, WAN22_I2V_FLASH_DASHSCOPE.id)
            await site.reach(9, State.DELIVERED)
            assert site.task(0).state is State.SUBMITTING
        over.set()
        await site.reach(0, State.DELIVERED)


async def test_a_task_that_has_not_begun_is_canceled_and_everything_given_back(
    start: Start,
) -> None:
    async with start() as site:
        await site.ask(1, WAN22_I2V_FLASH_DASHSCOPE.id)
        running = await site.reach(1, State.RUNNING)
        assert site.cancellations.is_possible(running)
        with pytest.raises(NotFound):
            await site.cancellations.cancel("t1", 1002)
        canceled = await site.cancellations.cancel("t1", ADA)
        assert canceled.state is State.CANCELLED
        assert await site.spent() == (ZERO, ZERO)
        assert (await site.store.use(ADA, 2001, make_limits())).used == 0
        await site.clock.forward(600)
        assert site.task(1).state is State.CANCELLED


async def test_a_task_that_has_begun_goes_on(start: Start) -> None:
    async with start() as site:
        await site.ask(1, WAN22_I2V_FLASH_DASHSCOPE.id)
        await site.ask(2, WAN22_I2V_FLASH.id)
        await site.reach(1, State.RUNNING)
        await site.reach(2, State.RUNNING)
        with pytest.raises(StaleTask):
            await site.cancellations.cancel("t2", ADA)
        (job,) = site.second.jobs.values()
        await site.clock.until(lambda: site.clock.passed >= job.begins_at, within=3600)
        with pytest.raises(StaleTask):
            await site.cancellations.cancel("t1", ADA)
        assert (await site.reach(1, State.DELIVERED)).cost == PRICE


async def test_a_cancellation_whose_answer_is_lost_is_found_by_polling(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as site:
        await site.ask(1, WAN22_I2V_FLASH_DASHSCOPE.id)
        await site.reach(1, State.RUNNING)
        cancel = site.second.cancel

        async def lost(job_id: str) -> bool:
            await cancel(job_id)
            raise ProviderUnreachable("reset")

        monkeypatch.setattr(site.second, "cancel", lost)
        with pytest.raises(ProviderUnreachable):
            await site.cancellations.cancel("t1", ADA)
        assert site.task(1).state is State.RUNNING
        assert (await site.spent())[1] > ZERO
        await site.reach(1, State.CANCELLED)
        assert await site.spent() == (ZERO, ZERO)


async def test_the_account_s_limits_are_kept_and_who_waits_is_queued(start: Start) -> None:
    async with start() as site:
        for number in range(1, 7):
            await site.ask(number, WAN22_I2V_FLASH_DASHSCOPE.id)
        at_once = []

        def is_over() -> bool:
            states = [site.task(number).state for number in range(1, 7)]
            at_once.append(sum(one in (State.SUBMITTING, State.RUNNING) for one in states))
            assert set(states) <= {*_WAY, State.RENDERED}
            return set(states) == {State.DELIVERED}

        await site.clock.until(is_over, within=3600)
        assert max(at_once) == WAN22_I2V_FLASH_DASHSCOPE.concurrent
        times = sorted(site.second.post_times)
        for first, third in zip(times, times[2:], strict=False):
            assert third - first >= 1


_WAY = (State.QUEUED, State.SUBMITTING, State.RUNNING, State.DELIVERED)
