"""The operator's pause: queued tasks wait for its end, however long it lasts."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.task import State
from bot.errors import Paused
from bot.storage.engine.database import Database
from bot.storage.provider.pause import PauseTable
from bot.storage.tasks.tasks import TaskStore
from tests.clock import VirtualClock
from tests.factories import make_limits, make_new_task, make_person
from tests.simulation.fake_world import Script
from tests.simulation.scripted_site import ScriptedSite


class PausedSite(ScriptedSite):
    """A site whose operator can pause it."""

    def __init__(
        self,
        folder: Path,
        store: TaskStore,
        clock: VirtualClock,
        script: Script,
        *,
        pause: PauseTable,
    ) -> None:
        super().__init__(folder, store, clock, script, pause_table=pause)
        self.pause = pause
        self.breaker = self.new_breaker()

    @property
    def sent(self) -> int:
        return sum(self.provider.posts.values())


@pytest.fixture
def site(tmp_path: Path, database: Database, store: TaskStore, clock: VirtualClock) -> PausedSite:
    pause = PauseTable(database, clock=clock)
    return PausedSite(tmp_path, store, clock, Script(), pause=pause)


async def test_a_queued_task_waits_and_is_sent_once_when_spending_resumes(
    site: PausedSite,
) -> None:
    await site.pause.pause()
    worker = site.new_worker(breaker=site.breaker)
    async with worker:
        worker.take(await site.store.reserve(make_new_task(), make_limits()))
        await site.clock.forward(60)
        # Longer than the deadline that a task has with a provider that does not take it.
        site.clock.off = timedelta(days=3)
        await site.clock.forward(60)
        assert site.sent == 0
        assert site.stored("t0000001").state is State.QUEUED
        await site.pause.resume()
        await site.clock.until(lambda: site.stored("t0000001").state is State.DELIVERED, within=600)
    assert site.sent == 1


async def test_a_pause_delivers_what_is_paid_and_holds_over_a_restart(site: PausedSite) -> None:
    first = site.new_worker(breaker=site.breaker)
    async with first:
        first.take(await site.store.reserve(make_new_task(), make_limits()))
        await site.clock.until(lambda: site.stored("t0000001").state is State.RUNNING, within=600)
        await site.pause.pause()
        second = make_new_task(id="t0000002", person=make_person(id=8))
        first.take(await site.store.reserve(second, make_limits()))
        await site.clock.until(lambda: site.stored("t0000001").state is State.DELIVERED, within=600)
    async with site.new_worker("run-again"):
        await site.clock.forward(60)
        assert site.stored("t0000002").state is State.QUEUED
        assert site.sent == 1


async def test_nothing_new_is_taken_in_a_pause_by_any_process(site: PausedSite) -> None:
    other = site.new_breaker()
    await other.check()
    await site.pause.pause()
    for breaker in (other, site.breaker):
        with pytest.raises(Paused):
            await breaker.check()
    await site.pause.resume()
    await other.check()


async def test_pausing_twice_keeps_the_first_moment(site: PausedSite) -> None:
    await site.pause.pause()
    began = site.clock.now()
    await site.clock.forward(60)
    assert (await site.pause.pause()).paused_at == began
    assert (await site.pause.resume()).paused_at == began
    assert (await site.pause.resume()).paused_at is None
