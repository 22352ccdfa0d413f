"""Rate limits: one bucket for each route and major parameters, and the global limit."""

import hashlib
import time
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.discord.http.reply import json_answer

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
"""For all routes with the bot's token; interactions do not count (Discord's documentation)."""


@dataclass(slots=True)
class _Window:
    rate: Rate
    ends: float = 0.0
    used: int = 0


@dataclass(slots=True)
class Rates:
    """Counts requests; ``scale`` divides all waiting times, ``enforced=False`` never refuses."""

    table: dict[tuple[str, str], Rate] = field(default_factory=lambda: dict(DISCORD))
    enforced: bool = True
    scale: float = 1.0
    _windows: dict[tuple[str, ...], _Window] = field(default_factory=dict)
    _last_second: deque[float] = field(default_factory=deque)

    def take(self, request: web.Request, route: str) -> "Verdict":
        """Count a request towards its bucket and the global limit."""
        now = time.monotonic()
        rate = self.table.get((request.method, route), OTHERS)
        parameters = tuple(request.match_info.get(name, "") for name in MAJOR)
        window = self._windows.setdefault((request.method, route, *parameters), _Window(rate))
        if now >= window.ends:
            window.ends, window.used = now + rate.seconds / self.scale, 0
        over = self._over_all(request, now)
        if over is None and window.used < rate.limit:
            window.used += 1
            return Verdict(rate, window.ends - now, rate.limit - window.used, _name(request, route))
        wait = over if over is not None else window.ends - now
        return Verdict(
            rate,
            wait,
            rate.limit - window.used,
            _name(request, route),
            refused=self.enforced,
            everywhere=over is not None,
        )

    def _over_all(self, request: web.Request, now: float) -> float | None:
        """Return the seconds to wait if the global limit is reached."""
        if "Authorization" not in request.headers:
            return None
        while self._last_second and now - self._last_second[0] > GLOBAL.seconds / self.scale:
            self._last_second.popleft()
        if len(self._last_second) >= GLOBAL.limit:
            return GLOBAL.seconds / self.scale - (now - self._last_second[0])
        self._last_second.append(now)
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of the limits for one request."""

    rate: Rate
    seconds: float
    remaining: int
    bucket: str
    refused: bool = False
    everywhere: bool = False

    def headers(self) -> dict[str, str]:
        """Return the ``X-RateLimit-*`` headers."""
        headers = {
            "X-RateLimit-Limit": str(self.rate.limit),
            "X-RateLimit-Remaining": str(max(0, self.remaining)),
            "X-RateLimit-Reset": f"{time.time() + self.seconds:.3f}",
            "X-RateLimit-Reset-After": f"{self.seconds:.3f}",
            "X-RateLimit-Bucket": self.bucket,
        }
        if self.everywhere:
            headers["X-RateLimit-Global"] = "true"
        return headers

    def refusal(self) -> web.Response:
        """Return the answer 429, with the ``Via`` header that clients look for."""
        body = {
            "message": "You are being rate limited.",
            "retry_after": round(self.seconds, 3),
            "global": self.everywhere,
            "code": 0,
        }
        extra = {
            "Via": "1.1 local",
            "Retry-After": str(int(self.seconds) + 1),
            "X-RateLimit-Scope": "global" if self.everywhere else "user",
        }
        return json_answer(body, status=429, headers=self.headers() | extra)


def _name(request: web.Request, route: str) -> str:
    return hashlib.sha256(f"{request.method} {route}".encode()).hexdigest()[:16]
