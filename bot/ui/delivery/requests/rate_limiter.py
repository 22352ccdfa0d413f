"""Keeps requests to Discord below its global rate limit.

Discord takes 50 requests a second from a bot, and bans an address for a while after 10,000 refused
requests in ten minutes. discord.py waits after each refusal, but then sends everything that waits
at the same moment: with a few hundred videos to deliver, that is a hundred refusals a second.
"""

import asyncio

import aiohttp
from yarl import URL

from bot.clock import Clock

MOST = 45.0
"""Requests a second of a process that is the only one."""
LEAST = 2.0
"""Requests a second that each process may always send, however many there are."""
# Requests allowed at once after a quiet moment: as many as one command takes.
_BURST = 5
# Several processes find their shares by themselves: slower after a refusal, then faster again.
_LESS = 0.7
_MORE_A_SECOND = 1.0
# Seconds: requests in flight at the first refusal are refused too, and count as that one.
_ONE_REFUSAL = 1.0
# Requests with an interaction's or webhook's token do not count towards the limit.
_APART = ("/interactions/", "/webhooks/")


class RateLimiter:
    """Decides when the next request may be sent; there is one per process."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._rate = MOST
        self._rate_at = clock.monotonic()
        self._refused_at = self._rate_at - _ONE_REFUSAL
        self._next = self._rate_at
        self._turn = asyncio.Lock()
        self._waiting = 0

    @property
    def rate(self) -> float:
        """The current rate in requests a second."""
        quiet = self._clock.monotonic() - self._rate_at
        return min(self._rate + quiet * _MORE_A_SECOND, MOST)

    def is_busy(self) -> bool:
        """Whether requests are waiting, so that nothing that is not urgent should begin."""
        return self._waiting > 0

    async def take(self) -> None:
        """Wait for a turn to send a request; turns are given in the order of the calls."""
        self._waiting += 1
        try:
            # One at a time, so that each turn is computed with the rate at that moment.
            async with self._turn:
                await self._take()
        finally:
            self._waiting -= 1

    async def _take(self) -> None:
        now, rate = self._clock.monotonic(), self.rate
        self._next = max(self._next, now - _BURST / rate) + 1 / rate
        if self._next > now:
            await self._clock.sleep(self._next - now)

    def refused(self) -> None:
        """Note that Discord's global limit refused a request."""
        now = self._clock.monotonic()
        if now - self._refused_at >= _ONE_REFUSAL:
            self._rate, self._rate_at = max(self.rate * _LESS, LEAST), now
            self._refused_at = now


def rate_limited(rate_limiter: RateLimiter) -> aiohttp.TraceConfig:
    """A trace that makes each request of discord.py's HTTP client wait for its turn."""
    trace = aiohttp.TraceConfig()

    async def before(_: object, __: object, request: aiohttp.TraceRequestStartParams) -> None:
        if counts(request.url):
            await rate_limiter.take()

    async def after(_: object, __: object, request: aiohttp.TraceRequestEndParams) -> None:
        response = request.response
        if response.status == 429 and "X-RateLimit-Global" in response.headers:
            rate_limiter.refused()

    trace.on_request_start.append(before)
    trace.on_request_end.append(after)
    return trace


def counts(url: URL) -> bool:
    """Whether a request counts towards the global limit."""
    return not any(part in url.path for part in _APART)
