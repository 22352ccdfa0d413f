"""Who changed what, from what to what, when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Detail = int | str | bool | None | list[str] | list[int]
"""A value as it is written down in JSON. Money is a decimal text such as ``"12.5"`` (US dollars),
a moment whole seconds since 1970, an id Discord's number."""


# What a list may take in an entry before only its difference is written down, in characters.
_LIST_CHARS = 400
_TEXT_CHARS = 600


def bounded(
    before: Mapping[str, Detail], after: Mapping[str, Detail]
) -> tuple[Mapping[str, Detail], Mapping[str, Detail]]:
    """A change in at most a few hundred characters a key, however long the lists are.

    Of a long list, what was taken away stays in ``before`` and what was added in ``after``, as far
    as it fits; how many there were in all is beside it, as ``…_count``.
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
    """What was done; the comments are the keys of ``before`` and ``after``."""

    SET = "set"
    """A person's limit. ``videos``: ``None`` is none of their own, -1 unlimited."""
    GRANT = "grant"
    """Bonus. ``bonus``: what they have in all; after it also ``granted`` and ``expires_at``
    (``None``: never)."""
    RESET = "reset"
    """A person's window. ``used``, ``held``: what counted; 0 after it."""
    ROLE = "role"
    """A role's limit. ``videos``."""
    SERVER = "server"
    """The server's default and budgets, those keys that changed: ``videos``, ``window``,
    ``budget_usd_day``, ``budget_usd_month``, ``budget_usd_user_month``; ``None``: none of its
    own."""
    BLOCK = "block"
    """``blocked`` (true or false) and ``reason``."""
    UNBLOCK = "unblock"
    """The same keys."""
    SETTINGS = "settings"
    """The fields of ``bot.domain.guild.GuildSettings`` that changed, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change by one person, written in the transaction that made it."""

    id: int
    """Rises with time, within a database."""
    guild_id: int
    at: datetime
    by_id: int
    action: Action
    subject_id: int | None = None
    """Whose: a person's id, for ``ROLE`` a role's; ``None`` for the server's own."""
    before: Mapping[str, Detail]
    after: Mapping[str, Detail]

    @property
    def is_change(self) -> bool:
        """Whether anything is different now; what changes nothing is not written down."""
        return self.before != self.after
