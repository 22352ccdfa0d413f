"""A task: the request, its person and place, and its state."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.delivery import Delivery
from bot.domain.models.model import Options, VideoKind
from bot.domain.money import Usd


class State(StrEnum):
    """The state of a task. The names for people are in ``bot.ui.texts``."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    RUNNING = "running"
    RENDERED = "rendered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


# Only the operator can end `unknown` (`flipbook task resolve`).
TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SUBMITTING, State.CANCELLED, State.FAILED}),
    State.SUBMITTING: frozenset({State.RUNNING, State.QUEUED, State.FAILED, State.UNKNOWN}),
    State.RUNNING: frozenset({State.RENDERED, State.FAILED, State.CANCELLED}),
    State.RENDERED: frozenset({State.DELIVERED, State.UNDELIVERED}),
    State.UNDELIVERED: frozenset({State.DELIVERED}),
    State.UNKNOWN: frozenset({State.RUNNING, State.FAILED}),
    State.DELIVERED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}

# The states that a worker acts on, and those that count as in flight.
OPEN_STATES = frozenset({State.QUEUED, State.SUBMITTING, State.RUNNING, State.RENDERED})
IN_FLIGHT_STATES = frozenset({State.QUEUED, State.SUBMITTING, State.RUNNING})

# The provider's own default deadline of a job.
DEADLINE = timedelta(hours=48)
TELL_LATE_AFTER = timedelta(minutes=15)
# A request to Discord without an answer may still be carried out within this time.
ARRIVES_WITHIN = timedelta(seconds=30)
# How long an `unknown` task counts towards its person's tasks in progress: it may still be running
# at the provider, and holds money.
UNCLEAR_COUNTS_FOR = timedelta(hours=1)
ANNOUNCE_AFTER = timedelta(minutes=1)
# How long a 404 on status counts as a temporary error.
FORGIVE_NOT_FOUND = timedelta(minutes=5)
KEEP_UNDELIVERED = timedelta(days=7)
# Long enough that somebody may still scroll up to a video and make it again.
KEEP_PROMPTS = timedelta(days=90)


class EntryPoint(StrEnum):
    """How a task was requested."""

    SLASH = "slash"
    MENU = "menu"
    REROLL = "reroll"
    """A reroll with the same seed."""
    NEW_SEED = "new_seed"
    """A reroll with a new seed."""
    EDIT = "edit"
    """A reroll with the changes from the form."""
    TERMINAL = "terminal"


class FailureKind(StrEnum):
    """Why a task failed; each kind has a text for people."""

    REJECTED = "rejected"
    MODERATED = "moderated"
    """Refused for its content; the next three say which part."""
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
    """The provider refuses the operator's account without saying why."""
    NO_ANSWERS = "no_answers"
    """Not sent, since the provider gives no clear answers."""
    PICTURE_LOST = "picture_lost"
    """The first frame was lost before it was sent."""
    RESOLVED = "resolved"
    """Ended by the operator after it was `unknown`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a task failed or is unclear."""

    kind: FailureKind
    code: str | None = None
    """The provider's own code."""
    message: str | None = None
    """The provider's own words, at most 500 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A first frame, identified by its content."""

    digest: str
    """SHA-256 of the bytes in hexadecimal, which is also the name in the image store."""
    mime: str
    bytes: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Everything that goes to the provider; two equal requests are equal on the wire."""

    model: str
    frame: Frame
    options: Options

    @property
    def kind(self) -> VideoKind:
        """The kind of the video."""
        return self.options.kind(self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a task was requested and its result goes. Ids are Discord's snowflakes."""

    guild_id: int | None = None
    channel_id: int | None = None
    parent_channel_id: int | None = None
    """The parent channel, if the channel is a thread; not stored."""
    message_id: int | None = None
    """The command's own public message, which becomes the result."""
    filesize_limit: int = 10 * 1024 * 1024
    """The server's own upload tier, in bytes, without what the person's Nitro adds."""
    locale: str = "en-US"
    """The Discord locale of public messages: the server's, or else the person's."""
    age_restricted: bool = False
    """Whether the channel is age-restricted; its results go nowhere else."""
    reachable: bool = True
    """Whether the bot itself can write there, not only a person who installed it."""
    link_guild_id: int | None = None
    """The server of a place that is not reachable, only for links; its rules do not apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPicture:
    """A picture that was found in a message, at one of Discord's URLs."""

    url: str
    """The URL, which for an attachment is signed and valid for about a day."""
    name: str
    bytes: int | None = None
    """The announced size; ``None`` if Discord does not say."""
    is_spoiler: bool = False
    author_id: int | None = None
    """The person whose message it is in; ``None`` if that was a bot or a webhook, or not stored."""
    is_forwarded: bool = False
    """Whether it came from another message, whose author Discord does not tell."""

    @property
    def owner_id(self) -> int | None:
        """The person whose picture it is; ``None`` if that is not known."""
        return None if self.is_forwarded else self.author_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The message that a picture came from, to read it again once its frame is gone."""

    channel_id: int
    message_id: int
    number: int
    """The picture's index among the message's pictures, from 0."""
    picture: FoundPicture | None = None
    """The picture as it was found; ``None`` for tasks that are older than this field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person who asked; for the terminal, the id is 0."""

    id: int
    name: str
    role_ids: frozenset[int] = frozenset()
    locale: str = "en-US"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task: one video, from the command to its end.

    The object is a snapshot from the store. State changes name its ``state``, ``owner`` and
    ``epoch``, so a change based on an old snapshot changes nothing.
    """

    id: str
    """Short and random; shown to people, and part of `custom_id` and `nonce`."""
    state: State
    request: Request
    person: Person
    place: Place
    entry_point: EntryPoint
    estimate: Usd
    """The money held in the budgets until the provider has charged."""
    created_at: datetime
    updated_at: datetime
    parent_id: str | None = None
    mended: tuple[str, ...] = ()
    """Values of ``bot.domain.first_frame.Adjustment``."""
    source: Source | None = None
    """The message that the picture came from, if any."""
    picture_owner_id: int | None = None
    """The person whose picture it is, or ``ERASED_OWNER``; ``None`` if that is not known."""
    owner: str | None = None
    epoch: int = 0
    """Counts claims; with the owner, it fences off a process that lost its lease."""
    not_before: datetime | None = None
    """When a queued task may be sent (after a 429 or without a connection)."""
    provider_id: str | None = None
    progress: float | None = None
    """0.0 to 1.0, if the provider reports it."""
    provider_word: str | None = None
    """The last status word of the provider that is not a known one."""
    video_url: str | None = None
    cost: Usd | None = None
    """What the provider charged; ``None`` means unknown, not zero."""
    cost_is_listed: bool = False
    """Whether the cost is from the operator's price list, since the provider names none."""
    discount: Decimal | None = None
    failure: Failure | None = None
    answer: str | None = None
    """The provider's raw final answer, at most 64 kB."""
    submitted_at: datetime | None = None
    rendered_at: datetime | None = None
    ended_at: datetime | None = None
    delivery: Delivery = field(default_factory=Delivery)
    result_channel_id: int | None = None
    result_message_id: int | None = None
    late_told: bool = False
    announced: bool = False
    """Whether the person was told that the video is ready or that there is none."""
    notice_pending: bool = False
    """Whether the person could not be told how it ended, and is at their next command."""
    counted: bool = False
    """Whether it failed but was charged, and counts towards the person's limit."""

    @property
    def is_deleted(self) -> bool:
        """Whether its video was posted at Discord, and somebody deleted it there by this bot."""
        is_posted = self.state is State.DELIVERED and self.place.channel_id is not None
        return is_posted and self.result_message_id is None

    @property
    def is_forgotten(self) -> bool:
        """Whether its prompt was deleted, after a while or by its person; it is never empty."""
        return not self.options.prompt

    @property
    def options(self) -> Options:
        """The options of the request."""
        return self.request.options
