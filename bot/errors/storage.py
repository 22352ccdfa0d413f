"""What the database does not do, and how full disks are recognized.

::

    FlipbookError
    └── StorageError
        ├── StaleTask            somebody else changed or took the task
        ├── JobTaken             another task already has the provider's id
        ├── InteractionTaken     the interaction has already made its task
        ├── IllegalTransition    a state change that is not in the table
        ├── DatabaseUnusable     cannot be opened, corrupt, read-only
        │   └── DatabaseDamaged
        ├── DatabaseTooNew       written by a newer version
        ├── DatabaseInUse        a second ``flipbook run``
        └── GatewayInUse         another process is connected as the same shards
"""

import errno

from bot.errors.base import FlipbookError


class StorageError(FlipbookError):
    """The database did not do what was asked."""


# The disk is full, its quota is used up, or it became read-only.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def is_of_the_disk(error: BaseException) -> bool:
    """Whether an error is about the disk or database, so that a traceback would add nothing."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return isinstance(error, StorageError) and not isinstance(error, IllegalTransition)


class StaleTask(StorageError):
    """The task is not in the state, or not with the owner, that the change expects."""


class JobTaken(StorageError):
    """The provider's id belongs to another task, so the outcome of this one is unknown."""


class InteractionTaken(StorageError):
    """The interaction has already made its task, in any process; nothing was written."""


class IllegalTransition(StorageError):
    """The state change is not in the table of transitions, which means a bug."""


class DatabaseUnusable(StorageError):
    """The database cannot be opened, read or written."""


class DatabaseDamaged(DatabaseUnusable):
    """A page of the database cannot be read, so a backup has to replace it."""


class DatabaseTooNew(StorageError):
    """The database was written by a newer version of this program."""


class DatabaseInUse(StorageError):
    """Another ``flipbook run`` uses the database."""


class GatewayInUse(StorageError):
    """Another process with the same database is connected to Discord as the same shards."""
