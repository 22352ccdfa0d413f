"""The local provider on a port of this machine."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from bot.clock import Clock, SystemClock
from sandbox.vtrix.answers import Style
from sandbox.vtrix.provider import ProviderBackend
from sandbox.vtrix.records import Create
from sandbox.vtrix.wire import Accepts, Wire

MODEL = "wan22_i2v_flash"
PRICES_USD: Mapping[str, str] = {"480P": "0.10", "720P": "0.20"}

Amount = str | Decimal


class LocalVtrix(Wire):
    """The provider's API on loopback. `sandbox.vtrix` describes its settings."""

    def __init__(
        self,
        *,
        key: str = "test-key",
        host: str = "127.0.0.1",
        port: int = 0,
        accepts: Accepts = "both",
        model: str = MODEL,
        balance: Amount = "10",
        prices: Mapping[str, Amount] = PRICES_USD,
        discount: Amount = "0",
        seconds: float = 30.0,
        speed: float = 1.0,
        link_seconds: float = 24 * 3600,
        files_url: str | None = None,
        video: bytes | Path | None = None,
        render_early: bool = False,
        style: Style | None = None,
        keepalive: float = 75.0,
        clock: Clock | None = None,
    ) -> None:
        backend = ProviderBackend(
            clock=clock or SystemClock(),
            balance=Decimal(balance),
            prices={tier: Decimal(price) for tier, price in prices.items()},
            discount=Decimal(discount),
            seconds=seconds,
            speed=speed,
            link_seconds=link_seconds,
            video=video,
            render_early=render_early,
            style=style or Style(),
        )
        super().__init__(
            backend,
            key=key,
            accepts=accepts,
            model=model,
            files_url=files_url,
            host=host,
            port=port,
            keepalive=keepalive,
        )

    def _close(self) -> None:
        self._backend.renderer.close()

    @property
    def base_url(self) -> str:
        """The value for VTRIX_BASE_URL, available after the start."""
        return self.origin

    # --- switches -----------------------------------------------------------------------

    @property
    def balance(self) -> Decimal:
        """USD left; each completed job has taken its cost."""
        return self._backend.account.balance(self._backend.clock.monotonic())

    @balance.setter
    def balance(self, amount: Amount) -> None:
        self._backend.account.set(Decimal(amount), self._backend.clock.monotonic())

    @property
    def style(self) -> Style:
        """The style of answers."""
        return self._backend.style

    @style.setter
    def style(self, style: Style) -> None:
        self._backend.style = style

    @property
    def seconds(self) -> float:
        """How long new jobs take, at speed 1."""
        return self._backend.seconds

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        self._backend.seconds = seconds

    @property
    def slow(self) -> float:
        """Factor for the duration of new jobs; ``math.inf``: they never end."""
        return self._backend.slow

    @slow.setter
    def slow(self, factor: float) -> None:
        self._backend.slow = factor

    @property
    def link_seconds(self) -> float:
        """How long links are valid after the end of their job; 0: never."""
        return self._backend.link_seconds

    @link_seconds.setter
    def link_seconds(self, seconds: float) -> None:
        self._backend.link_seconds = seconds

    @property
    def video(self) -> bytes | Path | None:
        """Replacement for every video; ``None``: each job has its own."""
        return self._backend.renderer.ready

    @video.setter
    def video(self, video: bytes | Path | None) -> None:
        self._backend.renderer.ready = video

    def fail_next(self, code: str, message: str, *, times: int = 1) -> None:
        """Make the next accepted jobs fail with this error; they cost nothing."""
        self._backend.failures.extend([(code, message)] * times)

    @property
    def failing(self) -> tuple[str, str] | None:
        """Code and message with which every new job fails; ``None``: they do not fail."""
        return self._backend.failing

    @failing.setter
    def failing(self, failure: tuple[str, str] | None) -> None:
        self._backend.failing = failure

    @property
    def full(self) -> bool:
        """Whether create calls are answered with 429."""
        return self._backend.full

    @full.setter
    def full(self, full: bool) -> None:
        self._backend.full = full

    def finish(self, id: str | None = None) -> None:
        """End a job, or all of them, now."""
        self._backend.finish(id)

    def forget(self, id: str) -> None:
        """Forget a job, so that it is answered with 404."""
        self._backend.forget(id)

    def file_of(self, id: str) -> str:
        """Return the name of a job's video without extension, which selects it in faults."""
        return self._backend.job(id).remote_id

    # --- records ------------------------------------------------------------------------

    @property
    def creates(self) -> list[Create]:
        """Every accepted create call, oldest first."""
        return self._backend.creates

    @property
    def charges(self) -> dict[str, Decimal]:
        """USD that each completed job has cost, by id."""
        return self._backend.account.charged(self._backend.clock.monotonic())

    async def created(self, count: int = 1, *, within: float = 30.0) -> list[Create]:
        """Wait (real seconds) until that many create calls were accepted.

        Raises:
            TimeoutError: they were not accepted in time.
        """
        await self._until(lambda: len(self.creates) >= count, within)
        return self.creates
