"""The task and server that the current work is about, set where work begins and read by logging."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """The task and server of a piece of work; ``None`` if it has none."""

    task: str | None = None
    server: int | None = None


_NOBODYS = About()
_about = ContextVar("about", default=_NOBODYS)


def current() -> About:
    """The task and server of the running work."""
    return _about.get()


@contextmanager
def about(*, task: str | None = None, server: int | None = None) -> Iterator[None]:
    """Set the task and server within the block and what it starts; ``None`` changes nothing."""
    token = _about.set(_with(task, server))
    try:
        yield
    finally:
        _about.reset(token)


def begin_about(*, task: str | None = None, server: int | None = None) -> None:
    """Set the task and server for the rest of this asyncio task."""
    _about.set(_with(task, server))


def _with(task: str | None, server: int | None) -> About:
    was = _about.get()
    return About(task=task or was.task, server=server or was.server)
