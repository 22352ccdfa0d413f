"""What moderators can see and change. Callers check that somebody is a moderator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.guilds.audit import AuditEntry
from bot.domain.guilds.default_notice import DefaultNotice
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import Models
from bot.domain.models.model_rules import ModelRules
from bot.domain.quotas.budget import BudgetWarning
from bot.domain.quotas.limits import MOST_VIDEOS, UNLIMITED, GuildLimits, Limits
from bot.domain.quotas.quota import Unclear, Usage
from bot.domain.task import Person, Task
from bot.errors import OptionRefused, SettingsClash
from bot.services import guild_settings
from bot.services.allowances import Allowances
from bot.storage.guilds.moderation import ModerationStore

MOST_GRANTED = 1_000
MOST_DAYS = 366
MOST_BUDGET_USD = 1_000_000
REASON_CHARS = 200
LAST_SHOWN = 3
"""How many of somebody's videos that failed are explained to moderators."""
PAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberQuota:
    """A person's limits and usage in a server, for `/quota-admin show`."""

    limits: Limits
    """The limits that apply, with their ``origin`` and a block, if there is one."""
    use: Usage
    unclear: Unclear
    """The person's unclear tasks in this server."""
    without_video: Sequence[Task] = ()
    """The person's last tasks in this server that ended without a video, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildQuota:
    """A server's default limit and budgets, with those that apply and the usage."""

    own: GuildLimits
    applying: Limits
    """The limits of somebody without a limit of their own or of a role."""
    use: Usage
    """Only ``guild_spend`` and ``guild_day_spend`` apply, since there is no person."""
    unclear: Unclear
    """Everybody's unclear tasks in this server."""
    roles: Mapping[int, int]
    """Limits by role id."""
    role_models: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """The ids of the models that roles may use in addition, by role id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """A page of the audit log, newest first."""

    entries: Sequence[AuditEntry]
    older: int | None
    """``before_id`` of the next page; ``None`` at the end."""


class Moderation:
    """One method for each subcommand.

    Methods that change something return the entry of the audit log. They raise ``OptionRefused``
    for a value out of bounds, and then change nothing.
    """

    def __init__(self, *, store: ModerationStore, allowances: Allowances, models: Models) -> None:
        """``models``: what the operator offers."""
        self._store = store
        self._allowances = allowances
        self._models = models

    # --- people ---------------------------------------------------------------------------

    async def show(self, guild_id: int, person: Person) -> MemberQuota:
        """The limits that apply to a person with their current roles, and their usage."""
        limits = await self._allowances.limits(person, guild_id)
        return MemberQuota(
            limits=limits,
            use=await self._allowances.use(person.id, guild_id, limits),
            unclear=await self._store.unclear(guild_id, person.id),
            without_video=await self._store.without_video(guild_id, person.id, limit=LAST_SHOWN),
        )

    async def set_videos(
        self, guild_id: int, person_id: int, videos: int | None, *, by_id: int
    ) -> AuditEntry:
        """Set a person's limit; ``None`` removes it, -1 means unlimited."""
        _check_videos(videos)
        return await self._store.set_videos(guild_id, person_id, videos, by_id=by_id)

    async def grant(
        self, guild_id: int, person_id: int, videos: int, days: int | None = None, *, by_id: int
    ) -> AuditEntry:
        """Grant bonus videos, used once the limit is reached; they expire after ``days``."""
        _check("videos", videos, 1, MOST_GRANTED)
        if days is not None:
            _check("days", days, 1, MOST_DAYS)
        keep = None if days is None else timedelta(days=days)
        return await self._store.grant(guild_id, person_id, videos, keep=keep, by_id=by_id)

    async def reset(self, guild_id: int, person: Person, *, by_id: int) -> AuditEntry:
        """Reset a person's usage. Money, bonus videos and the operator's ceilings stay."""
        limits = await self._allowances.limits(person, guild_id)
        return await self._store.reset(guild_id, person.id, limits, by_id=by_id)

    async def block(
        self, guild_id: int, person_id: int, reason: str | None = None, *, by_id: int
    ) -> AuditEntry:
        """Block a person in this server; their videos in progress go on."""
        if reason is not None:
            _check("reason", len(reason), 0, REASON_CHARS)
        tidied = " ".join((reason or "").split()) or None
        return await self._store.block(guild_id, person_id, tidied, by_id=by_id)

    async def unblock(self, guild_id: int, person_id: int, *, by_id: int) -> AuditEntry:
        """Unblock a person; their usage still counts."""
        return await self._store.unblock(guild_id, person_id, by_id=by_id)

    # --- roles and the server -------------------------------------------------------------

    async def set_role_models(
        self, guild_id: int, role_id: int, models: tuple[str, ...], *, by_id: int
    ) -> AuditEntry:
        """Set the models that a role may use in addition to everybody's; empty: none."""
        return await self._store.set_role_models(guild_id, role_id, models, by_id=by_id)

    async def model_rules(self, guild_id: int, role_ids: frozenset[int]) -> ModelRules:
        """Which models a person with these roles may use in a server, and for how much."""
        return await self._store.model_rules(guild_id, role_ids)

    async def set_role_videos(
        self, guild_id: int, role_id: int, videos: int | None, *, by_id: int
    ) -> AuditEntry:
        """Set a role's limit; ``None`` removes it. Of several roles, the highest applies."""
        _check_videos(videos)
        return await self._store.set_role_videos(guild_id, role_id, videos, by_id=by_id)

    async def server(self, guild_id: int) -> GuildQuota:
        """The server's default limit and budgets, the ones that apply, and the usage."""
        nobody = Person(id=0, name="")
        limits = await self._allowances.limits(nobody, guild_id)
        return GuildQuota(
            own=await self._store.guild_limits(guild_id),
            applying=limits,
            use=await self._allowances.use(nobody.id, guild_id, limits),
            unclear=await self._store.unclear(guild_id),
            roles=await self._store.role_limits(guild_id),
            role_models=await self._store.role_models(guild_id),
        )

    async def set_server(
        self, guild_id: int, limits: GuildLimits, *, found: GuildLimits | None = None, by_id: int
    ) -> AuditEntry:
        """Set the server's default limit and budgets: what differs from ``found``, or all.

        Callers change the ``own`` of :meth:`server` with ``dataclasses.replace``; ``None`` means
        not set. The operator's ceilings apply in any case.
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
        return await self._store.set_guild_limits(guild_id, limits, found=found, by_id=by_id)

    async def settings(self, guild_id: int) -> GuildSettings:
        """The server's settings."""
        return await self._store.settings(guild_id)

    async def set_settings(
        self,
        guild_id: int,
        settings: GuildSettings,
        *,
        found: GuildSettings | None = None,
        by_id: int,
    ) -> AuditEntry:
        """Set a server's settings: what differs from ``found``, or all.

        Callers change the result of :meth:`settings`, which is ``found``.

        Raises:
            SettingsClash: another moderator changed them since, and both changes do not go
                together; nothing was changed.
        """
        guild_settings.check(settings, self._models, before=found or GuildSettings())
        return await self._store.set_settings(
            guild_id, settings, found=found, check=self._check_together, by_id=by_id
        )

    def _check_together(self, settings: GuildSettings, before: GuildSettings) -> None:
        """Check settings that are good as one moderator wants them, with what others changed."""
        try:
            guild_settings.check(settings, self._models, before=before)
        except OptionRefused as error:
            raise SettingsClash(error) from error

    # --- the audit log and warnings -------------------------------------------------------

    async def log(
        self, guild_id: int, *, subject_id: int | None = None, before_id: int | None = None
    ) -> AuditPage:
        """A page of the audit log; ``subject_id`` selects changes about one person or role."""
        found = await self._store.audit(
            guild_id, subject_id=subject_id, before_id=before_id, limit=PAGE + 1
        )
        entries = found[:PAGE]
        return AuditPage(entries=entries, older=entries[-1].id if len(found) > PAGE else None)

    async def warnings(self) -> Sequence[BudgetWarning]:
        """Warnings that have not been told yet about budgets that reached 50, 80 or 100%.

        They are stored, so a restart loses none. A level's ``guild_id`` names the server whose log
        channel to tell; without one, tell the operator.
        """
        return await self._store.untold_warnings(50)

    async def warned(self, warning: BudgetWarning) -> None:
        """Note that a warning was told, or has nowhere to go, so that it is not told again."""
        await self._store.told_warning(warning.id)

    async def default_notices(self) -> Sequence[DefaultNotice]:
        """Return notices about new defaults that have not been told yet; a restart loses none."""
        return await self._store.untold_defaults(50)

    async def told_defaults(self, notice: DefaultNotice) -> None:
        """Note that a server was told of new defaults, so that it is not told again."""
        await self._store.told_defaults(notice)


def _check_videos(videos: int | None) -> None:
    if videos is not None:
        _check("videos", videos, UNLIMITED, MOST_VIDEOS)


def _check(option: str, given: int, least: int, most: int) -> None:
    if not least <= given <= most:
        raise OptionRefused(option, given=given, allowed=(least, most))
