"""Waiting for the first of several tasks, and keeping background tasks until they end."""

import asyncio
from contextlib import suppress

import pytest

from bot.concurrency import BackgroundTasks, first_of, in_background


async def test_the_first_to_end_ends_the_wait_and_the_others_with_it() -> None:
    ready, never = asyncio.Event(), asyncio.Event()
    canceled: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await never.wait()
        except asyncio.CancelledError:
            canceled.append("the other")
            raise

    waiting = asyncio.create_task(first_of(ready.wait(), wait_for_ever()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    ready.set()
    await waiting
    await asyncio.sleep(0)
    assert canceled == ["the other"]


async def test_what_the_first_raises_is_raised() -> None:
    async def fail() -> None:
        raise OSError("no way there")

    with pytest.raises(OSError, match="no way there"):
        await first_of(fail(), asyncio.Event().wait())


async def test_a_canceled_wait_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(first_of(asyncio.Event().wait(), asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_background_tasks_are_counted_until_they_end_and_canceled_together() -> None:
    tasks, go_on, ended = BackgroundTasks(), asyncio.Event(), []

    async def work(name: str, until: asyncio.Event) -> None:
        try:
            await until.wait()
        finally:
            ended.append(name)

    tasks.start(work("one that is done", go_on))
    tasks.start(work("one that hangs", asyncio.Event()))
    assert len(tasks) == 2
    go_on.set()
    await tasks.wait(0.001)
    assert ended == ["one that is done"]
    assert len(tasks) == 1
    await tasks.cancel()
    assert ended == ["one that is done", "one that hangs"]
    assert not tasks


async def test_work_in_the_background_has_ended_when_its_block_has() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async with in_background(work()):
        await asyncio.sleep(0)
        assert not ended
    assert ended
