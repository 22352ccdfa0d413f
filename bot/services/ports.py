"""What the services need of the world. ``bot.app`` puts the real ones in."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from bot.domain.durations import Kind
from bot.domain.failure_reason import FailureReason
from bot.domain.job import Job
from bot.domain.money import Usd
from bot.domain.provider_status import ProviderStatus
from bot.domain.quota import Limits, Usage
from bot.domain.submission import NOBODY, MadeFrame, NewTask, Sender
from bot.domain.task import (
    Delivery,
    DeliveryMethod,
    Failure,
    Frame,
    KeptFile,
    Posted,
    Request,
    State,
    Task,
    Told,
)

# --- pictures ---------------------------------------------------------------------------


class FrameMaker(Protocol):
    """Makes first frames off the event loop."""

    async def make(self, source: Path, folder: Path, sender: Sender = NOBODY) -> MadeFrame:
        """A first frame, in ``folder``, of the picture in ``source``, which is left alone.

        The time that it takes is charged to ``sender``: others go first next time.

        Raises:
            PictureRefused: it cannot become one.
        """


class Images(Protocol):
    """First frames, kept by content."""

    async def keep(self, made: MadeFrame) -> Frame:
        """Move it in, synced; a frame that is there already stays as it is."""

    async def find(self, digest: str) -> Path | None:
        """Where it lies on this machine, fetched if need be; ``None`` when it is not kept.

        Raises:
            StorageError: the other machines' files cannot be reached.
        """

    async def renew(self, digest: str) -> bool:
        """Keep it from now on as if it had come for the first time; whether it is still there."""

    async def remove(self, digest: str) -> None:
        """Remove it, here and for other machines."""

    async def remove_here(self, digest: str) -> None:
        """Remove it from this machine; where other machines have it, ``find`` fetches it again."""

    async def remove_parts(self, older: timedelta) -> None:
        """Remove what was left half fetched for so long."""

    async def listed(self) -> Sequence[KeptFile]:
        """All that lie on this machine."""

    async def listed_elsewhere(self) -> Sequence[KeptFile]:
        """All that are kept for other machines; none where there are none."""


# --- the provider -----------------------------------------------------------------------


class Provider(Protocol):
    """The video API."""

    async def create(self, request: Request, picture: Path) -> Job:
        """Ask for a video: at most one POST that the provider can have accepted.

        Raises:
            ProviderError: ``created`` says whether a task can exist there.
        """

    async def status(self, job_id: str) -> Job:
        """Look once.

        Raises:
            JobNotFound, KeyRefused, BalanceEmpty, ModelRefused, AccountRefused, RateLimited,
            ProviderUnreachable, ProviderUnclear: none of them says anything about the job.
        """

    def failure_reason(self, job: Job, request: Request) -> FailureReason | None:
        """Return why a failed job failed; ``None`` where its code and message are not known.

        Words of the request's own that the provider's message repeats count for nothing.
        """

    async def key_works(self) -> bool:
        """Ask for free whether the key is accepted (a look at an id that does not exist).

        Raises:
            ProviderUnreachable, ProviderUnclear, RateLimited: nothing is known.
        """

    async def download(self, url: str, target: Path) -> int:
        """Fetch a video into ``target``, written beside it first and synced; its bytes.

        Raises:
            DownloadError: ``target`` does not exist then.
        """


class ProviderStatusStore(Protocol):
    """What the provider has said about taking work. Both methods raise ``StorageError``."""

    async def read(self) -> ProviderStatus:
        """As all processes know it."""

    async def change(self, change: Callable[[ProviderStatus], ProviderStatus]) -> ProviderStatus:
        """Change it, whatever it is by then, in one transaction; as it was before.

        ``change`` is a function of its argument alone: it may be called more than once.
        """


VIDEOS_PREFIX = "videos/"
"""Where videos are among shared files."""


class SharedFile(Protocol):
    """A file that other machines can have, as it is listed."""

    @property
    def key(self) -> str:
        """Its name."""

    @property
    def age(self) -> timedelta:
        """Since it was written."""


class SharedFiles(Protocol):
    """Files that other machines can have, by key. All methods raise ``StorageError``."""

    async def put(self, key: str, path: Path) -> None:
        """Keep what is in ``path``."""

    async def get(self, key: str, target: Path) -> bool:
        """Fetch it into ``target``, synced; whether it was there."""

    async def remove(self, key: str) -> None:
        """Remove it, if it is there."""

    async def listed(self, prefix: str) -> Sequence[SharedFile]:
        """All whose key begins with that."""

    async def sweep(self, prefix: str, keep: timedelta) -> int:
        """Remove what was written longer ago than that; how many."""


# --- storage ----------------------------------------------------------------------------


class Tasks(Protocol):
    """Tasks and their holds. Each method is one transaction.

    Methods that take a :class:`Task` expect it unchanged: the row must still have its state,
    owner and epoch. They return the task as it is afterwards, or raise ``StaleTask`` and
    change nothing. Holds end in the same transaction (``bot.domain.quota.holds_end``), once.
    """

    async def reserve(self, new: NewTask, limits: Limits) -> Task:
        """Both holds and the task as ``queued``, if every limit allows it.

        Raises:
            QuotaRefused: nothing was written.
            AlreadyAgain: the same reroll of this person is on its way; nothing was written.
            InteractionTaken: the interaction has made this task already; nothing was written.
        """

    async def charges(self, kind: Kind, bounds: tuple[Usd, Usd]) -> Sequence[Usd]:
        """The last few charges for such a video that lie within bounds, newest first."""

    async def use(self, person_id: int, guild_id: int | None, limits: Limits) -> Usage:
        """What `/quota` shows, read the way that ``reserve`` reads it."""

    async def get(self, task_id: str) -> Task | None:
        """The task, whoever has it."""

    async def of_result(self, message_id: int) -> Task | None:
        """The task whose result this message is."""

    async def taken_away(self, task_id: str) -> None:
        """Its result was deleted: nothing leads there any more."""

    async def listed(
        self,
        *,
        person_id: int | None = None,
        guild_id: int | None = None,
        states: Collection[State] = (),
        limit: int = 50,
        before: Task | None = None,
    ) -> Sequence[Task]:
        """Newest first; ``before``: only those that come after it in that order."""

    async def pending_notices(self, person_id: int) -> Sequence[Task]:
        """Those of theirs whose ending could be said nowhere, oldest first."""

    async def clear_pending_notices(self, person_id: int) -> None:
        """All of that has been said."""

    async def counts(self) -> dict[State, int]:
        """How many tasks are in each state."""

    async def submitting(self, task: Task) -> Task:
        """queued → submitting, committed before the POST."""

    async def requeued(self, task: Task, not_before: datetime) -> Task:
        """submitting → queued: it certainly was not created."""

    async def postponed(self, task: Task, not_before: datetime) -> Task:
        """queued, and not before then."""

    async def running(self, task: Task, job: Job) -> Task:
        """submitting → running, with the provider's id.

        Raises:
            JobTaken: another task has it.
        """

    async def rendered(self, task: Task, job: Job) -> Task:
        """running → rendered: allowance used, money settled."""

    async def failed(
        self, task: Task, failure: Failure, *, job: Job | None, may_be_charged: bool
    ) -> Task:
        """→ failed: allowance given back and money released, or both counted where it was charged.

        Where it may have been, and no cost is named, the money is settled with the estimate.
        """

    async def unknown(self, task: Task, failure: Failure | None) -> Task:
        """submitting → unknown: allowance given back, money stays held."""

    async def cancel(self, task_id: str, person_id: int) -> Task:
        """queued → cancelled, by its person, whoever owns it.

        Raises:
            NotFound: no such task of theirs.
            StaleTask: it is no longer queued.
        """

    async def send_again(
        self, task_id: str, person_id: int, *, message_id: int | None = None
    ) -> Task:
        """An `undelivered` one of theirs, for any worker to deliver once more.

        ``message_id``: a new message in the same channel, which is to become the result.

        Raises:
            NotFound: no such task of theirs.
            StaleTask: it is not `undelivered`, or is on its way again already.
        """

    async def delivering(self, task: Task, delivery: Delivery) -> Task:
        """rendered or undelivered, and about to try a method."""

    async def delivered(self, task: Task, channel_id: int | None, message_id: int | None) -> Task:
        """→ delivered, with the message that shows the result."""

    async def undelivered(self, task: Task) -> Task:
        """rendered → undelivered: every method failed."""

    async def told(
        self,
        task: Task,
        *,
        late: bool = False,
        announced: bool = False,
        notice_pending: bool = False,
    ) -> Task:
        """Remember what was said once, so that it is not said again."""

    async def to_look_at(self, *, most: int) -> Sequence[Task]:
        """Ended tasks whose message may not show it: an edit came late. Nobody else gets them.

        For some minutes: by then each was looked at, or is to be again.
        """

    async def looked_at(self, task_id: str) -> None:
        """Its message is right, or gone."""

    async def progressed(self, task: Task, progress: float) -> Task:
        """A running one is so far, from 0 to 1; for `/tasks`, and whoever goes on with it."""

    async def heard(self, task: Task, word: str) -> Task:
        """A running one has a status that nobody knows, in the provider's own word."""

    async def untold(
        self, owner: str, *, since: datetime, only_run: bool, lease: timedelta
    ) -> Sequence[Task]:
        """Ended without a video since then, and ``announced`` is not set: nobody was told.

        Those of ``owner``, and those of processes that are gone (see ``claim``), which are its
        from now on.
        """

    async def resolve(
        self, task_id: str, *, created_as: str | None = None, charged: Usd | None = None
    ) -> Task:
        """The operator ends an ``unknown``: → running with the provider's id, or → failed.

        Without either argument nothing was created: the money is released. A task that goes
        on has no owner until a worker claims it.

        Raises:
            NotFound: no such task. StaleTask: it is not ``unknown``.
        """

    async def register(self, owner: str, lease: timedelta) -> None:
        """Say that this process lives, for so long from now. Called again before that is over."""

    async def release(self, owner: str) -> None:
        """Say that this process is gone; its tasks can be claimed at once."""

    async def held_by(self, owner: str, states: Collection[State]) -> Sequence[str]:
        """The ids of the tasks in these states that are this process's."""

    async def let_go(self, task_id: str, owner: str) -> None:
        """Give a task of this process up, for the next ``claim`` of any."""

    async def claim(
        self, owner: str, *, only_run: bool, lease: timedelta, most: int | None = None
    ) -> Sequence[Task]:
        """Take over open tasks whose owner is gone: no owner, or its lease is over.

        A lease is over when these calls have found it unchanged for so long, or when it has ended
        by the clock of the database server. The wall clocks of the processes do not matter.

        At most ``most`` of them, so that others get some as well.

        With ``only_run`` (this process holds the lock that every `flipbook run` needs) other
        runs' leases count as over. A ``submitting`` task becomes ``unknown``; all are returned
        as they are now. A new epoch fences the old owner off.
        """


class DurationStore(Protocol):
    """How long videos take, as `bot.domain.durations` writes it down."""

    async def durations(self) -> Mapping[Kind, dict[str, Any]]:
        """What was kept last, of every kind."""

    async def keep_durations(self, learned: Mapping[Kind, dict[str, Any]]) -> None:
        """Keep these instead; other kinds stay."""


# --- Discord ----------------------------------------------------------------------------


class Messenger(Protocol):
    """Says things to people. All but ``deliver`` do their best and never raise."""

    async def show(self, task: Task) -> None:
        """Bring the command's own message up to date: queued, sending, progress.

        At most one edit in 5 s per task, none when nothing changed.
        """

    async def tell_late(self, task: Task) -> None:
        """It takes long; said once, the task goes on."""

    async def tell_ended(self, task: Task) -> Told:
        """It ended without a video: failed, unknown or undelivered, and what that costs."""

    async def announce(self, task: Task) -> None:
        """A short reply to the result that mentions only the person who asked."""

    async def deliver(
        self, task: Task, method: DeliveryMethod, video: Path | None, *, search: bool
    ) -> Posted:
        """One attempt on one method. ``video`` is ``None`` where only the link is left.

        ``search``: look for the task's ``custom_id`` among the bot's own recent messages
        first, as an earlier attempt may have got through.

        Raises:
            RungRefused: a definite no. RungUnclear: try this method again.
        """

    async def put_right(self, task: Task, video: Callable[[], Awaitable[Path | None]]) -> None:
        """Have the command's own message show how the task ended, where it does not.

        ``video`` gets the file, if it is needed.

        Raises:
            RungRefused: a definite no. RungUnclear: try again.
        """

    async def tell_operator(self, text: str) -> None:
        """Something only the operator can mend; it is logged as well."""
