"""Two workers keep to what a provider takes from one account, and to the order of the tasks."""

from pathlib import Path

import pytest

from bot.domain.models.model import WAN22_I2V_PLUS
from bot.domain.task import State, Task
from bot.storage.tasks.tasks import TaskStore
from tests.clock import VirtualClock
from tests.factories import make_limits, make_new_task, make_options, make_request
from tests.simulation.disk import at_once
from tests.simulation.fake_world import Script
from tests.simulation.scripted_site import ScriptedSite

MODEL = WAN22_I2V_PLUS
TASKS = 8


class Account(ScriptedSite):
    """An account at a provider that takes two submissions a second, and two tasks at a time."""

    def queue(self, number: int, owner: str) -> Task:
        options = make_options(seed=number, resolution=MODEL.default_resolution)
        request = make_request(model=MODEL.id, options=options)
        new = make_new_task(id=f"t{number:07}", request=request, owner=owner)
        return at_once(self.store.reserve(new, make_limits(videos=-1, concurrent=100)))

    def states(self) -> list[State]:
        return [self.stored(f"t{number:07}").state for number in range(TASKS)]

    @property
    def posted(self) -> list[int]:
        """The numbers of the tasks in the order in which they were sent."""
        return list(self.provider.posts)

    def at_once(self, moment: float) -> int:
        """How many jobs the provider had at a moment."""
        jobs = zip(self.provider.post_times, self.provider.jobs.values(), strict=True)
        return sum(begun <= moment < job.done_at for begun, job in jobs)


@pytest.fixture
def account(tmp_path: Path, store: TaskStore, clock: VirtualClock) -> Account:
    return Account(tmp_path, store, clock, Script(), model=MODEL)


async def test_no_more_than_the_account_allows_and_in_order(account: Account) -> None:
    async with account.new_worker("run-a") as a, account.new_worker("run-b") as b:
        for number in range(TASKS):
            worker, owner = ((a, "run-a"), (b, "run-b"))[number % 2]
            worker.take(account.queue(number, owner))
            # Each looks for room at another moment of the second.
            await account.clock.forward(0.37)
        assert account.states().count(State.RUNNING) == 2
        assert account.states().count(State.QUEUED) == TASKS - 2
        await account.clock.until(
            lambda: account.states() == [State.DELIVERED] * TASKS, within=2 * 3600
        )
    times = account.provider.post_times
    assert max(account.at_once(moment) for moment in times) == 2
    assert all(later - first > 1 for first, later in zip(times, times[2:], strict=False))
    # In each process, who came first is sent first.
    for parity in (0, 1):
        sent = [number for number in account.posted if number % 2 == parity]
        assert sent == sorted(sent)


async def test_a_task_that_waits_can_be_canceled_and_lets_the_next_one_go(account: Account) -> None:
    async with account.new_worker("run-a") as worker:
        for number in range(TASKS):
            worker.take(account.queue(number, "run-a"))
        await account.clock.forward(5)
        await account.store.cancel("t0000002", 1001)
        await account.clock.until(
            lambda: account.states().count(State.DELIVERED) == TASKS - 1, within=2 * 3600
        )
    assert account.stored("t0000002").state is State.CANCELLED
    assert 2 not in account.posted
