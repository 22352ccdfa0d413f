"""Why a picture is not used: it does not fit, it is gone, or it is somebody else's.

::

    Refusal
    ├── PictureRefused      see PictureProblem
    ├── PictureUnavailable  the attachment could not be read
    ├── PicturesWaiting     too many pictures of the person are being read
    ├── PicturesFailed      too many unusable pictures of the person within a minute
    ├── FrameGone           the first frame is no longer kept
    ├── PictureExpired      Discord's URL of a picture in a message has expired
    ├── NoPicture           the message has no picture
    ├── PictureNotAllowed   somebody else's picture, which they or the server keep from others
    │   └── ConsentNeeded   not before its owner has been asked
    ├── AlreadyAsked        the person has asked for this picture already
    ├── TooManyQuestions    the most questions of the person are open
    ├── QuestionOver        the question was answered or is too old
    ├── NotAsked            the question is for somebody else
    ├── PictureDeleted      the message with the picture was deleted meanwhile
    ├── AskerGone           the person who asked has left the server
    └── FormForgotten       the pictures that a form is for are no longer known
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from bot.errors.base import Refusal

if TYPE_CHECKING:
    from bot.domain.models.model import PictureRules


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
        model: str | None = None,
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
        self.model = model
        """The label of the model, if it is not the one that took the picture before."""


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


class FormForgotten(Refusal):
    """The pictures that a form is for are no longer known."""
