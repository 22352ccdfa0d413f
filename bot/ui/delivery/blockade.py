"""Something before Discord that refuses everything: noticed once, and asked again by one request.

A proxy, a firewall, Cloudflare, or a bot token that was reset: nothing that is asked is looked at,
and the answer says nothing about what was asked. Discord locks out an address that is refused
10,000 times in ten minutes, so that hundreds of tasks must not find out one by one.
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
"""Seconds between two probes: 46 of them in the first hour, and no other request."""
# Seconds, while a probe is on its way: it mostly has its answer by then.
_SOON = 1.0
# Seconds, where Discord says that it was too much, and not until when.
_NO_MOMENT = 60.0
# "Internal network error": of the network before Discord, in Discord's own form.
_NETWORK_ERROR = 40333


class Blocked(aiohttp.ClientError):
    """Nothing was said about what was asked: it is worth another try, ``retry_after`` seconds on.

    Either this request was refused by something that is not Discord, or another one was just now
    and this one has not been sent.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Blockade:
    """Whether requests may go now; one for a process."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._is_watching = False
        self._why: str | None = None
        self._pause = 0.0
        self._until = 0.0
        self._since = 0.0
        self._is_probed = False

    def watch(self) -> None:
        """Begin. Before the login, a refusal is about the token, and the start says so."""
        self._is_watching = True

    @property
    def is_up(self) -> bool:
        """Whether nothing goes through, as far as is known."""
        return self._why is not None

    def enter(self) -> bool:
        """A request is about to be sent; whether it is the one that tries for all.

        Raises:
            Blocked: it is not to be sent now.
        """
        if self._why is None:
            return False
        left = self._until - self._clock.monotonic()
        if left > 0 or self._is_probed:
            raise Blocked(f"not sent: {self._why}", retry_after=max(left, _SOON))
        self._is_probed = True
        return True

    def refused(self, why: str, *, is_probe: bool, retry_after: float = 0.0) -> Blocked:
        """A request was refused by something that is not Discord; the error to raise for it."""
        now = self._clock.monotonic()
        if self._why is None:
            self._pause, self._since = FIRST_PAUSE, now
            log.warning("something before Discord refuses everything: %s", why)
        elif is_probe:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        # Of those that were on their way together, the first one counts.
        if self._why is None or is_probe:
            self._until = now + max(self._pause, retry_after)
            self._why = why
        self.left(is_probe=is_probe)
        return Blocked(why, retry_after=max(self._until - now, _SOON))

    def passed(self, *, is_probe: bool) -> None:
        """Discord itself has answered, whatever it said."""
        if is_probe and self._why is not None:
            seconds = self._clock.monotonic() - self._since
            log.warning("Discord answers again, after %.0f s", seconds)
            self._why = None
        self.left(is_probe=is_probe)

    def left(self, *, is_probe: bool) -> None:
        """A request has ended, without any answer perhaps: the next one may try."""
        if is_probe:
            self._is_probed = False

    def put_into(self, trace: aiohttp.TraceConfig) -> None:
        """Guard discord.py's HTTP client (`http_trace`), after what is in there already."""

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
        """
        Raises:
            Blocked: this is no answer of Discord's.
        """
        # aiohttp keeps what was read: discord.py gets it all the same.
        text = await response.text() if _is_suspect(response) else ""
        why = verdict(response.status, response.content_type, text)
        after = _retry_after(response)
        if why is not None:
            raise self.refused(why, is_probe=is_probe, retry_after=after)
        self.passed(is_probe=is_probe)
        if response.status == 429 and "retry_after" not in text:
            # A limit of Discord's own, of which discord.py cannot read how long it lasts.
            raise Blocked(f"429: {text[:200]}", retry_after=max(after, _NO_MOMENT))


def verdict(status: int, content_type: str, text: str) -> str | None:
    """Why an answer does not come from Discord itself, in words; ``None``: it does."""
    if 200 <= status < 300:
        return f"{status} with a page" if content_type == "text/html" else None
    # A file that is too large for what is in between is too large, whoever says so.
    if not 400 <= status < 500 or status == 413:
        return None
    answer = _object(text)
    if answer is None:
        return f"{status} without an answer of Discord's"
    code = answer.get("code", 0)
    if code == _NETWORK_ERROR:
        return f"{status} with code {code}"
    if status in (401, 403) and not code:
        reset = " (if it lasts: was the bot's token reset?)" if status == 401 else ""
        return f"{status} without a code{reset}"
    if status == 429 and not code and "retry_after" not in answer:
        return "429 for this address"
    return None


def _is_suspect(response: aiohttp.ClientResponse) -> bool:
    """Whether its body has to be read to know."""
    return response.status >= 400 or response.content_type == "text/html"


def _is_of_api(url: URL) -> bool:
    """Whether it waits with the others: the gateway is reached by the same session, and whoever
    connects to it has a patience of their own.
    """
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
