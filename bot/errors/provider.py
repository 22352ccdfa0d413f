"""What goes wrong at a provider. No message contains a key.

::

    FlipbookError
    ├── ProviderError            ``created`` says whether a job can exist
    │   ├── RequestRejected      400, 422, or an error instead of an id; ``reason`` says why
    │   ├── KeyRefused           401, or it says so
    │   ├── BalanceEmpty         402, or it says so
    │   ├── ModelRefused         the key may not use the model, or there is no such model
    │   ├── AccountRefused       403 without a known reason
    │   ├── RateLimited          429
    │   ├── ProviderUnreachable  nothing was sent
    │   ├── ProviderUnclear      sent, without an answer that tells the outcome
    │   └── JobNotFound          404 on status
    └── AccountFull              the provider takes no more tasks of the model for a moment
"""

from datetime import timedelta
from enum import Enum

from bot.domain.provider.failure_reason import FailureReason
from bot.errors.base import FlipbookError


class Created(Enum):
    """Whether a job can exist at the provider after a create call."""

    NO = "no"
    UNKNOWN = "unknown"


class ProviderError(FlipbookError):
    """The provider did not do what was asked.

    Its message is for the log and ``flipbook task show``; it never contains the key.
    """

    created = Created.NO

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        """The provider's own error code, if it gave one."""
        self.status = status
        """The HTTP status, if there was an answer."""


class RequestRejected(ProviderError):
    """The provider refused the parameters or the content; nothing was created."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        reason: FailureReason | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.reason = reason
        """The reason; ``None`` if it is not known."""

    @property
    def moderated(self) -> bool:
        """Whether the content was refused, and not the form of the request."""
        return self.reason is not None and self.reason.is_content


class KeyRefused(ProviderError):
    """The key is missing or invalid."""


class BalanceEmpty(ProviderError):
    """The balance is used up."""


class ModelRefused(ProviderError):
    """The key may not use the model, or there is no such model."""


class AccountRefused(ProviderError):
    """403 without a reason: it may be the key, the balance, a permission or something else."""


class RateLimited(ProviderError):
    """The provider refused a request because there were too many."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message, status=429)
        self.retry_after = retry_after
        """Seconds that the provider asks to wait; ``None`` if it does not say."""


class ProviderUnreachable(ProviderError):
    """There was no connection, so nothing was sent."""


class ProviderUnclear(ProviderError):
    """A request was sent, but its outcome is unknown, so the bot never sends it again.

    For a status call it only means that the bot polls again.
    """

    created = Created.UNKNOWN


class JobNotFound(ProviderError):
    """The provider does not know this id."""


class AccountFull(FlipbookError):
    """As many tasks of a model are sent or in progress as the provider takes from one account."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"the account is full, for {wait.total_seconds():.1f} s or longer")
        self.wait = wait
        """The time after which to check again."""
