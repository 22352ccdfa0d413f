"""Exports and erases the data that is stored about one person.

The history of spending stays as numbers without a name. Data that limits need stays as long as they
need it (`bot.storage.maintenance.forgetting`): otherwise, deleting one's data would get around
every limit. Reports about somebody's videos, and blocks, stay for the same reason.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.consent import ERASED_OWNER
from bot.domain.task import Place, State
from bot.storage.engine.database import Database
from bot.storage.maintenance.forgetting import (
    NOBODY,
    forget_erased,
    forget_person,
    forget_reporter,
)
from bot.storage.people.picture_choices import refuses
from bot.storage.tables import (
    OTHERS_PICTURE,
    menu_forms,
    metadata,
    picture_questions,
    tasks,
)

_ENDED = (State.DELIVERED, State.UNDELIVERED, State.FAILED, State.CANCELLED)
NO_FRAME = "0" * 64
"""In place of the digest of a first frame that was forgotten."""
_OF_ENDED = [
    tasks.c[name]
    for name in (
        "id",
        "state",
        "frame_digest",
        "guild_id",
        "channel_id",
        "message_id",
        "reachable",
        "filesize_limit",
        "locale",
        "result_channel_id",
        "result_message_id",
    )
]
_ROWS_AT_ONCE = 200
_ABOUT_PEOPLE = [
    table for table in metadata.sorted_tables if {"person_id", "subject_id"} & {*table.c.keys()}
]
_EMPTY = {
    "person_id": NOBODY,
    "person_name": "",
    "person_role_ids": frozenset(),
    "person_locale": "",
    "prompt": "",
    "negative_prompt": None,
    "frame_digest": NO_FRAME,
    "parent_id": None,
    "channel_id": None,
    "message_id": None,
    "source_channel_id": None,
    "source_message_id": None,
    "source_number": None,
    "source_url": None,
    "source_name": None,
    "source_bytes": None,
    "picture_owner_id": None,
    "provider_id": None,
    "video_url": None,
    "failure_message": None,
    "answer": None,
    "result_channel_id": None,
    "result_message_id": None,
    "announced": True,
    "link_guild_id": None,
    "unsaid": False,
}

Rows = Sequence[Mapping[str, Any]]
"""Some rows of one table as JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased, and how much could not be erased yet."""

    tasks: tuple[str, ...]
    """Ids of tasks; an undelivered video may be in a file of that name."""
    undelivered: tuple[str, ...]
    """Ids of those whose video is in such a file, unless it has expired."""
    frames: tuple[str, ...]
    """Digests of first frames that no task needs any more."""
    left: int
    """Number of tasks in progress or unclear, which are still needed."""
    results: tuple[Place, ...] = ()
    """Their messages that the bot can still edit, newest first."""


class PrivacyTable:
    """All data in the database that is about one person."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def export(self, person_id: int, each: Callable[[str, Rows], Awaitable[None]]) -> None:
        """Pass a snapshot of the person's data to ``each``, a table and a few rows at a time."""

        async def work(connection: AsyncConnection) -> None:
            for table in _ABOUT_PEOPLE:
                query = select(table).where(_is_about(table, person_id))
                async with connection.stream(query) as rows:
                    async for some in rows.partitions(_ROWS_AT_ONCE):
                        await each(table.name, [_plain(row._mapping) for row in some])

        await self._database.read(work)

    async def erase(self, person_id: int) -> Erased:
        """Erase what is not needed any more, in one transaction."""
        now = self._clock.now()
        erased = await self._database.write(lambda on: _erase(on, person_id, now))
        await self._database.compact()
        return erased

    async def sweep(self) -> None:
        """Remove those who have deleted their data from what no limit needs any more."""
        now = self._clock.now()
        await self._database.write(lambda on: forget_erased(on, now))


async def _erase(connection: AsyncConnection, person_id: int, now: datetime) -> Erased:
    theirs = tasks.c.person_id == person_id
    ended = select(*_OF_ENDED).where(theirs, tasks.c.state.in_(_ENDED))
    rows = (await connection.execute(ended.order_by(tasks.c.created_at.desc()))).all()
    ids = [row.id for row in rows]
    await _empty(connection, ids)
    await connection.execute(delete(menu_forms).where(menu_forms.c.person_id == person_id))
    await _disown(connection, person_id)
    asked = _is_about(picture_questions, person_id)
    await connection.execute(delete(picture_questions).where(asked))
    left = await connection.scalar(select(func.count()).select_from(tasks).where(theirs))
    await forget_person(connection, person_id, now)
    await forget_reporter(connection, person_id, now)
    return Erased(
        tasks=tuple(ids),
        undelivered=tuple(row.id for row in rows if row.state is State.UNDELIVERED),
        frames=await _without_task(connection, {row.frame_digest for row in rows}),
        left=left or 0,
        results=tuple(place for row in rows if (place := _result(row))),
    )


def _result(row: Row[Any]) -> Place | None:
    """Where a task's result is, or the message that says why there is none."""
    is_here = row.result_channel_id in (None, row.channel_id)
    message_id = row.result_message_id or row.message_id
    if message_id is None or (is_here and not row.reachable):
        return None
    return Place(
        guild_id=row.guild_id if is_here else None,
        channel_id=row.result_channel_id or row.channel_id,
        message_id=message_id,
        filesize_limit=row.filesize_limit,
        locale=row.locale,
    )


async def _empty(connection: AsyncConnection, ids: list[str]) -> None:
    """Take everything out of these tasks that says who asked for what."""
    for some in _chunks(ids):
        # Others keep their rerolls, without the link to the parent.
        await connection.execute(
            update(tasks).where(tasks.c.parent_id.in_(some)).values(parent_id=None)
        )
        await connection.execute(update(tasks).where(tasks.c.id.in_(some)).values(_EMPTY))


async def _without_task(connection: AsyncConnection, digests: set[str]) -> tuple[str, ...]:
    """Those of these first frames that no task names any more."""
    return tuple(
        [
            digest
            for digest in sorted(digests - {NO_FRAME})
            if not await connection.scalar(
                select(func.count()).select_from(tasks).where(tasks.c.frame_digest == digest)
            )
        ]
    )


async def _disown(connection: AsyncConnection, person_id: int) -> None:
    """Take the person out of others' videos of their pictures, which stay as restricted as before.

    What they chose about their pictures is the one thing that is kept.
    """
    owner = ERASED_OWNER if await refuses(connection, [person_id]) else None
    theirs = tasks.c.picture_owner_id == person_id
    changed = update(tasks).where(theirs, OTHERS_PICTURE).values(picture_owner_id=owner)
    await connection.execute(changed)


def _is_about(table: Table, person_id: int) -> ColumnElement[bool]:
    """Condition that a row is about the person, or in the audit log also made by them.

    Reports of a person's videos are not among them: they would tell who made them.
    """
    if table is picture_questions:
        return or_(table.c.person_id == person_id, table.c.author_id == person_id)
    if "person_id" in table.c:
        return table.c.person_id == person_id
    return or_(table.c.subject_id == person_id, table.c.by_id == person_id)


def _chunks(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]


def _plain(row: Any) -> dict[str, Any]:
    return {key: _value(value) for key, value in row.items() if value is not None}


def _value(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset | tuple | list):
        return sorted(map(str, value))
    return str(value)
