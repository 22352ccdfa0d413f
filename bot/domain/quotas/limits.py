"""The limits of a person: the operator's, and those of the server's moderators on top."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from bot.domain.money import Usd

UNLIMITED = -1
MOST_VIDEOS = 10_000
"""The largest limit that can be set, apart from ``UNLIMITED``."""
DAY = timedelta(days=1)


class Window(StrEnum):
    """The rolling window of an allowance."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """The length of the window; a month has 30 days, since a rolling window has no calendar."""
        return _LENGTHS[self]


_LENGTHS = {
    Window.HOUR: timedelta(hours=1),
    Window.DAY: DAY,
    Window.WEEK: timedelta(weeks=1),
    Window.MONTH: timedelta(days=30),
}


class LimitSource(StrEnum):
    """Where a limit comes from, in order of precedence."""

    PERSON = "person"
    """A moderator set it for this person."""
    ROLE = "role"
    """The highest of the limits of their roles."""
    GUILD = "guild"
    """The server's own default."""
    DEFAULT = "default"
    """The operator's setting, QUOTA_VIDEOS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a limit comes from, to be shown to people."""

    source: LimitSource = LimitSource.DEFAULT
    role_id: int | None = None
    """The role, if the limit comes from one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A person is blocked in a server."""

    by_id: int
    at: datetime
    reason: str | None = None
    """The moderator's reason, at most 200 characters, which the blocked person can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits that apply to a person in a server or in direct messages, now."""

    videos: int
    """The most videos in ``window``; 0 allows none, -1 is unlimited."""
    window: Window
    concurrent: int
    person_day_videos: int
    """The operator's limit in 24 hours, over all servers and direct messages."""
    guild_month_budget: Usd | None
    """The server's budget per calendar month (UTC), the smaller of the operator's and its own;
    ``None`` in direct messages."""
    operator_month_budget: Usd | None
    """The operator's overall budget per calendar month (UTC); ``None`` means no budget."""
    guild_day_budget: Usd | None = None
    """The server's own budget per calendar day (UTC)."""
    person_month_budget: Usd | None = None
    """The server's own budget per person and calendar month (UTC)."""
    origin: Origin = Origin()
    block: Block | None = None
    counts_from: datetime | None = None
    """When a moderator reset the usage; videos made before no longer count in the window."""

    def outside_servers(self) -> Self:
        """These limits in direct messages, where no server's budget applies."""
        return replace(
            self, guild_month_budget=None, guild_day_budget=None, person_month_budget=None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildLimits:
    """A server's own default limit and budgets; ``None`` means not set."""

    videos: int | None = None
    window: Window | None = None
    budget_day: Usd | None = None
    budget_month: Usd | None = None
    budget_person_month: Usd | None = None
    count_charged_failures: bool = True
    """Whether a failed video that was charged counts towards the person's limit; it counts
    towards ``Limits.person_day_videos`` in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a server's moderators that concern one person."""

    guild: GuildLimits = GuildLimits()
    roles: Mapping[int, int] = field(default_factory=dict)
    """Limits by role id, at least of the person's roles."""
    own: int | None = None
    """The person's own limit."""
    block: Block | None = None
    reset_at: datetime | None = None


def applying(default: Limits, rules: Rules, role_ids: frozenset[int]) -> Limits:
    """The limits of a person with these roles in a server; the operator's ceilings stay.

    The person's own limit takes precedence, then the highest of their roles' (-1 is above all),
    then the server's, then the operator's default.
    """
    videos, origin = _videos(default, rules, role_ids)
    guild = rules.guild
    return replace(
        default,
        videos=videos,
        origin=origin,
        window=guild.window or default.window,
        guild_month_budget=_smaller(default.guild_month_budget, guild.budget_month),
        guild_day_budget=guild.budget_day,
        person_month_budget=guild.budget_person_month,
        block=rules.block,
        counts_from=rules.reset_at,
    )


def _videos(default: Limits, rules: Rules, role_ids: frozenset[int]) -> tuple[int, Origin]:
    if rules.own is not None:
        return rules.own, Origin(source=LimitSource.PERSON)
    theirs = [(videos, role) for role, videos in rules.roles.items() if role in role_ids]
    if theirs:
        videos, role_id = max(theirs, key=lambda one: (_height(one[0]), -one[1]))
        return videos, Origin(source=LimitSource.ROLE, role_id=role_id)
    if rules.guild.videos is not None:
        return rules.guild.videos, Origin(source=LimitSource.GUILD)
    return default.videos, default.origin


def _height(videos: int) -> int:
    return MOST_VIDEOS + 1 if videos == UNLIMITED else videos


def _smaller(ceiling: Usd | None, own: Usd | None) -> Usd | None:
    return min((one for one in (ceiling, own) if one is not None), default=None)
