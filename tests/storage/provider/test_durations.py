import pytest

from bot.domain.provider.durations import Durations
from bot.storage.engine.database import Database
from bot.storage.provider.durations import DurationTable
from bot.worker.polling.poll_scheduler import PollScheduler
from tests.factories import make_options, make_request, make_task


async def test_what_one_process_learned_the_next_one_knows(database: Database) -> None:
    store = DurationTable(database)
    before = PollScheduler(store=store)
    kind = before.kind_of(make_task())
    other = before.kind_of(make_task(request=make_request(options=make_options(resolution="480P"))))
    await before.load()
    for _ in range(30):
        before.pending(kind, since=0.0, age=55.0)
        before.ended(kind, since=55.0, age=60.0, looks=12)
    await before.save()
    after = PollScheduler(store=store)
    await after.load()
    assert after.until_next_look(kind, 58.0) == 1.0
    assert after.until_next_look(kind, 0.0) == pytest.approx(
        before.until_next_look(kind, 0.0), rel=0.01
    )
    # The other kind has no durations yet.
    assert after.until_next_look(other, 0.0) == Durations().until_next_look(0.0)


async def test_durations_kept_again_replace_the_earlier_ones(database: Database) -> None:
    store = DurationTable(database)
    scheduler = PollScheduler(store=store)
    for seconds in (60.0, 90.0):
        scheduler.ended(scheduler.kind_of(make_task()), since=seconds - 5, age=seconds, looks=12)
        await scheduler.save()
    ((_, kept),) = (await store.durations()).items()
    assert kept["known"] == 2
