"""Makes reservations: reads limits and usage, decides, and writes the task and both holds, all in
one transaction.
"""

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.quotas.budget import full, levels
from bot.domain.quotas.limits import Limits, applying
from bot.domain.quotas.quota import Denial, decide, takes_bonus
from bot.domain.submission import NewTask
from bot.domain.task import Task
from bot.errors import BlockRefused, InteractionTaken, StorageError
from bot.storage.engine.notifications import tell_workers
from bot.storage.engine.postgres import serialize_reservations
from bot.storage.guilds import blocks
from bot.storage.quotas.budgets import note_levels
from bot.storage.quotas.holds import make_holds
from bot.storage.quotas.limit_rules import read_rules
from bot.storage.quotas.usage import grants_left, read_usage
from bot.storage.tables import tasks
from bot.storage.tasks import rerolls
from bot.storage.tasks.rows import row_of, task_of

# Every command needs these; building a statement takes longer than running it.
_MADE_BY = select(tasks.c.id).where(
    tasks.c.interaction_id == bindparam("interaction"),
    tasks.c.interaction_number == bindparam("number"),
)
_INSERTED = insert(tasks).returning(tasks)


class _Who(TypedDict):
    person_id: int
    guild_id: int | None


async def reserve(
    connection: AsyncConnection, new: NewTask, default: Limits, now: datetime
) -> Task | Denial:
    """Return the task, or the limit that denies it. A denial writes only budget warnings.

    Raises:
        AlreadyAgain: the same reroll of this person is in progress.
        InteractionTaken: the interaction has made this task already.
    """
    # Everything is read with the lock held, so that only one of two can take the last place.
    await serialize_reservations(connection)
    await _check_interaction(connection, new)
    await _check_blocks(connection, new)
    limits = await _limits(connection, new, default)
    who = _Who(person_id=new.person.id, guild_id=new.place.guild_id)
    use = await read_usage(connection, **who, limits=limits, now=now)
    if denial := decide(limits, use, new.estimate, now):
        await note_levels(connection, full(denial, **who, now=now), now)
        return denial
    await rerolls.check_none_on_its_way(
        connection, parent_id=new.parent_id, person_id=new.person.id, entry_point=new.entry_point
    )
    task = await _insert(connection, new, now)
    bonus = takes_bonus(limits, use)
    grant_id = await _grant(connection, new, now) if bonus else None
    await make_holds(connection, new, now, grant_id=grant_id)
    await note_levels(
        connection, levels(limits, use.with_one_more(new.estimate), **who, now=now), now
    )
    if new.owner is None:
        await tell_workers(connection)
    return task


async def _check_interaction(connection: AsyncConnection, new: NewTask) -> None:
    """Refuse an interaction that has made its task.

    Raises:
        InteractionTaken: the task exists, in whatever state.
    """
    if new.interaction_id is None:
        return
    parameters = {"interaction": new.interaction_id, "number": new.interaction_number}
    task_id = await connection.scalar(_MADE_BY, parameters)
    if task_id is not None:
        raise InteractionTaken(f"interaction {new.interaction_id} has made task {task_id}")


async def _check_blocks(connection: AsyncConnection, new: NewTask) -> None:
    """
    Raises:
        BlockRefused: the person, the server or the picture is blocked.
    """
    block = await blocks.find(
        connection,
        person_id=new.person.id,
        guild_id=new.place.guild_id,
        digest=new.request.frame.digest,
    )
    if block is not None:
        raise BlockRefused(block)


async def _limits(connection: AsyncConnection, new: NewTask, default: Limits) -> Limits:
    """Return the limits at this moment; those read before the picture may be outdated."""
    person, guild_id = new.person, new.place.guild_id
    if guild_id is None:
        return default
    rules = await read_rules(
        connection, guild_id=guild_id, person_id=person.id, role_ids=person.role_ids
    )
    return applying(default, rules, person.role_ids)


async def _grant(connection: AsyncConnection, new: NewTask, now: datetime) -> int:
    """Return the id of the grant that expires first."""
    values = {"guild_key": new.place.guild_id, "person": new.person.id, "now": now}
    left = grants_left().subquery("grants_left")
    query = select(left).where(left.c.left > 0)
    found = (await connection.execute(query, values)).all()
    return int(min(found, key=_first_to_expire).id)


def _first_to_expire(grant: Any) -> tuple[bool, float, int]:
    expires = grant.expires_at
    return (expires is None, 0.0 if expires is None else expires.timestamp(), grant.id)


async def _insert(connection: AsyncConnection, new: NewTask, now: datetime) -> Task:
    try:
        return task_of((await connection.execute(_INSERTED, row_of(new, now))).one())
    except IntegrityError as error:
        raise StorageError(f"task {new.id} exists already") from error
