"""Every error of this project. What people read for each is in ``bot.ui.texts``.

::

    FlipbookError
    ├── Refusal                  the person can do something about it; nothing was spent
    │   ├── OptionRefused        prompt, resolution, seed …
    │   ├── PictureRefused       see PictureProblem
    │   ├── PictureUnavailable   the attachment could not be read
    │   ├── PicturesWaiting      they have several in reading already
    │   ├── PicturesFailed       several of theirs came to nothing within a minute
    │   ├── QuotaRefused         carries the rule's reason
    │   ├── PermissionsMissing   the bot's own, in that channel
    │   ├── PlaceRefused         a server, channel or direct message it does not work in
    │   ├── WordBlocked          the prompt holds a word that the server does not want
    │   ├── Closed               the provider refuses the key, or the balance is empty
    │   ├── Busy                 the queue is full, or the bot is stopping
    │   ├── NoRoom               pictures of videos in the making take all the room
    │   ├── NotFound             no such task of theirs
    │   ├── VideoGone            a result that is no longer known
    │   ├── ModelGone            a reroll of what a model made that is not offered any more
    │   ├── NotTheirs            only who asked, and moderators
    │   ├── NotModerator         the command is for moderators
    │   ├── NotManager           the command is for members who may manage the server
    │   ├── CommandRefused       the server does not let them use the command there
    │   ├── AlreadyAgain         the same reroll of theirs is on its way
    │   ├── FrameGone            the first frame is no longer kept
    │   ├── PictureExpired       Discord's address of a picture in a message is not good any more
    │   ├── NoPicture            a message without one
    │   ├── CommandGone          a command, button or form that is not there any more
    │   └── FormForgotten        what a form is about is not known any more
    ├── ProviderError            ``created`` says whether a task can exist there
    │   ├── RequestRejected      400, 422, or an error instead of an id; ``reason`` says why
    │   ├── KeyRefused           401, or it says so
    │   ├── BalanceEmpty         402, or it says so
    │   ├── ModelRefused         this key may not use the model, or there is none of that name
    │   ├── AccountRefused       403 without a word that is known
    │   ├── RateLimited          429
    │   ├── ProviderUnreachable  nothing was sent
    │   ├── ProviderUnclear      sent, and no answer told what became of it
    │   └── JobNotFound          404 on status
    ├── DownloadError
    │   ├── DownloadRefused      never will: address, type, size
    │   ├── LinkExpired          the link answers 403, 404 or 410
    │   └── DownloadInterrupted  worth another try
    ├── DeliveryError
    │   ├── DeliveryRefused      Discord said no for good: the next method
    │   └── DeliveryUnclear      no clear answer: the same method again
    ├── StorageError
    │   ├── StaleTask            somebody else changed or took the task
    │   ├── JobTaken             another task has the provider's id already
    │   ├── InteractionTaken     the interaction has made its task already
    │   ├── IllegalTransition    a state change that the table does not know
    │   ├── DatabaseUnusable     cannot be opened, corrupt, read-only
    │   │   └── DatabaseDamaged
    │   ├── DatabaseTooNew       written by a newer version
    │   ├── DatabaseInUse        a second ``flipbook run``
    │   └── GatewayInUse         another process is connected as the same shards
    ├── SettingsError            one line for each wrong variable
    │   └── PortTaken            by another program, which may end
    └── CommandError             a command of the terminal cannot do what it was told
"""

import errno
from collections.abc import Sequence
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from bot.domain.provider.failure_reason import FailureReason

if TYPE_CHECKING:
    from bot.domain.model import PictureRules
    from bot.domain.quota import Denial


class FlipbookError(Exception):
    """The root."""


# --- refusals -------------------------------------------------------------------------


class Refusal(FlipbookError):
    """Refused before anything was spent; its words go to its author only."""


class OptionRefused(Refusal):
    """An option is out of its bounds."""

    def __init__(self, option: str, *, given: object, allowed: Sequence[object]) -> None:
        super().__init__(f"{option}: {given!r} is not within {allowed!r}")
        self.option = option
        self.given = given
        """For a text its length in characters, else the value."""
        self.allowed = allowed
        """For a text or number (least, most), for a choice all of them."""


class PictureProblem(StrEnum):
    """Why a picture cannot become a first frame."""

    NOT_A_PICTURE = "not_a_picture"
    FORMAT = "format"
    HEIC = "heic"
    TOO_MANY_BYTES = "too_many_bytes"
    CANNOT_SHRINK = "cannot_shrink"
    TOO_SMALL = "too_small"
    TOO_NARROW = "too_narrow"
    DAMAGED = "damaged"
    BOMB = "bomb"
    TOO_MANY_PARTS = "too_many_parts"
    """Scans, segments, chunks: far more than any camera or program makes."""
    MACHINE_TOO_SMALL = "machine_too_small"
    """It takes more memory than the machine has for pictures."""
    TOO_SLOW = "too_slow"
    """It was not read within the time that one picture has."""


class PictureRefused(Refusal):
    """A picture that the model cannot take and that is not mended silently."""

    def __init__(
        self,
        problem: PictureProblem,
        *,
        found: str = "",
        size: tuple[int, int] | None = None,
        bytes_: int | None = None,
        rules: "PictureRules | None" = None,
    ) -> None:
        super().__init__(f"{problem.value} {found} {size or ''} {bytes_ or ''}".strip())
        self.problem = problem
        self.found = found
        """The format it turned out to be, such as ``GIF``; empty when not known."""
        self.size = size
        """Width and height in pixels, upright."""
        self.bytes = bytes_
        self.rules = rules
        """What it was measured by, where it was."""


class PictureUnavailable(Refusal):
    """The attachment could not be read from where it lies."""


class PicturesWaiting(Refusal):
    """As many of a person's pictures are being read, or wait for it, as one may have at once."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


class PicturesFailed(Refusal):
    """As many of a person's pictures were read for nothing lately as one may have."""

    def __init__(self, count: int, *, retry_after: float) -> None:
        super().__init__(f"{count}, again in {retry_after:.0f} s")
        self.count = count
        self.retry_after = retry_after
        """Seconds until the next one is read."""


class QuotaRefused(Refusal):
    """A limit does not allow it now; ``denial`` says which, and when it frees up."""

    def __init__(self, denial: "Denial") -> None:
        super().__init__(denial.reason.value)
        self.denial = denial


class PermissionsMissing(Refusal):
    """The bot lacks permissions in the channel."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = tuple(missing)
        """Discord's own names in lower case, such as ``attach_files``."""


class PlaceProblem(StrEnum):
    """Why it does not work where it was asked."""

    GUILD_NOT_LISTED = "guild_not_listed"
    DIRECT_MESSAGE = "direct_message"
    CHANNEL_NOT_ALLOWED = "channel_not_allowed"
    NOT_INVITED = "not_invited"
    """Only a person installed the bot here, which this operator does not offer."""
    NO_SERVER = "no_server"
    """A command about a server, where there is none that the bot is in."""
    UNKNOWN_CHANNEL = "unknown_channel"
    """A kind of channel that came to be after this version."""


class PlaceRefused(Refusal):
    """The operator or the server's moderators did not open this place."""

    def __init__(self, problem: PlaceProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class WordBlocked(Refusal):
    """The prompt or the negative prompt holds a word that the server's moderators blocked."""


class Closure(StrEnum):
    """Why nothing is submitted at the moment."""

    KEY_REFUSED = "key_refused"
    BALANCE_EMPTY = "balance_empty"
    MODEL_REFUSED = "model_refused"
    """Of one model only."""
    ACCOUNT_REFUSED = "account_refused"
    """It refuses to work, and does not say what for."""
    UNCLEAR = "unclear"
    """It gives no clear answers: each request may have been taken, and holds its money."""


class Closed(Refusal):
    """The provider takes nothing from this operator for now."""

    def __init__(self, closure: Closure) -> None:
        super().__init__(closure.value)
        self.closure = closure


class Busy(Refusal):
    """The bounded queue is full, or the process is stopping: try again in a moment."""


class NoRoom(Refusal):
    """The pictures of videos in the making take all the room that the operator gives them."""


class NotFound(Refusal):
    """There is no such task, or it is not theirs."""


class VideoGone(Refusal):
    """A button or reaction on a video that the database no longer knows."""


class ModelGone(Refusal):
    """A reroll would be made by another model than its parent, whose own is not offered now."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class NotTheirs(Refusal):
    """Only the person who asked for a video, and moderators, may do this to it."""


class NotModerator(Refusal):
    """Only moderators may do that: Manage Server, or the server's moderator role."""


class NotManager(Refusal):
    """Only who may manage the server may do that."""


class CommandRefused(Refusal):
    """The server's own permissions do not let this person use the command in that channel."""


class AlreadyAgain(Refusal):
    """One reroll of a kind is on its way for this person and result."""


class FrameGone(Refusal):
    """The first frame of an earlier video is no longer kept, and its source is out of reach."""


class PictureExpired(Refusal):
    """A picture was found in a message, and Discord's address of it is not good any more."""


class NoPicture(Refusal):
    """There is no picture in the message, or none that Discord itself serves."""


class CommandGone(Refusal):
    """Discord still shows a command, a button or a form that does not exist like that any more."""


class FormForgotten(Refusal):
    """What a form is about is not known any more."""


# --- the provider ---------------------------------------------------------------------


class Created(Enum):
    """Whether a task can exist at the provider after a create call."""

    NO = "no"
    UNKNOWN = "unknown"


class ProviderError(FlipbookError):
    """The provider did not do what was asked.

    ``str()`` of it is for the log and ``flipbook task show``; it never holds the key.
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
        """Why; ``None`` where it is not known."""

    @property
    def moderated(self) -> bool:
        """Whether the content, not the form, was refused."""
        return self.reason is not None and self.reason.is_content


class KeyRefused(ProviderError):
    """The key is missing or invalid."""


class BalanceEmpty(ProviderError):
    """The balance is used up."""


class ModelRefused(ProviderError):
    """The key may not use the model, or there is no such model."""


class AccountRefused(ProviderError):
    """403 without a word about why: the key, the balance, a permission, or something else."""


class RateLimited(ProviderError):
    """Too many requests."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message, status=429)
        self.retry_after = retry_after
        """Seconds the provider asks to wait, if it said so."""


class ProviderUnreachable(ProviderError):
    """No connection, so nothing was sent."""


class ProviderUnclear(ProviderError):
    """Sent, and nothing tells whether it was taken: never sent again by the bot.

    On a status call it only means: ask again.
    """

    created = Created.UNKNOWN


class JobNotFound(ProviderError):
    """The provider does not know this id."""


# --- fetching and delivering ------------------------------------------------------------


class DownloadError(FlipbookError):
    """A video could not be fetched."""


class DownloadRefused(DownloadError):
    """It must not or cannot be fetched: address, redirect, type or size."""


class LinkExpired(DownloadError):
    """The link no longer answers."""


class DownloadInterrupted(DownloadError):
    """The transfer broke; the link may still be good."""


class DeliveryError(FlipbookError):
    """A method of the delivery ladder did not hold."""


class DeliveryRefused(DeliveryError):
    """Discord refused for good; the next method may do."""


class DeliveryUnclear(DeliveryError):
    """No clear answer: it may or may not be posted."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


# --- storage and settings -----------------------------------------------------------------


class StorageError(FlipbookError):
    """The database did not do what was asked."""


# A disk that is full, a quota that is used up, a disk that became read-only.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def is_of_the_disk(error: BaseException) -> bool:
    """Whether its words say it all: where in the program it was met says nothing more."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return isinstance(error, StorageError) and not isinstance(error, IllegalTransition)


class StaleTask(StorageError):
    """The task is not in the state, or not with the owner, that the change expects."""


class JobTaken(StorageError):
    """The provider's id belongs to another task: nobody can say what became of this one."""


class InteractionTaken(StorageError):
    """An interaction has made its task already, here or in another process; nothing was written."""


class IllegalTransition(StorageError):
    """The table of transitions does not know this change: a mistake in the program."""


class DatabaseUnusable(StorageError):
    """It cannot be opened, read or written."""


class DatabaseDamaged(DatabaseUnusable):
    """A page of it cannot be read: a copy has to take its place."""


class DatabaseTooNew(StorageError):
    """It was written by a newer version of this program."""


class DatabaseInUse(StorageError):
    """Another ``flipbook run`` holds it."""


class GatewayInUse(StorageError):
    """Another process is connected to Discord as the same shards, through the same database."""


class SettingsError(FlipbookError):
    """Wrong or missing settings."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
        """One line each: the variable's name, and what is wrong; never a secret's value."""


class PortTaken(SettingsError):
    """`HEALTH_PORT` belongs to another program just now."""


class CommandError(FlipbookError):
    """A command of the terminal cannot do what it was told; ``str()`` of it is for its user."""
