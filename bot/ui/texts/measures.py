"""Durations, sizes and moments in words, and other people's words made harmless."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.ui.texts.language import _

MESSAGE_CHARS = 2_000
"""The most that Discord takes as a message's text."""
LAYOUT_CHARS = 4_000
"""The most that it takes as the texts of a message that is made of layout components."""

# A Chinese full stop has its own room behind it.
_WIDE_STOP = re.compile(r"(?<=[。！？]) ")

# Everything that Discord's Markdown, mentions, timestamps and links are made of. A backslash
# before punctuation is always read as "this character, as it is".
_SPECIAL = re.compile(r"([\\*_~`|<>\[\]()#@:])")
_LIST_AT_START = re.compile(r"^(\s*)([-+]|\d+(?=\.))")


def sentences(*parts: str) -> str:
    """One after the other; what is empty is left out."""
    return _WIDE_STOP.sub("", " ".join(part for part in parts if part))


def listed(parts: Iterable[str]) -> str:
    """One, two, three."""
    return _(", ").join(parts)


def some(parts: Sequence[str], most_chars: int) -> str:
    """As many of them as fit into so many characters, and how many more there are."""
    shown, room = 0, most_chars
    while shown < len(parts) and room >= len(parts[shown]):
        room -= len(parts[shown]) + 2
        shown += 1
    rest = len(parts) - shown
    text = listed(parts[:shown])
    return text if rest == 0 else _("{text} and {number} more").format(text=text, number=rest)


def labelled(what: str, value: object) -> str:
    """Cost: $0.20."""
    return _("{what}: {value}").format(what=what, value=value)


def duration(seconds: float) -> str:
    """45 s, 1 min 30 s, 2 h 5 min."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes == 0:
        return _("{seconds} s").format(seconds=rest)
    if minutes < 60:
        text = _("{minutes} min {seconds} s") if rest else _("{minutes} min")
        return text.format(minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    text = _("{hours} h {minutes} min") if minutes else _("{hours} h")
    return text.format(hours=hours, minutes=minutes)


def megabytes(size: int) -> str:
    """12.4 MB, rounded up, where a megabyte is a million bytes; 40 kB below a tenth of one."""
    if size < 100_000:
        return _("{number} kB").format(number=-(-size // 1000))
    tenths = -(-size // 100_000)
    number = f"{tenths / 10:.1f}".removesuffix(".0")
    return _("{number} MB").format(number=number)


def moment(when: datetime) -> str:
    """Discord's timestamp: "in 3 hours", kept up to date and translated by each reader's client."""
    return f"<t:{int(when.timestamp())}:R>"


def pixels(size: tuple[int, int]) -> str:
    """359×500."""
    return f"{size[0]}×{size[1]}"


def one_line(text: str) -> str:
    """Somebody's words on one line, without what would steer how a line is shown."""
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if not _steers(char))


def harmless(text: str) -> str:
    """Somebody's words as plain text on one line: no Markdown, link, mention or timestamp.

    At most twice as long as ``text``.
    """
    escaped = _SPECIAL.sub(r"\\\1", one_line(text))
    return _LIST_AT_START.sub(_unlisted, escaped)


def _unlisted(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[2] in "-+" else f"{match[1]}{match[2]}\\"


def _steers(char: str) -> bool:
    """Whether a character is a control code, or turns the reading direction of what follows."""
    is_direction = unicodedata.bidirectional(char) in _DIRECTIONS
    return unicodedata.category(char) == "Cc" or is_direction


_DIRECTIONS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def clipped(text: str, most: int) -> str:
    """At most ``most`` characters, with an ellipsis where something is missing."""
    if length(text) <= most:
        return text
    cut = text[: most - 1]
    while length(cut) > most - 1:
        cut = cut[:-1]
    return _whole(cut.rstrip()) + "…"


def clipped_harmless(text: str, most: int) -> str:
    """Somebody's words as plain text, at most ``most`` characters with all that was escaped."""
    escaped = harmless(text)
    kept = len(text)
    while length(escaped) > most:
        if kept <= 1:
            # One character, which is longer when it is escaped.
            return "…"
        # At least so many characters are too many, each of them two when it is escaped.
        kept -= max(1, (length(escaped) - most) // 2)
        escaped = harmless(clipped(text, max(kept, 1)))
    return escaped


def length(text: str) -> int:
    """In characters as Discord's clients count them, where most emoji are two."""
    return len(text.encode("utf-16-le")) // 2


def _whole(cut: str) -> str:
    """Without half of an escape at its end."""
    slashes = len(cut) - len(cut.rstrip("\\"))
    return cut[:-1] if slashes % 2 else cut
