"""Changes by moderators, each in one transaction with its entry in the audit log."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.guilds.audit import Action, AuditEntry
from bot.domain.guilds.default_notice import DefaultNotice
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model_rules import ModelRules
from bot.domain.quotas.budget import BudgetWarning
from bot.domain.quotas.limits import GuildLimits, Limits
from bot.domain.quotas.quota import Unclear
from bot.domain.task import State, Task
from bot.storage.engine.database import Database
from bot.storage.engine.postgres import serialize_reservations
from bot.storage.engine.upsert import upsert
from bot.storage.guilds import audit, default_notices, guilds, members, role_models
from bot.storage.guilds.audit import Details
from bot.storage.quotas import budgets
from bot.storage.quotas.usage import read_unclear, read_usage
from bot.storage.tables import grants, role_limits, tasks
from bot.storage.tasks.rows import task_of

_WITHOUT_VIDEO = (State.FAILED, State.UNKNOWN, State.UNDELIVERED)
# So few at once that commands never wait for it.
_TRIM_AT_ONCE = 500
Change = Callable[[AsyncConnection, datetime], Awaitable[tuple[Details, Details]]]
"""Makes a change within a transaction; returns the old and new values for the audit log."""


class ModerationStore:
    """Rules and settings in the database. Each method is one transaction.

    Methods that change something take the moderator (``by_id``), write the change together with its
    audit entry, and return the entry. If nothing changed, no entry is written, and the returned one
    has equal ``before`` and ``after`` and the id 0.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # --- people ---------------------------------------------------------------------------

    async def set_videos(
        self, guild_id: int, person_id: int, videos: int | None, *, by_id: int
    ) -> AuditEntry:
        """Set a person's own limit; ``None`` removes it."""

        async def work(on: AsyncConnection, now: datetime) -> tuple[Details, Details]:
            before = await members.videos(on, guild_id, person_id)
            await members.change(on, guild_id, person_id, {"videos": videos})
            return {"videos": before}, {"videos": videos}

        return await self._change(guild_id, Action.SET, person_id, by_id, work)

    async def grant(
        self, guild_id: int, person_id: int, videos: int, *, keep: timedelta | None, by_id: int
    ) -> AuditEntry:
        """Grant bonus videos that expire after ``keep``; ``None``: they do not expire."""

        async def work(on: AsyncConnection, now: datetime) -> tuple[Details, Details]:
            before = await members.bonus(on, guild_id, person_id, now)
            expires = None if keep is None else now + keep
            new = insert(grants).values(
                guild_id=guild_id,
                person_id=person_id,
                videos=videos,
                made_at=now,
                expires_at=expires,
                by_id=by_id,
            )
            await on.execute(new)
            seconds = None if expires is None else int(expires.timestamp())
            after = {"bonus": before + videos, "granted": videos, "expires_at": seconds}
            return {"bonus": before}, after

        return await self._change(guild_id, Action.GRANT, person_id, by_id, work)

    async def reset(
        self, guild_id: int, person_id: int, limits: Limits, *, by_id: int
    ) -> AuditEntry:
        """Restart the person's window now; ``limits`` are theirs."""

        async def work(on: AsyncConnection, now: datetime) -> tuple[Details, Details]:
            use = await read_usage(
                on, person_id=person_id, guild_id=guild_id, limits=limits, now=now
            )
            await members.change(on, guild_id, person_id, {"reset_at": now})
            return {"used": use.used, "held": use.held}, {"used": 0, "held": 0}

        return await self._change(guild_id, Action.RESET, person_id, by_id, work)

    async def block(
        self, guild_id: int, person_id: int, reason: str | None, *, by_id: int
    ) -> AuditEntry:
        """Block somebody in a server, or change the reason."""

        async def work(on: AsyncConnection, now: datetime) -> tuple[Details, Details]:
            before = await members.block(on, guild_id, person_id)
            values = {"blocked_at": now, "blocked_by_id": by_id, "blocked_reason": reason}
            await members.change(on, guild_id, person_id, values)
            return members.block_details(before), {"blocked": True, "reason": reason}

        return await self._change(guild_id, Action.BLOCK, person_id, by_id, work)

    async def unblock(self, guild_id: int, person_id: int, *, by_id: int) -> AuditEntry:
        """Unblock somebody in a server."""

        async def work(on: AsyncConnection, now: datetime) -> tuple[Details, Details]:
            before = await members.block(on, guild_id, person_id)
            values = {"blocked_at": None, "blocked_by_id": None, "blocked_reason": None}
            await members.change(on, guild_id, person_id, values)
            return members.block_details(before), members.block_details(None)

        return await self._change(guild_id, Action.UNBLOCK, person_id, by_id, work)

    async def unclear(self, guild_id: int, person_id: int | None = None) -> Unclear:
        """Return what unclear tasks hold in a server, or for a person there."""
        return await self._database.read(
            lambda on: read_unclear(on, guild_id=guild_id, person_id=person_id)
        )

    async def without_video(self, guild_id: int, person_id: int, *, limit: int) -> Sequence[Task]:
        """The last tasks of a person in a server that ended without a video, newest first."""
        query = (
            select(tasks)
            .where(
                tasks.c.person_id == person_id,
                tasks.c.guild_id == guild_id,
                tasks.c.state.in_(_WITHOUT_VIDEO),
            )
            .order_by(tasks.c.created_at.desc(), tasks.c.id.desc())
            .limit(limit)
        )

        async def work(on: AsyncConnection) -> Sequence[Task]:
            return [task_of(row) for row in await on.execute(query)]

        return await self._database.read(work)

    # --- roles and the server -------------------------------------------------------------

    async def set_role_videos(
        self, guild_id: int, role_id: int, videos: int | None, *, by_id: int
    ) -> AuditEntry:
        """Set a role's limit; ``None`` removes it."""

        async def work(on: AsyncConnection, now: datetime) -> tuple[Details, Details]:
            at = role_limits.c
            this = (at.guild_id == guild_id, at.role_id == role_id)
            before = await on.scalar(select(at.videos).where(*this))
            if videos is None:
                await on.execute(delete(role_limits).where(*this))
            else:
                key = {"guild_id": guild_id, "role_id": role_id}
                await upsert(on, role_limits, key, {"videos": videos})
            return {"videos": before}, {"videos": videos}

        return await self._change(guild_id, Action.ROLE, role_id, by_id, work)

    async def role_limits(self, guild_id: int) -> Mapping[int, int]:
        """Return every role's limit by role id."""
        at = role_limits.c
        query = select(at.role_id, at.videos).where(at.guild_id == guild_id)

        async def work(on: AsyncConnection) -> Mapping[int, int]:
            return {row.role_id: row.videos for row in await on.execute(query)}

        return await self._database.read(work)

    async def set_role_models(
        self, guild_id: int, role_id: int, models: tuple[str, ...], *, by_id: int
    ) -> AuditEntry:
        """Set the models that a role may use in addition to everybody's; empty: none."""

        async def work(on: AsyncConnection, now: datetime) -> tuple[Details, Details]:
            before = await role_models.change(on, guild_id, role_id, models)
            return {"models": list(before)}, {"models": list(models)}

        return await self._change(guild_id, Action.ROLE, role_id, by_id, work)

    async def role_models(self, guild_id: int) -> Mapping[int, tuple[str, ...]]:
        """Return the models that each role may use in addition, by role id."""
        return await self._database.read(lambda on: role_models.listed(on, guild_id))

    async def model_rules(self, guild_id: int, role_ids: frozenset[int]) -> ModelRules:
        """Return which models a person with these roles may use, and for how much."""
        return await self._database.read(lambda on: role_models.rules(on, guild_id, role_ids))

    async def guild_limits(self, guild_id: int) -> GuildLimits:
        """Return the server's own default limit and budgets."""
        return await self._database.read(lambda on: guilds.read_limits(on, guild_id))

    async def set_guild_limits(
        self, guild_id: int, limits: GuildLimits, *, found: GuildLimits | None = None, by_id: int
    ) -> AuditEntry:
        """Set the server's own default limit and budgets: what differs from ``found``, or all."""

        async def work(on: AsyncConnection, now: datetime) -> tuple[Details, Details]:
            stored = await guilds.read_limits(on, guild_id)
            wanted = guilds.merged(stored, limits, found)
            await guilds.write_limits(on, guild_id, wanted)
            return audit.changed(guilds.limits_details(stored), guilds.limits_details(wanted))

        return await self._change(guild_id, Action.SERVER, None, by_id, work)

    async def settings(self, guild_id: int) -> GuildSettings:
        """Return the server's settings, with defaults for what was not set."""
        return await self._database.read(lambda on: guilds.read_settings(on, guild_id))

    async def set_settings(
        self,
        guild_id: int,
        settings: GuildSettings,
        *,
        found: GuildSettings | None = None,
        check: Callable[[GuildSettings, GuildSettings], None] = lambda settings, before: None,
        by_id: int,
    ) -> AuditEntry:
        """Set the server's settings: what differs from ``found``, or all.

        ``check`` gets the settings as they will be and as they were, before anything is written. It
        raises if they cannot be so.
        """

        async def work(on: AsyncConnection, now: datetime) -> tuple[Details, Details]:
            stored = await guilds.read_settings(on, guild_id)
            wanted = guilds.merged(stored, settings, found)
            check(wanted, stored)
            await guilds.write_settings(on, guild_id, wanted)
            return audit.changed(guilds.settings_details(stored), guilds.settings_details(wanted))

        return await self._change(guild_id, Action.SETTINGS, None, by_id, work)

    # --- audit log and warnings -----------------------------------------------------------

    async def audit(
        self, guild_id: int, *, subject_id: int | None, before_id: int | None, limit: int
    ) -> Sequence[AuditEntry]:
        """Return entries, newest first, optionally about one subject and older than an entry."""
        return await self._database.read(
            lambda on: audit.page(
                on, guild_id, subject_id=subject_id, before_id=before_id, limit=limit
            )
        )

    async def trim_audit(self, keep: timedelta) -> int:
        """Remove entries that are older than ``keep``; return their number."""
        before, removed = self._clock.now() - keep, 0
        while some := await self._database.write(lambda on: audit.trim(on, before, _TRIM_AT_ONCE)):
            removed += some
        return removed

    async def untold_warnings(self, limit: int) -> Sequence[BudgetWarning]:
        """Return budget warnings that nobody has been told about, oldest first."""
        return await self._database.read(lambda on: budgets.untold(on, limit))

    async def told_warning(self, warning_id: int) -> None:
        """Record that somebody was told, or that there is nobody to tell."""
        now = self._clock.now()
        await self._database.write(lambda on: budgets.told(on, warning_id, now))

    async def untold_defaults(self, limit: int) -> Sequence[DefaultNotice]:
        """Return notices about new defaults that nobody has been told yet."""
        return await self._database.read(lambda on: default_notices.untold(on, limit))

    async def told_defaults(self, notice: DefaultNotice) -> None:
        """Record that a server was told of new defaults, or has no log channel."""
        now = self._clock.now()
        await self._database.write(lambda on: default_notices.told(on, notice, now))

    async def _change(
        self, guild_id: int, action: Action, subject_id: int | None, by_id: int, change: Change
    ) -> AuditEntry:
        async def work(on: AsyncConnection) -> AuditEntry:
            # One change at a time, and none during a reservation, which relies on the old rules.
            await serialize_reservations(on)
            now = self._clock.now()
            before, after = await change(on, now)
            return await audit.write_down(
                on,
                guild_id=guild_id,
                by_id=by_id,
                action=action,
                subject_id=subject_id,
                before=before,
                after=after,
                now=now,
            )

        return await self._database.write(work)
