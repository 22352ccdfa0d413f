"""Injected faults: a test says which request goes wrong, how, and how often."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from sandbox.discord.http.reply import json_answer
from sandbox.discord.state.model import Json

# Cloudflare is in front of Discord, so a request that it refuses never reaches Discord. It answers
# in JSON since 2023 (discord/discord-api-docs#6473; the table of codes says "Cloudflare is blocking
# your request"); before, and still for some of its rules, it sends a page.
NETWORK_ERROR: dict[str, Any] = {
    "status": 403,
    "body": {"message": "internal network error", "code": 40333},
}
BLOCK_PAGE: dict[str, Any] = {
    "status": 403,
    "body": "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>"
    "<body><h1>Sorry, you have been blocked</h1></body></html>",
}


@dataclass(slots=True)
class Fault:
    """One fault on one route.

    ``route`` is a template of Discord's OpenAPI description; ``*`` matches any. In this order: wait
    ``delay`` seconds and for ``until``; with ``reset="before"``, break the connection before the
    request has any effect; with ``status``, send this answer instead, without an effect (a ``str``
    body makes it HTML). Otherwise, the request takes effect, and with ``reset="after"`` or
    ``status_after`` its answer is lost.
    """

    method: str
    route: str
    times: int = 1
    skip: int = 0
    """Number of matching requests that pass first."""
    delay: float = 0.0
    until: asyncio.Event | None = None
    status: int | None = None
    body: Json | str = field(default_factory=lambda: {"message": "Server error", "code": 0})
    headers: dict[str, str] = field(default_factory=dict)
    reset: Literal["before", "after"] | None = None
    status_after: int | None = None
    hits: int = 0
    """Number of requests that met this fault."""

    def answer(self, status: int) -> web.Response:
        """Make the answer that replaces the real one."""
        headers = {"Via": "1.1 local"} | self.headers
        if isinstance(self.body, str):
            return web.Response(
                status=status, text=self.body, content_type="text/html", headers=headers
            )
        return json_answer(self.body, status=status, headers=headers)


class Faults:
    """Faults that wait for a matching request."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._waiting.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Remove a fault, if it is still waiting."""
        if fault in self._waiting:
            self._waiting.remove(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str, route: str) -> Fault | None:
        """Return the fault for this request, if any, and count it as used."""
        for fault in self._waiting:
            if fault.method not in (method, "*") or fault.route not in (route, "*"):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.hits < fault.times:
                fault.hits += 1
                return fault
        return None


async def before(fault: Fault, request: web.Request) -> web.Response | None:
    """Apply a fault before the request takes effect; an answer replaces the request."""
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.until is not None:
        await fault.until.wait()
    if fault.reset == "before":
        return cut(request)
    return None if fault.status is None else fault.answer(fault.status)


def after(fault: Fault, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Apply a fault to the answer of a request that took effect."""
    if fault.reset == "after":
        return cut(request)
    return response if fault.status_after is None else fault.answer(fault.status_after)


def cut(request: web.Request) -> web.Response:
    """Break the connection; the returned answer is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
