"""The provider's HTTP: authorization, the three operations, errors as JSON."""

import asyncio
from functools import partial
from typing import Literal

from aiohttp import web

from sandbox.providers.endpoint import Endpoint, video_answer
from sandbox.providers.pictures import take
from sandbox.providers.refused import Refused
from sandbox.vtrix.answers import Style, forgotten_answer, job_answer, refusal_answer
from sandbox.vtrix.jobs import Job
from sandbox.vtrix.provider import ProviderBackend
from sandbox.vtrix.records import canonical
from sandbox.vtrix.rules import PICTURE, Asked, Envelope, read

Accepts = Literal["documented", "wrapped", "both"]
_ENVELOPES: dict[Accepts, frozenset[Envelope]] = {
    "documented": frozenset({Envelope.DOCUMENTED}),
    "wrapped": frozenset({Envelope.WRAPPED}),
    "both": frozenset(Envelope),
}


class Wire(Endpoint):
    """Serves a backend over HTTP, with injected faults."""

    def __init__(
        self,
        backend: ProviderBackend,
        *,
        key: str,
        accepts: Accepts,
        model: str,
        files_url: str | None,
        host: str,
        port: int,
        keepalive: float,
    ) -> None:
        super().__init__(key=key, clock=backend.clock, host=host, port=port, keepalive=keepalive)
        self.accepts: Accepts = accepts
        self.model = model
        self.files_url = files_url
        """Start of links instead of this server's address, such as another origin."""
        self._backend = backend

    def _add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/model/v1/generation", self._create)
        router.add_get("/model/v1/generation/task/{id}", self._status)
        router.add_get("/files/{name}.mp4", self._file)

    # --- operations ---------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "create", partial(self._order, request))

    async def _status(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "status", partial(self._look, request))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "file", partial(self._hand_out, request))

    async def _order(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        body = await self._body(request)
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
        still, picture = await take(asked.img_url, PICTURE)
        self._log_asked(request, canonical(asked, still) | {"envelope": asked.envelope})
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
        job = self._backend.job_of_file(name)
        return video_answer(await self._backend.renderer.video(job.video))

    def _about(self, request: web.Request, job: Job) -> web.Response:
        url = (self.files_url or str(request.url.origin())) + self._backend.link(job)
        phase = self._backend.phase(job)
        return web.json_response(job_answer(job, phase, url=url, style=self._backend.style))

    def _authorize(self, request: web.Request) -> None:
        if not self._is_authorized(request, self.key):
            raise Refused(401, "InvalidApiKey", "the key is missing or invalid")

    def _refusal(self, operation: str, refused: Refused) -> web.Response:
        # Files come from an object store; styles are the gateway's.
        style = Style() if operation == "file" else self._backend.style
        status, body = refusal_answer(refused.status, refused.code, refused.message, style=style)
        return web.json_response(body, status=status)
