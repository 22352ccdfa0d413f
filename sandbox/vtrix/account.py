"""The operator's balance at the provider: exact, and never overdrawn by a create call."""

import heapq
from decimal import Decimal

from sandbox.providers.refused import Refused
from sandbox.vtrix.jobs import Job


class Account:
    """The balance: each running job holds its cost, each completed one has taken it."""

    def __init__(self, balance: Decimal) -> None:
        self._balance = balance
        self._held: dict[str, Job] = {}
        self._ends: list[tuple[float, str]] = []
        self._charged: dict[str, Decimal] = {}

    def balance(self, now: float) -> Decimal:
        """Return the USD left at that moment of the monotonic clock."""
        self._settle(now)
        return self._balance

    def charged(self, now: float) -> dict[str, Decimal]:
        """Return what each completed job has cost until that moment, by id."""
        self._settle(now)
        return dict(self._charged)

    def set(self, balance: Decimal, now: float) -> None:
        """Set the balance."""
        self._settle(now)
        self._balance = balance

    def admit(self, cost: Decimal, now: float) -> None:
        """Check that the balance covers a new job.

        Raises:
            Refused: the balance, less what running jobs hold, is less than ``cost``.
        """
        held = sum((job.cost for job in self._held.values()), Decimal())
        if self.balance(now) - held < cost:
            raise Refused(403, "InsufficientBalance", "insufficient balance")

    def enter(self, job: Job) -> None:
        """Hold a job's cost until it ends; called again if its end has changed."""
        self._held[job.id] = job
        heapq.heappush(self._ends, (job.ends, job.id))

    def _settle(self, now: float) -> None:
        while self._ends and self._ends[0][0] <= now:
            _, ended = heapq.heappop(self._ends)
            job = self._held.pop(ended, None)
            if job is not None and job.failure is None:
                self._balance -= job.cost
                self._charged[job.id] = job.cost
