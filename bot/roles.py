"""The role of a process: everything, or a part beside others on the same database."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.errors import CommandError


class Role(StrEnum):
    """The part of the work that a process does; any number of processes may have the same."""

    ALL = "all"
    GATEWAY = "gateway"
    """Takes interactions from Discord, and queues tasks."""
    WORKER = "worker"
    """Submits, polls, downloads and delivers; uses Discord only over HTTP."""

    @property
    def connects(self) -> bool:
        """Whether the process connects to Discord's gateway."""
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        """Whether the process works on tasks."""
        return self is not Role.GATEWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Shards:
    """The shards that a process connects to Discord as: ``0-3/16`` is the first 4 of 16."""

    ids: tuple[int, ...]
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the option `--shards`.

        Raises:
            CommandError: the text is not a range of shards.
        """
        found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?/(\d{1,5})", text.strip())
        if found is None:
            raise CommandError(f"--shards {text!r}: write shards and their total, such as 0-3/16")
        first, count = int(found[1]), int(found[3])
        last = int(found[2] or first)
        if not first <= last < count:
            raise CommandError(f"--shards {text!r}: of {count} shards, only 0 to {count - 1} exist")
        return cls(ids=tuple(range(first, last + 1)), count=count)

    @property
    def has_first(self) -> bool:
        """Whether this process has shard 0, and with it the work that only one process may do."""
        return 0 in self.ids
