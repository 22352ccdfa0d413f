"""Converts tasks to rows of the table ``tasks``, and back.

Most fields of a task and of its values are columns of the same name, some with a prefix. Only the
others are listed here.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Row

from bot.domain.delivery import Delivery, DeliveryMethod
from bot.domain.models.model import Options
from bot.domain.submission import NewTask
from bot.domain.task import (
    Failure,
    FoundPicture,
    Frame,
    Person,
    Place,
    Request,
    Source,
    State,
    Task,
)
from bot.storage.tables import tasks

V = TypeVar("V")


@cache
def _columns(kind: Any, prefix: str) -> tuple[tuple[str, str], ...]:
    """The fields of a dataclass that are columns, with the columns' names."""
    named = ((field.name, prefix + field.name) for field in fields(kind))
    return tuple((name, column) for name, column in named if column in tasks.c)


def _read(kind: Callable[..., V], at: Mapping[Any, Any], prefix: str = "", **others: Any) -> V:
    """Make a value from its columns, and from the fields that are stored in another way."""
    for name, column in _columns(kind, prefix):
        others[name] = at[column]
    return kind(**others)


def _values(value: object | None, kind: type, prefix: str = "") -> dict[str, Any]:
    """Return the columns of a value; all are None if there is no value."""
    return {column: getattr(value, name, None) for name, column in _columns(kind, prefix)}


def row_of(new: NewTask, now: datetime) -> dict[str, Any]:
    """Return a new task's values by column; its state is ``queued``."""
    return {
        **_values(new, NewTask),
        **_values(new.request.frame, Frame, "frame_"),
        **_values(new.request.options, Options),
        **_values(new.person, Person, "person_"),
        **_values(new.place, Place),
        **_values(new.source, Source, "source_"),
        **_values(new.source and new.source.picture, FoundPicture, "source_"),
        **delivery_values(Delivery()),
        "state": State.QUEUED,
        "epoch": 0,
        "model": new.request.model,
        "mended": tuple(adjustment.value for adjustment in new.mended),
        "door": new.entry_point,
        "created_at": now,
        "updated_at": now,
        "late_told": False,
        "announced": False,
    }


def task_of(row: Row[Any]) -> Task:
    """Make the task from a complete row of ``tasks``."""
    at = row._mapping
    frame, options = _read(Frame, at, "frame_"), _read(Options, at)
    has_failed = at["failure_kind"] is not None
    return _read(
        Task,
        at,
        request=Request(model=at["model"], frame=frame, options=options),
        person=_read(Person, at, "person_"),
        place=_read(Place, at),
        entry_point=at["door"],
        source=_source(at),
        failure=_read(Failure, at, "failure_") if has_failed else None,
        delivery=_read(Delivery, at, "delivery_", method=DeliveryMethod(at["delivery_rung"])),
        notice_pending=at["unsaid"],
    )


def _source(at: Mapping[Any, Any]) -> Source | None:
    if at["source_message_id"] is None:
        return None
    picture = None
    if at["source_url"]:
        # Whether it was a spoiler is in the task's options.
        name = at["source_name"] or ""
        picture = FoundPicture(url=at["source_url"], name=name, bytes=at["source_bytes"])
    return _read(Source, at, "source_", picture=picture)


def failure_values(failure: Failure | None) -> dict[str, Any]:
    """Return the columns of a failure; all are None if there is none."""
    return _values(failure, Failure, "failure_")


def delivery_values(delivery: Delivery) -> dict[str, Any]:
    """Return the columns of a delivery."""
    return {**_values(delivery, Delivery, "delivery_"), "delivery_rung": delivery.method}
