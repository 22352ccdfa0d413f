"""Switches of the side panel, which turn faults on and off."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.discord import LocalDiscord
from sandbox.discord.state.model import Json
from sandbox.page.frames import Refused
from sandbox.vtrix import STYLES, LocalVtrix

AWAY_SECONDS = 60.0
SLOW_TIMES = 10.0
"""Factor for the duration of videos while the provider is slow."""
_FAILURE = ("InternalError", "the video could not be made")

Turn = Callable[[bool], Awaitable[None]]


class Switches:
    """The switches, which all viewers of the page share."""

    def __init__(
        self,
        discord: LocalDiscord,
        provider: LocalVtrix,
        *,
        away_seconds: float = AWAY_SECONDS,
    ) -> None:
        self._discord = discord
        self._provider = provider
        self._away_seconds = away_seconds
        self._away_until: datetime | None = None
        self._return: asyncio.Task[None] | None = None
        self._balance: Decimal | None = None
        self._key = provider.key
        self._turns: dict[str, Turn] = {
            "provider_slow": self._slow,
            "provider_full": self._full,
            "provider_failing": self._failing,
            "provider_balance_empty": self._empty,
            "provider_key_refused": self._refuse_key,
            "discord_away": self._go_away,
        }

    def values(self) -> Json:
        """Return the state of each switch."""
        until = self._away_until
        return {
            "provider_slow": self._provider.slow != 1.0,
            "provider_full": self._provider.full,
            "provider_failing": self._provider.failing is not None,
            "provider_balance_empty": self._balance is not None,
            "provider_key_refused": self._provider.key != self._key,
            "provider_style": self._style(),
            "provider_styles": list(STYLES),
            "discord_away": self._discord.away,
            "discord_away_until": None if until is None else until.isoformat(),
        }

    async def turn(self, name: str, value: Any) -> None:
        """Turn a switch on or off, unless it is so already.

        ``provider_style`` has several positions: the names of the styles of answers.

        Raises:
            Refused: there is no such switch, or no such position.
        """
        if name == "provider_style" and value in list(STYLES):
            self._provider.style = STYLES[value]
            return
        if name not in self._turns or not isinstance(value, bool):
            raise Refused("There is no such switch.")
        if self.values()[name] != value:
            await self._turns[name](value)

    async def close(self) -> None:
        """Cancel the timer that ends Discord's outage."""
        if self._return is not None:
            self._return.cancel()
            await asyncio.gather(self._return, return_exceptions=True)

    # --- switches -----------------------------------------------------------------------

    def _style(self) -> str | None:
        """Return the name of the current style of answers, if it has one."""
        return next((name for name in STYLES if STYLES[name] == self._provider.style), None)

    async def _slow(self, on: bool) -> None:
        self._provider.slow = SLOW_TIMES if on else 1.0

    async def _full(self, on: bool) -> None:
        self._provider.full = on

    async def _failing(self, on: bool) -> None:
        self._provider.failing = _FAILURE if on else None

    async def _empty(self, on: bool) -> None:
        if on:
            self._balance = self._provider.balance
            self._provider.balance = Decimal(0)
        elif self._balance is not None:
            # Videos that ended meanwhile were paid for all the same.
            self._provider.balance = self._balance + self._provider.balance
            self._balance = None

    async def _refuse_key(self, on: bool) -> None:
        self._provider.key = secrets.token_hex(8) if on else self._key

    async def _go_away(self, on: bool) -> None:
        await self.close()
        if on:
            lasts = timedelta(seconds=self._away_seconds)
            self._away_until = self._discord.clock.now() + lasts
            await self._discord.go_away()
            self._return = asyncio.create_task(self._later())
        else:
            self._come_back()

    async def _later(self) -> None:
        await asyncio.sleep(self._away_seconds)
        self._come_back()

    def _come_back(self) -> None:
        self._away_until = None
        self._discord.come_back()
