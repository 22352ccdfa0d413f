"""What comes in: a picture and a wish, the first frame made of it, the task that is to be."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.domain.first_frame import Adjustment
from bot.domain.model import Options
from bot.domain.money import Usd
from bot.domain.task import EntryPoint, Frame, Person, Place, Request, Source


class Picture(Protocol):
    """A picture as somebody handed it in, not read yet."""

    @property
    def name(self) -> str:
        """Its file name; a word for messages, never a path."""

    @property
    def announced_bytes(self) -> int | None:
        """The size it claims; what is read is counted all the same."""

    def read(self) -> AsyncIterator[bytes]:
        """Its bytes in chunks.

        Raises:
            PictureUnavailable: it cannot be read from where it lies.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whose turn it is: who has sent a picture, and where."""

    server: int
    """A server's id; the person's own where there is none (direct messages, the terminal)."""
    person: int


NOBODY = Sender(server=0, person=0)
"""The terminal, which has no others to share with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What comes in by any entry point: command, menu, reroll, terminal."""

    picture: Picture | Frame
    """A frame that is kept already (a reroll), or a picture to read."""
    options: Options
    person: Person
    place: Place
    entry_point: EntryPoint
    parent_id: str | None = None
    resolution_chosen: bool = True
    """Whether somebody chose it; where not, the server's own default goes before the model's."""
    source: Source | None = None
    """Where the picture came from, if from a message."""
    model: str | None = None
    """By which model: a reroll's is its parent's. ``None``: by the one for new videos."""
    interaction_id: int | None = None
    """Discord's id of what asked for it; ``None``: a reaction, or the terminal."""
    digest: str | None = None
    """What the first frame must be: of a reroll whose picture is read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFrame:
    """A first frame in a file of its own, ready to be kept."""

    path: Path
    frame: Frame
    mended: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """What the intake asks the store to keep, all of it or nothing."""

    id: str
    request: Request
    person: Person
    place: Place
    entry_point: EntryPoint
    estimate: Usd
    owner: str | None
    """``None``: any worker may take it, and is told."""
    parent_id: str | None = None
    mended: tuple[Adjustment, ...] = ()
    source: Source | None = None
    interaction_id: int | None = None
    """Discord's id of what asked for it: it makes each of its tasks once, ever."""
    interaction_number: int = 0
    """Which of the interaction's tasks this is; today each makes one."""
