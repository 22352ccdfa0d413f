"""The provider's HTTP: authorization, the four operations, errors as JSON."""

import asyncio
from functools import partial

from aiohttp import web

from sandbox.dashscope.answers import (
    canceled_answer,
    created_answer,
    job_answer,
    refusal_answer,
    unknown_answer,
)
from sandbox.dashscope.jobs import Job
from sandbox.dashscope.provider import DashScopeBackend
from sandbox.dashscope.records import canonical
from sandbox.dashscope.rules import read
from sandbox.providers.endpoint import Endpoint, video_answer
from sandbox.providers.pictures import take
from sandbox.providers.refused import Refused

PREFIX = "/api/v1"
_CREATE = f"{PREFIX}/services/aigc/video-generation/video-synthesis"


class Wire(Endpoint):
    """Serves a backend over HTTP, with injected faults."""

    def __init__(
        self,
        backend: DashScopeBackend,
        *,
        key: str,
        files_url: str | None,
        host: str,
        port: int,
        keepalive: float,
    ) -> None:
        super().__init__(key=key, clock=backend.clock, host=host, port=port, keepalive=keepalive)
        self.files_url = files_url
        """Start of links instead of this server's address, such as another origin."""
        self._backend = backend

    def _add_routes(self, router: web.UrlDispatcher) -> None:
        # The SDK's asynchronous class ends its paths with a slash.
        for slash in ("", "/"):
            router.add_post(_CREATE + slash, self._create)
            router.add_get(f"{PREFIX}/tasks/{{id}}{slash}", self._status)
            router.add_post(f"{PREFIX}/tasks/{{id}}/cancel{slash}", self._cancel)
        router.add_get("/files/{name}.mp4", self._file)

    # --- operations -------------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "create", partial(self._submit, request))

    async def _status(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "status", partial(self._look, request))

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "cancel", partial(self._withdraw, request))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "file", partial(self._hand_out, request))

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        if request.headers.get("X-DashScope-Async") != "enable":
            message = "current user api does not support synchronous calls."
            raise Refused(403, "AccessDenied", message)
        if request.content_type != "application/json":
            message = "The input parameter requires json format."
            raise Refused(400, "BadRequest.IllegalInput", message)
        body = await self._body(request)
        asked = await asyncio.to_thread(read, body)
        del body
        self._backend.admit(asked)
        still, picture = await take(asked.img_url, asked.model.picture)
        self._log_asked(request, canonical(asked, still))
        job = self._backend.accept(asked, still, picture)
        await self._tell()
        return web.json_response(created_answer(job))

    async def _look(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        self._backend.rates.query("status", self._clock.monotonic())
        job = self._backend.find(request.match_info["id"])
        if job is None:
            return web.json_response(unknown_answer(request.match_info["id"]))
        return self._about(request, job)

    async def _withdraw(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        self._backend.rates.query("cancel", self._clock.monotonic())
        self._backend.cancel(request.match_info["id"])
        return web.json_response(canceled_answer())

    async def _hand_out(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self._backend.links.check(
            f"{name}.mp4",
            expires=request.query.get("expires", ""),
            sig=request.query.get("sig", ""),
            now=self._clock.now(),
        )
        job = self._backend.job_of_file(name)
        return video_answer(await self._backend.renderer.video(job.video))

    # --- shared -----------------------------------------------------------------------------

    def _about(self, request: web.Request, job: Job) -> web.Response:
        word = self._backend.word(job)
        url = (self.files_url or str(request.url.origin())) + self._backend.link(job)
        return web.json_response(job_answer(job, word, url=url, style=self._backend.style))

    def _authorize(self, request: web.Request) -> None:
        """Check the key. One of another region is not told apart from any other wrong one."""
        if not self._is_authorized(request, self.key):
            given = "Authorization" in request.headers
            message = "Invalid API-key provided." if given else "No API-key provided."
            raise Refused(401, "InvalidApiKey", message)

    def _refusal(self, operation: str, refused: Refused) -> web.Response:
        return web.json_response(refusal_answer(refused), status=refused.status)
