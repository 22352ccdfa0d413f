"""The provider's HTTP: authorization, the four operations, errors as JSON."""

import asyncio

from aiohttp import web

from sandbox.dashscope.answers import (
    Style,
    canceled_answer,
    created_answer,
    job_answer,
    refusal_answer,
    unknown_answer,
)
from sandbox.dashscope.jobs import Job
from sandbox.dashscope.provider import DashScopeBackend
from sandbox.dashscope.rules import read
from sandbox.providers.local_provider import LocalProvider
from sandbox.providers.pictures import take
from sandbox.providers.records import Create
from sandbox.providers.refused import Refused

PREFIX = "/api/v1"
_CREATE = f"{PREFIX}/services/aigc/video-generation/video-synthesis"


class Wire(LocalProvider[Job, Style, Create]):
    """Serves a backend over HTTP, with injected faults."""

    _backend: DashScopeBackend

    def _add_routes(self, router: web.UrlDispatcher) -> None:
        create = self._handler("create", self._submit)
        status = self._handler("status", self._look)
        cancel = self._handler("cancel", self._withdraw)
        # The SDK's asynchronous class ends its paths with a slash.
        for slash in ("", "/"):
            router.add_post(_CREATE + slash, create)
            router.add_get(f"{PREFIX}/tasks/{{id}}{slash}", status)
            router.add_post(f"{PREFIX}/tasks/{{id}}/cancel{slash}", cancel)
        router.add_get("/files/{name}.mp4", self._handler("file", self._hand_out))

    # --- operations -------------------------------------------------------------------------

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
        asked = asked.without_picture(still)
        self._log_asked(request, asked.request)
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

    # --- shared -----------------------------------------------------------------------------

    def _about(self, request: web.Request, job: Job) -> web.Response:
        word = self._backend.word(job)
        url = self._video_url(request, job)
        return web.json_response(job_answer(job, word, url=url, style=self._backend.style))

    def _authorize(self, request: web.Request) -> None:
        """Check the key. One of another region is not told apart from any other wrong one."""
        if not self._is_authorized(request, self.key):
            given = "Authorization" in request.headers
            message = "Invalid API-key provided." if given else "No API-key provided."
            raise Refused(401, "InvalidApiKey", message)

    def _refusal(self, operation: str, refused: Refused) -> web.Response:
        return web.json_response(refusal_answer(refused), status=refused.status)
