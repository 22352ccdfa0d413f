"""The lock on a database file that only one ``flipbook run`` can hold."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import DatabaseInUse, DatabaseUnusable


@contextmanager
def exclusive_lock(database: Path) -> Iterator[None]:
    """Hold ``<database>.lock``; the system releases it when the process ends in any way.

    The file stays, because deleting it would let two processes lock two files of the same name.

    Raises:
        DatabaseInUse: another process holds the lock.
        DatabaseUnusable: the lock file cannot be written.
    """
    path = database.with_name(f"{database.name}.lock")
    try:
        file = path.open("a")
    except OSError as error:
        raise DatabaseUnusable(f"{path.name} cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatabaseInUse(f"another flipbook run uses {database.name}") from error
        yield
