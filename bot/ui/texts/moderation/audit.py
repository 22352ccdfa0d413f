"""Texts of the audit log: one sentence for each change, in `/settings` and the log channel."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from bot.domain.consent import OthersPictures
from bot.domain.guilds.audit import Action, AuditEntry, Detail
from bot.domain.money import Usd
from bot.domain.quotas.limits import Window
from bot.services.moderation import AuditPage
from bot.ui.texts import choices
from bot.ui.texts.catalogues import languages
from bot.ui.texts.language import _, _n, marked
from bot.ui.texts.measures import MESSAGE_CHARS, clipped, harmless, labeled, moment, some
from bot.ui.texts.moderation.settings import others_pictures, switched
from bot.ui.texts.refusals.limits import budget, number, videos, window

# Without a list of channels or models, all of them are allowed.
_ALL_IF_EMPTY = frozenset({"channels", "models"})

# Ten lines and their title fit in a message.
_LINE_CHARS = 180
_CHANNELS_CHARS = 70


def logged(entry: AuditEntry) -> str:
    """A line of the log: when, by whom, what."""
    by = f"<@{entry.by_id}>" if entry.by_id else _("the bot's owner")
    return labeled(f"{moment(entry.at)} {by}", _what(entry))


def older() -> str:
    """The label of the button to the next page."""
    return _("Older")


def newest() -> str:
    """The label of the button to the first page."""
    return _("Newest")


def log_page(page: AuditPage, *, subject: str | None) -> str:
    """A page of `/quota-admin log`."""
    if not page.entries:
        return _("No changes yet.")
    title = (
        _("**Changes**, newest first")
        if subject is None
        else _("**Changes** concerning {subject}, newest first").format(subject=subject)
    )
    lines = [f"- {clipped(logged(entry), _LINE_CHARS)}" for entry in page.entries]
    return clipped("\n".join([title, *lines]), MESSAGE_CHARS)


def _what(entry: AuditEntry) -> str:
    return _SENTENCES[entry.action](entry)


def _set(entry: AuditEntry) -> str:
    return _("limit for {who}: {change}").format(who=_person(entry), change=_limit_change(entry))


def _role(entry: AuditEntry) -> str:
    if "models" in entry.after:
        before, after = (
            _role_models(values.get("models")) for values in (entry.before, entry.after)
        )
        return _("models for the role {who}: {change}").format(
            who=f"<@&{entry.subject_id}>", change=f"{before} → {after}"
        )
    return _("limit for the role {who}: {change}").format(
        who=f"<@&{entry.subject_id}>", change=_limit_change(entry)
    )


def _role_models(value: Detail) -> str:
    """The models that a role may use in addition."""
    return _listed("models", value) if isinstance(value, list) and value else _("none")


def _reset(entry: AuditEntry) -> str:
    return _("usage of {who} reset ({used} used before)").format(
        who=_person(entry), used=entry.before.get("used", 0)
    )


def _block(entry: AuditEntry) -> str:
    reason = entry.after.get("reason")
    text = _("{who} is blocked").format(who=_person(entry))
    return labeled(text, harmless(str(reason))) if reason else text


def _unblock(entry: AuditEntry) -> str:
    return _("{who} is no longer blocked").format(who=_person(entry))


def _removed(entry: AuditEntry) -> str:
    number = _count(entry, "removed")
    return _n(
        "{number} video of {who} removed after a report (task `{task}`)",
        "{number} videos of {who} and rerolls of them removed after a report (task `{task}`)",
        number,
    ).format(number=number, who=_person(entry), task=entry.after.get("task", "?"))


def _dismissed(entry: AuditEntry) -> str:
    return _("report of a video of {who} dismissed (task `{task}`)").format(
        who=_person(entry), task=entry.after.get("task", "?")
    )


def _all_removed(entry: AuditEntry) -> str:
    number = _count(entry, "removed")
    if not number:
        return _("no videos of {who} to remove").format(who=_person(entry))
    return _n(
        "{number} video of {who} removed (days: {days})",
        "{number} videos of {who} removed (days: {days})",
        number,
    ).format(number=number, who=_person(entry), days=entry.after.get("days", 0))


def _count(entry: AuditEntry, key: str) -> int:
    return int(str(entry.after.get(key, 0)))


def _granted(entry: AuditEntry) -> str:
    granted = entry.after.get("granted", 0)
    text = _("bonus of {videos} for {who}, who now has {bonus}").format(
        videos=videos(int(str(granted))), who=_person(entry), bonus=entry.after.get("bonus", 0)
    )
    expires = entry.after.get("expires_at")
    if isinstance(expires, int):
        when = datetime.fromtimestamp(expires, UTC)
        text += _(", expires {moment}").format(moment=moment(when))
    return text


def _person(entry: AuditEntry) -> str:
    return f"<@{entry.subject_id}>"


def _limit_change(entry: AuditEntry) -> str:
    before, after = (number(values.get("videos")) for values in (entry.before, entry.after))
    return after if before == after else f"{before} → {after}"


_SERVER = {
    "videos": marked("videos per person"),
    "window": marked("window"),
    "budget_usd_day": marked("budget per day"),
    "budget_usd_month": marked("budget per month"),
    "budget_usd_user_month": marked("budget per person per month"),
    "count_charged_failures": marked("count failed videos that were charged"),
}

_SETTINGS = {
    "channels": marked("channels"),
    "resolution": marked("resolution"),
    "models": marked("models people may use"),
    "model": marked("default model"),
    "highest_price": marked("highest price of a video"),
    "watermark": marked("watermark"),
    "spoiler": marked("spoiler"),
    "moderator_role_id": marked("moderator role"),
    "log_channel_id": marked("log channel"),
    "blocked_words": marked("blocked words"),
    "announce": marked("notifying people"),
    "hide_reported": marked("hiding reported videos"),
    "language": marked("language"),
    "others_pictures": marked("pictures people may use"),
}


def _fields(entry: AuditEntry, names: Mapping[str, str]) -> str:
    keys = [key for key in names if key in entry.after or key in entry.before]
    if not keys:
        return _("this server's settings")
    parts = [
        labeled(_(names[key]), f"{_shown(key, entry.before)} → {_shown(key, entry.after)}")
        for key in keys
    ]
    return _("; ").join(parts)


def _shown(key: str, values: Mapping[str, Detail]) -> str:
    count = values.get(f"{key}_count")
    if isinstance(count, int):
        # Only the number is stored if there were too many.
        return _COUNTED[key](count)
    return _value(key, values.get(key))


def _value(key: str, value: Detail) -> str:
    if key == "videos":
        return number(value)
    if value is None or value == []:
        return _("all") if key in _ALL_IF_EMPTY else _("none")
    if isinstance(value, bool):
        return switched(value)
    if isinstance(value, list):
        return _listed(key, value)
    return _FORMS[key](value) if key in _FORMS else harmless(str(value))


def _listed(key: str, values: Sequence[object]) -> str:
    if key == "channels":
        return some([f"<#{one}>" for one in values], _CHANNELS_CHARS)
    if key == "models":
        return some([choices.label(str(one)) for one in values], _CHANNELS_CHARS)
    return _words(len(values))


def _words(number: int) -> str:
    return _n("{number} word", "{number} words", number).format(number=number)


def _channels(number: int) -> str:
    return _n("{number} channel", "{number} channels", number).format(number=number)


def _money(value: Detail) -> str:
    return budget(Usd.parse(str(value)))


_FORMS: dict[str, Callable[[Detail], str]] = {
    "window": lambda value: window(Window(str(value))),
    "budget_usd_day": _money,
    "budget_usd_month": _money,
    "budget_usd_user_month": _money,
    "highest_price": _money,
    "model": lambda value: choices.label(str(value)),
    "moderator_role_id": "<@&{}>".format,
    "log_channel_id": "<#{}>".format,
    "language": lambda value: languages().get(str(value), str(value)),
    "others_pictures": lambda value: others_pictures(OthersPictures(str(value))),
}

_COUNTED: dict[str, Callable[[int], str]] = {
    "blocked_words": _words,
    "channels": _channels,
    "models": str,
}

_SENTENCES: dict[Action, Callable[[AuditEntry], str]] = {
    Action.SET: _set,
    Action.GRANT: _granted,
    Action.RESET: _reset,
    Action.ROLE: _role,
    Action.SERVER: lambda entry: _fields(entry, _SERVER),
    Action.BLOCK: _block,
    Action.UNBLOCK: _unblock,
    Action.REMOVE: _removed,
    Action.DISMISS: _dismissed,
    Action.REMOVE_ALL: _all_removed,
    Action.SETTINGS: lambda entry: _fields(entry, _SETTINGS),
}
