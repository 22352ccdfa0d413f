"""Rate limits: one bucket for each route and major parameters, and the global limit."""

import hashlib
import time
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.discord.http.reply import json_answer
from sandbox.discord.rules.bans import Bans

MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_id")
"""Path parameters that have buckets of their own."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A number of requests in a number of seconds."""

    limit: int
    seconds: float


DISCORD = {
    ("POST", "/channels/{channel_id}/messages"): Rate(5, 5.0),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): Rate(5, 5.0),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): Rate(5, 1.0),
    ("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"): Rate(
        1, 0.25
    ),
    ("POST", "/users/@me/channels"): Rate(10, 10.0),
    ("POST", "/webhooks/{webhook_id}/{webhook_token}"): Rate(5, 2.0),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"): Rate(5, 2.0),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"): Rate(5, 2.0),
}
"""Limits observed at Discord, which documents none and tells clients to read the headers."""

OTHERS = Rate(50, 1.0)
"""For any other route."""

GLOBAL = Rate(50, 1.0)
"""For everything that one token asks for, or one address without a token.

Interactions do not count (Discord's documentation).
"""
_UNCOUNTED = ("/interactions/", "/webhooks/{webhook_id}/{webhook_token}")


@dataclass(slots=True)
class _Window:
    rate: Rate
    ends: float = 0.0
    used: int = 0


@dataclass(slots=True)
class Rates:
    """Counts requests; ``scale`` divides all waiting times, ``enforced=False`` never refuses.

    Attributes:
        shared: monotonic times until which others have used up the limit of a resource, by method
            and route ("shared" in Discord's documentation, which gives no numbers).
        bans: the limit of invalid requests.
    """

    table: dict[tuple[str, str], Rate] = field(default_factory=lambda: dict(DISCORD))
    enforced: bool = True
    scale: float = 1.0
    shared: dict[tuple[str, str], float] = field(default_factory=dict)
    bans: Bans = field(default_factory=Bans)
    _windows: dict[tuple[str, ...], _Window] = field(default_factory=dict)
    _last_second: dict[str, deque[float]] = field(default_factory=dict)

    def share(self, method: str, route: str, seconds: float) -> None:
        """Let others use up the limit of the resource behind a route, for so many seconds."""
        self.shared[method, route] = time.monotonic() + seconds

    def take(self, request: web.Request, route: str) -> "Verdict":
        """Count a request towards its bucket and the global limit."""
        now = time.monotonic()
        rate = self.table.get((request.method, route), OTHERS)
        parameters = tuple(request.match_info.get(name, "") for name in MAJOR)
        window = self._windows.setdefault((request.method, route, *parameters), _Window(rate))
        if now >= window.ends:
            window.ends, window.used = now + rate.seconds / self.scale, 0
        waits = {
            "global": self._over_all(request, route, now),
            "shared": self.shared.get((request.method, route), now) - now,
            "user": window.ends - now if window.used >= rate.limit else 0.0,
        }
        scope = next((scope for scope, wait in waits.items() if wait > 0), None)
        window.used += scope is None
        return Verdict(
            rate,
            reset_after=window.ends - now,
            remaining=rate.limit - window.used,
            bucket=_name(request, route),
            scope=scope if self.enforced else None,
            wait=waits[scope] if scope else 0.0,
        )

    def _over_all(self, request: web.Request, route: str, now: float) -> float:
        """Return the seconds to wait if the global limit is reached."""
        if route.startswith(_UNCOUNTED):
            return 0.0
        who = request.headers.get("Authorization") or request.remote or ""
        seen = self._last_second.setdefault(who, deque())
        while seen and now - seen[0] > GLOBAL.seconds / self.scale:
            seen.popleft()
        if len(seen) >= GLOBAL.limit:
            return GLOBAL.seconds / self.scale - (now - seen[0])
        seen.append(now)
        return 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of the limits for one request."""

    rate: Rate
    reset_after: float
    """Seconds until the bucket is full again."""
    remaining: int
    bucket: str
    scope: str | None = None
    """Whose limit is reached: ``user``, ``global`` or ``shared``; ``None``: it is not refused."""
    wait: float = 0.0
    """Seconds until the request may be repeated."""

    def headers(self) -> dict[str, str]:
        """Return the ``X-RateLimit-*`` headers."""
        headers = {
            "X-RateLimit-Limit": str(self.rate.limit),
            "X-RateLimit-Remaining": str(max(0, self.remaining)),
            "X-RateLimit-Reset": f"{time.time() + self.reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{self.reset_after:.3f}",
            "X-RateLimit-Bucket": self.bucket,
        }
        if self.scope == "global":
            headers["X-RateLimit-Global"] = "true"
        return headers

    def refusal(self) -> web.Response:
        """Return the answer 429, with the ``Via`` header that clients look for."""
        who = "The resource is" if self.scope == "shared" else "You are"
        body = {
            "message": f"{who} being rate limited.",
            "retry_after": round(self.wait, 3),
            "global": self.scope == "global",
            "code": 0,
        }
        extra = {
            "Via": "1.1 local",
            "Retry-After": str(int(self.wait) + 1),
            "X-RateLimit-Scope": self.scope or "user",
        }
        return json_answer(body, status=429, headers=self.headers() | extra)


def _name(request: web.Request, route: str) -> str:
    return hashlib.sha256(f"{request.method} {route}".encode()).hexdigest()[:16]
