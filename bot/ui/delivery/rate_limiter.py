"""Requests to Discord, spread so that its limit over all of them is not what stops them.

Discord takes 50 requests a second from a bot, and locks out an address that is refused 10,000 times
in ten minutes. discord.py waits for each refusal by itself, but lets everything that waits go again
at the same moment: with some hundred videos to deliver that is a hundred refusals a second.
"""

import asyncio

import aiohttp
from yarl import URL

from bot.clock import Clock

MOST = 45.0
"""Requests a second of one process that is alone."""
LEAST = 2.0
"""A second: however many other processes there are, each gets on."""
# At once, after a quiet moment: what one command takes.
_BURST = 5
# Of several processes each finds its share: less at a refusal, and slowly more again.
_LESS = 0.7
_MORE_A_SECOND = 1.0
# What was on its way at the first refusal is refused as well, and says nothing new. Seconds.
_ONE_REFUSAL = 1.0
# Calls that carry a token of their own do not count.
_APART = ("/interactions/", "/webhooks/")


class RateLimiter:
    """When the next request may go; one for a process."""

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
        """Requests a second, now."""
        quiet = self._clock.monotonic() - self._rate_at
        return min(self._rate + quiet * _MORE_A_SECOND, MOST)

    def is_busy(self) -> bool:
        """Whether somebody waits: what is not urgent is not begun then."""
        return self._waiting > 0

    async def take(self) -> None:
        """Wait for one's turn: they come in the order in which they were asked for."""
        self._waiting += 1
        try:
            # One after the other: a turn that is far away is not fixed by the rate of now.
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
        """Discord said that it was too much over all."""
        now = self._clock.monotonic()
        if now - self._refused_at >= _ONE_REFUSAL:
            self._rate, self._rate_at = max(self.rate * _LESS, LEAST), now
            self._refused_at = now


def rate_limited(rate_limiter: RateLimiter) -> aiohttp.TraceConfig:
    """For discord.py's HTTP client (`http_trace`): every request waits for its turn."""
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
    """Whether a request counts against the limit over all."""
    return not any(part in url.path for part in _APART)
