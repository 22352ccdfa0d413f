"""Submissions: the picture and options, the first frame, and the task to create."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.domain.first_frame import Adjustment
from bot.domain.models.model import Options
from bot.domain.money import Usd
from bot.domain.task import EntryPoint, Frame, Person, Place, Request, Source


class Picture(Protocol):
    """A picture that was submitted and not read yet."""

    @property
    def name(self) -> str:
        """The file name, for messages only and never as a path."""

    @property
    def announced_bytes(self) -> int | None:
        """The announced size, which is not trusted."""

    def read(self) -> AsyncIterator[bytes]:
        """Read the picture in chunks of bytes.

        Raises:
            PictureUnavailable: the picture cannot be read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who has sent a picture, and where, for fair turns."""

    server: int
    """The server's id; outside servers, the person's own (direct messages, the terminal)."""
    person: int


NOBODY = Sender(server=0, person=0)
"""The terminal, which shares with nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A request for a video from any entry point: command, menu, reroll or terminal."""

    picture: Picture | Frame
    """A picture to read, or a frame that is already kept (for a reroll)."""
    options: Options
    person: Person
    place: Place
    entry_point: EntryPoint
    parent_id: str | None = None
    resolution_chosen: bool = True
    """Whether the person chose the resolution; if not, the server's default applies."""
    source: Source | None = None
    """The message that the picture came from, if any."""
    model: str | None = None
    """The id of the model, which a reroll takes from its parent; ``None`` means the default."""
    interaction_id: int | None = None
    """The id of Discord's interaction; ``None`` for a reaction or the terminal."""
    digest: str | None = None
    """The digest that the first frame must have, for a reroll whose picture is read again."""
    digest_model: str | None = None
    """The id of the model whose first frame has this digest."""
    picture_owner_id: int | None = None
    """The person whose picture it is, or ``ERASED_OWNER``; ``None`` if that is not known."""
    result_owner_id: int | None = None
    """The person whose video is made again, or in whose message the picture is."""
    allowed_by_id: int | None = None
    """The owner of the picture, if they were asked about this request and allowed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFrame:
    """A first frame in a file, ready to be kept."""

    path: Path
    frame: Frame
    mended: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task that the intake asks the store to create."""

    id: str
    request: Request
    person: Person
    place: Place
    entry_point: EntryPoint
    estimate: Usd
    owner: str | None
    """The process that works on it; ``None`` lets any worker take it."""
    parent_id: str | None = None
    mended: tuple[Adjustment, ...] = ()
    source: Source | None = None
    picture_owner_id: int | None = None
    interaction_id: int | None = None
    """The id of Discord's interaction, which can create each of its tasks only once."""
    interaction_number: int = 0
    """The number of this task among the interaction's; currently each creates only one."""
