"""Typing indicators, which last a while and end with a message."""

import asyncio

from sandbox.discord.state.changes import Changes
from sandbox.discord.state.model import Channel, User

LASTS_SECONDS = 10.0
"""How long Discord shows the indicator after the last request."""


class Typing:
    """Who is typing in which channel."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._ends: dict[tuple[int, int], asyncio.TimerHandle] = {}

    def begin(self, channel: Channel, user: User) -> None:
        """Start or extend somebody's indicator."""
        key = channel.id, user.id
        before = self._ends.pop(key, None)
        if before is not None:
            before.cancel()
        loop = asyncio.get_running_loop()
        self._ends[key] = loop.call_later(LASTS_SECONDS, self.end, channel.id, user.id)
        self._changes.announce()

    def end(self, channel_id: int, user_id: int) -> None:
        """End somebody's indicator."""
        timer = self._ends.pop((channel_id, user_id), None)
        if timer is not None:
            timer.cancel()
            self._changes.announce()

    def ids(self, channel: Channel) -> list[int]:
        """Return the ids of those who are typing there, in the order in which they began."""
        return [user_id for where, user_id in self._ends if where == channel.id]

    def close(self) -> None:
        """End all indicators."""
        for timer in self._ends.values():
            timer.cancel()
        self._ends.clear()
