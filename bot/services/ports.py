"""Protocols of the services and the worker. ``bot.app`` supplies what implements them.

`Provider`, `ProviderStatusStore` and `Messenger` have several implementations. `FirstFrameMaker`
and `ContentCheck` are implemented in `bot.imaging` and `bot.providers`, which services do not
import.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from bot.domain.content_check import ContentFinding
from bot.domain.delivery import DeliveryMethod, Posted, Told
from bot.domain.models.model import PictureRules
from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job
from bot.domain.provider.provider_status import ProviderStatus
from bot.domain.submission import NOBODY, MadeFrame, Sender
from bot.domain.task import Request, Task

# --- pictures ---------------------------------------------------------------------------


class FirstFrameMaker(Protocol):
    """Makes first frames off the event loop."""

    async def make(
        self, source: Path, folder: Path, rules: PictureRules, sender: Sender = NOBODY
    ) -> MadeFrame:
        """Make a first frame that fits ``rules`` from the picture ``source``, into ``folder``.

        The source file is not changed. The time taken is charged to ``sender``, so that others go
        first next time.

        Raises:
            PictureRefused: the picture cannot become a first frame.
        """


# --- what may be asked for --------------------------------------------------------------


class ContentCheck(Protocol):
    """Checks pictures and prompts before anything is reserved or spent."""

    async def check(self, prompt: str, picture: Path) -> ContentFinding | None:
        """Return why a picture and a prompt are not allowed; ``None``: they are.

        Raises:
            ContentUnchecked: there was no answer, and the operator allows nothing without one.
        """


# --- the provider -----------------------------------------------------------------------


class Provider(Protocol):
    """The video API."""

    async def create(self, request: Request, picture: Path) -> Job:
        """Request a video, with at most one POST that the provider can have accepted.

        Raises:
            ProviderError: its ``created`` says whether a job can exist.
        """

    async def status(self, job_id: str) -> Job:
        """Poll a job once.

        Raises:
            JobNotFound: the provider does not know the job.
            KeyRefused, BalanceEmpty, ModelRefused, AccountRefused, RateLimited,
                ProviderUnreachable, ProviderUnclear: nothing is known about the job.
        """

    async def cancel(self, job_id: str) -> bool:
        """Cancel a job that has not begun; ``False``: the provider refused to, or never does.

        Raises:
            ProviderError: whether it was canceled is not known.
        """

    def failure_reason(self, job: Job, request: Request) -> FailureReason | None:
        """Return why a job failed; ``None`` if its code and message are not known ones.

        Words of the prompt that the provider's message repeats are ignored.
        """

    async def key_works(self) -> bool:
        """Check for free whether the key is accepted, by polling an id that does not exist.

        Raises:
            ProviderUnreachable, ProviderUnclear, RateLimited: the outcome is not known.
        """

    async def download(self, url: str, target: Path) -> int:
        """Download a video to ``target``, atomically and synced; return its size in bytes.

        Raises:
            DownloadError: the download failed, and ``target`` does not exist.
        """


class ProviderStatusStore(Protocol):
    """The provider's status, shared by all processes. Both methods raise ``StorageError``."""

    async def read(self) -> ProviderStatus:
        """The current status."""

    async def change(self, change: Callable[[ProviderStatus], ProviderStatus]) -> ProviderStatus:
        """Apply ``change`` to the status in one transaction; return the previous status.

        ``change`` must be a pure function, since it may be called more than once.
        """


# --- Discord ----------------------------------------------------------------------------


class Messenger(Protocol):
    """Tells people about their tasks. Only ``deliver`` and ``put_right`` raise."""

    async def show(self, task: Task) -> None:
        """Bring the command's own message up to date, at most every 5 s per task."""

    async def tell_late(self, task: Task) -> None:
        """Tell the person that a task takes long but goes on."""

    async def tell_ended(self, task: Task) -> Told:
        """Tell the person that a task ended without a video, and what that costs."""

    async def announce(self, task: Task) -> None:
        """Reply to the result with a mention of the person who asked, and nobody else."""

    async def deliver(
        self, task: Task, method: DeliveryMethod, video: Path | None, *, search: bool
    ) -> Posted:
        """Make one attempt to deliver by one method.

        Args:
            video: the file; ``None`` if only the link is left.
            search: look for the result among the bot's recent messages first, since an earlier
                attempt may have got through.

        Raises:
            DeliveryRefused: this method cannot work.
            DeliveryUnclear: try this method again.
        """

    async def put_right(self, task: Task, video: Callable[[], Awaitable[Path | None]]) -> None:
        """Make the command's own message show how the task ended, if it does not.

        ``video`` fetches the file, if it is needed.

        Raises:
            DeliveryRefused: the message cannot be restored.
            DeliveryUnclear: try again.
        """

    async def tell_operator(self, text: str) -> None:
        """Tell the operator about a problem that only they can fix; it is logged as well."""
