"""Prometheus metrics for `/metrics`.

Events in this process are counted as they happen. The metrics from the database (tasks by state,
the oldest waiting task, budgets) are read at each request and are the same in all processes of a
database: aggregate them with max, the others with sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.domain.money import ZERO, Usd
from bot.domain.task import State
from bot.services.metrics_sink import MetricsSink

# Seconds. Discord waits 3 s for an answer; a video takes a few minutes.
_ANSWER = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
_VIDEO = (15, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1800, 3600)
_DELIVERY = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600)
_LOOKS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 240)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Figures from the database at one moment."""

    states: Mapping[State, int]
    oldest_queued_seconds: float
    """0 if nothing waits."""
    spent: Usd
    """Settled and held money of the operator's month."""
    budget: Usd | None
    unclear_held: Usd = ZERO
    """Held by tasks that the provider may or may not have accepted."""
    unclear_oldest_seconds: float = 0.0
    """0 if there is none."""
    is_paused: bool = False
    """Whether the operator paused spending."""


class Metrics(MetricsSink):
    """Metrics of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._acknowledged = self._histogram(
            "acknowledge_seconds", "From a command to its first answer.", _ANSWER
        )
        self._rendered = self._histogram(
            "render_seconds", "From submission to the finished video, as it was noticed.", _VIDEO
        )
        self._delivered = self._histogram(
            "deliver_seconds", "From the finished video to its message.", _DELIVERY
        )
        self._looks = self._histogram("looks", "Looks at the provider for one video.", _LOOKS)
        self._ended = self._counter("tasks_ended", "Tasks that came to an end.", "state")
        self._provider = self._counter(
            "provider_errors", "Errors of a provider.", "provider", "kind"
        )
        self._discord = self._counter("discord_errors", "Discord's errors on delivery.", "kind")
        self._unlabeled = self._counter(
            "videos_unlabeled", "Videos delivered without the label in their file."
        )
        self._spend = self._counter("spend_usd", "What the provider charged, in USD.")
        self._tasks = self._gauge("tasks", "Tasks by state (database).", "state")
        self._oldest = self._gauge(
            "oldest_queued_seconds", "Age of the task that waits longest (database)."
        )
        self._spent = self._gauge("month_spent_usd", "Settled and held this month (database).")
        self._unclear = self._gauge("unclear_held_usd", "Held by unclear tasks (database).")
        self._unclear_oldest = self._gauge(
            "unclear_oldest_seconds", "Time since the oldest unclear task was sent (database)."
        )
        self._paused = self._gauge(
            "spending_paused", "1 while the operator has paused spending (database)."
        )
        self._left = self._gauge("month_budget_left_usd", "Left of BUDGET_USD_MONTH (database).")

    # --- counted as it happens ------------------------------------------------------------

    def acknowledged(self, seconds: float) -> None:
        self._acknowledged.observe(seconds)

    def rendered(self, *, seconds: float, looks: int, cost: Usd | None) -> None:
        self._rendered.observe(seconds)
        self._looks.observe(looks)
        if cost is not None:
            # A float is fine for a graph; the database has the exact sum.
            self._spend.inc(cost.micros / 1e6)

    def delivered(self, *, seconds: float) -> None:
        self._delivered.observe(seconds)
        self.ended(State.DELIVERED)

    def unlabeled(self) -> None:
        self._unlabeled.inc()

    def ended(self, state: State) -> None:
        self._ended.labels(state.value).inc()

    def provider_error(self, provider: str, kind: str) -> None:
        self._provider.labels(provider, kind).inc()

    def discord_error(self, kind: str) -> None:
        self._discord.labels(kind).inc()

    # --- read at each request -------------------------------------------------------------

    def show(self, stock: Stock) -> bytes:
        """All metrics, in Prometheus' text format."""
        for state, count in stock.states.items():
            self._tasks.labels(state.value).set(count)
        self._oldest.set(stock.oldest_queued_seconds)
        self._spent.set(stock.spent.micros / 1e6)
        self._unclear.set(stock.unclear_held.micros / 1e6)
        self._unclear_oldest.set(stock.unclear_oldest_seconds)
        self._paused.set(stock.is_paused)
        if stock.budget is not None:
            self._left.set((stock.budget.micros - stock.spent.micros) / 1e6)
        return generate_latest(self._registry)

    def _histogram(self, name: str, says: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"flipbook_{name}", says, buckets=buckets, registry=self._registry)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"flipbook_{name}", says, labels, registry=self._registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(f"flipbook_{name}", says, labels, registry=self._registry)
