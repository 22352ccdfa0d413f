"""The answers of `/quota-admin` and `/stats`: limits, usage and costs."""

from collections.abc import Mapping, Sequence

from bot.domain.guilds.audit import AuditEntry
from bot.domain.guilds.statistics import Statistics
from bot.domain.models.model import Models
from bot.domain.money import ZERO, Usd
from bot.domain.quotas.limits import UNLIMITED, Limits, LimitSource, Origin
from bot.domain.quotas.quota import Spend, Unclear, Usage
from bot.domain.task import Task
from bot.services.moderation import GuildQuota, MemberQuota
from bot.ui.texts import cards, choices, endings
from bot.ui.texts.language import _, _n
from bot.ui.texts.measures import (
    MESSAGE_CHARS,
    clipped,
    duration,
    harmless,
    labeled,
    listed,
    moment,
)
from bot.ui.texts.refusals.limits import budget, number, videos, window


def changed(entry: AuditEntry, now: str) -> str:
    """What a moderator reads who changed something, or changed nothing: what holds now."""
    head = _("Done. This holds now:") if entry.is_change else _("Nothing changed. This holds:")
    return clipped(f"{head}\n{now}", MESSAGE_CHARS)


def role_limit(role_id: int, found: GuildQuota) -> str:
    """A role's limit, or what its members have without one."""
    own = found.roles.get(role_id)
    if own is not None:
        limit = _role(role_id, own)
    else:
        limit = _("The role {role} has no limit of its own.").format(role=f"<@&{role_id}>")
    models = found.role_models.get(role_id)
    return f"{limit}\n{_role_models(role_id, models)}" if models else limit


def _role_models(role_id: int, models: Sequence[str]) -> str:
    """The models that a role may use in addition."""
    return _("Role {role} may also use: {models}").format(
        role=f"<@&{role_id}>", models=listed(choices.label(one) for one in models)
    )


def member_quota(person_id: int, found: MemberQuota) -> str:
    """The answer of `/quota-admin show`."""
    limits, use = found.limits, found.use
    head = labeled(
        f"**<@{person_id}>**",
        _("{allowance} ({origin})").format(
            allowance=allowance(limits), origin=origin(limits.origin)
        ),
    )
    lines = [head, *usage_lines(limits, use)]
    if limits.block is not None:
        lines.insert(1, _blocked(limits))
    lines.append(
        _(
            "In progress: {number} of {most} allowed at once. All servers in 24 "
            "hours: {day} of {day_most}"
        ).format(
            number=use.in_flight,
            most=limits.concurrent,
            day=use.person_day_videos,
            day_most=limits.person_day_videos,
        )
    )
    return "\n- ".join([*lines, *_unclear(found.unclear), *_without_video(found.without_video)])


def _without_video(ended: Sequence[Task]) -> list[str]:
    """Why the last tasks ended without a video; what was asked stays the person's own."""
    return [
        _("No video {moment}: {why}").format(
            moment=moment(task.ended_at or task.updated_at), why=endings.in_short(task)
        )
        for task in ended
    ]


def _unclear(unclear: Unclear) -> list[str]:
    """The number of unclear videos and the money reserved for them; empty if there are none."""
    if not unclear.count or unclear.since is None:
        return []
    text = _n(
        "{number} unclear video: about {held} stays reserved until the bot's owner "
        "has looked into it. It was sent {moment}.",
        "{number} unclear videos: about {held} stays reserved until the bot's owner "
        "has looked into them. The first was sent {moment}.",
        unclear.count,
    ).format(number=unclear.count, held=unclear.held, moment=moment(unclear.since))
    return [text]


def _blocked(limits: Limits) -> str:
    block = limits.block
    if block is None:
        return ""
    text = _("**Blocked** by {by} {moment}").format(by=f"<@{block.by_id}>", moment=moment(block.at))
    return labeled(text, harmless(block.reason)) if block.reason else text


def guild(found: GuildQuota) -> str:
    """The answer of `/quota-admin server` without options."""
    limits, use = found.applying, found.use
    lines = [
        _("**Everyone here**: {allowance} ({origin})").format(
            allowance=allowance(limits), origin=origin(limits.origin)
        ),
        money(_("This month"), use.guild_spend, limits.guild_month_budget),
        money(_("Today"), use.guild_day_spend, limits.guild_day_budget),
        _("Per person per month: {limit}").format(limit=_or_none(limits.person_month_budget)),
        _("Failed videos that were charged count towards the person's limit")
        if found.own.count_charged_failures
        else _("Failed videos that were charged count towards budgets only"),
        *_unclear(found.unclear),
    ]
    more = [_role_models(*one) for one in sorted(found.role_models.items())]
    return clipped("\n- ".join([*lines, *_roles(found.roles), *more]), MESSAGE_CHARS)


def _roles(limits: Mapping[int, int]) -> list[str]:
    """The limits of roles, in order of precedence: the highest first."""
    highest_first = sorted(limits.items(), key=lambda one: (one[1] != UNLIMITED, -one[1]))
    return [_role(role_id, videos) for role_id, videos in highest_first]


def _role(role_id: int, most: int) -> str:
    return _("Role {role}: {videos}").format(role=f"<@&{role_id}>", videos=number(most))


def _or_none(limit: Usd | None) -> str:
    return _("no limit") if limit is None else budget(limit)


# --- parts ------------------------------------------------------------------------------------


def origin(source: Origin) -> str:
    """Where a limit comes from."""
    match source.source:
        case LimitSource.PERSON:
            return _("set by a moderator for this person")
        case LimitSource.ROLE:
            return _("from the role {role}").format(role=f"<@&{source.role_id}>")
        case LimitSource.GUILD:
            return _("this server's default")
        case LimitSource.DEFAULT:
            return _("the bot owner's default")


def allowance(limits: Limits) -> str:
    """A limit with its window: "5 videos per 24 hours"."""
    if limits.videos == UNLIMITED:
        return _("unlimited videos")
    return _("{videos} {window}").format(videos=videos(limits.videos), window=window(limits.window))


def usage_lines(limits: Limits, use: Usage) -> list[str]:
    """Videos used, in progress and left, bonus videos, and money spent."""
    lines = [_counted(limits, use)]
    if use.bonus:
        lines.append(_bonus(use))
    lines.append(money(_("Spent here this month"), use.person_spend, limits.person_month_budget))
    return lines


def _counted(limits: Limits, use: Usage) -> str:
    parts = [
        _("{number} used").format(number=use.used),
        _("{number} in progress").format(number=use.held),
    ]
    if limits.videos != UNLIMITED:
        left = max(0, limits.videos - use.used - use.held)
        parts.append(_("**{number} left**").format(number=left))
    if use.frees_at is not None:
        parts.append(_("next one frees up {moment}").format(moment=moment(use.frees_at)))
    return listed(parts)


def _bonus(use: Usage) -> str:
    text = _n("{number} bonus video", "{number} bonus videos", use.bonus).format(number=use.bonus)
    if use.bonus_expires_at is not None:
        text += _(", the first expires {moment}").format(moment=moment(use.bonus_expires_at))
    return text


def money(what: str, spend: Spend, limit: Usd | None) -> str:
    """Money: "Spent here this month: $1.20 of $20, plus about $0.20 reserved"."""
    text = labeled(what, spend.settled)
    if limit is not None:
        text += _(" of {limit}").format(limit=budget(limit))
    if spend.held > ZERO:
        text += _(", plus about {held} reserved").format(held=spend.held)
    return text


# --- /stats -----------------------------------------------------------------------------------


def statistics(found: Statistics, *, days: int, models: Models) -> str:
    """The numbers of the chart, and more, as text.

    ``models``: what is offered, to list the kinds of videos where they can differ.
    """
    if not found.videos and not found.missed:
        return _("No videos here in the last {days} days.").format(days=days)
    lines = [
        _("**The last {days} days**: {videos}, {spent}").format(
            days=days, videos=videos(found.videos), spent=found.spent
        ),
        _("Succeeded: {percent}% ({missed} failed or unclear)").format(
            percent=_percent(found), missed=found.missed
        ),
    ]
    if found.median_seconds is not None and found.p95_seconds is not None:
        lines.append(
            _("Time taken: median {median}, 95% within {most}").format(
                median=duration(found.median_seconds), most=duration(found.p95_seconds)
            )
        )
    if found.listed > ZERO:
        lines.append(_("Booked by price list: {spent}").format(spent=found.listed))
    rows = [(cards.person(person), count, spent) for person, count, spent in found.members]
    if not all(choices.is_expected(kind, models) for kind, _count, _spent in found.kinds):
        rows = [(choices.kind(kind), count, spent) for kind, count, spent in found.kinds] + rows
    lines += [labeled(what, listed([videos(count), str(spent)])) for what, count, spent in rows]
    return "\n- ".join(lines)


def _percent(found: Statistics) -> int:
    return round(100 * found.videos / (found.videos + found.missed))


def statistics_legend() -> str:
    """The legend of the chart."""
    return _("-# Upper bars: videos per day. Lower bars: US dollars per day.")
