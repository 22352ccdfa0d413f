"""Prints tasks as tables, and as JSON for programs."""

import dataclasses
import json
import shutil
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.domain.models.model import VideoKind
from bot.domain.models.prices import PriceBasis
from bot.domain.money import MICROS, Usd
from bot.domain.quotas.quota import Unclear
from bot.domain.task import Task

# Keys in the JSON output that keep their old names, because programs read them.
_KEYS = {"entry_point": "door", "method": "rung", "notice_pending": "unsaid"}


def as_data(value: Any) -> Any:
    """Convert a value for JSON: money to a decimal string in USD, times to ISO 8601 in UTC."""
    match value:
        case Usd():
            return f"{Decimal(value.micros) / MICROS:.6f}"
        case Enum():
            return value.name.lower() if isinstance(value, int) else value.value
        case Decimal():
            return str(value)
        case datetime():
            return value.isoformat()
        case frozenset():
            return sorted(value)
        case list() | tuple():
            return [as_data(item) for item in value]
        case _ if dataclasses.is_dataclass(value):
            names = (field.name for field in dataclasses.fields(value))
            return {_KEYS.get(name, name): as_data(getattr(value, name)) for name in names}
        case _:
            return value


def as_json_text(data: Any) -> str:
    """Encode as JSON in plain ASCII, so that nothing in it controls the terminal."""
    # JSON leaves one ASCII control character unescaped.
    return json.dumps(data, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")


def table(tasks: Sequence[Task]) -> None:
    """Print one line for each task; a cost in parentheses is an estimate."""
    if not tasks:
        console().print("no tasks")
        return
    columns = ("id", "state", "asked (UTC)", "person", "server", "video", "cost", "prompt")
    grid = Table(*columns, box=None)
    for task in tasks:
        grid.add_row(*(escape(cell) for cell in _cells(task)))
    console().print(grid)


def held(unclear: Unclear) -> str:
    """Describe in one line what all unclear tasks hold, and since when."""
    count, since = unclear.count, unclear.since
    oldest = f", the oldest since {_moment(since)} (UTC)" if since is not None else ""
    return f"{count} unclear {'task holds' if count == 1 else 'tasks hold'} {unclear.held}{oldest}"


def prices_table(found: Sequence[PriceBasis]) -> None:
    """Print one line for each kind of video."""
    columns = ("model", "resolution", "seconds", "sound", "configured", "estimate", "based on")
    grid = Table(*columns, "outside", box=None)
    for one in found:
        made_of, outside = (", ".join(map(str, costs)) for costs in (one.counted, one.outside))
        model, resolution, seconds, audio = one.kind
        kind = (escape(model), resolution, str(seconds), "yes" if audio else "-")
        prices = (str(one.configured), str(one.estimate))
        grid.add_row(*kind, *prices, made_of or "-", outside or "-")
    console().print(grid)


def _cells(task: Task) -> tuple[str, ...]:
    return (
        task.id,
        task.state.value,
        _moment(task.created_at),
        _clean(task.person.name),
        str(task.place.guild_id or "-"),
        _kind(task.request.kind),
        _cost(task),
        _clean(task.options.prompt)[:60],
    )


def sheet(task: Task) -> None:
    """Print all fields of one task, a line each."""
    grid = Table(show_header=False, box=None)
    for name, value in _flat(as_data(task)):
        grid.add_row(escape(name), escape(_clean(str(value))))
    console().print(grid)


def _flat(data: dict[str, Any], under: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in data.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{under}{name}.")
        elif value is not None and value != []:
            rows.append((f"{under}{name}", value))
    return rows


def line(task: Task) -> str:
    """Describe one task in one line."""
    return f"{task.id} {task.state.value}, {_cost(task)}"


def _kind(kind: VideoKind) -> str:
    sound = " sound" if kind.audio else ""
    return f"{_clean(kind.model)} {kind.resolution} {kind.seconds} s{sound}"


def _cost(task: Task) -> str:
    """Return the cost and where it is from, or the held estimate in parentheses."""
    if task.cost is None:
        return f"({task.estimate})"
    return f"{task.cost} by price list" if task.cost_is_listed else str(task.cost)


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}"


def _clean(text: str) -> str:
    """Replace control characters in other people's texts."""
    return "".join(char if char.isprintable() else " " for char in text)


def console() -> Console:
    """A console as wide as the terminal; in a pipe wide enough that nothing is cut."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_pipe_width())


def _pipe_width() -> int:
    return max(200, shutil.get_terminal_size().columns)
