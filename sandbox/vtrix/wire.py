"""The provider's HTTP: authorization, the three operations, errors as JSON."""

import asyncio
from typing import Literal

from aiohttp import web

from sandbox.providers.local_provider import LocalProvider
from sandbox.providers.pictures import take
from sandbox.providers.refused import Refused
from sandbox.vtrix.answers import Style, forgotten_answer, job_answer, refusal_answer
from sandbox.vtrix.jobs import Job
from sandbox.vtrix.provider import VtrixBackend
from sandbox.vtrix.records import Create
from sandbox.vtrix.rules import Asked, Envelope, read

Accepts = Literal["documented", "wrapped", "both"]
_ENVELOPES: dict[Accepts, frozenset[Envelope]] = {
    "documented": frozenset({Envelope.DOCUMENTED}),
    "wrapped": frozenset({Envelope.WRAPPED}),
    "both": frozenset(Envelope),
}


class Wire(LocalProvider[Job, Style, Create]):
    """Serves a backend over HTTP, with injected faults."""

    _backend: VtrixBackend

    def __init__(
        self,
        backend: VtrixBackend,
        *,
        key: str,
        accepts: Accepts,
        files_url: str | None,
        host: str,
        port: int,
        keepalive: float,
    ) -> None:
        super().__init__(
            backend, key=key, files_url=files_url, host=host, port=port, keepalive=keepalive
        )
        self.accepts: Accepts = accepts
        self.not_served: set[str] = set()
        """Models that are answered with 404."""

    def _add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/model/v1/generation", self._handler("create", self._order))
        router.add_get("/model/v1/generation/task/{id}", self._handler("status", self._look))
        router.add_get("/files/{name}.mp4", self._handler("file", self._hand_out))

    # --- operations -------------------------------------------------------------------------

    async def _order(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        body = await self._body(request)
        try:
            accepts = _ENVELOPES[self.accepts]
            asked = await asyncio.to_thread(read, body, accepts=accepts, not_served=self.not_served)
            del body
            job = await self._accept(request, asked)
        except Refused as refused:
            if refused.status == 400:
                refused.status = self._backend.style.malformed_status
            raise
        await self._tell()
        return self._about(request, job)

    async def _accept(self, request: web.Request, asked: Asked) -> Job:
        still, picture = await take(asked.img_url, asked.model.picture)
        asked = asked.without_picture(still)
        self._log_asked(request, asked.request | {"envelope": asked.envelope})
        return self._backend.accept(asked, still, picture)

    async def _look(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        asked, style = request.match_info["id"], self._backend.style
        if style.forgotten is not None and not self._backend.knows(asked):
            return web.json_response(forgotten_answer(asked, style))
        return self._about(request, self._backend.job(asked))

    def _about(self, request: web.Request, job: Job) -> web.Response:
        url = self._video_url(request, job)
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
