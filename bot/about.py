"""What is being worked on: a task, a server. Bound where work begins, read by the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """Whose work it is; ``None`` where it is nobody's in particular."""

    task: str | None = None
    server: int | None = None


_NOBODYS = About()
_about = ContextVar("about", default=_NOBODYS)


def current() -> About:
    """What the running piece of work is about."""
    return _about.get()


@contextmanager
def about(*, task: str | None = None, server: int | None = None) -> Iterator[None]:
    """Within it, and in whatever is started there, the work is about these; ``None``: as before."""
    token = _about.set(_with(task, server))
    try:
        yield
    finally:
        _about.reset(token)


def begin_about(*, task: str | None = None, server: int | None = None) -> None:
    """The same for all that follows in this asyncio task, which is all about one thing."""
    _about.set(_with(task, server))


def _with(task: str | None, server: int | None) -> About:
    was = _about.get()
    return About(task=task or was.task, server=server or was.server)
