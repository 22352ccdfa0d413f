"""The local provider on a port of this machine."""

from decimal import Decimal
from pathlib import Path

from bot.clock import Clock, SystemClock
from sandbox.dashscope.answers import Style
from sandbox.dashscope.limits import Excess
from sandbox.dashscope.provider import DashScopeBackend
from sandbox.dashscope.records import Create
from sandbox.dashscope.wire import PREFIX, Wire


class LocalDashScope(Wire):
    """The provider's API on loopback. `sandbox.dashscope` describes its settings."""

    def __init__(
        self,
        *,
        key: str = "test-key",
        host: str = "127.0.0.1",
        port: int = 0,
        seconds: float = 30.0,
        speed: float = 1.0,
        waiting: float | None = None,
        excess: Excess = Excess.REFUSED,
        rates: float = 1.0,
        files_url: str | None = None,
        video: bytes | Path | None = None,
        render_early: bool = False,
        style: Style | None = None,
        keepalive: float = 75.0,
        clock: Clock | None = None,
    ) -> None:
        backend = DashScopeBackend(
            clock=clock or SystemClock(),
            seconds=seconds,
            speed=speed,
            excess=excess,
            video=video,
            render_early=render_early,
            style=style or Style(),
        )
        backend.waiting = waiting
        backend.rates.factor = rates
        super().__init__(
            backend, key=key, files_url=files_url, host=host, port=port, keepalive=keepalive
        )

    def _close(self) -> None:
        self._backend.renderer.close()

    @property
    def base_url(self) -> str:
        """The value for DASHSCOPE_BASE_URL, available after the start."""
        return self.origin + PREFIX

    # --- switches -----------------------------------------------------------------------

    @property
    def style(self) -> Style:
        """The style of answers."""
        return self._backend.style

    @style.setter
    def style(self, style: Style) -> None:
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
    def waiting(self) -> float | None:
        """How long new tasks are PENDING; ``None``: a tenth of their time."""
        return self._backend.waiting

    @waiting.setter
    def waiting(self, seconds: float | None) -> None:
        self._backend.waiting = seconds

    @property
    def rates(self) -> float:
        """Factor for what is allowed a second."""
        return self._backend.rates.factor

    @rates.setter
    def rates(self, factor: float) -> None:
        self._backend.rates.factor = factor

    @property
    def excess(self) -> Excess:
        """What happens to a submission above the tasks that may be in progress."""
        return self._backend.excess

    @excess.setter
    def excess(self, excess: Excess) -> None:
        self._backend.excess = excess

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
    def in_arrears(self) -> bool:
        """Whether the account has no money left."""
        return self._backend.in_arrears

    @in_arrears.setter
    def in_arrears(self, in_arrears: bool) -> None:
        self._backend.in_arrears = in_arrears

    @property
    def denied(self) -> set[str]:
        """The models that the key may not use."""
        return self._backend.denied

    def fail_next(self, code: str, message: str, *, times: int = 1) -> None:
        """Make the next accepted tasks fail with this error; they cost nothing."""
        self._backend.failures.extend([(code, message)] * times)

    @property
    def failing(self) -> tuple[str, str] | None:
        """Code and message with which every new task fails; ``None``: they do not fail."""
        return self._backend.failing

    @failing.setter
    def failing(self, failure: tuple[str, str] | None) -> None:
        self._backend.failing = failure

    def begin(self, id: str | None = None) -> None:
        """Let a waiting task run, or all of them."""
        self._backend.begin(id)

    def finish(self, id: str | None = None) -> None:
        """End a task, or all of them, now."""
        self._backend.finish(id)

    def forget(self, id: str) -> None:
        """Forget a task, so that its status is UNKNOWN."""
        self._backend.forget(id)

    # --- records ------------------------------------------------------------------------

    @property
    def creates(self) -> list[Create]:
        """Every accepted create call, oldest first."""
        return self._backend.creates

    @property
    def charges(self) -> dict[str, Decimal]:
        """USD of each video, by the id of its task."""
        return self._backend.charges

    async def created(self, count: int = 1, *, within: float = 30.0) -> list[Create]:
        """Wait (real seconds) until that many create calls were accepted.

        Raises:
            TimeoutError: they were not accepted in time.
        """
        await self._until(lambda: len(self.creates) >= count, within)
        return self.creates
