"""Open while the provider takes work from this operator; else commands are refused at once."""

import logging
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.errors import Closed, Closure, ProviderError

log = logging.getLogger(__name__)

# PROVIDER.md: a key is asked for free once a minute; a balance only shows by a real task.
ASK_KEY_EVERY = 60.0
FIRST_PROBE_AFTER = 300.0
LONGEST_PROBE_AFTER = 3600.0

_SAID = {
    Closure.KEY_REFUSED: "the provider refuses the key (VTRIX_API_KEY); nothing is submitted until "
    "it is accepted again, which is asked once a minute",
    Closure.BALANCE_EMPTY: "the provider's balance is used up, or the key may not use the model; "
    "a task is let through now and then to see whether that has changed",
}


class Gate:
    """Closed by a refused key or an empty balance; opens again by itself."""

    def __init__(
        self,
        *,
        key_works: Callable[[], Awaitable[bool]],
        tell_operator: Callable[[str], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._key_works = key_works
        self._tell_operator = tell_operator
        self._clock = clock
        self._probe_after = FIRST_PROBE_AFTER
        self._probe_at = 0.0
        self._said: Closure | None = None
        self._accepted_at: float | None = None
        self.closure: Closure | None = None

    def check(self) -> None:
        """Whether a new command is taken; a balance is probed by the first one that is due.

        Raises:
            Closed: says why.
        """
        if self.closure is not None and not self._probe_is_due():
            raise Closed(self.closure)

    def admit(self) -> Closure | None:
        """Whether a task may be submitted now; the one that finds a probe due is the probe."""
        if self.closure is None:
            return None
        if not self._probe_is_due():
            return self.closure
        self._probe_after = min(self._probe_after * 2, LONGEST_PROBE_AFTER)
        self._probe_at = self._clock.monotonic() + self._probe_after
        return None

    def close(self, closure: Closure) -> bool:
        """The provider said so; whether that is news, which :meth:`tell` is for.

        It is none where a look accepted the key a moment ago and no task was taken since: some
        keys may look and not create, and the operator would be told every minute.
        """
        if self.closure is closure:
            return False
        is_news = closure is not self._said or self._was_accepted_long()
        self.closure = self._said = closure
        if not is_news:
            log.warning("the provider takes nothing again: %s", closure.value)
        self._probe_after = FIRST_PROBE_AFTER
        self._probe_at = self._clock.monotonic() + FIRST_PROBE_AFTER
        return is_news

    async def tell(self) -> None:
        """Tell the operator why it is closed."""
        if self.closure is not None:
            await self._tell_operator(_SAID[self.closure])

    def open(self) -> None:
        """The provider took a task."""
        if self.closure is not None:
            log.warning("the provider takes work again (was: %s)", self.closure.value)
        self.closure = self._said = None

    async def run(self) -> None:
        """Ask for the key as long as it is refused; for ever."""
        while True:
            await self._clock.sleep(ASK_KEY_EVERY)
            if self.closure is Closure.KEY_REFUSED and await self._accepted():
                log.warning("the provider accepts the key again; whether it takes work will show")
                self.closure = None
                self._accepted_at = self._clock.monotonic()

    async def _accepted(self) -> bool:
        try:
            return await self._key_works()
        except ProviderError as error:
            log.info("whether the key works could not be asked: %s", error)
            return False

    def _was_accepted_long(self) -> bool:
        """Whether the key was good for so long that a refusal is something new."""
        if self._accepted_at is None:
            return False
        return self._clock.monotonic() - self._accepted_at > LONGEST_PROBE_AFTER

    def _probe_is_due(self) -> bool:
        is_balance = self.closure is Closure.BALANCE_EMPTY
        return is_balance and self._clock.monotonic() >= self._probe_at
