"""The worker's watcher with the real client, and nothing behind it that could cost anything."""

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
from bot.services.ports import Messenger, Provider
from bot.storage.tasks.tasks import TaskStore
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.outcome_notifier import OutcomeNotifier
from bot.worker.poller import Poller
from bot.worker.worker_deps import WorkerDeps
from tests.factories import make_task


class _Nothing:
    """Storage and Discord, which have no part in a look that finds a task pending."""

    async def show(self, task: Task) -> None:
        """What is shown is not what is measured."""


class _Noted:
    """The provider's client, with every look taken note of."""

    def __init__(self, look: Callable[[str], Any]) -> None:
        self.status = look


@asynccontextmanager
async def open_watcher(
    url: str, noted: Callable[[Callable[[str], Any]], Callable[[str], Any]]
) -> AsyncIterator[tuple[Poller, Callable[[int], None]]]:
    """A watcher, and what gives it so many running tasks."""
    clock = SystemClock()
    client = VtrixClient(base_url=url, api_key=SecretStr("test-key"), clock=clock)
    nothing = _Nothing()
    async with client:
        watcher = Poller(
            WorkerDeps(
                tasks=cast(TaskStore, nothing),
                provider=cast(Provider, _Noted(noted(client.status))),
                messenger=cast(Messenger, nothing),
                breaker=cast(ProviderCircuitBreaker, nothing),
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
    """A task as the store hands it over: no object shared with another one.

    Submitted a while ago, as what is taken over after a start: nobody submits thousands at once,
    and what was submitted just now is looked at 5 s after that, not spread over them.
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
