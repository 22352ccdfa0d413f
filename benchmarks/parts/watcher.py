"""The worker's poller with the real client; everything behind it costs nothing."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from pydantic import SecretStr

from bot.clock import SystemClock
from bot.domain.task import State, Task
from bot.providers.vtrix.client import VtrixClient
from bot.services.ports import Messenger
from bot.storage.tasks.tasks import TaskStore
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.outcome_notifier import OutcomeNotifier
from bot.worker.polling.poller import Poller
from bot.worker.worker_deps import WorkerDeps
from tests.factories import make_providers, make_task


class _Nothing:
    """Storage and Discord, which take no part in a poll of a pending job."""

    async def show(self, task: Task) -> None:
        """Show nothing, as messages are not measured."""


class _Noted:
    """The provider's client, which records each poll."""

    def __init__(self, look: Callable[[str], Any]) -> None:
        self.status = look


@asynccontextmanager
async def open_watcher(
    url: str, noted: Callable[[Callable[[str], Any]], Callable[[str], Any]]
) -> AsyncIterator[tuple[Poller, Callable[[int], None]]]:
    """Open a poller, and yield it with a function that gives it this many running tasks."""
    clock = SystemClock()
    client = VtrixClient(base_url=url, api_key=SecretStr("test-key"), clock=clock)
    nothing = _Nothing()
    async with client:
        watcher = Poller(
            WorkerDeps(
                tasks=cast(TaskStore, nothing),
                providers=make_providers(
                    cast(ProviderCircuitBreaker, nothing), _Noted(noted(client.status))
                ),
                messenger=cast(Messenger, nothing),
                clock=clock,
                rng=random.Random(1),
            ),
            notifier=cast(OutcomeNotifier, nothing),
            on_rendered=lambda task: None,
        )

        def watch(tasks: int) -> None:
            for number in range(tasks):
                watcher.watch(_running(number))

        yield watcher, watch
        await watcher.stop()


def _running(number: int) -> Task:
    """Return a task as the store does, sharing no object with any other.

    It was submitted a while ago, like tasks that are taken over after a start. The first poll of a
    new task comes 5 s after its submission, and nobody submits thousands at once.
    """
    then = datetime.now(UTC) - timedelta(seconds=30)
    task = make_task(state=State.RUNNING, created_at=then, updated_at=then, submitted_at=then)
    options = replace(task.options, prompt=f"waves roll in {number}")
    request = replace(task.request, frame=replace(task.request.frame), options=options)
    return replace(
        task,
        id=f"task{number:06}",
        provider_id=f"job-{number}",
        request=request,
        person=replace(task.person, id=10**18 + number),
        place=replace(task.place, message_id=10**18 + number),
    )
