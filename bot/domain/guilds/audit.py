"""The audit log: who changed what, when, and from what to what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Detail = int | str | bool | None | list[str] | list[int]
"""A value as stored in JSON. Money is a decimal string such as ``"12.5"`` (US dollars), a moment is
whole seconds since 1970, and an id is Discord's number."""


# The longest list, in characters, that an entry stores whole and not as a difference.
_LIST_CHARS = 400
_TEXT_CHARS = 600


def bounded(
    before: Mapping[str, Detail], after: Mapping[str, Detail]
) -> tuple[Mapping[str, Detail], Mapping[str, Detail]]:
    """Shorten a change to at most a few hundred characters per key.

    For a long list, ``before`` keeps only what was removed and ``after`` what was added, as far as
    it fits; the key ``…_count`` has the length of the whole list.
    """
    shorter: tuple[dict[str, Detail], dict[str, Detail]] = ({}, {})
    for ours, here, there in ((shorter[0], before, after), (shorter[1], after, before)):
        for key, value in here.items():
            if isinstance(value, str):
                ours[key] = value[:_TEXT_CHARS]
            elif isinstance(value, list) and _is_long(value, there.get(key)):
                ours[key] = _difference(value, there.get(key))
                ours[f"{key}_count"] = len(value)
            else:
                ours[key] = value
    return shorter


def _is_long(value: Detail, other: Detail) -> bool:
    return any(len(str(one)) > _LIST_CHARS for one in (value, other))


def _difference(value: list[str] | list[int], other: Detail) -> list[str]:
    known = set(other) if isinstance(other, list) else set[object]()
    found, chars = list[str](), 0
    for one in value:
        if one in known:
            continue
        chars += len(str(one))
        if chars > _LIST_CHARS:
            break
        found.append(str(one))
    return found


class Action(StrEnum):
    """What was changed. The comments describe the keys of ``before`` and ``after``."""

    SET = "set"
    """A person's limit. ``videos``: ``None`` means not set, -1 unlimited."""
    GRANT = "grant"
    """Bonus videos. ``bonus``: the person's total; ``after`` also has ``granted`` and
    ``expires_at`` (``None`` means never)."""
    RESET = "reset"
    """A reset of a person's usage. ``used`` and ``held``: videos that counted; 0 afterwards."""
    ROLE = "role"
    """A role's limit: ``videos``; or the models that it may use in addition: ``models``."""
    SERVER = "server"
    """The server's default limit and budgets. Those of ``videos``, ``window``, ``budget_usd_day``,
    ``budget_usd_month`` and ``budget_usd_user_month`` that changed; ``None`` means not set."""
    BLOCK = "block"
    """``blocked`` (true or false) and ``reason``."""
    UNBLOCK = "unblock"
    """The same keys."""
    SETTINGS = "settings"
    """The fields of ``bot.domain.guilds.guild.GuildSettings`` that changed, by name;
    ``highest_price`` is money."""
    REMOVE = "remove"
    """Videos of a person that were removed after a report. ``removed``: how many; ``after`` also
    has ``task``."""
    DISMISS = "dismiss"
    """A report of a person's video that was dismissed. ``dismissed`` and ``task``."""
    REMOVE_ALL = "remove_all"
    """All of a person's videos of some days. ``removed``: how many; ``after`` also has ``days``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change by one person, written in the transaction that made it."""

    id: int
    """Rises with time within a database."""
    guild_id: int
    at: datetime
    by_id: int
    action: Action
    subject_id: int | None = None
    """The id of the person or, for ``ROLE``, the role; ``None`` for changes to the server."""
    before: Mapping[str, Detail]
    after: Mapping[str, Detail]

    @property
    def is_change(self) -> bool:
        """Whether anything changed; an entry without a change is not stored."""
        return self.before != self.after
