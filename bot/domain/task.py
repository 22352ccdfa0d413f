"""A task: what was asked, by whom, where, and how far it is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum

from bot.domain.model import Options
from bot.domain.money import Usd


class State(StrEnum):
    """How far a task is. The words people read for each are in ``bot.ui.texts``."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    RUNNING = "running"
    RENDERED = "rendered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


# `unknown` leaves only by the operator's hand (`flipbook task resolve`).
TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SUBMITTING, State.CANCELLED, State.FAILED}),
    State.SUBMITTING: frozenset({State.RUNNING, State.QUEUED, State.FAILED, State.UNKNOWN}),
    State.RUNNING: frozenset({State.RENDERED, State.FAILED}),
    State.RENDERED: frozenset({State.DELIVERED, State.UNDELIVERED}),
    State.UNDELIVERED: frozenset({State.DELIVERED}),
    State.UNKNOWN: frozenset({State.RUNNING, State.FAILED}),
    State.DELIVERED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}

# What a worker has to do something about, and what counts against concurrency until rendered.
OPEN_STATES = frozenset({State.QUEUED, State.SUBMITTING, State.RUNNING, State.RENDERED})
IN_FLIGHT_STATES = frozenset({State.QUEUED, State.SUBMITTING, State.RUNNING})

# The gateway's own default life of a task.
DEADLINE = timedelta(hours=48)
TELL_LATE_AFTER = timedelta(minutes=15)
# What was sent to Discord and has no answer may be carried out so much later.
ARRIVES_WITHIN = timedelta(seconds=30)
# How long an `unknown` one counts against its person's concurrency: what failed like that may
# still be going on over there, and holds money.
UNCLEAR_COUNTS_FOR = timedelta(hours=1)
ANNOUNCE_AFTER = timedelta(minutes=1)
# How long a 404 on status is taken for a hiccup.
FORGIVE_NOT_FOUND = timedelta(minutes=5)
KEEP_UNDELIVERED = timedelta(days=7)
# What people wrote: as long as somebody may still scroll up to a video and make it again.
KEEP_PROMPTS = timedelta(days=90)


class EntryPoint(StrEnum):
    """How a task came in."""

    SLASH = "slash"
    MENU = "menu"
    REROLL = "reroll"
    """Again with the same seed."""
    NEW_SEED = "new_seed"
    """Again with another one."""
    EDIT = "edit"
    """Again with what was changed in the form."""
    TERMINAL = "terminal"


class FailureKind(StrEnum):
    """Why a task failed; one text for each."""

    REJECTED = "rejected"
    MODERATED = "moderated"
    """For its content; the next three say of what."""
    MODERATED_PICTURE = "picture_refused"
    MODERATED_WORDS = "words_refused"
    MODERATED_VIDEO = "video_refused"
    GENERATION = "generation"
    BUSY = "busy"
    """The provider was too busy to make it."""
    NO_VIDEO = "no_video"
    FORGOTTEN = "forgotten"
    """The provider no longer knows the task."""
    DEADLINE = "deadline"
    KEY_REFUSED = "key_refused"
    BALANCE_EMPTY = "balance_empty"
    MODEL_REFUSED = "model_refused"
    ACCOUNT_REFUSED = "account_refused"
    """It does not work for this operator, and does not say why."""
    NO_ANSWERS = "no_answers"
    """Not sent, since the provider gives no clear answers."""
    PICTURE_LOST = "picture_lost"
    """The first frame is gone from the disk before it was sent."""
    RESOLVED = "resolved"
    """Ended by the operator after it was `unknown`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a task failed, or why nobody knows."""

    kind: FailureKind
    code: str | None = None
    """The provider's own code."""
    message: str | None = None
    """The provider's own words, at most 500 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A first frame that is kept by its content."""

    digest: str
    """SHA-256 of the bytes, in hexadecimal; its name in the image store."""
    mime: str
    bytes: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameUse:
    """What the tasks with one first frame need it for."""

    in_hand: bool
    """One of them has not ended, or is a video that may still be sent again."""
    paid_at: datetime | None = None
    """When the last one of those that ended with a charge was made."""
    unpaid_at: datetime | None = None
    """When the last one of those that ended without a charge ended."""

    def is_over(self, now: datetime, *, paid: timedelta, unpaid: timedelta) -> bool:
        """Whether it is needed no more: ``paid`` and ``unpaid`` say how long it is kept after."""
        kept = ((self.paid_at, paid), (self.unpaid_at, unpaid))
        return not self.in_hand and all(at is None or at + time <= now for at, time in kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A first frame as it lies on a disk."""

    digest: str
    bytes: int
    age: timedelta
    """Since it was last sent in, by the clock of whoever wrote the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Everything that goes to the provider; two equal requests are equal on the wire."""

    model: str
    frame: Frame
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a task came from, and where its answer goes. Ids are Discord's snowflakes."""

    guild_id: int | None = None
    channel_id: int | None = None
    parent_channel_id: int | None = None
    """Where the channel is a thread, the channel that it belongs to; not stored."""
    message_id: int | None = None
    """The command's own public message, which becomes the result."""
    filesize_limit: int = 10 * 1024 * 1024
    """The server's own upload tier, in bytes, without what the person's Nitro adds."""
    locale: str = "en-US"
    """The server's (else the person's) Discord locale: the language of the public card."""
    age_restricted: bool = False
    """Results of such a channel go nowhere else."""
    reachable: bool = True
    """Whether the bot itself is there: not where only a person installed it."""
    link_guild_id: int | None = None
    """The server of such a place, for links alone: none of its rules and limits count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPicture:
    """A picture in a message, at an address of Discord."""

    url: str
    """Signed, and good for a day or so where it is an attachment."""
    name: str
    bytes: int | None = None
    """As announced; ``None`` where Discord does not say."""
    is_spoiler: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A picture in somebody's message, which may still be there when its frame is not kept."""

    channel_id: int
    message_id: int
    number: int
    """Its place among the message's pictures, from 0."""
    picture: FoundPicture | None = None
    """As it was found there; ``None`` for what was made before this was written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asked. The terminal's person has id 0."""

    id: int
    name: str
    role_ids: frozenset[int] = frozenset()
    locale: str = "en-US"


class DeliveryMethod(IntEnum):
    """The delivery ladder, best first."""

    EDIT = 1
    """Edit the command's own message."""
    POST = 2
    """A new message in the channel, with a nonce."""
    LINK = 3
    """Too large: the first frame and the provider's link."""
    DIRECT = 4
    """A direct message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far the delivery is; stored before each attempt, so that a restart knows."""

    method: DeliveryMethod = DeliveryMethod.EDIT
    attempts: int = 0
    """Attempts on this method."""
    tried_at: datetime | None = None
    """Start of the first attempt on this method that has no clear answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Where the result is to be seen."""

    channel_id: int
    message_id: int


class Told(IntEnum):
    """Whether an ending has been said; false as long as it is to be tried again."""

    NOT_YET = 0
    DELIVERED = 1
    """Or there is nobody to say it to."""
    NOWHERE = 2
    """Every place and the person refused it: it is to be said at their next command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One video, from the command to its end.

    A task is what the store said at one moment. State changes name ``state``, ``owner`` and
    ``epoch`` as they were then, so a change by somebody with an old view changes nothing.
    """

    id: str
    """Short and random: shown to people, part of `custom_id` and `nonce`."""
    state: State
    request: Request
    person: Person
    place: Place
    entry_point: EntryPoint
    estimate: Usd
    """What is held against the budgets until the provider says what it charged."""
    created_at: datetime
    updated_at: datetime
    parent_id: str | None = None
    mended: tuple[str, ...] = ()
    """Values of ``bot.domain.first_frame.Adjustment``."""
    source: Source | None = None
    """Where the picture came from, if from a message."""
    owner: str | None = None
    epoch: int = 0
    """Counts claims; with the owner, the fence against a process that lost its lease."""
    not_before: datetime | None = None
    """A queued task waits until then (429, no connection)."""
    provider_id: str | None = None
    progress: float | None = None
    """0.0 to 1.0, if the provider reports it."""
    provider_word: str | None = None
    """What the provider once called the status, in a word that nobody knows."""
    video_url: str | None = None
    cost: Usd | None = None
    """What the provider charged; ``None`` is not known, never zero."""
    discount: Decimal | None = None
    failure: Failure | None = None
    answer: str | None = None
    """The provider's final answer as it came, at most 64 kB."""
    submitted_at: datetime | None = None
    rendered_at: datetime | None = None
    ended_at: datetime | None = None
    delivery: Delivery = field(default_factory=Delivery)
    result_channel_id: int | None = None
    result_message_id: int | None = None
    late_told: bool = False
    announced: bool = False
    """That it is ready, or that it ended without a video, has been said."""
    notice_pending: bool = False
    """How it ended could be said nowhere: it is at its person's next command."""
    counted: bool = False
    """It failed, was charged all the same, and is used of its person's allowance."""

    @property
    def options(self) -> Options:
        """What was asked for, beside the picture."""
        return self.request.options
