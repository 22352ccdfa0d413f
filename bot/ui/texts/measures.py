"""Durations, sizes, moments and lists as text, and escaping of other people's text."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.ui.texts.language import _

MESSAGE_CHARS = 2_000
"""The longest content of a message."""
LAYOUT_CHARS = 4_000
"""The longest text of a message that consists of layout components, all of them together."""

# A full-width stop needs no space after it.
_WIDE_STOP = re.compile(r"(?<=[。！？]) ")

# The characters of Discord's Markdown, mentions, timestamps and links. A backslash before
# punctuation always makes it literal.
_SPECIAL = re.compile(r"([\\*_~`|<>\[\]()#@:])")
_LIST_AT_START = re.compile(r"^(\s*)([-+]|\d+(?=\.))")


def sentences(*parts: str) -> str:
    """Join sentences with spaces, without empty ones."""
    return _WIDE_STOP.sub("", " ".join(part for part in parts if part))


def listed(parts: Iterable[str]) -> str:
    """Join parts with commas: "one, two, three"."""
    return _(", ").join(parts)


def some(parts: Sequence[str], most_chars: int) -> str:
    """As many parts as fit in ``most_chars`` characters, and the number of the others."""
    shown, room = 0, most_chars
    while shown < len(parts) and room >= len(parts[shown]):
        room -= len(parts[shown]) + 2
        shown += 1
    rest = len(parts) - shown
    text = listed(parts[:shown])
    return text if rest == 0 else _("{text} and {number} more").format(text=text, number=rest)


def labeled(what: str, value: object) -> str:
    """A name and its value: "Cost: $0.20"."""
    return _("{what}: {value}").format(what=what, value=value)


def duration(seconds: float) -> str:
    """A duration: "45 s", "1 min 30 s", "2 h 5 min"."""
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
    """A size in decimal megabytes, rounded up: "12.4 MB"; below a tenth, in kilobytes: "40 kB"."""
    if size < 100_000:
        return _("{number} kB").format(number=-(-size // 1000))
    tenths = -(-size // 100_000)
    number = f"{tenths / 10:.1f}".removesuffix(".0")
    return _("{number} MB").format(number=number)


def moment(when: datetime) -> str:
    """Discord's relative timestamp, which each reader's client shows as "in 3 hours"."""
    return f"<t:{int(when.timestamp())}:R>"


def pixels(size: tuple[int, int]) -> str:
    """A picture's size: "359×500"."""
    return f"{size[0]}×{size[1]}"


def one_line(text: str) -> str:
    """Somebody's text on one line, without control characters or changes of direction."""
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if not _steers(char))


def harmless(text: str) -> str:
    """Escape somebody's text to one plain line: no Markdown, link, mention or timestamp.

    The result is at most twice as long as ``text``.
    """
    escaped = _SPECIAL.sub(r"\\\1", one_line(text))
    return _LIST_AT_START.sub(_unlisted, escaped)


def _unlisted(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[2] in "-+" else f"{match[1]}{match[2]}\\"


def _steers(char: str) -> bool:
    """Whether a character is a control code or changes the reading direction."""
    is_direction = unicodedata.bidirectional(char) in _DIRECTIONS
    return unicodedata.category(char) == "Cc" or is_direction


_DIRECTIONS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def clipped(text: str, most: int) -> str:
    """Cut a text to at most ``most`` characters, ending in an ellipsis if something was cut."""
    if length(text) <= most:
        return text
    cut = text[: most - 1]
    while length(cut) > most - 1:
        cut = cut[:-1]
    return _whole(cut.rstrip()) + "…"


def clipped_harmless(text: str, most: int) -> str:
    """``harmless`` text of at most ``most`` characters, escapes included."""
    escaped = harmless(text)
    kept = len(text)
    while length(escaped) > most:
        if kept <= 1:
            # A single character that is too long once escaped.
            return "…"
        # Each character takes at most two once escaped, so at least half the excess must go.
        kept -= max(1, (length(escaped) - most) // 2)
        escaped = harmless(clipped(text, max(kept, 1)))
    return escaped


def length(text: str) -> int:
    """The length as Discord's clients count it, in UTF-16 units: most emoji count as two."""
    return len(text.encode("utf-16-le")) // 2


def _whole(cut: str) -> str:
    """Remove a lone backslash at the end, which is half of an escape."""
    slashes = len(cut) - len(cut.rstrip("\\"))
    return cut[:-1] if slashes % 2 else cut
