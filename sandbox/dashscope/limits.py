"""How many calls the provider accepts: a second, and at a time."""

from collections import defaultdict, deque
from collections.abc import Iterable
from enum import StrEnum

from sandbox.dashscope.jobs import ENDED, Job
from sandbox.dashscope.models import DashScopeModel
from sandbox.providers.refused import Refused

QUERIES_PER_SECOND = 20
"""For status calls and for cancellations, each, over the whole account."""


class Excess(StrEnum):
    """What happens to a submission while as many tasks of its model are in progress as may be."""

    REFUSED = "refused"
    QUEUED = "queued"


class RateLimits:
    """Counts calls in the last second of the provider's clock."""

    def __init__(self) -> None:
        self.factor = 1.0
        """By how much more is allowed."""
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def submit(self, model: DashScopeModel, now: float) -> None:
        """Count a submission.

        Raises:
            Refused: there were too many for this model.
        """
        self._count(model.id, model.submits_per_second, now)

    def query(self, operation: str, now: float) -> None:
        """Count a status call or a cancellation.

        Raises:
            Refused: there were too many.
        """
        self._count(operation, QUERIES_PER_SECOND, now)

    def _count(self, name: str, allowed: int, now: float) -> None:
        calls = self._calls[name]
        while calls and calls[0] <= now - 1.0:
            calls.popleft()
        if len(calls) >= allowed * self.factor:
            message = "Requests rate limit exceeded, please try again later."
            raise Refused(429, "Throttling.RateQuota", message)
        calls.append(now)


def check_room(model: DashScopeModel, jobs: Iterable[Job], now: float) -> None:
    """Check that another task of a model may be in progress.

    Raises:
        Refused: there are as many as may be.
    """
    if in_progress(model, jobs, now) >= model.tasks:
        # No source has the code for too many tasks; this is the one for too many requests at once.
        raise Refused(429, "Throttling.Concurrency", "Too many concurrent requests.")


def in_progress(model: DashScopeModel, jobs: Iterable[Job], now: float) -> int:
    """Return how many tasks of a model wait or run."""
    return sum(job.asked.model is model and job.word(now) not in ENDED for job in jobs)
