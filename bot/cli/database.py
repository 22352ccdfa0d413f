"""Database access for commands; each opens the database itself, beside a running bot."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.cli.run import quiet_logging, run_in_loop
from bot.clock import SystemClock
from bot.domain.models.prices import PriceBasis, basis
from bot.domain.money import parse_charge
from bot.domain.quotas.quota import Unclear
from bot.domain.task import State, Task
from bot.errors import CommandError, JobTaken, NotFound, StaleTask
from bot.settings.loading import load_settings
from bot.settings.settings import Settings
from bot.storage.engine.database import Database, open_database
from bot.storage.engine.engines import sqlite_path
from bot.storage.engine.postgres import is_postgres
from bot.storage.engine.postgres_address import address
from bot.storage.maintenance import maintenance
from bot.storage.provider.charges import ChargeTable
from bot.storage.provider.pause import PauseTable
from bot.storage.tasks.tasks import TaskStore

Result = TypeVar("Result")
_PAGE = 500


def listed(
    *, states: Sequence[str], person: int | None, server: int | None, limit: int
) -> Sequence[Task]:
    """Return tasks, newest first."""
    wanted = [State(state) for state in states]
    return _with_tasks(
        lambda tasks: tasks.listed(person_id=person, guild_id=server, states=wanted, limit=limit)
    )


def found(task_id: str) -> Task:
    """Return a task.

    Raises:
        CommandError: there is no such task.
    """
    task = _with_tasks(lambda tasks: tasks.get(task_id))
    if task is None:
        raise CommandError(f"there is no task {task_id!r}")
    return task


def resolved(task_id: str, *, created: str | None, charged: str | None) -> Task:
    """Resolve an unclear task, and return it.

    Raises:
        CommandError: there is no such task, or it is not `unknown`.
    """
    amount = None if charged is None else parse_charge(charged)
    try:
        return _with_tasks(lambda tasks: tasks.resolve(task_id, created_as=created, charged=amount))
    except NotFound as error:
        raise CommandError(f"there is no task {task_id!r}") from error
    except JobTaken as error:
        raise CommandError(str(error)) from error
    except StaleTask as error:
        raise CommandError(
            f"{task_id} is {found(task_id).state.value}: only an unknown task can be resolved"
        ) from error


def unclear() -> Unclear:
    """Return what all unclear tasks hold."""
    return _with_database(
        _settings(), lambda database: TaskStore(database, clock=SystemClock()).unclear()
    )


def unclear_since(moment: datetime) -> Sequence[Task]:
    """Return all unclear tasks that were sent since then, newest first."""

    async def ask(tasks: TaskStore) -> Sequence[Task]:
        found: list[Task] = []
        last: Task | None = None
        while page := await tasks.listed(states=[State.UNKNOWN], limit=_PAGE, before=last):
            found += (task for task in page if (task.submitted_at or task.created_at) >= moment)
            last = page[-1]
        return found

    return _with_tasks(ask)


def resolved_or_changed(tasks: Sequence[Task], charged: str | None) -> Sequence[Task | None]:
    """Resolve each task and return it; ``None`` for one that was changed meanwhile."""
    amount = None if charged is None else parse_charge(charged)

    async def ask(store: TaskStore) -> Sequence[Task | None]:
        ended: list[Task | None] = []
        for task in tasks:
            try:
                ended.append(await store.resolve(task.id, charged=amount))
            except (NotFound, StaleTask):
                ended.append(None)
        return ended

    return _with_tasks(ask)


def price_basis(model: str | None = None) -> Sequence[PriceBasis]:
    """Return the basis of estimates for every kind of video that has a price.

    Args:
        model: only the videos of the model with this id.

    Raises:
        CommandError: no price is configured for the model.
    """
    settings = _settings()
    configured = settings.price_list()
    priced = {kind.model for kind in configured.prices}
    if model not in (None, *priced):
        raise CommandError(f"no price is set for {model!r}, only for {', '.join(sorted(priced))}")
    charges = _with_database(settings, lambda database: ChargeTable(database).listed())
    return [
        basis(kind, price, charges.get(kind, ()))
        for kind, price in sorted(configured.prices.items())
        if model in (None, kind.model)
    ]


def forgotten_charges() -> int:
    """Delete all recorded charges; return their number."""
    return _with_database(_settings(), lambda database: ChargeTable(database).forget())


def with_pause(ask: Callable[[PauseTable], Awaitable[Result]]) -> Result:
    """Ask or change the operator's pause."""
    return _with_database(
        _settings(), lambda database: ask(PauseTable(database, clock=SystemClock()))
    )


def with_database(ask: Callable[[Database], Awaitable[Result]]) -> Result:
    """Ask something of the configured database, beside a running bot.

    Raises:
        CommandError: there is no database yet.
    """
    return _with_database(_settings(), ask)


def _with_tasks(ask: Callable[[TaskStore], Awaitable[Result]]) -> Result:
    return _with_database(
        _settings(), lambda database: ask(TaskStore(database, clock=SystemClock()))
    )


def _with_database(settings: Settings, ask: Callable[[Database], Awaitable[Result]]) -> Result:
    _must_exist(settings)

    async def work() -> Result:
        async with open_database(settings.database_url) as database:
            return await ask(database)

    return run_in_loop(work())


def _settings() -> Settings:
    settings = load_settings()
    quiet_logging(settings)
    return settings


def _must_exist(settings: Settings) -> None:
    """Refuse a missing database, so that a wrong path does not create an empty one."""
    if is_postgres(settings.database_url):
        return
    path = sqlite_path(settings.database_url)
    if not path.exists():
        raise CommandError(f"there is no database at {path}: flipbook db upgrade creates one")


# --- the database as a whole ----------------------------------------------------------------


def upgraded() -> tuple[str, str | None, str]:
    """Upgrade the database; return its URL and the versions before and after."""
    settings = _settings()
    before, after = run_in_loop(maintenance.upgrade(settings.database_url))
    return address(settings.database_url), before, after


def backed_up(target: Path) -> int:
    """Write a backup to ``target``; return its size in bytes."""
    return run_in_loop(maintenance.backup(_settings().database_url, target))


def problems() -> list[str]:
    """Return a line for each problem of the database."""
    return run_in_loop(maintenance.check(_settings().database_url))


async def ledger_problems(url: str) -> list[str]:
    """Return a line for each disagreement between tasks and money."""
    return await maintenance.check(url)


async def database_finding(url: str) -> tuple[bool, str]:
    """Whether an SQLite database can be used, and a description; nothing is changed."""
    path = sqlite_path(url)
    if not path.exists():
        return True, f"{path} does not exist yet: the first start creates it"
    found = await maintenance.check(url)
    return not found, f"{path}: {'; '.join(found) or 'no damage, up to date'}"
