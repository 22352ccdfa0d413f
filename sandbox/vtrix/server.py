"""The local provider on a port of this machine."""

from decimal import Decimal
from pathlib import Path

from bot.clock import Clock, SystemClock
from sandbox.vtrix.answers import Style
from sandbox.vtrix.provider import VtrixBackend
from sandbox.vtrix.wire import Accepts, Wire

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
        balance: Amount = "10",
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
        backend = VtrixBackend(
            clock=clock or SystemClock(),
            balance=Decimal(balance),
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
            files_url=files_url,
            host=host,
            port=port,
            keepalive=keepalive,
        )

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
    def cost_factor(self) -> Decimal:
        """What the prices of new jobs are multiplied with, as if they had been raised."""
        return self._backend.cost_factor

    @cost_factor.setter
    def cost_factor(self, factor: Decimal) -> None:
        self._backend.cost_factor = factor

    def file_of(self, id: str) -> str:
        """Return the name of a job's video without extension, which selects it in faults."""
        return self._backend.file_of(self._backend.job(id))
