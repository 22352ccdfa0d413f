"""What can go wrong with one of the provider's answers, on purpose."""

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

Operation = Literal["create", "status", "file"]
Moment = Literal["early", "before", "after"]
_PIECE = bytes(64 * 1024)


@dataclass(kw_only=True, eq=False)
class Fault:
    """One thing that goes wrong, ``times`` times, or for ever with ``None``.

    What happens: ``status`` answers that, with ``body`` and ``headers``; ``reset`` ends the
    connection with a TCP reset; ``cut`` does so in the middle of the true answer, whatever ``when``
    says; ``hang`` never answers; ``change`` makes another answer of the true JSON; ``endless``
    answers 200 with a body that never ends. With none of them the true answer comes, ``delay``
    seconds late, or once ``until`` is set.

    When: ``early``, while the body is still on its way; ``before`` it has any effect; ``after``
    it had its effect, so that a create call that seems to have failed is in the books.

    aiohttp's client repeats a GET once by itself when the connection breaks before the head of an
    answer: a ``reset`` of ``status`` or ``file`` needs ``times=2`` to be noticed.
    """

    operation: Operation
    when: Moment = "before"
    status: int | None = None
    body: bytes | str | Mapping[str, Any] = b""
    """A mapping is sent as JSON, a text that starts with ``<`` as HTML."""
    headers: Mapping[str, str] = field(default_factory=dict)
    close: bool = False
    """Whether the connection ends right behind that answer, whatever is still coming in."""
    reset: bool = False
    cut: bool = False
    hang: bool = False
    change: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None
    endless: bool = False
    delay: float = 0.0
    """Seconds of the provider's clock."""
    until: asyncio.Event | None = None
    """What it waits for besides; also ends when the provider stops."""
    times: int | None = 1
    only: Callable[[web.Request], bool] = lambda request: True
    """Which requests it is for."""
    met: int = 0
    """How often it has happened."""

    @property
    def replaces(self) -> bool:
        """Whether it takes the place of the true answer."""
        return self.status is not None or self.reset or self.hang or self.endless


class Faults:
    """The faults in force, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """From now on; the same object comes back, to read ``met`` from."""
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """All is well again."""
        self._waiting.clear()

    def take(self, operation: Operation, request: web.Request) -> Fault | None:
        """The first fault that is for this request; it counts as met."""
        for fault in self._waiting:
            if fault.operation == operation and fault.only(request):
                fault.met += 1
                if fault.times is not None and fault.met >= fault.times:
                    self._waiting.remove(fault)
                return fault
        return None


async def wait(fault: Fault, clock: Clock, closing: asyncio.Event) -> None:
    """For as long as the answer is late."""
    await clock.sleep(fault.delay)
    if fault.until is not None:
        await first_of(fault.until.wait(), closing.wait())


async def suffer(fault: Fault, request: web.Request, closing: asyncio.Event) -> web.StreamResponse:
    """What the fault does in the place of an answer. A hang ends when ``closing`` is set."""
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
    """The true answer as ``fault.change`` has it."""
    assert fault.change is not None
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    return web.json_response(fault.change(json.loads(answer.body)), status=answer.status)


async def cut(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Send the head and half of the body, then reset."""
    assert isinstance(answer, web.Response)
    body = answer.body
    assert isinstance(body, bytes)
    half = web.StreamResponse(status=answer.status, headers=answer.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    return drop(request, half)


def drop(request: web.Request, answer: web.StreamResponse | None = None) -> web.StreamResponse:
    """Reset the connection; what is returned reaches nobody."""
    transport = request.transport
    if transport is not None:
        raw = transport.get_extra_info("socket")
        # Lingering for 0 s makes the kernel send RST instead of FIN.
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
    """Without a length, until the other side has enough of it."""
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
"""Does what was asked, and makes the true answer."""
