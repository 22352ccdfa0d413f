"""What has, or will have, more than one implementation. ``bot.app`` puts the real ones in."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from bot.domain.model import PictureRules
from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job
from bot.domain.provider.provider_status import ProviderStatus
from bot.domain.submission import NOBODY, MadeFrame, Sender
from bot.domain.task import (
    DeliveryMethod,
    Posted,
    Request,
    Task,
    Told,
)

# --- pictures ---------------------------------------------------------------------------


class FirstFrameMaker(Protocol):
    """Makes first frames off the event loop."""

    async def make(
        self, source: Path, folder: Path, rules: PictureRules, sender: Sender = NOBODY
    ) -> MadeFrame:
        """A first frame that fits ``rules``, in ``folder``, of the picture in ``source``.

        The picture is left alone.

        The time that it takes is charged to ``sender``: others go first next time.

        Raises:
            PictureRefused: it cannot become one.
        """


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
            DeliveryRefused: a definite no. DeliveryUnclear: try this method again.
        """

    async def put_right(self, task: Task, video: Callable[[], Awaitable[Path | None]]) -> None:
        """Have the command's own message show how the task ended, where it does not.

        ``video`` gets the file, if it is needed.

        Raises:
            DeliveryRefused: a definite no. DeliveryUnclear: try again.
        """

    async def tell_operator(self, text: str) -> None:
        """Something only the operator can mend; it is logged as well."""
