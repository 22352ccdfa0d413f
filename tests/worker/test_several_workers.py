"""Several workers with one provider: all of them respect what it tells any of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.domain.models.model import VTRIX
from bot.domain.task import FailureKind, State, Task
from bot.errors import Closed, Closure
from bot.storage.engine.database import Database
from bot.storage.provider.status import ProviderStatusTable
from bot.storage.tasks.tasks import TaskStore
from bot.worker.submitter import SUBMIT_AT_ONCE
from tests.clock import VirtualClock
from tests.factories import make_limits, make_new_task, make_options, make_request
from tests.simulation.disk import at_once
from tests.simulation.fake_world import Script
from tests.simulation.scripted_site import ScriptedSite


class Site(ScriptedSite):
    """A database, a provider and a channel, with as many workers and gateways as a test wants."""

    def __init__(self, folder: Path, database: Database, script: Script) -> None:
        clock = VirtualClock()
        status_store = ProviderStatusTable(database, provider=VTRIX)
        store = TaskStore(database, clock=clock)
        super().__init__(folder, store, clock, script, status_store=status_store)

    def queue(self, number: int, owner: str) -> Task:
        options = make_options(seed=number)
        request = make_request(options=options)
        new = make_new_task(id=f"t{number:07}", request=request, owner=f"run-{owner}")
        return at_once(self.store.reserve(new, make_limits(videos=-1, concurrent=100)))

    def state(self, number: int) -> State:
        return self.task(number).state

    def task(self, number: int) -> Task:
        return self.stored(f"t{number:07}")


Open = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
def site(tmp_path: Path, database: Database) -> Open:

    @asynccontextmanager
    async def opened(**faults: list[str | None]) -> AsyncIterator[Site]:
        yield Site(tmp_path, database, Script(**faults))

    return opened


async def test_both_workers_wait_for_a_rate_limit_of_one(site: Open) -> None:
    async with (
        site(create=["429 long"]) as here,
        here.new_worker("run-a") as a,
        here.new_worker("run-b") as b,
    ):
        a.take(here.queue(1, "a"))
        await here.clock.forward(1)
        b.take(here.queue(2, "b"))
        await here.clock.forward(118)
        assert here.provider.post_times == [0.0]
        await here.clock.until(lambda: here.state(2) is State.DELIVERED, within=600)
        assert min(here.provider.post_times[1:]) >= 120


async def test_tasks_that_waited_for_their_turn_respect_the_rate_limit(site: Open) -> None:
    async with site(create=["429 long"]) as here, here.new_worker("run-a") as a:
        for number in range(1, 4 * SUBMIT_AT_ONCE):
            a.take(here.queue(number, "a"))
        await here.clock.forward(119)
        # Requests that were already under way are sent, but none of those that wait.
        assert len(here.provider.post_times) <= SUBMIT_AT_ONCE
        await here.clock.until(lambda: here.state(1) is State.DELIVERED, within=600)


async def test_a_worker_started_meanwhile_respects_the_rate_limit(site: Open) -> None:
    async with site(create=["429 long"]) as here:
        async with here.new_worker("run-a") as a:
            a.take(here.queue(1, "a"))
            await here.clock.forward(1)
        async with here.new_worker("run-b") as b:
            b.take(here.queue(2, "b"))
            await here.clock.forward(118)
            assert here.provider.post_times == [0.0]


async def test_a_paused_worker_does_not_send_a_task_that_another_took(
    site: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site() as here, here.new_worker("run-a") as a, here.new_worker("run-b") as b:
        show = here.messenger.show

        async def stopped(task: Task) -> None:
            await show(task)
            if task.state is State.SUBMITTING:
                at_once(here.store.release("run-a"))
                b.wake()
                await here.clock.sleep(30)

        monkeypatch.setattr(here.messenger, "show", stopped)
        a.take(here.queue(1, "a"))
        await here.clock.forward(120)
        assert here.state(1) is State.UNKNOWN
        assert here.provider.post_times == []


async def test_a_paused_worker_that_kept_its_task_sends_it(
    site: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site() as here, here.new_worker("run-a") as a:
        stops = [30.0]

        async def stopped(task: Task) -> None:
            if task.state is State.SUBMITTING and stops:
                await here.clock.sleep(stops.pop())

        monkeypatch.setattr(here.messenger, "show", stopped)
        a.take(here.queue(1, "a"))
        await here.clock.until(lambda: here.state(1) is State.DELIVERED, within=600)
        assert here.provider.post_times == [30.0]


async def test_a_refused_key_is_met_once_and_told_once(site: Open) -> None:
    keys: list[str | None] = ["no"] * 2
    async with (
        site(create=["401"], key=keys) as here,
        here.new_worker("run-a") as a,
        here.new_worker("run-b") as b,
    ):
        at_the_door = here.new_breaker()
        await at_the_door.check()
        a.take(here.queue(1, "a"))
        await here.clock.until(lambda: here.state(1) is State.FAILED, within=10)
        with pytest.raises(Closed):
            await at_the_door.check()
        b.take(here.queue(2, "b"))
        await here.clock.until(lambda: here.state(2) is State.FAILED, within=10)
        failure = here.task(2).failure
        assert failure is not None
        assert failure.kind is FailureKind.KEY_REFUSED
        assert len(here.provider.post_times) == 1
        assert len(here.messenger.operator) == 1
        # Whichever process finds the key working again reopens it for all.
        await here.clock.forward(180)
        await at_the_door.check()
        b.take(here.queue(3, "b"))
        await here.clock.until(lambda: here.state(3) is State.DELIVERED, within=600)


async def test_an_empty_balance_is_probed_by_one_of_them(site: Open) -> None:
    async with site() as here:
        a, b = here.new_breaker(), here.new_breaker()
        assert await a.trip(Closure.BALANCE_EMPTY)
        await b.refresh()
        assert not await b.trip(Closure.BALANCE_EMPTY)
        await here.clock.forward(301)
        for breaker in (a, b):
            await breaker.refresh()
        assert await a.admit() is None
        # It had read the status before the other process started its probe.
        assert await b.admit() is Closure.BALANCE_EMPTY
        await a.reset()
        await b.refresh()
        assert await b.admit() is None
