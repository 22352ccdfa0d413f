"""Fakes around the bot's pipeline: processes that die, and a provider that fails as told."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context, ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.domain.money import ZERO, Usd
from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job, JobStatus
from bot.domain.task import Request
from bot.errors import (
    BalanceEmpty,
    DownloadInterrupted,
    DownloadRefused,
    JobNotFound,
    KeyRefused,
    LinkExpired,
    ProviderError,
    ProviderUnclear,
    ProviderUnreachable,
    RateLimited,
    RequestRejected,
)
from tests.clock import VirtualClock

T = TypeVar("T")
COST = Usd.parse("0.20")
"""What a video costs by the settings, and usually at the provider."""
COSTS: Mapping[str, Usd | None] = {
    "absent": None,
    "nothing": ZERO,
    "next to nothing": Usd.parse("0.01"),
    "less": Usd.parse("0.15"),
    "more": Usd.parse("0.35"),
    "too much": Usd.parse("0.81"),
    "huge": Usd.parse("40"),
}
"""Other charges that the provider may report."""
SELDOM = ("disk", "blockade")
"""Operations drawn at every step; with the usual rate of faults, nothing would ever begin."""


class Faults(Protocol):
    """A source of faults."""

    def draw(self, operation: str) -> str | None:
        """Return the fault of this call, or ``None`` if it succeeds."""


class Script:
    """Faults in the order in which a test lists them."""

    def __init__(self, **faults: list[str | None]) -> None:
        self.faults = faults

    def draw(self, operation: str) -> str | None:
        left = self.faults.get(operation)
        return left.pop(0) if left else None


class Seeded:
    """Random faults, the same for the same seed, until `is_quiet` is set."""

    def __init__(self, rng: random.Random, kinds: Mapping[str, tuple[str, ...]]) -> None:
        self._rng = rng
        self._kinds = kinds
        self._rate = rng.choice((0.1, 0.3, 0.6))
        self.is_quiet = False

    def draw(self, operation: str) -> str | None:
        rate = self._rate / 10 if operation in SELDOM else self._rate
        if self.is_quiet or self._rng.random() >= rate:
            return None
        return self._rng.choice(self._kinds[operation])


class SimulatedProcess:
    """A simulated process that dies at its nth step, and has no effect on the outside from then on.

    It may also stop at that step as on SIGSTOP, until `go_on` is called.
    """

    def __init__(
        self, steps: int | None = None, *, stops: bool = False, after: str | None = None
    ) -> None:
        """``after`` makes it end earlier, at the first step with this name."""
        self._left = steps
        self._after = after
        self._stops = stops
        self.died = asyncio.Event()
        self.stopped = asyncio.Event()
        self._goes_on = asyncio.Event()
        self.over = asyncio.Event()
        self.tasks: list[asyncio.Task[Any]] = []
        """All tasks that the process has ever started."""

    @property
    def has_stopped(self) -> bool:
        """Whether the process was ever stopped."""
        return self.stopped.is_set() or self._goes_on.is_set()

    def die(self) -> None:
        """Die: from now on, each step ends its task."""
        self.died.set()
        self.over.set()

    async def bury(self) -> None:
        """Die, and wait for all tasks to end without further effects."""
        self.die()
        while left := [task for task in self.tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def step(self, name: str = "", *, may_stop: bool = False) -> None:
        """Let others run; the process may die or stop here."""
        await asyncio.sleep(0)
        # A dead process does not stop any more.
        if self._left is not None and not self.died.is_set():
            self._left -= 1
            is_due = self._left <= 0 or name == self._after
            if is_due and (may_stop or not self._stops):
                (self.stopped if self._stops else self.died).set()
                self.over.set()
        if self.stopped.is_set():
            await self._goes_on.wait()
        if self.died.is_set():
            raise asyncio.CancelledError

    def go_on(self) -> None:
        """Continue as on SIGCONT; from now on, the process neither stops nor dies."""
        self._left = None
        self.stopped.clear()
        self._goes_on.set()


_PROCESS: ContextVar[SimulatedProcess] = ContextVar("_PROCESS")


def context_of(life: SimulatedProcess) -> Context:
    """Return a context whose code, with every task that it starts, belongs to this process."""
    context = Context()
    context.run(_PROCESS.set, life)
    return context


def begun(
    loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T], **how: Any
) -> asyncio.Task[T]:
    """Create a task, and record it in the process that it belongs to; a task factory for event
    loops.
    """
    task = asyncio.Task(work, loop=loop, **how)
    context: Context | None = how.get("context")
    life = _PROCESS.get(None) if context is None else context.get(_PROCESS)
    if life is not None:
        life.tasks.append(task)
    return task


async def step(name: str = "") -> None:
    """Take a step of the current process; without a process, only let others run.

    The process may stop at a step with a name, as a request has taken effect by then.
    """
    life = _PROCESS.get(None)
    await (asyncio.sleep(0) if life is None else life.step(name, may_stop=bool(name)))


@dataclass
class FakeJob:
    """A job at the provider."""

    seed: int
    done_at: float
    fails: bool
    cost: Usd | None
    """The charge that the provider reports."""
    begins_at: float = 0.0
    """Until when it can be canceled."""
    is_canceled: bool = False


# The smallest file that is a whole MP4 by its boxes.
VIDEO = b"\0\0\0\x10ftypisom\0\0\2\0"


class FakeProvider:
    """A fake provider that finishes each job after a random time; tasks are told apart by their
    seed.
    """

    def __init__(
        self,
        clock: VirtualClock,
        faults: Faults,
        rng: random.Random,
        *,
        reports_cost: bool = True,
        name: str = "job",
    ) -> None:
        """``name``: what the ids of its jobs begin with."""
        self._clock = clock
        self._reports_cost = reports_cost
        self._name = name
        self._faults = faults
        self._rng = rng
        self.accepted: Counter[int] = Counter()
        self.posts: Counter[int] = Counter()
        self.post_times: list[float] = []
        self.jobs: dict[str, FakeJob] = {}
        self.unfetchable: set[str] = set()
        """Jobs whose video was refused at least once."""
        self.clear_answers = 0
        """The number of clear answers to create calls, and of answers that close the account to
        everybody.
        """
        self._lost_in_a_row = 0

    async def create(self, request: Request, picture: Path) -> Job:
        await step()
        seed = request.options.seed
        self.posts[seed] += 1
        self.post_times.append(self._clock.passed)
        fault = self._fault_of_create()
        if fault is not None and not fault.endswith(" after"):
            self.clear_answers += fault in _CLEAR
            raise _REFUSALS[fault]()
        job = self._make(seed)
        await step("created")
        if fault == "lost after":
            raise ProviderUnclear("reset")
        if fault == "mistake after":
            raise ArithmeticError("a mistake in the program")
        self.clear_answers += 1
        return Job(id=job, status=JobStatus.PENDING)

    def _fault_of_create(self) -> str | None:
        fault = self._faults.draw("create")
        if fault == "lost, and more":
            self._lost_in_a_row = self._rng.randint(3, 6)
        if self._lost_in_a_row == 0:
            return fault
        self._lost_in_a_row -= 1
        return self._rng.choice(("lost before", "lost after"))

    def _make(self, seed: int) -> str:
        self.accepted[seed] += 1
        name = f"{self._name}-{len(self.jobs) + 1}"
        done_at = self._clock.passed + self._rng.uniform(1, 90)
        fails = self._faults.draw("job") is not None
        odd = self._faults.draw("cost")
        cost = COSTS[odd] if odd else None if fails else COST
        cost = cost if self._reports_cost else None
        begins_at = (self._clock.passed + done_at) / 2
        self.jobs[name] = FakeJob(seed, done_at, fails=fails, cost=cost, begins_at=begins_at)
        return name

    async def status(self, job_id: str) -> Job:
        await step()
        if fault := self._faults.draw("status"):
            self.clear_answers += fault in _CLEAR
            raise _STATUS[fault]()
        making = self.jobs[job_id]
        if making.is_canceled:
            return Job(id=job_id, status=JobStatus.CANCELED)
        if self._clock.passed < making.done_at:
            return Job(id=job_id, status=JobStatus.PENDING)
        if making.fails:
            how: dict[str, Any] = {"status": JobStatus.FAILED, "error_message": "it broke"}
            return Job(id=job_id, cost=making.cost, **how)
        url = f"http://127.0.0.1/{job_id}.mp4"
        return Job(id=job_id, status=JobStatus.COMPLETED, video_url=url, cost=making.cost)

    async def cancel(self, job_id: str) -> bool:
        await step()
        making = self.jobs[job_id]
        if self._clock.passed >= making.begins_at:
            return False
        making.is_canceled = True
        return True

    def failure_reason(self, job: Job, request: Request) -> FailureReason | None:
        return None

    async def key_works(self) -> bool:
        await step()
        return self._faults.draw("key") is None

    async def download(self, url: str, target: Path) -> int:
        await step()
        if fault := self._faults.draw("download"):
            if fault in ("expired", "refused"):
                self.unfetchable.add(Path(url).stem)
            raise _DOWNLOADS[fault]()
        # Under this clock nothing may be waited for.
        return target.write_bytes(VIDEO)  # noqa: ASYNC240


_CLEAR = ("rejected", "401", "403")
_REFUSALS: dict[str, Callable[[], ProviderError]] = {
    "unreachable": lambda: ProviderUnreachable("no connection"),
    "429": lambda: RateLimited("slow down", retry_after=30),
    "429 long": lambda: RateLimited("slow down", retry_after=120),
    "rejected": lambda: RequestRejected("no"),
    "401": lambda: KeyRefused("no such key"),
    "403": lambda: BalanceEmpty("no money"),
    "lost before": lambda: ProviderUnclear("reset"),
}
_STATUS: dict[str, Callable[[], ProviderError]] = {
    "404": lambda: JobNotFound("who?"),
    "500": lambda: ProviderUnclear("oops"),
    "unreachable": lambda: ProviderUnreachable("no connection"),
    "401": lambda: KeyRefused("no such key"),
}
_DOWNLOADS: dict[str, Callable[[], Exception]] = {
    "interrupted": lambda: DownloadInterrupted("cut"),
    "expired": lambda: LinkExpired("gone"),
    "refused": lambda: DownloadRefused("no"),
    "disk": lambda: OSError("disk full"),
}
