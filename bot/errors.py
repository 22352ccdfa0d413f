"""Every error of this project. Their texts for people are in ``bot.ui.texts``.

::

    FlipbookError
    ├── Refusal                  the person can do something about it; nothing was spent
    │   ├── OptionRefused        prompt, resolution, seed …
    │   ├── PictureRefused       see PictureProblem
    │   ├── PictureUnavailable   the attachment could not be read
    │   ├── PicturesWaiting      too many pictures of the person are being read
    │   ├── PicturesFailed       too many unusable pictures of the person within a minute
    │   ├── QuotaRefused         a limit, named by its ``denial``
    │   ├── BlockRefused         the person, the server or the picture is blocked
    │   ├── ReportRefused        a report that is not taken, see ReportProblem
    │   ├── PermissionsMissing   the bot lacks permissions in the channel
    │   ├── PlaceRefused         a server, channel or direct message that it does not work in
    │   ├── WordBlocked          the prompt has a word that the server blocks
    │   │   └── WordBlockedEverywhere   … that the operator blocks
    │   ├── ContentRefused       the operator's check does not allow picture or prompt
    │   ├── ContentUnchecked     the operator's check gave no answer
    │   ├── Closed               the provider takes no work, see Closure
    │   ├── Paused               the operator paused spending
    │   ├── Busy                 the queue is full, or the bot is stopping
    │   ├── NoRoom               pictures of videos in progress take all disk space
    │   ├── NotFound             the task does not exist or is not the person's
    │   ├── VideoGone            the result is no longer stored
    │   ├── ModelForbidden       a server does not allow the model
    │   ├── PriceForbidden       a server does not allow a video that costs so much
    │   ├── ModelGone            the model of the video is no longer offered
    │   ├── NotTheirs            only the person who asked, or a moderator, may do it
    │   ├── NotModerator         the command is for moderators
    │   ├── NotManager           the command is for members who may manage the server
    │   ├── CommandRefused       the server does not let them use the command there
    │   ├── AlreadyAgain         the person's same reroll is already in progress
    │   ├── FrameGone            the first frame is no longer kept
    │   ├── PictureExpired       Discord's URL of a picture in a message has expired
    │   ├── NoPicture            the message has no picture
    │   ├── PictureNotAllowed    somebody else's picture, which they or the server keep from others
    │   │   └── ConsentNeeded    not before its owner has been asked
    │   ├── AlreadyAsked         the person has asked for this picture already
    │   ├── TooManyQuestions     the most questions of the person are open
    │   ├── QuestionOver         the question was answered or is too old
    │   ├── NotAsked             the question is for somebody else
    │   ├── PictureDeleted       the message with the picture was deleted meanwhile
    │   ├── AskerGone            the person who asked has left the server
    │   ├── CommandGone          a command, button or form of an earlier version
    │   └── FormForgotten        the pictures that a form is for are no longer known
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
    ├── DownloadError
    │   ├── DownloadRefused      must not be downloaded: address, type or size
    │   ├── LinkExpired          the link answers 403, 404 or 410
    │   └── DownloadInterrupted  worth another try
    ├── VideoUnreadable          its file is no whole MP4
    ├── DeliveryError
    │   ├── DeliveryRefused      Discord refused for good: try the next method
    │   └── DeliveryUnclear      the outcome is unclear: try the same method again
    ├── AccountFull              the provider takes no more tasks of the model for a moment
    ├── StorageError
    │   ├── StaleTask            somebody else changed or took the task
    │   ├── JobTaken             another task already has the provider's id
    │   ├── InteractionTaken     the interaction has already made its task
    │   ├── IllegalTransition    a state change that is not in the table
    │   ├── DatabaseUnusable     cannot be opened, corrupt, read-only
    │   │   └── DatabaseDamaged
    │   ├── DatabaseTooNew       written by a newer version
    │   ├── DatabaseInUse        a second ``flipbook run``
    │   └── GatewayInUse         another process is connected as the same shards
    ├── SettingsError            one line for each wrong variable
    │   └── PortTaken            another program uses the port, perhaps only for now
    └── CommandError             a command in the terminal cannot do what it was told
"""

import errno
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from bot.domain.provider.failure_reason import FailureReason

if TYPE_CHECKING:
    from bot.domain.content_check import ContentFinding
    from bot.domain.models.model import PictureRules
    from bot.domain.money import Usd
    from bot.domain.quotas.quota import Denial, Offer
    from bot.domain.report import Blocked


class FlipbookError(Exception):
    """The base class of all errors."""


# --- refusals -------------------------------------------------------------------------


class Refusal(FlipbookError):
    """A request was refused before anything was spent; only its author reads why."""


class OptionRefused(Refusal):
    """An option is out of bounds."""

    def __init__(
        self,
        option: str,
        *,
        given: object,
        allowed: Sequence[object],
        model: str | None = None,
        taken_by: Sequence[str] = (),
    ) -> None:
        super().__init__(f"{option}: {given!r} is not within {allowed!r}")
        self.option = option
        self.given = given
        """The length in characters of a text; otherwise the value."""
        self.allowed = allowed
        """The least and the most of a text's length or a number; otherwise all choices."""
        self.model = model
        """The model that it was for, by its label; ``None`` if it does not depend on one."""
        self.taken_by = taken_by
        """The labels of the models that take what was given."""


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
    """It has far more scans, segments or chunks than any camera or program makes."""
    MACHINE_TOO_SMALL = "machine_too_small"
    """It takes more memory than this machine has for pictures."""
    TOO_SLOW = "too_slow"
    """It was not read within the time that a picture may take."""


class PictureRefused(Refusal):
    """A picture does not fit the model and cannot be adjusted."""

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
        """The detected format, such as ``GIF``; empty if unknown."""
        self.size = size
        """Width and height in pixels, upright."""
        self.bytes = bytes_
        self.rules = rules
        """The rules that it breaks, if it was checked against any."""


class PictureUnavailable(Refusal):
    """The attachment could not be read from Discord."""


class PicturesWaiting(Refusal):
    """The most pictures of one person are already being read or waiting for it."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


class PicturesFailed(Refusal):
    """The most unusable pictures of one person were read lately."""

    def __init__(self, count: int, *, retry_after: float) -> None:
        super().__init__(f"{count}, again in {retry_after:.0f} s")
        self.count = count
        self.retry_after = retry_after
        """Seconds until the next one is read."""


class QuotaRefused(Refusal):
    """A limit does not allow the request now; ``denial`` has the limit and when it frees up."""

    def __init__(self, denial: "Denial") -> None:
        super().__init__(denial.reason.value)
        self.denial = denial


class BlockRefused(Refusal):
    """The operator blocked the person or the server, or somebody blocked the picture."""

    def __init__(self, block: "Blocked") -> None:
        super().__init__(f"{block.kind.value} in {block.guild_id}")
        self.block = block


class ReportProblem(StrEnum):
    """Why a report is not taken."""

    OWN = "own"
    """The video is the reporter's own."""
    TWICE = "twice"
    """The person has reported this video before."""
    TOO_MANY = "too_many"
    """The person has made the most reports of a day."""
    GONE = "gone"
    """The video has been deleted already."""
    NOT_A_RESULT = "not_a_result"
    """The message is not a video of this bot."""
    HIDDEN = "hidden"
    """The video is hidden until the decision, and not made again until then."""
    DECIDED = "decided"
    """Somebody else has decided the report already."""


class ReportRefused(Refusal):
    """A report is not taken, or was decided before."""

    def __init__(self, problem: ReportProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class PermissionsMissing(Refusal):
    """The bot lacks permissions in the channel."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = tuple(missing)
        """Discord's own names in lower case, such as ``attach_files``."""


class PlaceProblem(StrEnum):
    """Why the bot does not work in a place."""

    GUILD_NOT_LISTED = "guild_not_listed"
    DIRECT_MESSAGE = "direct_message"
    CHANNEL_NOT_ALLOWED = "channel_not_allowed"
    NOT_INVITED = "not_invited"
    """Only a person installed the bot here, which the operator does not allow."""
    NO_SERVER = "no_server"
    """The command is about a server, and the bot is not in one here."""
    UNKNOWN_CHANNEL = "unknown_channel"
    """discord.py does not know this kind of channel."""


class PlaceRefused(Refusal):
    """The operator or the server's moderators do not allow the bot in this place."""

    def __init__(
        self, problem: PlaceProblem, *, allowed_channel_ids: frozenset[int] = frozenset()
    ) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.allowed_channel_ids = allowed_channel_ids
        """The channels to use instead; for ``CHANNEL_NOT_ALLOWED``."""

    def seen_by(self, channel_ids: frozenset[int]) -> "PlaceRefused":
        """The same for somebody who sees only these channels."""
        visible = self.allowed_channel_ids & channel_ids
        return PlaceRefused(self.problem, allowed_channel_ids=visible)


class WordBlocked(Refusal):
    """The prompt has a word that the server's moderators blocked."""


class WordBlockedEverywhere(WordBlocked):
    """The prompt has a word that the operator blocked."""


class ContentRefused(Refusal):
    """The operator's check does not allow the picture or the prompt."""

    def __init__(self, finding: "ContentFinding") -> None:
        super().__init__(f"{finding.category} {finding.score:.2f}")
        self.finding = finding


class ContentUnchecked(Refusal):
    """The operator's check gave no answer, and nothing is allowed without one."""


class Closure(StrEnum):
    """Why nothing is sent to the provider at the moment."""

    KEY_REFUSED = "key_refused"
    BALANCE_EMPTY = "balance_empty"
    MODEL_REFUSED = "model_refused"
    """The closure concerns one model only."""
    ACCOUNT_REFUSED = "account_refused"
    """The provider refuses the account without saying why."""
    UNCLEAR = "unclear"
    """The provider gives no clear answers, so each request may have been taken."""


class Closed(Refusal):
    """The provider takes nothing from this operator for now."""

    def __init__(self, closure: Closure) -> None:
        super().__init__(closure.value)
        self.closure = closure


class Paused(Refusal):
    """The operator paused spending: `flipbook pause`."""


class Busy(Refusal):
    """The queue is full or the process is stopping; trying again in a moment may work."""


class NoRoom(Refusal):
    """The pictures of videos in progress take all the disk space that the operator allows."""


class NotFound(Refusal):
    """The task does not exist, or is not the person's."""


class VideoGone(Refusal):
    """A button or reaction is on a video that the database no longer has."""


class ModelForbidden(Refusal):
    """A server's moderators do not allow the model."""

    def __init__(self, model: str, *, allowed: Sequence[str]) -> None:
        super().__init__(model)
        self.model = model
        """The model's label."""
        self.allowed = tuple(allowed)
        """The labels of the models that they do allow."""


class PriceForbidden(Refusal):
    """A server's moderators do not allow a video that costs so much."""

    def __init__(self, estimate: "Usd", *, highest: "Usd", fits: "Sequence[Offer]") -> None:
        super().__init__(f"{estimate} is more than {highest}")
        self.estimate = estimate
        self.highest = highest
        self.fits = tuple(fits)
        """Some videos that cost less, the most similar first."""


class ModelGone(Refusal):
    """The model that made a video is no longer offered, so it cannot be made again."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class NotTheirs(Refusal):
    """Only the person who asked for a video, or a moderator, may do this."""


class NotModerator(Refusal):
    """Only moderators may do this: members with Manage Server or the moderator role."""


class NotManager(Refusal):
    """Only members with Manage Server may do this."""


class CommandRefused(Refusal):
    """The server's permissions do not let this person use the command in that channel."""


class AlreadyAgain(Refusal):
    """The same reroll of this result is already in progress for this person."""


class FrameGone(Refusal):
    """The first frame of an earlier video is no longer kept, and cannot be made again."""


class PictureExpired(Refusal):
    """Discord's URL of a picture that was found in a message has expired."""


class NoPicture(Refusal):
    """The message has no picture that Discord itself serves."""


class PictureNotAllowed(Refusal):
    """The picture or video is somebody else's, and they or the server do not allow its use."""


class ConsentNeeded(PictureNotAllowed):
    """The server wants the owner of the picture to be asked first."""

    def __init__(self, owner_id: int) -> None:
        super().__init__(str(owner_id))
        self.owner_id = owner_id


class AlreadyAsked(Refusal):
    """The person has asked for this picture, and the question is open or was refused lately."""


class TooManyQuestions(Refusal):
    """The most questions of one person are open."""


class QuestionOver(Refusal):
    """The question about a picture was answered, or is too old."""


class NotAsked(Refusal):
    """Only the owner of a picture can answer the question about it."""


class PictureDeleted(Refusal):
    """The message with the picture was deleted before its owner allowed the video."""


class AskerGone(Refusal):
    """The person who asked for a picture has left the server."""


class CommandGone(Refusal):
    """Discord shows a command, button or form of an earlier version, which no longer exists."""


class FormForgotten(Refusal):
    """The pictures that a form is for are no longer known."""


# --- the provider ---------------------------------------------------------------------


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


# --- download and delivery --------------------------------------------------------------


class DownloadError(FlipbookError):
    """A video could not be downloaded."""


class DownloadRefused(DownloadError):
    """A video must not or cannot be downloaded: address, redirect, type or size."""


class LinkExpired(DownloadError):
    """The link of a video no longer works."""


class DownloadInterrupted(DownloadError):
    """The transfer broke off; the link may still work."""


class VideoUnreadable(FlipbookError):
    """A video's file is no whole MP4, so nothing can be written into it."""


class DeliveryError(FlipbookError):
    """A delivery by one method failed."""


class DeliveryRefused(DeliveryError):
    """Discord refused for good; the next method may work."""


class DeliveryUnclear(DeliveryError):
    """There was no clear answer; the message may or may not have been posted."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


# --- storage and settings -----------------------------------------------------------------


class StorageError(FlipbookError):
    """The database did not do what was asked."""


# The disk is full, its quota is used up, or it became read-only.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def is_of_the_disk(error: BaseException) -> bool:
    """Whether an error is about the disk or database, so that a traceback would add nothing."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return isinstance(error, StorageError) and not isinstance(error, IllegalTransition)


class AccountFull(FlipbookError):
    """As many tasks of a model are sent or in progress as the provider takes from one account."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"the account is full, for {wait.total_seconds():.1f} s or longer")
        self.wait = wait
        """The time after which to check again."""


class StaleTask(StorageError):
    """The task is not in the state, or not with the owner, that the change expects."""


class JobTaken(StorageError):
    """The provider's id belongs to another task, so the outcome of this one is unknown."""


class InteractionTaken(StorageError):
    """The interaction has already made its task, in any process; nothing was written."""


class IllegalTransition(StorageError):
    """The state change is not in the table of transitions, which means a bug."""


class DatabaseUnusable(StorageError):
    """The database cannot be opened, read or written."""


class DatabaseDamaged(DatabaseUnusable):
    """A page of the database cannot be read, so a backup has to replace it."""


class DatabaseTooNew(StorageError):
    """The database was written by a newer version of this program."""


class DatabaseInUse(StorageError):
    """Another ``flipbook run`` uses the database."""


class GatewayInUse(StorageError):
    """Another process with the same database is connected to Discord as the same shards."""


class SettingsError(FlipbookError):
    """Settings are wrong or missing."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
        """A line for each problem: the variable and what is wrong, but never a secret's value."""


class PortTaken(SettingsError):
    """Another program uses `HEALTH_PORT` at the moment."""


class CommandError(FlipbookError):
    """A command in the terminal cannot do what it was told; its message is for the user."""
