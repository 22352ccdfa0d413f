"""Requests stay below Discord's global rate limit, with one process and with several."""

import asyncio

import aiohttp
import discord
import pytest
from discord.http import Route
from yarl import URL

from bot.clock import SystemClock
from bot.ui.delivery.requests.rate_limiter import LEAST, MOST, RateLimiter, counts, rate_limited
from sandbox.discord import LocalDiscord
from tests.clock import VirtualClock


class Limit:
    """Discord's limit: so many requests in each second, from all processes together."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.second = -1
        self.taken = 0
        self.refused = 0

    def asks(self, rate_limiter: RateLimiter) -> bool:
        if int(self._clock.passed) != self.second:
            self.second, self.taken = int(self._clock.passed), 0
        self.taken += 1
        if self.taken > 50:
            self.refused += 1
            rate_limiter.refused()
        return self.taken <= 50


async def _all(clock: VirtualClock, limiters: list[RateLimiter], limit: Limit, many: int) -> None:
    async def one(rate_limiter: RateLimiter) -> None:
        await rate_limiter.take()
        while not limit.asks(rate_limiter):
            # discord.py waits like this after a refusal.
            await clock.sleep(1.0)
            await rate_limiter.take()

    work = [
        asyncio.create_task(one(rate_limiter)) for rate_limiter in limiters for _ in range(many)
    ]
    while not all(task.done() for task in work):
        await clock.forward(0.5)


async def test_one_busy_process_is_hardly_ever_refused() -> None:
    clock = VirtualClock()
    limit = Limit(clock)
    await _all(clock, [RateLimiter(clock=clock)], limit, 2000)
    assert limit.refused <= 20
    assert clock.passed <= 1.1 * 2000 / MOST


async def test_several_find_their_share_without_knowing_of_each_other() -> None:
    clock = VirtualClock()
    limit = Limit(clock)
    await _all(clock, [RateLimiter(clock=clock) for _ in range(4)], limit, 1000)
    # Discord blocks an address after 10,000 refusals in ten minutes, which is 16 a second.
    assert limit.refused / clock.passed <= 8, (limit.refused, clock.passed)
    assert clock.passed <= 1.5 * 4000 / 50


async def test_after_a_quiet_moment_a_few_go_at_once() -> None:
    clock = VirtualClock()
    rate_limiter = RateLimiter(clock=clock)
    await clock.forward(5)
    await asyncio.gather(*(rate_limiter.take() for _ in range(4)))
    assert clock.passed == 5


async def test_the_rate_never_reaches_zero_and_recovers() -> None:
    clock = VirtualClock()
    rate_limiter = RateLimiter(clock=clock)
    for _ in range(100):
        rate_limiter.refused()
        await clock.forward(1)
    assert LEAST <= rate_limiter.rate < 5
    await clock.forward(60)
    assert rate_limiter.rate == MOST


async def test_the_limiter_is_busy_while_somebody_waits() -> None:
    clock = VirtualClock()
    rate_limiter = RateLimiter(clock=clock)
    work = [asyncio.create_task(rate_limiter.take()) for _ in range(50)]
    await clock.forward(0.5)
    assert rate_limiter.is_busy()
    await clock.forward(2)
    assert not rate_limiter.is_busy()
    assert all(task.done() for task in work)


@pytest.mark.parametrize(
    ("path", "is_counted"),
    [
        ("/api/v10/channels/1/messages/2", True),
        ("/api/v10/interactions/1/token/callback", False),
        ("/api/v10/webhooks/1/token/messages/@original", False),
    ],
)
def test_requests_with_an_interaction_token_do_not_wait(path: str, is_counted: bool) -> None:
    assert counts(URL(f"http://127.0.0.1{path}")) is is_counted


async def test_discord_py_waits_and_says_when_it_was_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rate_limiter = RateLimiter(clock=SystemClock())
    async with LocalDiscord() as local:
        monkeypatch.setattr(Route, "BASE", local.api_url)
        trace: aiohttp.TraceConfig = rate_limited(rate_limiter)
        client = discord.Client(intents=discord.Intents.none(), http_trace=trace)
        async with client:
            await client.login(local.token)
            channel = local.world.channels[min(local.world.channels)]
            await asyncio.gather(*(client.fetch_channel(channel.id) for _ in range(70)))
            assert all(one.status == 200 for one in local.requests)
            async with asyncio.timeout(30):
                while rate_limiter.rate == MOST:
                    # Another process of the same bot uses up the limit.
                    await _take_all(local, f"{local.api_url}/users/@me")
                    await client.fetch_channel(channel.id)


async def _take_all(local: LocalDiscord, url: str) -> None:
    headers = {"Authorization": f"Bot {local.token}"}
    async with aiohttp.ClientSession(headers=headers) as other:
        await asyncio.gather(*(other.get(url) for _ in range(60)))
