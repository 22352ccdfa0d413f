"""Holds requests back while something in front of Discord refuses all of them; one probe retries.

A proxy, a firewall, Cloudflare or a reset bot token refuses every request without looking at it, so
the answer says nothing about the request. Discord bans an address for a while after 10,000 refused
requests in ten minutes, so hundreds of tasks must not find out one by one.
"""

import json
import logging
from typing import Any

import aiohttp
from discord.http import Route
from yarl import URL

from bot.clock import Clock

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 90.0
"""Seconds between two probes, doubling from the first: about 46 requests in the first hour."""
# Seconds to wait for a probe in flight, which usually has its answer by then.
_SOON = 1.0
# Seconds to wait after a 429 that does not say how long its limit lasts.
_NO_MOMENT = 60.0
# "Internal network error", from the network in front of Discord but in Discord's format.
_NETWORK_ERROR = 40333


class Blocked(aiohttp.ClientError):
    """A request got no answer about itself; it is worth another try after ``retry_after`` seconds.

    Something in front of Discord refused it, or has just refused another one and this one was not
    sent, or a limit of Discord's did not say how long it lasts.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Blockade:
    """Knows whether requests may be sent now; there is one per process."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._is_watching = False
        self._why: str | None = None
        self._pause = 0.0
        self._until = 0.0
        self._since = 0.0
        self._is_probed = False

    def watch(self) -> None:
        """Start guarding, once logged in: before that, a refusal ends the start anyway."""
        self._is_watching = True

    @property
    def is_up(self) -> bool:
        """Whether requests are being refused, as far as is known."""
        return self._why is not None

    def enter(self) -> bool:
        """Ask for permission to send a request; return whether it is the probe.

        Raises:
            Blocked: it must not be sent now.
        """
        if self._why is None:
            return False
        left = self._until - self._clock.monotonic()
        if left > 0 or self._is_probed:
            raise Blocked(f"not sent: {self._why}", retry_after=max(left, _SOON))
        self._is_probed = True
        return True

    def refused(self, why: str, *, is_probe: bool, retry_after: float = 0.0) -> Blocked:
        """Note that a request was refused in front of Discord; return the error to raise."""
        now = self._clock.monotonic()
        if self._why is None:
            self._pause, self._since = FIRST_PAUSE, now
            log.warning("requests to Discord are refused by something in front of it: %s", why)
        elif is_probe:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        # Of several requests in flight, only the first refusal counts.
        if self._why is None or is_probe:
            self._until = now + max(self._pause, retry_after)
            self._why = why
        self.left(is_probe=is_probe)
        return Blocked(why, retry_after=max(self._until - now, _SOON))

    def passed(self, *, is_probe: bool) -> None:
        """Note that Discord itself has answered, whatever it said."""
        if is_probe and self._why is not None:
            seconds = self._clock.monotonic() - self._since
            log.warning("Discord answers again, after %.0f s", seconds)
            self._why = None
        self.left(is_probe=is_probe)

    def left(self, *, is_probe: bool) -> None:
        """Note that a request has ended, even without an answer; the next one may probe."""
        if is_probe:
            self._is_probed = False

    def put_into(self, trace: aiohttp.TraceConfig) -> None:
        """Guard discord.py's HTTP client by its `http_trace`, behind the hooks it has."""

        async def before(_: object, ctx: Any, request: aiohttp.TraceRequestStartParams) -> None:
            ctx.is_probe = self._is_watching and _is_of_api(request.url) and self.enter()

        async def after(_: object, ctx: Any, request: aiohttp.TraceRequestEndParams) -> None:
            if self._is_watching and _is_of_api(request.url):
                await self._judge(request.response, is_probe=ctx.is_probe)

        async def broken(_: object, ctx: Any, __: object) -> None:
            self.left(is_probe=getattr(ctx, "is_probe", False))

        trace.on_request_start.append(before)
        trace.on_request_end.append(after)
        trace.on_request_exception.append(broken)

    async def _judge(self, response: aiohttp.ClientResponse, *, is_probe: bool) -> None:
        """Decide whether a response came from Discord.

        Raises:
            Blocked: it did not, or its limit does not say how long it lasts.
        """
        # aiohttp caches the body, so discord.py can read it again.
        text = await response.text() if _is_suspect(response) else ""
        why = verdict(response.status, response.content_type, text)
        after = _retry_after(response)
        if why is not None:
            raise self.refused(why, is_probe=is_probe, retry_after=after)
        self.passed(is_probe=is_probe)
        if response.status == 429 and "retry_after" not in text:
            # A limit of Discord's own in a form that discord.py cannot read the duration from.
            raise Blocked(f"429: {text[:200]}", retry_after=max(after, _NO_MOMENT))


def verdict(status: int, content_type: str, text: str) -> str | None:
    """Why a response cannot be from Discord itself; ``None`` if it can."""
    if 200 <= status < 300:
        return f"{status} with an HTML page" if content_type == "text/html" else None
    # A file that is too large for a proxy cannot be sent, whoever says so.
    if not 400 <= status < 500 or status == 413:
        return None
    answer = _object(text)
    if answer is None:
        return f"{status} without Discord's JSON"
    code = answer.get("code", 0)
    if code == _NETWORK_ERROR:
        return f"{status} with code {code}"
    if status in (401, 403) and not code:
        reset = " (if it lasts: was the bot's token reset?)" if status == 401 else ""
        return f"{status} without an error code{reset}"
    if status == 429 and not code and "retry_after" not in answer:
        return "429 for this address"
    return None


def _is_suspect(response: aiohttp.ClientResponse) -> bool:
    """Whether the body has to be read to tell who answered."""
    return response.status >= 400 or response.content_type == "text/html"


def _is_of_api(url: URL) -> bool:
    """Whether a request is guarded: connecting to the gateway has retries of its own."""
    return str(url).startswith(Route.BASE) and not url.path.endswith("/gateway/bot")


def _object(text: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _retry_after(response: aiohttp.ClientResponse) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return 0.0
