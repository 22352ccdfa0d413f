from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.money import Usd
from bot.domain.task import KEEP_PROMPTS, FoundPicture, Source, State
from bot.services.privacy.retention import Retention
from bot.storage.engine.database import Database
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.maintenance.retention import OldTasks
from bot.storage.tasks.tasks import TaskStore
from tests.storage.conftest import HandClock
from tests.storage.state_builder import WIDE, task_in

CAT = FoundPicture(url="https://cdn.discordapp.com/cat.png?ex=1", name="cat.png", bytes=7)
SOURCE = Source(channel_id=1, message_id=2, number=0, picture=CAT)


@pytest.fixture
def retention(database: Database, clock: HandClock) -> Retention:
    return Retention(tasks=OldTasks(database), clock=clock)


async def test_texts_are_deleted_and_numbers_stay(
    store: TaskStore, database: Database, clock: HandClock, retention: Retention
) -> None:
    for number, state in enumerate(State):
        await task_in(store, state, f"t{number}", source=SOURCE)
    before = await store.use(1001, 2001, WIDE)
    clock.forward(seconds=KEEP_PROMPTS.total_seconds())
    assert await retention.once() == 0
    clock.forward(seconds=1)
    assert await retention.once() == 4
    assert await retention.once() == 0
    for number, state in enumerate(State):
        task = await store.get(f"t{number}")
        assert task is not None
        is_over = state in (State.DELIVERED, State.UNDELIVERED, State.FAILED, State.CANCELLED)
        assert (task.options.prompt == "") == is_over
        assert (task.person.name == "") == is_over
        if is_over:
            assert (task.answer, task.video_url) == (None, None)
            assert task.source == replace(SOURCE, picture=None)
    delivered = await store.get("t4")
    assert delivered is not None
    assert (delivered.state, delivered.cost) == (State.DELIVERED, Usd.parse("0.25"))
    assert before.operator_spend.held == (await store.use(1001, 2001, WIDE)).operator_spend.held
    assert await database.read(consistency_findings) == []


async def test_retention_continues_where_it_stopped(
    store: TaskStore, clock: HandClock, retention: Retention
) -> None:
    await task_in(store, State.DELIVERED, "old")
    clock.forward(seconds=(KEEP_PROMPTS + timedelta(days=1)).total_seconds())
    await task_in(store, State.DELIVERED, "new")
    assert await retention.once() == 1
    clock.forward(seconds=(KEEP_PROMPTS + timedelta(days=1)).total_seconds())
    assert await retention.once() == 1
