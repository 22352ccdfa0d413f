"""The local provider on a port of this machine."""

from pathlib import Path

from bot.clock import Clock, SystemClock
from sandbox.dashscope.answers import Style
from sandbox.dashscope.limits import Excess
from sandbox.dashscope.provider import DashScopeBackend
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
            waiting=waiting,
            excess=excess,
            rates=rates,
            video=video,
            render_early=render_early,
            style=style or Style(),
        )
        super().__init__(
            backend, key=key, files_url=files_url, host=host, port=port, keepalive=keepalive
        )

    @property
    def base_url(self) -> str:
        """The value for DASHSCOPE_BASE_URL, available after the start."""
        return self.origin + PREFIX

    # --- switches -----------------------------------------------------------------------

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

    def begin(self, id: str | None = None) -> None:
        """Let a waiting task run, or all of them."""
        self._backend.begin(id)
