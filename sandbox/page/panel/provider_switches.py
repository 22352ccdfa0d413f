"""The switches of each local provider."""

import math
import secrets
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Generic, TypeVar

from sandbox import dashscope, vtrix
from sandbox.dashscope import LocalDashScope
from sandbox.discord.state.model import Json
from sandbox.vtrix import LocalVtrix

SLOW_TIMES = 10.0
"""Factor for the duration of videos while a provider is slow."""
DEAR_TIMES = Decimal(10)
"""Factor for the cost of videos while a provider charges too much."""
_FAILURE = ("InternalError", "the video could not be made")
# Model Studio's words for a refusal of its content check, which Vtrix passes on.
_REFUSAL = ("DataInspectionFailed", "Output data may contain inappropriate content.")

Turn = Callable[[bool], Awaitable[None]]
Provider = TypeVar("Provider", LocalVtrix, LocalDashScope)


class ProviderSwitches(ABC, Generic[Provider]):
    """The switches that both providers have. Their names begin with ``prefix``."""

    prefix: str

    def __init__(self, provider: Provider) -> None:
        self._provider: Provider = provider
        self._key: str = provider.key
        self._link_seconds: float = provider.link_seconds

    @property
    def turns(self) -> Mapping[str, Turn]:
        """The function that turns each switch, by its name."""
        turns = {
            "down": self._go_down,
            "slow": self._slow,
            "full": self._full,
            "failing": self._failing,
            "refusing": self._refuse,
            "dead_links": self._end_links,
            "balance_empty": self._empty,
            "key_refused": self._refuse_key,
        }
        return {f"{self.prefix}_{name}": turn for name, turn in turns.items()}

    def values(self) -> Json:
        """Return the state of each switch, by its name."""
        values = {
            "down": not self._provider.running,
            "slow": self._provider.slow != 1.0,
            "full": self._provider.full,
            "failing": self._provider.failing == _FAILURE,
            "refusing": self._provider.failing == _REFUSAL,
            "dead_links": self._provider.link_seconds != self._link_seconds,
            "balance_empty": self._is_empty(),
            "key_refused": self._provider.key != self._key,
            "style": self._style(),
            "styles": self._styles(),
        }
        return {f"{self.prefix}_{name}": value for name, value in values.items()}

    def choose_style(self, switch: str, name: object) -> bool:
        """Choose a style of answers; return whether the switch is for it and there is one."""
        if switch != f"{self.prefix}_style" or name not in self._styles():
            return False
        self._set_style(str(name))
        return True

    @abstractmethod
    def _style(self) -> str | None:
        """Return the name of the current style of answers, if it has one."""

    @abstractmethod
    def _styles(self) -> list[str]: ...

    @abstractmethod
    def _set_style(self, name: str) -> None: ...

    @abstractmethod
    def _is_empty(self) -> bool: ...

    @abstractmethod
    async def _empty(self, on: bool) -> None: ...

    async def _go_down(self, on: bool) -> None:
        await (self._provider.stop() if on else self._provider.start())

    async def _slow(self, on: bool) -> None:
        self._provider.slow = SLOW_TIMES if on else 1.0

    async def _full(self, on: bool) -> None:
        self._provider.full = on

    async def _failing(self, on: bool) -> None:
        self._provider.failing = _FAILURE if on else None

    async def _refuse(self, on: bool) -> None:
        self._provider.failing = _REFUSAL if on else None

    async def _end_links(self, on: bool) -> None:
        self._provider.link_seconds = 0 if on else self._link_seconds

    async def _refuse_key(self, on: bool) -> None:
        self._provider.key = secrets.token_hex(8) if on else self._key


class VtrixSwitches(ProviderSwitches[LocalVtrix]):
    """The switches of Vtrix, which has a balance."""

    prefix = "provider"

    def __init__(self, provider: LocalVtrix) -> None:
        super().__init__(provider)
        self._balance: Decimal | None = None

    @property
    def turns(self) -> Mapping[str, Turn]:
        return {**super().turns, "provider_charging": self._charge}

    def values(self) -> Json:
        return {**super().values(), "provider_charging": self._provider.cost_factor != 1}

    async def _charge(self, on: bool) -> None:
        self._provider.cost_factor = DEAR_TIMES if on else Decimal(1)

    def _style(self) -> str | None:
        styles = vtrix.STYLES
        return next((name for name in styles if styles[name] == self._provider.style), None)

    def _styles(self) -> list[str]:
        return list(vtrix.STYLES)

    def _set_style(self, name: str) -> None:
        self._provider.style = vtrix.STYLES[name]

    def _is_empty(self) -> bool:
        return self._balance is not None

    async def _empty(self, on: bool) -> None:
        if on:
            self._balance = self._provider.balance
            self._provider.balance = Decimal(0)
        elif self._balance is not None:
            # Videos that ended meanwhile were paid for all the same.
            self._provider.balance = self._balance + self._provider.balance
            self._balance = None


class DashScopeSwitches(ProviderSwitches[LocalDashScope]):
    """The switches of DashScope, whose tasks can wait, and whose account can be in arrears."""

    prefix = "dashscope"

    @property
    def turns(self) -> Mapping[str, Turn]:
        return {**super().turns, "dashscope_waiting": self._wait}

    def values(self) -> Json:
        return {**super().values(), "dashscope_waiting": self._provider.waiting is not None}

    def _style(self) -> str | None:
        styles = dashscope.STYLES
        return next((name for name in styles if styles[name] == self._provider.style), None)

    def _styles(self) -> list[str]:
        return list(dashscope.STYLES)

    def _set_style(self, name: str) -> None:
        self._provider.style = dashscope.STYLES[name]

    def _is_empty(self) -> bool:
        return self._provider.in_arrears

    async def _empty(self, on: bool) -> None:
        self._provider.in_arrears = on

    async def _wait(self, on: bool) -> None:
        self._provider.waiting = math.inf if on else None
        if not on:
            self._provider.begin()
