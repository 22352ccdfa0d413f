"""The HTTP sessions of the client, and how long each waits."""

from dataclasses import dataclass

import aiohttp

from bot.providers.download import ATTEMPT_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Timeouts in seconds. The vendor's own clients wait 60 and 30."""

    connect: float = 15.0
    create: float = 60.0
    """Silence after the body of a create call has been sent."""
    send: float = 240.0
    """A whole create call: 13 MB take 104 s at 1 Mbit/s."""
    status: float = 30.0
    download: float = ATTEMPT_SECONDS


def creating_session(timeouts: Timeouts, proxy: str | None) -> aiohttp.ClientSession:
    """For create calls.

    A reused connection that went stale would leave the outcome of a create call unknown, so each
    create call opens its own.
    """
    timeout = aiohttp.ClientTimeout(
        total=timeouts.send, connect=timeouts.connect, sock_read=timeouts.create
    )
    return _session(timeout, aiohttp.TCPConnector(force_close=True, limit=0), proxy)


def reading_session(timeouts: Timeouts, proxy: str | None) -> aiohttp.ClientSession:
    """For everything that changes nothing at the provider."""
    timeout = aiohttp.ClientTimeout(total=timeouts.status, connect=timeouts.connect)
    return _session(timeout, aiohttp.TCPConnector(limit=100), proxy)


def _session(
    timeout: aiohttp.ClientTimeout, connector: aiohttp.TCPConnector, proxy: str | None
) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        trust_env=False,
        proxy=proxy,
        cookie_jar=aiohttp.DummyCookieJar(),
    )
