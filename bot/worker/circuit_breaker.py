"""Tripped while the provider takes no work from this operator: commands are refused at once.

What one process learns of it, the others know before they send anything.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.domain.provider.provider_status import UNCLEAR_IN_A_ROW, ProviderStatus
from bot.domain.provider.provider_variables import ProviderVariables
from bot.domain.task import Request
from bot.errors import Closed, Closure, ProviderError, is_of_the_disk
from bot.services.ports import ProviderStatusStore

log = logging.getLogger(__name__)

# Seconds. Asking whether the provider accepts the key costs nothing.
ASK_KEY_EVERY = 60.0

_START = datetime(1970, 1, 1, tzinfo=UTC)
_LET_THROUGH = "a task is let through now and then to see whether that has changed"
_OPERATOR_WORDS = {
    Closure.KEY_REFUSED: "the provider refuses the key ({key_variable}); nothing is submitted "
    "until it is accepted again, which is asked once a minute",
    Closure.BALANCE_EMPTY: "the provider's balance is used up; " + _LET_THROUGH,
    Closure.MODEL_REFUSED: "the provider says that this key may not use the model {model}, or does "
    "not know it ({model_variable}); " + _LET_THROUGH,
    Closure.ACCOUNT_REFUSED: "the provider refused two different requests and did not say why: the "
    "key, its permissions or the balance; " + _LET_THROUGH,
    Closure.UNCLEAR: f"{UNCLEAR_IN_A_ROW} requests in a row had no clear answer from the provider, "
    "and each may have been taken (flipbook task list --state unclear): nothing new is sent, what "
    "runs is watched and delivered; " + _LET_THROUGH,
}


class ProviderCircuitBreaker:
    """Trips on what the provider says of key, balance, model or account; resets by itself."""

    def __init__(
        self,
        *,
        key_works: Callable[[], Awaitable[bool]],
        tell_operator: Callable[[str], Awaitable[None]],
        variables: ProviderVariables,
        clock: Clock,
        status_store: ProviderStatusStore | None = None,
    ) -> None:
        """
        Args:
            variables: the settings that the operator is told to look at.
            status_store: where other processes read and write it as well.
        """
        self._key_works = key_works
        self._tell_operator = tell_operator
        self._variables = variables
        self._clock = clock
        self._status_store = status_store or _Alone()
        self._is_shared = status_store is not None
        self._last = ProviderStatus()

    @property
    def closure(self) -> Closure | None:
        """Why it is closed, as far as this process knows."""
        return self._last.closure

    def quiet_seconds(self) -> float:
        """How long it wants no new work, as far as this process knows; 0 or less: no longer."""
        until = self._last.quiet_until
        return 0.0 if until is None else (until - self._now()).total_seconds()

    async def refresh(self) -> None:
        """Learn what the other processes know.

        Raises:
            StorageError: it cannot be read now.
        """
        self._last = await self._status_store.read()

    async def check(self, model: str | None = None) -> None:
        """Whether a new command is taken; one that comes when a probe is due is.

        Raises:
            Closed: says why.
            StorageError: as :meth:`refresh`.
        """
        await self.refresh()
        closure = self._last.closes(model)
        if closure is not None and not self._last.probe_is_due(self._now()):
            raise Closed(closure)

    async def admit(self, model: str | None = None) -> Closure | None:
        """Whether a task may be submitted now; the one that finds a probe due is the probe."""
        now = self._now()
        closure = self._last.closes(model)
        if closure is None or not self._last.probe_is_due(now):
            return closure
        before = await self._change(lambda status: status.probed(now))
        closure = before.closes(model)
        return None if closure is None or before.probe_is_due(now) else closure

    async def trip(self, closure: Closure, model: str | None = None) -> bool:
        """The provider said so; whether that is news, which :meth:`tell` is for."""
        now = self._now()
        return await self._trip(lambda status: status.closed(closure, now, model=model))

    async def refused(self, request: Request) -> bool:
        """It refused this one and did not say why; whether that trips it, and is news."""
        now, digest = self._now(), _digest(request)
        return await self._trip(lambda status: status.refused(digest, now))

    async def lost(self) -> bool:
        """A create call had no clear answer; whether that trips it, and is news."""
        now = self._now()
        return await self._trip(lambda status: status.lost(now))

    async def answered(self) -> None:
        """A create call had a clear answer, also if it was a refusal."""
        if self._last.answered() == self._last:
            return
        before = await self._change(ProviderStatus.answered)
        if before.closure is Closure.UNCLEAR:
            log.warning("the provider gives clear answers again")

    async def _trip(self, change: Callable[[ProviderStatus], ProviderStatus]) -> bool:
        now = self._now()
        before = await self._change(change)
        closure = self._last.closure
        if closure is None or before.closure is closure:
            return False
        is_news = before.is_news(closure, now)
        if not is_news:
            log.warning("the provider takes nothing again: %s", closure.value)
        return is_news

    async def tell(self) -> None:
        """Tell the operator why it is tripped."""
        if self._last.closure is None:
            return
        words = _OPERATOR_WORDS[self._last.closure].format(
            model=self._last.model,
            key_variable=self._variables.key,
            model_variable=self._variables.model,
        )
        await self._tell_operator(words)

    async def reset(self, model: str | None = None) -> None:
        """The provider took a task."""
        if self._last.opened(model) == self._last:
            return
        before = await self._change(lambda status: status.opened(model))
        if before.closes(model) is not None:
            log.warning("the provider takes work again (was: %s)", before.closure)

    async def pause(self, seconds: float) -> None:
        """The provider asked for quiet, for so long."""
        until = self._now() + timedelta(seconds=seconds)
        await self._change(lambda status: status.paused(until))

    async def run(self) -> None:
        """Ask for the key as long as it is refused; for ever."""
        while True:
            await self._clock.sleep(ASK_KEY_EVERY)
            try:
                await self._ask_key()
            except Exception as error:
                trace = None if is_of_the_disk(error) else error
                log.error(
                    "the key is asked for again in %.0f s: %s",
                    ASK_KEY_EVERY,
                    error,
                    exc_info=trace,
                )

    async def _ask_key(self) -> None:
        await self.refresh()
        if self._last.closure is Closure.KEY_REFUSED and await self._accepted():
            log.warning("the provider accepts the key again; whether it takes work will show")
            now = self._now()
            await self._change(lambda status: status.accepted(now))

    async def _accepted(self) -> bool:
        try:
            return await self._key_works()
        except ProviderError as error:
            log.info("whether the key works could not be asked: %s", error)
            return False

    def _now(self) -> datetime:
        """By the clock that is never set, where there is nobody to compare clocks with."""
        if self._is_shared:
            return self._clock.now()
        return _START + timedelta(seconds=self._clock.monotonic())

    async def _change(self, change: Callable[[ProviderStatus], ProviderStatus]) -> ProviderStatus:
        """As it was before."""
        before = await self._status_store.change(change)
        self._last = change(before)
        return before


def _digest(request: Request) -> str:
    """The same for two requests with the same picture and words, whatever their seeds."""
    options = request.options
    parts = (request.frame.digest, options.prompt, options.negative_prompt or "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


class _Alone:
    """Of one process."""

    def __init__(self) -> None:
        self._status = ProviderStatus()

    async def read(self) -> ProviderStatus:
        return self._status

    async def change(self, change: Callable[[ProviderStatus], ProviderStatus]) -> ProviderStatus:
        before, self._status = self._status, change(self._status)
        return before
