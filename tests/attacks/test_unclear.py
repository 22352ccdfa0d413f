"""A provider without clear answers: how much money it can tie up at most."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.money import Usd
from bot.domain.provider.provider_status import UNCLEAR_IN_A_ROW
from bot.domain.quotas.quota import Reason
from bot.domain.task import FailureKind, State
from bot.errors import Closed, Closure, QuotaRefused
from bot.storage.tasks.tasks import TaskStore
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from tests.clock import Inline, VirtualClock
from tests.factories import make_limits, make_new_task, make_person, make_place
from tests.simulation.disk import at_once, database_at_once
from tests.simulation.fake_world import Script
from tests.simulation.scripted_site import ScriptedSite

PRICE = Usd.parse("0.20")
MEMBER, VICTIM, HERE, THERE = 1, 2, 2001, 2002
# Ten videos use up the budget.
LIMITS = replace(
    make_limits(videos=100, concurrent=100, person_day_videos=100, guild_month_budget=None),
    operator_month_budget=Usd.parse("2.00"),
)


class Site(ScriptedSite):
    """A worker, and an intake that reserves tasks as commands do."""

    def __init__(self, folder: Path, store: TaskStore, clock: VirtualClock, script: Script) -> None:
        super().__init__(folder, store, clock, script)
        self.asked = 0
        self.breaker = self.new_breaker()
        self.worker = self.new_worker(breaker=self.breaker)

    async def ask(self, who: int = MEMBER, guild: int = HERE, limits: Any = LIMITS) -> str:
        """Reserve a task, and return its id."""
        await self.breaker.check()
        self.asked += 1
        new = make_new_task(
            id=f"t{self.asked:07}",
            person=make_person(id=who),
            place=make_place(guild_id=guild),
            estimate=PRICE,
        )
        task = at_once(self.store.reserve(new, limits))
        self.worker.take(task)
        return str(task.id)

    async def reach(self, task_id: str, state: State) -> None:
        await self.clock.until(lambda: self.stored(task_id).state is state, within=3600.0)

    def held(self) -> Usd:
        """Return the money that is held over all servers."""
        use = at_once(self.store.use(MEMBER, HERE, LIMITS))
        held: Usd = use.operator_spend.held
        return held


Open = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Open]:
    asyncio.get_running_loop().set_default_executor(Inline(1))
    with database_at_once() as database:
        clock = VirtualClock()
        store = TaskStore(database, clock=clock)

        @asynccontextmanager
        async def opened(**faults: list[str | None]) -> AsyncIterator[Site]:
            made = Site(tmp_path, store, clock, Script(**faults))
            async with made.worker:
                yield made

        yield opened


async def refused_by(site: Site, attempts: int) -> list[Closure]:
    """Return what refuses a member who asks again whenever the last task has become unclear."""
    closures = []
    for _ in range(attempts):
        try:
            await site.reach(await site.ask(), State.UNKNOWN)
        except Closed as closed:
            closures.append(closed.closure)
    return closures


async def test_three_unclear_requests_in_a_row_close_the_provider(site: Open) -> None:
    async with site(create=["lost before"] * UNCLEAR_IN_A_ROW) as line:
        assert await refused_by(line, 10) == [Closure.UNCLEAR] * 7
        bound = Usd(PRICE.micros * UNCLEAR_IN_A_ROW)
        assert line.held() == bound
        assert "3 requests in a row got no clear answer" in "".join(line.messenger.operator)
        # Another server is refused meanwhile, and not because of a budget. After a while one real
        # task is let through, and its clear answer lets all others through.
        with pytest.raises(Closed):
            await line.ask(VICTIM, THERE)
        await line.clock.forward(300)
        await line.reach(await line.ask(VICTIM, THERE), State.DELIVERED)
        for _ in range(5):
            await line.reach(await line.ask(VICTIM, THERE), State.DELIVERED)
        assert line.held() == bound, (
            "the money of all three stays held until the operator resolves them"
        )


def takes_commands(breaker: ProviderCircuitBreaker) -> bool:
    """Return whether a new command is let in."""
    try:
        at_once(breaker.check())
    except Closed:
        return False
    return True


async def test_each_further_probe_ties_up_one_more_video_at_growing_intervals(site: Open) -> None:
    async with site(create=["lost before"] * 100) as line:
        await refused_by(line, 10)
        begun = line.clock.passed
        for _ in range(3):
            await line.clock.until(lambda: takes_commands(line.breaker), within=7200.0)
            await line.reach(await line.ask(), State.UNKNOWN)
        assert line.held() == Usd(PRICE.micros * (UNCLEAR_IN_A_ROW + 3))
        assert line.clock.passed - begun >= 300 + 600


async def test_ten_queued_tasks_are_not_sent_while_it_is_closed(site: Open) -> None:
    async with site(create=["lost before"] * 100) as line:
        tasks = [await line.ask() for _ in range(10)]
        await line.clock.forward(120)
        states = [line.stored(one).state for one in tasks]
        assert states.count(State.UNKNOWN) + states.count(State.FAILED) == 10
        failures = [line.stored(one).failure for one in tasks]
        kinds = [one.kind for one in failures if one is not None]
        assert kinds.count(FailureKind.NO_ANSWERS) == states.count(State.FAILED)
        # Requests that were being sent at that moment count too.
        assert line.held() == Usd(PRICE.micros * states.count(State.UNKNOWN))
        assert sum(line.provider.posts.values()) == states.count(State.UNKNOWN) <= 4


async def test_running_tasks_are_polled_and_delivered_while_it_is_closed(site: Open) -> None:
    async with site(create=[None, *["lost before"] * 3]) as line:
        running = await line.ask(VICTIM, THERE)
        await line.reach(running, State.RUNNING)
        line.provider.jobs["job-1"].done_at = line.clock.passed + 200.0
        await refused_by(line, 4)
        assert line.stored(running).state is State.RUNNING
        await line.reach(running, State.DELIVERED)
        with pytest.raises(Closed):
            await line.ask()


async def test_clear_answers_in_between_close_nothing(site: Open) -> None:
    faults = ["lost before", "lost before", "rejected", "lost before", "lost before", None]
    async with site(create=list(faults)) as line:
        for fault in faults:
            ends = {"lost before": State.UNKNOWN, "rejected": State.FAILED, None: State.DELIVERED}
            await line.reach(await line.ask(), ends[fault])


async def test_an_unclear_task_counts_for_an_hour_against_its_person_alone(site: Open) -> None:
    two = replace(LIMITS, concurrent=2)
    async with site(create=["lost before"] * 2) as line:
        for _ in range(2):
            await line.reach(await line.ask(limits=two), State.UNKNOWN)
        with pytest.raises(QuotaRefused) as refused:
            await line.ask(limits=two)
        assert refused.value.denial.reason is Reason.CONCURRENT
        assert refused.value.denial.unclear == 2
        await line.reach(await line.ask(VICTIM, limits=two), State.DELIVERED)
        await line.clock.forward(3600)
        await line.reach(await line.ask(limits=two), State.DELIVERED)
