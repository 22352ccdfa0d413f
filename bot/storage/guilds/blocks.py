"""Blocked people, servers and pictures. A server's own blocks of people are its members' rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, and_, bindparam, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.report import EVERYWHERE, Blocked, BlockEntry, BlockKind
from bot.storage.engine.database import Database
from bot.storage.engine.types import one_of
from bot.storage.engine.upsert import upsert
from bot.storage.tables import blocks

# Asked for each request: building a statement takes longer than running it.
_APPLYING = select(blocks.c.kind, blocks.c.guild_id).where(
    or_(
        and_(one_of(blocks.c.kind, BlockKind.PERSON), blocks.c.subject == bindparam("person")),
        and_(one_of(blocks.c.kind, BlockKind.SERVER), blocks.c.subject == bindparam("server")),
        and_(one_of(blocks.c.kind, BlockKind.DIGEST), blocks.c.subject == bindparam("digest")),
    ),
    or_(
        blocks.c.guild_id == EVERYWHERE,
        blocks.c.guild_id == bindparam("guild", type_=BigInteger),
    ),
)
_ORDER = (BlockKind.PERSON, BlockKind.SERVER, BlockKind.DIGEST)


async def is_picture_blocked(
    connection: AsyncConnection, guild_id: int | None, digest: str
) -> bool:
    """Whether a picture is blocked in a server, or everywhere."""
    values = {"person": "", "server": "", "digest": digest, "guild": guild_id or EVERYWHERE}
    return (await connection.execute(_APPLYING, values)).first() is not None


async def find(
    connection: AsyncConnection, *, person_id: int, guild_id: int | None, digest: str | None
) -> Blocked | None:
    """The block that applies to a request, the operator's block of the person first."""
    values = {
        "person": str(person_id),
        "server": str(guild_id),
        "digest": digest or "",
        "guild": guild_id or EVERYWHERE,
    }
    rows = (await connection.execute(_APPLYING, values)).all()
    found = [Blocked(kind=row.kind, guild_id=row.guild_id) for row in rows]
    return min(found, key=lambda one: (_ORDER.index(one.kind), one.guild_id), default=None)


async def add(
    connection: AsyncConnection,
    kind: BlockKind,
    subject: str,
    *,
    guild_id: int,
    reason: str | None,
    now: datetime,
) -> None:
    """Block a subject, or change the reason."""
    key = {"kind": kind, "subject": subject, "guild_id": guild_id}
    person_id = int(subject) if kind is BlockKind.PERSON else None
    values = {"person_id": person_id, "reason": reason, "made_at": now}
    await upsert(connection, blocks, key, values)


class BlockTable:
    """The blocks. Each method is one transaction."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def find(
        self, *, person_id: int, guild_id: int | None, digest: str | None
    ) -> Blocked | None:
        """The block that applies to a request; ``None`` if there is none."""
        return await self._database.read(
            lambda on: find(on, person_id=person_id, guild_id=guild_id, digest=digest)
        )

    async def block(self, kind: BlockKind, subject: str, *, reason: str | None) -> None:
        """Block a subject everywhere."""
        now = self._clock.now()
        await self._database.write(
            lambda on: add(on, kind, subject, guild_id=EVERYWHERE, reason=reason, now=now)
        )

    async def unblock(self, kind: BlockKind, subject: str) -> int:
        """Lift the blocks of a subject; return how many there were.

        A picture is also unblocked in the servers whose moderators removed a video of it.
        """
        at = blocks.c
        these = delete(blocks).where(at.kind == kind, at.subject == subject)

        async def work(connection: AsyncConnection) -> int:
            return (await connection.execute(these)).rowcount

        return await self._database.write(work)

    async def listed(self) -> Sequence[BlockEntry]:
        """All blocks, newest first."""
        query = select(blocks).order_by(blocks.c.made_at.desc(), blocks.c.subject)

        async def work(connection: AsyncConnection) -> Sequence[BlockEntry]:
            return [
                BlockEntry(
                    kind=row.kind,
                    subject=row.subject,
                    guild_id=row.guild_id,
                    reason=row.reason,
                    made_at=row.made_at,
                )
                for row in await connection.execute(query)
            ]

        return await self._database.read(work)
