"""The side panel: the bot's process, its tasks, the switches, and the providers' requests."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from bot.clock import Clock
from bot.domain.money import MICROS, Usd
from sandbox.bot_process import BotProcess
from sandbox.dashscope import LocalDashScope
from sandbox.discord.state.model import Json
from sandbox.page.frames import Refused
from sandbox.page.panel.switches import Switches
from sandbox.page.panel.tasks import TaskWindow
from sandbox.providers.exchanges import Exchange
from sandbox.vtrix import LocalVtrix

EVERY_SECONDS = 0.5
_REQUESTS = 100
_LONGEST = 600
"""Maximum characters of a text inside a request or an answer."""


class Panel:
    """Content of the panel, shared by all tabs; updated at most four times a second."""

    def __init__(
        self,
        *,
        bot: BotProcess,
        provider: LocalVtrix,
        dashscope: LocalDashScope,
        switches: Switches,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._provider = provider
        self._dashscope = dashscope
        self._switches = switches
        self._clock = clock
        self._tasks = TaskWindow(bot.database, clock)
        self._refreshing = asyncio.Lock()
        self._controlling: asyncio.Future[None] | None = None
        self._at = float("-inf")
        self._latest: Json = {}

    async def look(self) -> Json:
        """Return the push named ``panel``."""
        async with self._refreshing:
            now = self._clock.monotonic()
            if now - self._at >= EVERY_SECONDS / 2:
                self._latest, self._at = await self._look(), now
        return self._latest

    async def _look(self) -> Json:
        return {
            "op": "panel",
            "bot": await self._process(),
            "switches": self._switches.values(),
            **await self._tasks.look(),
            "requests": self._requests(),
            "provider": {
                "balance": str(self._provider.balance),
                "jobs": len(self._provider.creates),
            },
            "dashscope": {
                "charged": str(_sum(self._dashscope.charges.values())).removeprefix("$"),
                "jobs": len(self._dashscope.creates),
            },
        }

    def _requests(self) -> list[Json]:
        """Return the latest requests to both providers, oldest first."""
        both = {"provider": self._provider.requests, "dashscope": self._dashscope.requests}
        found = [_request(one, to) for to, log in both.items() for one in log]
        return sorted(found, key=lambda one: str(one["at"]))[-_REQUESTS:]

    async def _process(self) -> Json:
        running, since = self._bot.running, self._bot.since
        return {
            "running": running,
            "since": None if since is None else since.isoformat(),
            "restarts": max(0, self._bot.starts - 1),
            "last_words": "" if running else await asyncio.to_thread(self._bot.last_words),
        }

    async def control(self, action: str) -> None:
        """Kill, start or stop the bot.

        Raises:
            Refused: there is no such action.
        """
        actions = {"kill": self._bot.kill, "start": self._bot.start, "stop": self._bot.stop}
        if action not in actions:
            raise Refused("The bot can be killed, stopped and started.")
        self._controlling = asyncio.ensure_future(actions[action]())
        # Finish the action even if the tab that asked for it is closed meanwhile.
        await asyncio.shield(self._controlling)

    async def close(self) -> None:
        """Close the database."""
        async with self._refreshing:
            await self._tasks.close()


def _sum(amounts: Iterable[Decimal]) -> Usd:
    return Usd(int(sum(amounts) * MICROS))


def _request(exchange: Exchange, to: str) -> Json:
    return {
        "at": exchange.at.isoformat(),
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "seconds": round(exchange.seconds, 3),
        "body": _short(exchange.asked),
        "answer": _short(exchange.answered) or None,
        "to": to,
    }


def _short(value: Any) -> Any:
    """Truncate long texts in JSON."""
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_short(one) for one in value]
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}… ({len(value)} characters)"
    return value
