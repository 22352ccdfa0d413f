"""The provider's HTTP: authorization, the three operations, errors as JSON, the log."""

import asyncio
import hmac
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.host_check import require_local_host
from sandbox.vtrix.answers import Style, forgotten_answer, job_answer, refusal_answer
from sandbox.vtrix.faults import Effect, Fault, Faults, Operation, changed, cut, suffer, wait
from sandbox.vtrix.jobs import Job
from sandbox.vtrix.pictures import check, fetch, from_data_uri, is_link
from sandbox.vtrix.provider import ProviderBackend
from sandbox.vtrix.records import Exchange, canonical, shorten
from sandbox.vtrix.rules import Asked, Envelope, Refused, read

Accepts = Literal["documented", "wrapped", "both"]
_ENVELOPES: dict[Accepts, frozenset[Envelope]] = {
    "documented": frozenset({Envelope.DOCUMENTED}),
    "wrapped": frozenset({Envelope.WRAPPED}),
    "both": frozenset(Envelope),
}
# Far more than the 13.4 MB of the largest allowed picture, so that a larger one gets a message.
_BODY_MAX = 64 * 1024 * 1024
_LOGGED = 1000


@dataclass(slots=True)
class _Note:
    """Notes for the log about a request that is being answered."""

    operation: str = ""
    asked: object = None


class Wire:
    """Serves a backend over HTTP, with injected faults."""

    def __init__(
        self,
        backend: ProviderBackend,
        *,
        key: str,
        accepts: Accepts,
        model: str,
        files_url: str | None,
    ) -> None:
        self.key = key
        self.accepts: Accepts = accepts
        self.model = model
        self.files_url = files_url
        """Start of links instead of this server's address, such as another origin."""
        self.faults = Faults()
        self.requests: deque[Exchange] = deque(maxlen=_LOGGED)
        self.counts: Counter[str] = Counter()
        """Number of requests of each operation, whatever their outcome."""
        self._backend = backend
        self._notes: dict[int, _Note] = {}
        self._closing = asyncio.Event()
        self._changed = asyncio.Condition()

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application(
            client_max_size=_BODY_MAX, middlewares=[require_local_host, self._logged()]
        )
        app.router.add_post("/model/v1/generation", self._create)
        app.router.add_get("/model/v1/generation/task/{id}", self._status)
        app.router.add_get("/files/{name}.mp4", self._file)
        return app

    async def _until(self, reached: Callable[[], bool], within: float) -> None:
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(reached)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # --- operations ---------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "create", partial(self._order, request))

    async def _status(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "status", partial(self._look, request))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "file", partial(self._hand_out, request))

    async def _order(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        body = await request.read()
        self._note(request).asked = shorten(body)
        try:
            asked = await asyncio.to_thread(
                read, body, model=self.model, accepts=_ENVELOPES[self.accepts]
            )
            del body
            job = await self._accept(request, asked)
        except Refused as refused:
            if refused.status == 400:
                refused.status = self._backend.style.malformed_status
            raise
        await self._tell()
        return self._about(request, job)

    async def _accept(self, request: web.Request, asked: Asked) -> Job:
        if is_link(asked.img_url):
            declared, picture = None, await fetch(asked.img_url)
        else:
            declared, picture = await asyncio.to_thread(from_data_uri, asked.img_url)
        still = await asyncio.to_thread(check, picture, declared=declared)
        self._note(request).asked = canonical(asked, still) | {"envelope": asked.envelope}
        return self._backend.accept(asked, still, picture)

    async def _look(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        asked, style = request.match_info["id"], self._backend.style
        if style.forgotten is not None and not self._backend.knows(asked):
            return web.json_response(forgotten_answer(asked, style))
        return self._about(request, self._backend.job(asked))

    async def _hand_out(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self._backend.links.check(
            f"{name}.mp4",
            expires=request.query.get("expires", ""),
            sig=request.query.get("sig", ""),
            now=self._backend.clock.now(),
        )
        content = await self._backend.renderer.video(self._backend.job_of_file(name))
        if isinstance(content, Path):
            return web.FileResponse(content, headers={"Content-Type": "video/mp4"})
        return web.Response(body=content, content_type="video/mp4")

    def _about(self, request: web.Request, job: Job) -> web.Response:
        url = (self.files_url or str(request.url.origin())) + self._backend.link(job)
        phase = self._backend.phase(job)
        return web.json_response(job_answer(job, phase, url=url, style=self._backend.style))

    def _authorize(self, request: web.Request) -> None:
        expected = f"Bearer {self.key}".encode()
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        if not hmac.compare_digest(expected, given):
            raise Refused(401, "InvalidApiKey", "the key is missing or invalid")

    # --- shared -------------------------------------------------------------------------

    async def _serve(
        self, request: web.Request, operation: Operation, effect: Effect
    ) -> web.StreamResponse:
        self._note(request).operation = operation
        self.counts[operation] += 1
        await self._tell()
        fault = self.faults.take(operation, request)
        return await effect() if fault is None else await self._spoil(fault, request, effect)

    async def _spoil(
        self, fault: Fault, request: web.Request, effect: Effect
    ) -> web.StreamResponse:
        if fault.change is not None:
            return changed(await effect(), fault)
        if fault.when == "after" or fault.cut:
            answer = await effect()
            await wait(fault, self._backend.clock, self._closing)
            if fault.cut:
                return await cut(request, answer)
            return await suffer(fault, request, self._closing) if fault.replaces else answer
        await wait(fault, self._backend.clock, self._closing)
        if not fault.replaces:
            return await effect()
        if fault.when == "before":
            self._note(request).asked = shorten(await request.read())
        return await suffer(fault, request, self._closing)

    def _logged(self) -> Middleware:
        @web.middleware
        async def log(request: web.Request, handler: Handler) -> web.StreamResponse:
            clock = self._backend.clock
            at, began = clock.now(), clock.monotonic()
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
                    answered=_text(answer),
                    seconds=clock.monotonic() - began,
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
        except Refused as refused:
            status, code, message = refused.status, refused.code, refused.message
        except web.HTTPException as error:
            status, code, message = error.status, error.reason.replace(" ", ""), error.reason
        # Files come from an object store; styles are the gateway's.
        is_file = self._note(request).operation == "file"
        style = Style() if is_file else self._backend.style
        status, body = refusal_answer(status, code, message, style=style)
        return web.json_response(body, status=status)


def _text(answer: web.StreamResponse) -> str:
    """Return an answer for the log: JSON unchanged, files as their length."""
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return ""
    if answer.content_type.startswith("video/"):
        return f"{len(answer.body)} bytes of {answer.content_type}"
    return shorten(answer.body)
