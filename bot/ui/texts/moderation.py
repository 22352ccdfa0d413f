"""What `/quota-admin` and `/settings` answer, and what the log channel gets."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from bot.domain.audit import Action, AuditEntry, Detail
from bot.domain.budget import Budget, BudgetWarning
from bot.domain.guild import GuildSettings
from bot.domain.limits import UNLIMITED, Limits, Origin, Source
from bot.domain.money import Usd
from bot.domain.quota import Spend, Use
from bot.domain.task import Task
from bot.services.moderation import AuditPage, GuildStanding, Standing
from bot.ui.texts.catalogues import languages
from bot.ui.texts.language import _, _n, marked
from bot.ui.texts.measures import clipped, harmless, labelled, listed, moment
from bot.ui.texts.refusals import videos, window

_MOST_WORDS = 40
"""Blocked words that `/settings show` lists; the rest is counted."""


# --- limits, explained ------------------------------------------------------------------------


def origin(source: Origin) -> str:
    """Where a limit comes from."""
    match source.source:
        case Source.PERSON:
            return _("set by a moderator for this person")
        case Source.ROLE:
            return _("from the role {role}").format(role=f"<@&{source.role_id}>")
        case Source.GUILD:
            return _("this server's default")
        case Source.DEFAULT:
            return _("the operator's default")


def allowance(limits: Limits) -> str:
    """5 videos in 24 hours, any number."""
    if limits.videos == UNLIMITED:
        return _("any number of videos")
    return _("{videos} {window}").format(videos=videos(limits.videos), window=window(limits.window))


def use_lines(limits: Limits, use: Use) -> list[str]:
    """Used, in flight, left, when the next one frees up, bonus, money."""
    lines = [_counted(limits, use)]
    if use.bonus:
        lines.append(_bonus(use))
    lines.append(money(_("Spent here this month"), use.person, limits.person_month))
    return lines


def _counted(limits: Limits, use: Use) -> str:
    parts = [
        _("{number} used").format(number=use.used),
        _("{number} in flight").format(number=use.held),
    ]
    if limits.videos != UNLIMITED:
        left = max(0, limits.videos - use.used - use.held)
        parts.append(_("**{number} left**").format(number=left))
    if use.frees_at is not None:
        parts.append(_("next one frees up {moment}").format(moment=moment(use.frees_at)))
    return listed(parts)


def _bonus(use: Use) -> str:
    text = _n("{number} bonus video", "{number} bonus videos", use.bonus).format(number=use.bonus)
    if use.bonus_expires_at is not None:
        text += _(", expires {moment}").format(moment=moment(use.bonus_expires_at))
    return text


def money(what: str, spend: Spend, limit: Usd | None) -> str:
    """Spent here this month: $1.20 of $20, about $0.20 more is set aside."""
    text = labelled(what, spend.settled)
    if limit is not None:
        text += _(" of {limit}").format(limit=limit)
    if spend.held > Usd(0):
        text += _(", about {held} more is set aside").format(held=spend.held)
    return text


# --- /quota-admin -----------------------------------------------------------------------------


def standing(person_id: int, found: Standing) -> str:
    """Of `/quota-admin show`."""
    limits, use = found.limits, found.use
    head = labelled(
        f"**<@{person_id}>**",
        _("{allowance} ({origin})").format(
            allowance=allowance(limits), origin=origin(limits.origin)
        ),
    )
    lines = [head, *use_lines(limits, use)]
    if limits.block is not None:
        lines.insert(1, _blocked(limits))
    lines.append(
        _("At once: {number} of {most}. Over all servers today: {day} of {day_most}").format(
            number=use.in_flight,
            most=limits.concurrent,
            day=use.person_day,
            day_most=limits.person_day,
        )
    )
    return "\n- ".join(lines)


def _blocked(limits: Limits) -> str:
    block = limits.block
    if block is None:
        return ""
    text = _("**Blocked** by {by} {moment}").format(by=f"<@{block.by_id}>", moment=moment(block.at))
    return labelled(text, harmless(block.reason)) if block.reason else text


def guild(found: GuildStanding) -> str:
    """Of `/quota-admin server`."""
    limits, use = found.applying, found.use
    lines = [
        _("**Everybody here**: {allowance} ({origin})").format(
            allowance=allowance(limits), origin=origin(limits.origin)
        ),
        money(_("This month"), use.guild, limits.guild_month),
        money(_("Today"), use.guild_day, limits.guild_day),
        _("Per person and month: {limit}").format(limit=_or_none(limits.person_month)),
    ]
    for role_id, number in sorted(found.roles.items(), key=lambda one: -one[1]):
        lines.append(
            _("Role {role}: {videos}").format(role=f"<@&{role_id}>", videos=_limit(number))
        )
    return "\n- ".join(lines)


def _or_none(limit: Usd | None) -> str:
    return _("no limit") if limit is None else str(limit)


def _limit(number: object) -> str:
    if number is None:
        return _("none of its own")
    if number == UNLIMITED:
        return _("unlimited")
    return videos(int(str(number)))


# --- changes ----------------------------------------------------------------------------------


def changed(entry: AuditEntry) -> str:
    """What a moderator reads who changed something, or changed nothing."""
    if not entry.is_change:
        return _("Nothing to change: {what}").format(what=_what(entry))
    return _("Done: {what}").format(what=_what(entry))


def logged(entry: AuditEntry) -> str:
    """A line of the log: when, who, what."""
    by = f"<@{entry.by_id}>"
    return labelled(f"{moment(entry.at)} {by}", _what(entry))


def older() -> str:
    """On the button to the next page."""
    return _("Older")


def newest() -> str:
    """On the button to the first page."""
    return _("Newest")


def log_page(page: AuditPage, *, subject: str | None) -> str:
    """A page of `/quota-admin log`."""
    if not page.entries:
        return _("Nothing was changed yet.")
    title = (
        _("**What was changed**, newest first")
        if subject is None
        else _("**What was changed** about {subject}, newest first").format(subject=subject)
    )
    lines = [f"- {clipped(logged(entry), 180)}" for entry in page.entries]
    return clipped("\n".join([title, *lines]), 1990)


def _what(entry: AuditEntry) -> str:
    return _SAID[entry.action](entry)


def _set(entry: AuditEntry) -> str:
    return _("limit of {who}: {change}").format(who=_person(entry), change=_limit_change(entry))


def _role(entry: AuditEntry) -> str:
    return _("limit of the role {who}: {change}").format(
        who=f"<@&{entry.subject_id}>", change=_limit_change(entry)
    )


def _reset(entry: AuditEntry) -> str:
    return _("window of {who} starts anew ({used} used before)").format(
        who=_person(entry), used=entry.before.get("used", 0)
    )


def _block(entry: AuditEntry) -> str:
    reason = entry.after.get("reason")
    text = _("{who} is blocked").format(who=_person(entry))
    return labelled(text, harmless(str(reason))) if reason else text


def _unblock(entry: AuditEntry) -> str:
    return _("{who} is no longer blocked").format(who=_person(entry))


def _granted(entry: AuditEntry) -> str:
    number = entry.after.get("granted", 0)
    text = _("{videos} as a bonus for {who}, who has {bonus} now").format(
        videos=videos(int(str(number))), who=_person(entry), bonus=entry.after.get("bonus", 0)
    )
    expires = entry.after.get("expires_at")
    if isinstance(expires, int):
        when = datetime.fromtimestamp(expires, UTC)
        text += _(", expires {moment}").format(moment=moment(when))
    return text


def _person(entry: AuditEntry) -> str:
    return f"<@{entry.subject_id}>"


def _limit_change(entry: AuditEntry) -> str:
    before, after = (_limit(values.get("videos")) for values in (entry.before, entry.after))
    return after if before == after else f"{before} → {after}"


_SERVER = {
    "videos": marked("videos per person"),
    "window": marked("window"),
    "budget_usd_day": marked("budget a day"),
    "budget_usd_month": marked("budget a month"),
    "budget_usd_user_month": marked("budget per person and month"),
}
_SETTINGS = {
    "channels": marked("channels"),
    "resolution": marked("resolution"),
    "watermark": marked("watermark"),
    "spoiler": marked("spoiler"),
    "moderator_role_id": marked("moderator role"),
    "log_channel_id": marked("log channel"),
    "blocked_words": marked("blocked words"),
    "announce": marked("telling people"),
    "language": marked("language"),
}


def _fields(entry: AuditEntry, names: Mapping[str, str]) -> str:
    keys = [key for key in names if key in entry.after or key in entry.before]
    if not keys:
        return _("this server's rules")
    parts = [
        labelled(
            _(names[key]),
            f"{_value(key, entry.before.get(key))} → {_value(key, entry.after.get(key))}",
        )
        for key in keys
    ]
    return _("; ").join(parts)


def _value(key: str, value: Detail) -> str:
    if key == "videos":
        return _limit(value)
    if value is None or value == []:
        return _("none")
    if isinstance(value, bool):
        return _on(value)
    if isinstance(value, list):
        return _listed(key, value)
    return _FORMS[key].format(value) if key in _FORMS else harmless(str(value))


def _listed(key: str, values: Sequence[object]) -> str:
    if key == "channels":
        return listed(f"<#{one}>" for one in values)
    return _n("{number} word", "{number} words", len(values)).format(number=len(values))


_FORMS = {
    "budget_usd_day": "${}",
    "budget_usd_month": "${}",
    "budget_usd_user_month": "${}",
    "moderator_role_id": "<@&{}>",
    "log_channel_id": "<#{}>",
}

_SAID: dict[Action, Callable[[AuditEntry], str]] = {
    Action.SET: _set,
    Action.GRANT: _granted,
    Action.RESET: _reset,
    Action.ROLE: _role,
    Action.SERVER: lambda entry: _fields(entry, _SERVER),
    Action.BLOCK: _block,
    Action.UNBLOCK: _unblock,
    Action.SETTINGS: lambda entry: _fields(entry, _SETTINGS),
}


# --- /settings --------------------------------------------------------------------------------


def settings(found: GuildSettings, *, default_resolution: str, trouble: str | None) -> str:
    """Of `/settings show`.

    Args:
        found: the server's settings.
        default_resolution: the model's, where the server has none.
        trouble: what is wrong with the log channel, if anything.
    """
    lines = [
        _("Channels: {channels}").format(channels=_channels(found)),
        _("Resolution, where none is chosen: {resolution}").format(
            resolution=found.resolution or default_resolution
        ),
        _("Watermark on every video: {value}").format(value=_on(found.watermark)),
        _("Every video behind a spoiler: {value}").format(value=_on(found.spoiler)),
        _("Moderator role: {role}").format(
            role=f"<@&{found.moderator_role_id}>" if found.moderator_role_id else _("none")
        ),
        _("Log channel: {channel}").format(
            channel=f"<#{found.log_channel_id}>" if found.log_channel_id else _("none")
        ),
        _("Blocked words: {words}").format(words=_words(found.blocked_words)),
        _("Telling people when a slow video is ready: {value}").format(value=_on(found.announce)),
        _("Language of public messages: {language}").format(language=_language(found.language)),
    ]
    if trouble:
        lines.append(trouble)
    return clipped("\n- ".join([_("**Settings of this server**"), *lines]), 1990)


def _language(locale: str | None) -> str:
    return _("the server's own") if locale is None else languages().get(locale, locale)


def _channels(found: GuildSettings) -> str:
    if not found.channels:
        return _("everywhere")
    return listed(f"<#{one}>" for one in sorted(found.channels))


def _on(value: bool) -> str:
    return _("on") if value else _("off")


def _words(words: Sequence[str]) -> str:
    if not words:
        return _("none")
    shown = listed(f"||{harmless(word)}||" for word in words[:_MOST_WORDS])
    rest = len(words) - _MOST_WORDS
    return shown if rest <= 0 else shown + _(" and {number} more").format(number=rest)


def log_channel_trouble(channel_id: int) -> str:
    """The log channel is gone, or out of reach."""
    return _(
        "⚠️ I cannot write in the log channel {channel}: it is gone, or I lack View Channel or "
        "Send Messages there."
    ).format(channel=f"<#{channel_id}>")


# --- the log channel --------------------------------------------------------------------------

_BUDGETS = {
    Budget.PERSON_MONTH: marked("The share of {who} of this server's budget for the month"),
    Budget.GUILD_DAY: marked("This server's budget for the day"),
    Budget.GUILD_MONTH: marked("This server's budget for the month"),
    Budget.OPERATOR_MONTH: marked("The budget for the month over everything"),
}


def warning(found: BudgetWarning) -> str:
    """A budget reached 50, 80 or 100 %."""
    level = found.level
    what = _(_BUDGETS[level.budget]).format(who=f"<@{level.person_id}>")
    return _("⚠️ {what} is {percent} % used: {counted} of {limit}.").format(
        what=what, percent=level.percent, counted=level.counted, limit=level.limit
    )


def refused_by_block(person_id: int) -> str:
    """Somebody who is blocked asked for a video."""
    return _("{who} is blocked and asked for a video; it was refused.").format(
        who=f"<@{person_id}>"
    )


def unclear(task: Task) -> str:
    """A task whose fate nobody knows."""
    return _(
        "A video of {who} is unclear: the video service did not say whether it took the request. "
        "It is not sent again; {estimate} stays set aside until the operator has looked "
        "(task `{task}`)."
    ).format(who=f"<@{task.person.id}>", estimate=task.estimate, task=task.id)
