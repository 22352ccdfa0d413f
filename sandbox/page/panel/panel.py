"""The side panel: the bot's process, its tasks, the switches, and what the provider heard."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.clock import Clock
from sandbox.discord.state.model import Json
from sandbox.page.frames import Refused
from sandbox.page.panel.switches import Switches
from sandbox.page.panel.tasks import TaskWindow
from sandbox.vtrix import Exchange, LocalVtrix

EVERY_SECONDS = 0.5
_REQUESTS = 100
_LONGEST = 600
"""Characters of a text inside a request or an answer."""


class BotControl(Protocol):
    """The bot, as far as the page can touch it."""

    @property
    def running(self) -> bool:
        """Whether there is a process."""

    @property
    def starts(self) -> int:
        """How often it was started."""

    @property
    def since(self) -> datetime | None:
        """When it was started last."""

    @property
    def database(self) -> Path:
        """Where it keeps its tasks; the bot makes it."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def kill(self) -> None: ...

    def last_words(self) -> str:
        """The end of its log."""


class Panel:
    """What the panel shows; looked at anew at most twice a second, however many look at it."""

    def __init__(
        self, *, bot: BotControl, provider: LocalVtrix, switches: Switches, clock: Clock
    ) -> None:
        self._bot = bot
        self._provider = provider
        self._switches = switches
        self._clock = clock
        self._tasks = TaskWindow(bot.database, clock)
        self._refreshing = asyncio.Lock()
        self._controlling: asyncio.Future[None] | None = None
        self._at = float("-inf")
        self._latest: Json = {}

    async def look(self) -> Json:
        """The push of the name ``panel``."""
        async with self._refreshing:
            now = self._clock.monotonic()
            if now - self._at >= EVERY_SECONDS / 2:
                self._latest, self._at = await self._look(), now
        return self._latest

    async def _look(self) -> Json:
        latest = list(self._provider.requests)[-_REQUESTS:]
        return {
            "op": "panel",
            "bot": await self._process(),
            "switches": self._switches.values(),
            **await self._tasks.look(),
            "requests": [_request(one) for one in latest],
            "provider": {
                "balance": str(self._provider.balance),
                "jobs": len(self._provider.creates),
            },
        }

    async def _process(self) -> Json:
        running, since = self._bot.running, self._bot.since
        return {
            "running": running,
            "since": None if since is None else since.isoformat(),
            "restarts": max(0, self._bot.starts - 1),
            "last_words": "" if running else await asyncio.to_thread(self._bot.last_words),
        }

    async def control(self, action: str) -> None:
        """Kill the bot, start it, or ask it to end.

        Raises:
            Refused: it cannot be told anything else.
        """
        actions = {"kill": self._bot.kill, "start": self._bot.start, "stop": self._bot.stop}
        if action not in actions:
            raise Refused("The bot can be killed, stopped and started")
        self._controlling = asyncio.ensure_future(actions[action]())
        # To its end, even when the tab that asked for it is closed meanwhile.
        await asyncio.shield(self._controlling)

    async def close(self) -> None:
        """Let go of the database."""
        async with self._refreshing:
            await self._tasks.close()


def _request(exchange: Exchange) -> Json:
    return {
        "at": exchange.at.isoformat(),
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "seconds": round(exchange.seconds, 3),
        "body": _short(exchange.asked),
        "answer": _short(exchange.answered) or None,
        "to": "provider",
    }


def _short(value: Any) -> Any:
    """JSON whose long texts are cut."""
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_short(one) for one in value]
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}… ({len(value)} characters)"
    return value
