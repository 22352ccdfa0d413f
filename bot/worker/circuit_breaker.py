"""Circuit breaker for the provider: while it is tripped, commands are refused at once.

Its state is shared: the other processes see a change before they send anything.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.domain.provider.provider_status import UNCLEAR_IN_A_ROW, ProviderStatus
from bot.domain.provider.provider_variables import ProviderVariables
from bot.domain.provider.spending_pause import SpendingPause
from bot.domain.task import Request
from bot.errors import Closed, Closure, Paused, ProviderError, is_of_the_disk
from bot.services.ports import ProviderStatusStore
from bot.storage.provider.pause import PauseTable

log = logging.getLogger(__name__)

# Seconds between two checks of a refused key. Asking whether the key is accepted costs nothing.
ASK_KEY_EVERY = 60.0
# Seconds between looks whether the operator's pause is over: one look serves all waiting tasks.
PAUSE_CHECK_EVERY = 5.0

_START = datetime(1970, 1, 1, tzinfo=UTC)
_LET_THROUGH = "now and then one task is let through to see whether this has changed."
_OPERATOR_WORDS = {
    Closure.KEY_REFUSED: "the provider refuses the key ({key_variable}); nothing is submitted "
    "until the provider accepts the key again, which is checked once a minute.",
    Closure.BALANCE_EMPTY: "the provider's balance is used up; " + _LET_THROUGH,
    Closure.MODEL_REFUSED: "the provider says that this key may not use the model {model}, or that "
    "the model is unknown ({model_variable}); " + _LET_THROUGH,
    Closure.ACCOUNT_REFUSED: "the provider refused two different requests without a reason: the "
    "key, its permissions or the balance may be the cause; " + _LET_THROUGH,
    Closure.UNCLEAR: f"{UNCLEAR_IN_A_ROW} requests in a row got no clear answer from the provider, "
    "and each may have been accepted (flipbook task list --state unclear): no new task is sent, "
    "running ones are still polled and delivered; " + _LET_THROUGH,
}

_SHORT_WORDS = {
    Closure.KEY_REFUSED: "the key was refused",
    Closure.BALANCE_EMPTY: "the balance was used up",
    Closure.MODEL_REFUSED: "the model was refused",
    Closure.ACCOUNT_REFUSED: "two requests were refused without a reason",
    Closure.UNCLEAR: "no clear answers",
}


class ProviderCircuitBreaker:
    """Trips when the provider refuses the key, balance, model or account; resets by itself.

    The operator's pause holds it open as well, and only the operator ends that.
    """

    def __init__(
        self,
        *,
        key_works: Callable[[], Awaitable[bool]],
        tell_operator: Callable[[str], Awaitable[None]],
        variables: ProviderVariables,
        clock: Clock,
        status_store: ProviderStatusStore | None = None,
        name: str | None = None,
        pause_table: PauseTable | None = None,
    ) -> None:
        """
        Args:
            variables: names of the settings that messages to the operator point to.
            name: begins what is said of the provider; without it, there is no other one.
            status_store: shares the state with other processes; without it, the state is local.
            pause_table: where the operator's pause is stored; without it, there is none.
        """
        self._key_works = key_works
        self._tell_operator = tell_operator
        self._variables = variables
        self._name = name
        self._clock = clock
        self._status_store = status_store or _Alone()
        self._is_shared = status_store is not None
        self._last = ProviderStatus()
        self._pause_table = pause_table
        self._pause = SpendingPause()
        self._pause_checked = float("-inf")
        self._pause_lock = asyncio.Lock()

    @property
    def closure(self) -> Closure | None:
        """Why the breaker is tripped, as far as this process knows; None if it is not."""
        return self._last.closure

    def quiet_seconds(self) -> float:
        """Seconds for which the provider wants no new work, as far as this process knows.

        Zero or less means that it takes work now.
        """
        until = self._last.quiet_until
        return 0.0 if until is None else (until - self._now()).total_seconds()

    async def refresh(self) -> None:
        """Read the state that the processes share.

        Raises:
            StorageError: the state cannot be read now.
        """
        self._last = await self._status_store.read()
        await self._refresh_pause()

    async def check(self, model: str | None = None) -> None:
        """Raise if a new command must be refused; a command that comes when a probe is due passes.

        Raises:
            Paused: the operator paused spending.
            Closed: the breaker is tripped; the error has the reason.
            StorageError: the shared state cannot be read now.
        """
        await self.refresh()
        if self._pause.is_on:
            raise Paused
        closure = self._last.closes(model)
        if closure is not None and not self._last.probe_is_due(self._now(), model):
            raise Closed(closure)

    # --- the operator's pause ---------------------------------------------------------------

    @property
    def pause(self) -> SpendingPause:
        """The operator's pause, as far as this process knows."""
        return self._pause

    async def while_paused(self) -> None:
        """Return once the operator's pause is over; at once if there is none.

        Raises:
            StorageError: the pause cannot be read now.
        """
        while self._pause.is_on:
            await self._clock.sleep(PAUSE_CHECK_EVERY)
            async with self._pause_lock:
                if self._clock.monotonic() - self._pause_checked >= PAUSE_CHECK_EVERY:
                    await self._refresh_pause()

    async def _refresh_pause(self) -> None:
        if self._pause_table is not None:
            self._pause = await self._pause_table.read()
            self._pause_checked = self._clock.monotonic()

    # --- tasks ------------------------------------------------------------------------------

    async def admit(self, model: str | None = None) -> Closure | None:
        """Return None if a task may be submitted now, perhaps as a probe; otherwise why not."""
        now = self._now()
        closure = self._last.closes(model)
        if closure is None or not self._last.probe_is_due(now, model):
            return closure
        before = await self._change(lambda status: status.probed(now, model))
        closure = before.closes(model)
        return None if closure is None or before.probe_is_due(now, model) else closure

    async def trip(self, closure: Closure, model: str | None = None) -> bool:
        """Trip for a reason that the provider gave. True if the operator should be told.

        ``model``: the one that the reason is about, if it is about one only.
        """
        now = self._now()
        if model is not None:
            before = await self._change(lambda status: status.refusing(model, now))
            return model not in before.refused_models
        return await self._trip(lambda status: status.closed(closure, now))

    async def refused(self, request: Request) -> bool:
        """Note a refusal without a reason. True if the operator should be told."""
        now, digest = self._now(), _digest(request)
        return await self._trip(lambda status: status.refused(digest, now))

    async def lost(self) -> bool:
        """Note a create call without a clear answer. True if the operator should be told."""
        now = self._now()
        return await self._trip(lambda status: status.lost(now))

    async def answered(self) -> None:
        """Note a create call with a clear answer, even a refusal."""
        if self._last.answered() == self._last:
            return
        await self._tell_over(await self._change(ProviderStatus.answered))

    async def _trip(self, change: Callable[[ProviderStatus], ProviderStatus]) -> bool:
        now = self._now()
        before = await self._change(change)
        closure = self._last.closure
        if closure is None or before.closure is closure:
            return False
        is_news = before.is_news(closure, now)
        if not is_news:
            log.warning(self._named("the provider refuses all work again: %s"), closure.value)
        return is_news

    async def tell(self, model: str | None = None) -> None:
        """Tell the operator why the breaker is tripped, for a model or for all work."""
        closure = self._last.closes(model)
        if closure is None:
            return
        words = _OPERATOR_WORDS[closure].format(
            model=model,
            key_variable=self._variables.key,
            model_variable=self._variables.model,
        )
        await self._tell_operator(self._named(words))

    async def reset(self, model: str | None = None) -> None:
        """Reset the breaker after the provider accepted a task."""
        if self._last.opened(model) == self._last:
            return
        before = await self._change(lambda status: status.opened(model))
        await self._tell_over(before)

    async def _tell_over(self, before: ProviderStatus) -> None:
        """Tell the operator that what they were told about is over, if it is."""
        was = before.last_told
        if was is not None and self._last.last_told is None:
            words = f"the provider works again (was: {_SHORT_WORDS[was]})."
            await self._tell_operator(self._named(words))

    def _named(self, words: str) -> str:
        return words if self._name is None else f"{self._name}: {words}"

    async def stay_quiet(self, seconds: float) -> None:
        """Send nothing for ``seconds``, as the provider asked."""
        until = self._now() + timedelta(seconds=seconds)
        await self._change(lambda status: status.paused(until))

    async def run(self) -> None:
        """Check a refused key again once a minute, forever."""
        while True:
            await self._clock.sleep(ASK_KEY_EVERY)
            try:
                await self._ask_key()
            except Exception as error:
                trace = None if is_of_the_disk(error) else error
                log.error(
                    "checking the key failed, next check in %.0f s: %s",
                    ASK_KEY_EVERY,
                    error,
                    exc_info=trace,
                )

    async def _ask_key(self) -> None:
        await self.refresh()
        if self._last.closure is Closure.KEY_REFUSED and await self._accepted():
            log.warning(
                self._named(
                    "the provider accepts the key again; the next task shows if it accepts work"
                )
            )
            now = self._now()
            await self._change(lambda status: status.accepted(now))

    async def _accepted(self) -> bool:
        try:
            return await self._key_works()
        except ProviderError as error:
            log.info("could not check the key: %s", error)
            return False

    def _now(self) -> datetime:
        """Now; a process that shares its state with no other uses the monotonic clock."""
        if self._is_shared:
            return self._clock.now()
        return _START + timedelta(seconds=self._clock.monotonic())

    async def _change(self, change: Callable[[ProviderStatus], ProviderStatus]) -> ProviderStatus:
        """Apply a change, and return the status before it."""
        before = await self._status_store.change(change)
        self._last = change(before)
        return before


def _digest(request: Request) -> str:
    """Digest of picture and words; requests that differ only in the seed have the same one."""
    options = request.options
    parts = (request.frame.digest, options.prompt, options.negative_prompt or "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


class _Alone:
    """Status store of a single process, in memory."""

    def __init__(self) -> None:
        self._status = ProviderStatus()

    async def read(self) -> ProviderStatus:
        return self._status

    async def change(self, change: Callable[[ProviderStatus], ProviderStatus]) -> ProviderStatus:
        before, self._status = self._status, change(self._status)
        return before
