"""The ban of an address that sent too many invalid requests ("Invalid Request Limit").

Cloudflare, which stands before Discord, then answers instead: with an error page or, to programs,
with one line of text. Neither has the headers of Discord's own rate limits.
"""

import math
import time
from collections import deque

from aiohttp import web

INVALID = frozenset({401, 403, 429})
"""Statuses of invalid requests; a 429 of a shared limit does not count."""


class Bans:
    """Counts the invalid requests of each address, and bans it for the rest of the window.

    Discord documents the limit, and of the ban only that it is temporary.
    """

    def __init__(self, limit: int = 10_000, seconds: float = 600.0) -> None:
        self.limit = limit
        self.seconds = seconds
        self._invalid: dict[str, deque[float]] = {}

    def refusal(self, request: web.Request) -> web.Response | None:
        """Return the answer to a banned address; ``None`` if it is not banned."""
        seen = self._recent(request)
        if len(seen) < self.limit:
            return None
        wait = math.ceil(seen[0] + self.seconds - time.monotonic())
        headers = {"Retry-After": str(max(1, wait)), "Server": "cloudflare"}
        return web.Response(status=429, text="error code: 1015", headers=headers)

    def count(self, request: web.Request, response: web.StreamResponse) -> None:
        """Count an answer of Discord, if the request was an invalid one."""
        is_shared = response.headers.get("X-RateLimit-Scope") == "shared"
        if response.status in INVALID and not is_shared:
            self._recent(request).append(time.monotonic())

    def _recent(self, request: web.Request) -> deque[float]:
        seen = self._invalid.setdefault(request.remote or "", deque(maxlen=self.limit))
        while seen and time.monotonic() - seen[0] >= self.seconds:
            seen.popleft()
        return seen
