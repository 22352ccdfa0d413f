"""The HTTP server of a local provider: start and stop, faults, errors as JSON, the log."""

import asyncio
import hmac
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.clock import Clock
from sandbox.host_check import require_local_host
from sandbox.providers.exchanges import Exchange, as_text, shorten
from sandbox.providers.faults import Effect, Fault, Faults, Operation, changed, cut, suffer, wait
from sandbox.providers.refused import Refused

# Far more than any allowed picture, so that a larger one gets a message.
_BODY_MAX = 64 * 1024 * 1024
_LOGGED = 1000


@dataclass(slots=True)
class _Note:
    """Notes for the log about a request that is being answered."""

    operation: str = ""
    asked: object = None


class Endpoint(ABC):
    """Serves a provider's API on loopback, with injected faults."""

    def __init__(self, *, key: str, clock: Clock, host: str, port: int, keepalive: float) -> None:
        self.key = key
        self.faults = Faults()
        self.requests: deque[Exchange] = deque(maxlen=_LOGGED)
        self.counts: Counter[str] = Counter()
        """Number of requests of each operation, whatever their outcome."""
        self._clock = clock
        self._host, self._port = host, port
        self._keepalive = keepalive
        self._runner: web.AppRunner | None = None
        self._notes: dict[int, _Note] = {}
        self._closing = asyncio.Event()
        self._changed = asyncio.Condition()

    # --- what each provider adds ------------------------------------------------------------

    @abstractmethod
    def _add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the provider's operations."""

    @abstractmethod
    def _refusal(self, operation: str, refused: Refused) -> web.Response:
        """Return the answer that tells of a refusal."""

    @abstractmethod
    def _close(self) -> None:
        """Free what the provider holds. This may take a while, so it runs in a thread."""

    # --- start and stop ---------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        await asyncio.to_thread(self._close)

    async def start(self) -> None:
        """Start listening; after a stop, on the same port."""
        self._closing.clear()
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            keepalive_timeout=self._keepalive,
            shutdown_timeout=1,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening, so that connections are refused. Jobs continue, and are not forgotten."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._runner is not None

    @property
    def origin(self) -> str:
        """Scheme, host and port, available after the start."""
        return f"http://{self._host}:{self._port}"

    async def asked(self, operation: Operation, count: int, *, within: float = 30.0) -> None:
        """Wait (real seconds) until that many requests of a kind have arrived, answered or not.

        Raises:
            TimeoutError: they did not arrive in time.
        """
        await self._until(lambda: self.counts[operation] >= count, within)

    # --- for the operations -----------------------------------------------------------------

    def _handler(
        self, operation: Operation, effect: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> Handler:
        """Return the handler of an operation, which also counts it and injects faults."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, operation, partial(effect, request))

        return handle

    async def _serve(
        self, request: web.Request, operation: Operation, effect: Effect
    ) -> web.StreamResponse:
        """Carry out an operation, or the fault that is meant for it."""
        self._note(request).operation = operation
        self.counts[operation] += 1
        await self._tell()
        fault = self.faults.take(operation, request)
        return await effect() if fault is None else await self._spoil(fault, request, effect)

    async def _body(self, request: web.Request) -> bytes:
        """Read a body, and log its beginning."""
        body = await request.read()
        self._log_asked(request, shorten(body))
        return body

    def _log_asked(self, request: web.Request, asked: object) -> None:
        self._note(request).asked = asked

    def _is_authorized(self, request: web.Request, key: str) -> bool:
        """Whether the request has this key."""
        expected = f"Bearer {key}".encode()
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        return hmac.compare_digest(expected, given)

    async def _until(self, reached: Callable[[], bool], within: float) -> None:
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(reached)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # --- shared -----------------------------------------------------------------------------

    def _application(self) -> web.Application:
        app = web.Application(
            client_max_size=_BODY_MAX, middlewares=[require_local_host, self._logged()]
        )
        self._add_routes(app.router)
        return app

    async def _spoil(
        self, fault: Fault, request: web.Request, effect: Effect
    ) -> web.StreamResponse:
        if fault.change is not None:
            return changed(await effect(), fault)
        if fault.when == "after" or fault.cut:
            answer = await effect()
            await wait(fault, self._clock, self._closing)
            if fault.cut:
                return await cut(request, answer)
            return await suffer(fault, request, self._closing) if fault.replaces else answer
        await wait(fault, self._clock, self._closing)
        if not fault.replaces:
            return await effect()
        if fault.when == "before":
            await self._body(request)
        return await suffer(fault, request, self._closing)

    def _logged(self) -> Middleware:
        @web.middleware
        async def log(request: web.Request, handler: Handler) -> web.StreamResponse:
            at, began = self._clock.now(), self._clock.monotonic()
            note = self._notes[id(request)] = _Note()
            try:
                answer = await self._in_json(request, handler)
            finally:
                del self._notes[id(request)]
            gone = request.transport is None or request.transport.is_closing()
            self.requests.append(
                Exchange(
                    at=at,
                    operation=note.operation,
                    method=request.method,
                    path=request.path,
                    asked=note.asked,
                    status=None if gone and not answer.prepared else answer.status,
                    answered=as_text(answer),
                    seconds=self._clock.monotonic() - began,
                )
            )
            return answer

        return log

    def _note(self, request: web.Request) -> _Note:
        return self._notes[id(request)]

    async def _in_json(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Return the answer, with all refusals as JSON, even those of the HTTP server itself."""
        try:
            return await handler(request)
        except Refused as error:
            refused = error
        except web.HTTPException as error:
            code = error.reason.replace(" ", "")
            refused = Refused(error.status, code, error.reason)
        return self._refusal(self._note(request).operation, refused)
