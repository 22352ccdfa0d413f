"""What moderators can see and change. Whether somebody is one, the caller has checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.audit import AuditEntry
from bot.domain.budget import BudgetWarning
from bot.domain.guild import GuildSettings
from bot.domain.limits import MOST_VIDEOS, UNLIMITED, GuildLimits, Limits
from bot.domain.quota import Unclear, Usage
from bot.domain.task import Person
from bot.errors import OptionRefused
from bot.services import guild_settings
from bot.services.allowances import Allowances
from bot.storage.guilds.moderation import ModerationStore

MOST_GRANTED = 1_000
MOST_DAYS = 366
MOST_BUDGET_USD = 1_000_000
REASON_CHARS = 200
PAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberQuota:
    """One person in one server, as `/quota-admin show` explains it."""

    limits: Limits
    """What applies, with where it comes from (``origin``) and a block, if there is one."""
    use: Usage
    """Used, held, bonus, spend, when the next one frees up."""
    unclear: Unclear
    """Theirs, in this server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildQuota:
    """A server's own default and budgets, and what holds above them."""

    own: GuildLimits
    applying: Limits
    """For somebody without a limit of their own or of a role."""
    use: Usage
    """``guild_spend`` and ``guild_day_spend`` are the server's; the rest is nobody's."""
    unclear: Unclear
    """Everybody's in this server."""
    roles: Mapping[int, int]
    """Limits by role id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some lines of the audit, newest first."""

    entries: Sequence[AuditEntry]
    older: int | None
    """``before_id`` of the next page; ``None`` at the end."""


class Moderation:
    """One method for each subcommand. Each answers with the audit's line: before and after.

    Methods that change something raise ``OptionRefused`` for a number out of its bounds, and
    change nothing then.
    """

    def __init__(self, *, store: ModerationStore, allowances: Allowances) -> None:
        self._store = store
        self._allowances = allowances

    # --- people ---------------------------------------------------------------------------

    async def show(self, guild_id: int, person: Person) -> MemberQuota:
        """What applies to a person, with the roles that ``person`` has now, and what they used."""
        limits = await self._allowances.limits(person, guild_id)
        return MemberQuota(
            limits=limits,
            use=await self._allowances.use(person.id, guild_id, limits),
            unclear=await self._store.unclear(guild_id, person.id),
        )

    async def set_videos(
        self, guild_id: int, person_id: int, videos: int | None, *, by_id: int
    ) -> AuditEntry:
        """A person's limit; ``None``: back to what applies without it, -1: unlimited."""
        _check_videos(videos)
        return await self._store.set_videos(guild_id, person_id, videos, by_id=by_id)

    async def grant(
        self, guild_id: int, person_id: int, videos: int, days: int | None = None, *, by_id: int
    ) -> AuditEntry:
        """Bonus videos on top of the allowance, used after it; ``days``: when they expire."""
        _check("videos", videos, 1, MOST_GRANTED)
        if days is not None:
            _check("days", days, 1, MOST_DAYS)
        keep = None if days is None else timedelta(days=days)
        return await self._store.grant(guild_id, person_id, videos, keep=keep, by_id=by_id)

    async def reset(self, guild_id: int, person: Person, *, by_id: int) -> AuditEntry:
        """Their window starts anew. Money, bonus and the operator's ceilings stay as they are."""
        limits = await self._allowances.limits(person, guild_id)
        return await self._store.reset(guild_id, person.id, limits, by_id=by_id)

    async def block(
        self, guild_id: int, person_id: int, reason: str | None = None, *, by_id: int
    ) -> AuditEntry:
        """Nothing new from them in this server; what is in the making goes on."""
        if reason is not None:
            _check("reason", len(reason), 0, REASON_CHARS)
        tidied = " ".join((reason or "").split()) or None
        return await self._store.block(guild_id, person_id, tidied, by_id=by_id)

    async def unblock(self, guild_id: int, person_id: int, *, by_id: int) -> AuditEntry:
        """As if they had never been blocked; what they used still counts."""
        return await self._store.unblock(guild_id, person_id, by_id=by_id)

    # --- roles and the server -------------------------------------------------------------

    async def set_role_videos(
        self, guild_id: int, role_id: int, videos: int | None, *, by_id: int
    ) -> AuditEntry:
        """A role's limit; ``None`` takes it away. Of several roles the highest wins."""
        _check_videos(videos)
        return await self._store.set_role_videos(guild_id, role_id, videos, by_id=by_id)

    async def server(self, guild_id: int) -> GuildQuota:
        """The server's default and budgets, what holds above them, and how full they are."""
        nobody = Person(id=0, name="")
        limits = await self._allowances.limits(nobody, guild_id)
        return GuildQuota(
            own=await self._store.guild_limits(guild_id),
            applying=limits,
            use=await self._allowances.use(nobody.id, guild_id, limits),
            unclear=await self._store.unclear(guild_id),
            roles=await self._store.role_limits(guild_id),
        )

    async def set_server(self, guild_id: int, limits: GuildLimits, *, by_id: int) -> AuditEntry:
        """The server's default and budgets, all of them.

        Callers change what :meth:`server` said with ``dataclasses.replace``; a ``None`` is none
        of the server's own, and the operator's ceilings hold whatever is set.
        """
        _check_videos(limits.videos)
        budgets = {
            "budget_usd_day": limits.budget_day,
            "budget_usd_month": limits.budget_month,
            "budget_usd_user_month": limits.budget_person_month,
        }
        for option, budget in budgets.items():
            if budget is not None:
                _check(option, budget.micros, 0, MOST_BUDGET_USD * 1_000_000)
        return await self._store.set_guild_limits(guild_id, limits, by_id=by_id)

    async def settings(self, guild_id: int) -> GuildSettings:
        """What `/settings show` shows, and what the intake goes by."""
        return await self._store.settings(guild_id)

    async def set_settings(
        self, guild_id: int, settings: GuildSettings, *, by_id: int
    ) -> AuditEntry:
        """All of a server's settings; callers change what :meth:`settings` said."""
        guild_settings.check(settings)
        return await self._store.set_settings(guild_id, settings, by_id=by_id)

    # --- what happened --------------------------------------------------------------------

    async def log(
        self, guild_id: int, *, subject_id: int | None = None, before_id: int | None = None
    ) -> AuditPage:
        """A page of who changed what; ``subject_id``: only what is about this person or role."""
        found = await self._store.audit(
            guild_id, subject_id=subject_id, before_id=before_id, limit=PAGE + 1
        )
        entries = found[:PAGE]
        return AuditPage(entries=entries, older=entries[-1].id if len(found) > PAGE else None)

    async def warnings(self) -> Sequence[BudgetWarning]:
        """Budgets that reached 50, 80 or 100 % and nobody was told yet; they survive a kill.

        A level's ``guild_id`` says whose log channel it is for; without one it is the operator's.
        """
        return await self._store.untold_warnings(50)

    async def warned(self, warning: BudgetWarning) -> None:
        """It was said (or there is no log channel): not again in this period."""
        await self._store.told_warning(warning.id)


def _check_videos(videos: int | None) -> None:
    if videos is not None:
        _check("videos", videos, UNLIMITED, MOST_VIDEOS)


def _check(option: str, given: int, least: int, most: int) -> None:
    if not least <= given <= most:
        raise OptionRefused(option, given=given, allowed=(least, most))
