"""Switches of the side panel, which turn faults on and off."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sandbox.dashscope import LocalDashScope
from sandbox.discord import LocalDiscord
from sandbox.discord.state.model import Json
from sandbox.page.frames import Refused
from sandbox.page.panel.provider_switches import DashScopeSwitches, Turn, VtrixSwitches
from sandbox.vtrix import LocalVtrix

AWAY_SECONDS = 60.0


class Switches:
    """The switches, which all viewers of the page share."""

    def __init__(
        self,
        discord: LocalDiscord,
        vtrix: LocalVtrix,
        dashscope: LocalDashScope,
        *,
        away_seconds: float = AWAY_SECONDS,
    ) -> None:
        self._discord = discord
        self._providers = (VtrixSwitches(vtrix), DashScopeSwitches(dashscope))
        self._away_seconds = away_seconds
        self._away_until: datetime | None = None
        self._return: asyncio.Task[None] | None = None
        self._turns: dict[str, Turn] = {"discord_away": self._go_away}
        for provider in self._providers:
            self._turns |= provider.turns

    def values(self) -> Json:
        """Return the state of each switch."""
        until = self._away_until
        found: Json = {
            "discord_away": self._discord.away,
            "discord_away_until": None if until is None else until.isoformat(),
        }
        for provider in self._providers:
            found |= provider.values()
        return found

    async def turn(self, name: str, value: Any) -> None:
        """Turn a switch on or off, unless it is so already.

        A provider's ``style`` has several positions: the names of the styles of answers.

        Raises:
            Refused: there is no such switch, or no such position.
        """
        if any(provider.choose_style(name, value) for provider in self._providers):
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

    # --- Discord ------------------------------------------------------------------------

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
