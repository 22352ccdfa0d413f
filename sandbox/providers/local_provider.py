"""A local provider on a port of this machine: its switches, its records, and its files."""

from decimal import Decimal
from pathlib import Path
from typing import Generic

from aiohttp import web

from sandbox.providers.backend import Backend, CreateT, JobT, StyleT
from sandbox.providers.endpoint import Endpoint


class LocalProvider(Endpoint, Generic[JobT, StyleT, CreateT]):
    """Serves a backend over HTTP, with the switches that each provider has."""

    def __init__(
        self,
        backend: Backend[JobT, StyleT, CreateT],
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

    def _close(self) -> None:
        self._backend.renderer.close()

    # --- files ------------------------------------------------------------------------------

    def _video_url(self, request: web.Request, job: JobT) -> str:
        return (self.files_url or str(request.url.origin())) + self._backend.link(job)

    async def _hand_out(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self._backend.links.check(
            f"{name}.mp4",
            expires=request.query.get("expires", ""),
            sig=request.query.get("sig", ""),
            now=self._clock.now(),
        )
        job = self._backend.job_of_file(name)
        content = await self._backend.renderer.video(job.video)
        if isinstance(content, Path):
            return web.FileResponse(content, headers={"Content-Type": "video/mp4"})
        return web.Response(body=content, content_type="video/mp4")

    # --- switches ---------------------------------------------------------------------------

    @property
    def style(self) -> StyleT:
        """The style of answers."""
        return self._backend.style

    @style.setter
    def style(self, style: StyleT) -> None:
        self._backend.style = style

    @property
    def seconds(self) -> float:
        """How long new tasks take, at speed 1."""
        return self._backend.seconds

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        self._backend.seconds = seconds

    @property
    def slow(self) -> float:
        """Factor for the duration of new tasks; ``math.inf``: they never end."""
        return self._backend.slow

    @slow.setter
    def slow(self, factor: float) -> None:
        self._backend.slow = factor

    @property
    def link_seconds(self) -> float:
        """How long links are valid after the end of their task; 0: never."""
        return self._backend.link_seconds

    @link_seconds.setter
    def link_seconds(self, seconds: float) -> None:
        self._backend.link_seconds = seconds

    @property
    def video(self) -> bytes | Path | None:
        """Replacement for every video; ``None``: each task has its own."""
        return self._backend.renderer.ready

    @video.setter
    def video(self, video: bytes | Path | None) -> None:
        self._backend.renderer.ready = video

    @property
    def full(self) -> bool:
        """Whether create calls are answered with 429."""
        return self._backend.full

    @full.setter
    def full(self, full: bool) -> None:
        self._backend.full = full

    @property
    def failing(self) -> tuple[str, str] | None:
        """Code and message with which every new task fails; ``None``: they do not fail."""
        return self._backend.failing

    @failing.setter
    def failing(self, failure: tuple[str, str] | None) -> None:
        self._backend.failing = failure

    def fail_next(self, code: str, message: str, *, times: int = 1) -> None:
        """Make the next accepted tasks fail with this error; they cost nothing."""
        self._backend.failures.extend([(code, message)] * times)

    def finish(self, id: str | None = None) -> None:
        """End a task, or all of them, now."""
        self._backend.finish(id)

    def forget(self, id: str) -> None:
        """Forget a task, so that the provider no longer knows it."""
        self._backend.forget(id)

    # --- records ----------------------------------------------------------------------------

    @property
    def creates(self) -> list[CreateT]:
        """Every accepted create call, oldest first."""
        return self._backend.creates

    @property
    def charges(self) -> dict[str, Decimal]:
        """USD of each video, by the id of its task."""
        return self._backend.charges

    async def created(self, count: int = 1, *, within: float = 30.0) -> list[CreateT]:
        """Wait (real seconds) until that many create calls were accepted.

        Raises:
            TimeoutError: they were not accepted in time.
        """
        await self._until(lambda: len(self.creates) >= count, within)
        return self.creates
