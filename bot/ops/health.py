"""`/healthz`, `/readyz` and `/metrics` for monitoring.

Clients may ask as often as they like, or connect and stay silent. The number of connections, their
duration and the work for answers are limited, so that the bot itself is not slowed down.
"""

import asyncio
import contextlib
import errno
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar, cast

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.errors import PortTaken, SettingsError, StorageError

MOST_CONNECTIONS = 64
# Seconds that a connection lasts at most, however it is used.
CONNECTION_SECONDS = 10.0
# Seconds for which a computed answer is reused.
READY_FRESH = 0.5
METRICS_FRESH = 5.0

T = TypeVar("T")
Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""Returns the name of each required part, and whether it works now. Called for `/readyz`."""

Details = Callable[[], Awaitable[Mapping[str, object]]]
"""Returns more facts by name, which do not make the process less ready."""

Metrics = Callable[[], Awaitable[bytes]]
"""Returns all metrics in Prometheus' text format.

Raises:
    StorageError: the database cannot be read now.
"""


@contextlib.asynccontextmanager
async def open_health(
    *,
    host: str,
    port: int,
    ready: Ready,
    details: Details | None = None,
    metrics: Metrics | None = None,
    ready_fresh: float = READY_FRESH,
    metrics_fresh: float = METRICS_FRESH,
    connection_seconds: float = CONNECTION_SECONDS,
) -> AsyncIterator[int]:
    """Serve while the context is open; yields the port (a free one if ``port`` is 0).

    `/healthz` answers 200 while the event loop runs. `/readyz` answers 200 if all of ``ready`` is
    true, else 503; the JSON body lists each part, and ``details`` once it is ready. `/metrics`
    answers in Prometheus' text format, or 503 while the database cannot be read.

    Raises:
        SettingsError: the address cannot be opened.
    """
    app = web.Application()
    shared = None if details is None else _Shared(details, ready_fresh)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _ready(_Shared(ready, ready_fresh), shared))
    if metrics is not None:
        app.router.add_get("/metrics", _measured(_Shared(metrics, metrics_fresh)))
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        acceptor = _Acceptor(cast("web.Server", runner.server), seconds=connection_seconds)
        server = await _listen(acceptor, host, port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            acceptor.close()
    finally:
        await runner.cleanup()


async def _listen(acceptor: "_Acceptor", host: str, port: int) -> asyncio.Server:
    try:
        return await asyncio.get_running_loop().create_server(acceptor.protocol, host, port)
    except (OSError, socket.gaierror) as error:
        problem = f"HEALTH_PORT ({port}) cannot be opened on {host!r}: {error.strerror or error}"
        kind = PortTaken if error.errno == errno.EADDRINUSE else SettingsError
        raise kind([problem]) from error


class _Acceptor:
    """Limits the number and the duration of connections; a new one over the limit ends the oldest.

    An honest connection is over in milliseconds, so the oldest is a silent one.
    """

    def __init__(self, server: web.Server, *, seconds: float) -> None:
        self._server = server
        self._seconds = seconds
        self._open: OrderedDict[_Connection, asyncio.TimerHandle] = OrderedDict()

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol for a new connection."""
        return _Connection(self._server(), self)

    def enter(self, connection: "_Connection") -> None:
        """Count a connection that was made."""
        if len(self._open) >= MOST_CONNECTIONS:
            next(iter(self._open)).abort()
        timer = asyncio.get_running_loop().call_later(self._seconds, connection.abort)
        self._open[connection] = timer

    def leave(self, connection: "_Connection") -> None:
        """Forget a connection that has ended."""
        timer = self._open.pop(connection, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Cancel all timers."""
        for connection in [*self._open]:
            self.leave(connection)


class _Connection(asyncio.Protocol):
    """aiohttp's own protocol for one connection, which can be aborted."""

    def __init__(self, inner: asyncio.Protocol, acceptor: _Acceptor) -> None:
        self._inner = inner
        self._acceptor = acceptor
        self._transport: asyncio.Transport | None = None

    def abort(self) -> None:
        self._acceptor.leave(self)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio.Transport, but behave the same.
        self._transport = cast("asyncio.Transport", transport)
        self._acceptor.enter(self)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._acceptor.leave(self)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


class _Shared(Generic[T]):
    """An answer that is computed once for all clients that ask within ``fresh`` seconds."""

    def __init__(self, work: Callable[[], Awaitable[T]], fresh: float) -> None:
        self._work = work
        self._fresh = fresh
        self._job: asyncio.Task[T] | None = None
        self._ended = 0.0

    async def __call__(self) -> T:
        now = asyncio.get_running_loop().time()
        if self._job is None or (self._job.done() and now - self._ended >= self._fresh):
            self._job = asyncio.create_task(self._do())
            # Nobody may be waiting for the result any more by then.
            self._job.add_done_callback(_looked_at)
        # A client that disconnects must not cancel the work for the others.
        return await asyncio.shield(self._job)

    async def _do(self) -> T:
        try:
            return await self._work()
        finally:
            self._ended = asyncio.get_running_loop().time()


def _looked_at(job: asyncio.Task[Any]) -> None:
    if not job.cancelled():
        job.exception()


async def _alive(_request: web.Request) -> web.Response:
    return web.json_response({"alive": True})


def _ready(
    ready: Ready, details: Details | None
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_request: web.Request) -> web.Response:
        parts = dict(await ready())
        fine = all(parts.values())
        more = await details() if fine and details is not None else {}
        return web.json_response({"ready": fine, **parts, **more}, status=200 if fine else 503)

    return answer


def _measured(metrics: Metrics) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_request: web.Request) -> web.Response:
        try:
            body = await metrics()
        except StorageError as error:
            raise web.HTTPServiceUnavailable(text=f"the database: {error}") from error
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return answer
