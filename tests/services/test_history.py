"""Edits never take a message back: outdated edits are not begun, and late ones are repaired."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.domain.task import ARRIVES_WITHIN, State, Task
from bot.errors import DeliveryRefused, DeliveryUnclear, StorageError
from bot.services.history import History
from bot.storage.tasks.tasks import TaskStore
from tests.clock import VirtualClock
from tests.factories import make_task

RUNNING = make_task(state=State.RUNNING, epoch=1)
LATER = {
    "rendered": replace(RUNNING, state=State.RENDERED),
    "delivered": replace(RUNNING, state=State.DELIVERED),
    "failed": replace(RUNNING, state=State.FAILED),
    "another has it": replace(RUNNING, epoch=2),
}


@dataclass
class Store(TaskStore):
    """A store that contains one task."""

    task: Task | None = RUNNING
    failing: int = 0
    full: int = 0
    looked_again: list[timedelta] = field(default_factory=list)

    async def moment(self, task_id: str) -> tuple[State, int] | None:
        if self.failing:
            self.failing -= 1
            raise StorageError("locked")
        return None if self.task is None else (self.task.state, self.task.epoch)

    async def look_again(self, task_id: str, after: timedelta) -> None:
        if self.full:
            self.full -= 1
            raise StorageError("disk full")
        self.looked_again.append(after)


class Message:
    """A message that counts its edits; the task may change during one."""

    def __init__(self, during: Callable[[], Awaitable[None]] | None = None) -> None:
        self.edits = 0
        self._during = during

    async def edit(self) -> None:
        self.edits += 1
        if self._during is not None:
            await self._during()


def _history(store: Store, clock: VirtualClock | None = None) -> History:
    return History(tasks=store, clock=clock or VirtualClock())


def _goes_on(store: Store, to: Task | None) -> Callable[[], Awaitable[None]]:
    async def goes_on() -> None:
        store.task = to

    return goes_on


def _fails(error: Exception) -> Callable[[], Awaitable[None]]:
    async def fails() -> None:
        raise error

    return fails


@pytest.mark.parametrize("later", LATER)
async def test_an_edit_that_goes_back_is_not_begun(later: str) -> None:
    store, message = Store(LATER[later]), Message()
    assert not await _history(store).edit(RUNNING, message.edit)
    assert message.edits == 0
    assert store.looked_again == []


async def test_an_edit_that_is_current_needs_no_check() -> None:
    store, message = Store(), Message()
    assert await _history(store).edit(RUNNING, message.edit)
    assert message.edits == 1
    assert store.looked_again == []


@pytest.mark.parametrize("later", ["rendered", "delivered", "failed"])
async def test_a_message_that_was_edited_after_the_end_is_checked(later: str) -> None:
    store = Store()
    await _history(store).edit(RUNNING, Message(_goes_on(store, LATER[later])).edit)
    assert store.looked_again == [timedelta()]


@pytest.mark.parametrize("to", [LATER["another has it"], None])
async def test_a_message_whose_task_goes_on_elsewhere_or_is_gone_is_not_checked(
    to: Task | None,
) -> None:
    store = Store()
    await _history(store).edit(RUNNING, Message(_goes_on(store, to)).edit)
    assert store.looked_again == []


async def test_a_refused_edit_needs_no_check() -> None:
    store = Store()
    with pytest.raises(DeliveryRefused):
        await _history(store).edit(RUNNING, Message(_fails(DeliveryRefused("gone"))).edit)
    assert store.looked_again == []


async def test_an_edit_without_an_answer_is_checked_later() -> None:
    store = Store()
    with pytest.raises(DeliveryUnclear):
        await _history(store).edit(RUNNING, Message(_fails(DeliveryUnclear("reset"))).edit)
    assert store.looked_again == [ARRIVES_WITHIN]


async def test_the_check_is_stored_as_soon_as_the_disk_has_room() -> None:
    store, clock = Store(full=3), VirtualClock()
    message = Message(_fails(DeliveryUnclear("reset")))
    edit = asyncio.create_task(_history(store, clock).edit(RUNNING, message.edit))
    await clock.until(edit.done, within=60)
    assert isinstance(edit.exception(), DeliveryUnclear)
    assert store.looked_again == [ARRIVES_WITHIN]


async def test_an_edit_that_was_cut_off_is_checked_later() -> None:
    store = Store()
    never = asyncio.Event()

    async def hangs() -> None:
        await never.wait()

    edit = asyncio.create_task(_history(store).edit(RUNNING, Message(hangs).edit))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    edit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await edit
    assert store.looked_again == [ARRIVES_WITHIN]


async def test_no_edit_is_begun_while_the_task_cannot_be_read() -> None:
    store, message = Store(failing=1), Message()
    assert not await _history(store).edit(RUNNING, message.edit)
    assert message.edits == 0
