"""Injected faults in the provider's answers."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from bot.clock import Clock
from bot.concurrency import first_of

Operation = Literal["create", "status", "cancel", "file"]
Moment = Literal["early", "before", "after"]
_PIECE = bytes(64 * 1024)


@dataclass(kw_only=True, eq=False)
class Fault:
    """A fault that happens ``times`` times, or forever with ``None``.

    What happens: ``status`` answers with it, and with ``body`` and ``headers``; ``reset`` ends the
    connection with a TCP reset; ``cut`` does so in the middle of the real answer, whatever ``when``
    says; ``hang`` never answers; ``change`` replaces the JSON of the real answer; ``endless``
    answers 200 with a body that never ends. Without any of them, the real answer comes ``delay``
    seconds late, or once ``until`` is set.

    When: ``early``, while the body is still arriving; ``before`` the request has any effect;
    ``after`` it had its effect, so that a create call that seems to have failed has created a job.

    aiohttp's client repeats a GET once by itself if the connection breaks before the head of an
    answer, so a ``reset`` of ``status`` or ``file`` needs ``times=2`` to be noticed.
    """

    operation: Operation
    when: Moment = "before"
    status: int | None = None
    body: bytes | str | Mapping[str, Any] = b""
    """A mapping is sent as JSON, a text that starts with ``<`` as HTML."""
    headers: Mapping[str, str] = field(default_factory=dict)
    close: bool = False
    """Whether the connection closes right after that answer, even if the body is still arriving."""
    reset: bool = False
    cut: bool = False
    hang: bool = False
    change: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None
    endless: bool = False
    delay: float = 0.0
    """Seconds by the provider's clock."""
    until: asyncio.Event | None = None
    """An event to wait for as well; the wait also ends when the provider stops."""
    times: int | None = 1
    only: Callable[[web.Request], bool] = lambda request: True
    """Selects the requests that the fault is for."""
    met: int = 0
    """How often it has happened."""

    @property
    def replaces(self) -> bool:
        """Whether it replaces the real answer."""
        return self.status is not None or self.reset or self.hang or self.endless


class Faults:
    """Active faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Activate a fault; return it, so that ``met`` can be read."""
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        self._waiting.clear()

    def take(self, operation: Operation, request: web.Request) -> Fault | None:
        """Return the first fault for this request, and count it as met."""
        for fault in self._waiting:
            if fault.operation == operation and fault.only(request):
                fault.met += 1
                if fault.times is not None and fault.met >= fault.times:
                    self._waiting.remove(fault)
                return fault
        return None


async def wait(fault: Fault, clock: Clock, closing: asyncio.Event) -> None:
    """Wait until the late answer is due."""
    await clock.sleep(fault.delay)
    if fault.until is not None:
        await first_of(fault.until.wait(), closing.wait())


async def suffer(fault: Fault, request: web.Request, closing: asyncio.Event) -> web.StreamResponse:
    """Do what the fault does instead of an answer. A hang ends when ``closing`` is set."""
    if fault.hang:
        await closing.wait()
        return drop(request)
    if fault.reset:
        if fault.when == "early":
            await request.content.readany()
        return drop(request)
    if fault.endless:
        return await _never_ending(request, fault)
    answer = _answer(fault)
    return await _answer_and_close(request, answer) if fault.close else answer


def changed(answer: web.StreamResponse, fault: Fault) -> web.Response:
    """Return the real answer as changed by ``fault.change``."""
    assert fault.change is not None
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    return web.json_response(fault.change(json.loads(answer.body)), status=answer.status)


async def cut(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Send the head and half of the body, then reset the connection."""
    assert isinstance(answer, web.Response)
    body = answer.body
    assert isinstance(body, bytes)
    half = web.StreamResponse(status=answer.status, headers=answer.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    return drop(request, half)


def drop(request: web.Request, answer: web.StreamResponse | None = None) -> web.StreamResponse:
    """Reset the connection; the returned answer is never sent."""
    transport = request.transport
    if transport is not None:
        raw = transport.get_extra_info("socket")
        # A linger time of 0 s makes the kernel send RST instead of FIN.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return answer or web.Response()


def _answer(fault: Fault) -> web.Response:
    headers = dict(fault.headers)
    body = fault.body
    if isinstance(body, Mapping):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    elif isinstance(body, str) and body.startswith("<"):
        headers.setdefault("Content-Type", "text/html; charset=utf-8")
    content = body.encode() if isinstance(body, str) else body
    return web.Response(status=fault.status or 500, body=content, headers=headers)


async def _never_ending(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Send a body without a length until the client closes the connection."""
    answer = web.StreamResponse(headers=dict(fault.headers))
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        await answer.write(fault.body if isinstance(fault.body, bytes) else b"")
        while True:
            await answer.write(_PIECE)
    return answer


async def _answer_and_close(request: web.Request, answer: web.Response) -> web.StreamResponse:
    answer.force_close()
    await answer.prepare(request)
    await answer.write_eof()
    if request.transport is not None:
        request.transport.close()
    return answer


Effect = Callable[[], Awaitable[web.StreamResponse]]
"""Carries out the request and makes the real answer."""
