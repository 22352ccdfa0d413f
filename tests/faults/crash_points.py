"""The points between a command and its video at which a fault can strike.

Each is named by the one function of the bot that takes that step.
"""

from dataclasses import KW_ONLY, dataclass
from typing import Literal

When = Literal["before", "after"]
How = Literal["kill", "raise", "lost"]
""""kill" is SIGKILL; "raise" is an unexpected exception; "lost" is a write that succeeds and then
reports an error.
"""

# How a task ends that is hit at a point.
NOTHING = "nothing spent; the person sends the command again"
DELIVERED = "delivered once, paid once"
UNCLEAR = "unclear, money held, never sent again"
FAILED = "failed with the reason, nothing charged"

Condition = Literal[
    "usual", "no message", "too large", "no channel", "fails", "answer lost", "asked to wait"
]
""""no message": the command's message was deleted; "too large": it was deleted, and the video is
too large for the channel; "no channel": the channel was deleted; "fails": the provider reports a
failure; "answer lost": the answer to the create call is lost; "asked to wait": the create call is
answered with 429.
"""


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """A step at which a fault can strike."""

    words: str
    """The description in the table, where ``before`` or ``after`` precedes it."""
    target: str
    """The `async` function or method, as ``module:name``."""
    before: str
    """How the task ends if the process is killed before the step."""
    after: str = ""
    """How the task ends if the process is killed after the step, if that differs."""
    _: KW_ONLY
    given: Condition = "usual"
    mistaken: str | None = None
    """How the task ends after an exception before the step, if that differs."""

    def ends(self, when: When, how: How) -> str:
        """Return how a task ends that is hit here."""
        if how == "raise" and when == "before" and self.mistaken:
            return self.mistaken
        return self.after or self.before if when == "after" else self.before

    @property
    def is_a_write(self) -> bool:
        """Whether the step is a commit."""
        return "TaskStore" in self.target


_STORE = "bot.storage.tasks.tasks:TaskStore"
_PROVIDER = "bot.providers.vtrix.client:VtrixClient"

CRASH_POINTS: dict[str, CrashPoint] = {
    "acknowledge": CrashPoint(
        "the acknowledgment", "discord.interactions:InteractionResponse.send_message", NOTHING
    ),
    "frame": CrashPoint(
        "the first frame is kept", "bot.storage.files.images:ImageStore.keep", NOTHING
    ),
    "content check": CrashPoint(
        "the operator's check of picture and prompt",
        "bot.providers.content_check.client:ModerationClient.check",
        NOTHING,
    ),
    "reserve": CrashPoint("the reservation's commit", f"{_STORE}.reserve", NOTHING, DELIVERED),
    "submitting": CrashPoint("the `submitting` commit", f"{_STORE}.submitting", DELIVERED, UNCLEAR),
    "connect": CrashPoint(
        "connecting to the provider", "aiohttp.connector:TCPConnector.connect", UNCLEAR
    ),
    "body": CrashPoint(
        "the picture is sent, in the middle of the body",
        "bot.providers.picture_body:Incoming.let_in",
        UNCLEAR,
    ),
    "sent": CrashPoint(
        "the last byte of the body",
        "bot.providers.picture_body:PictureBody.write",
        UNCLEAR,
        mistaken=DELIVERED,
    ),
    "answer": CrashPoint("the answer to the create call is read", f"{_PROVIDER}.create", UNCLEAR),
    "running": CrashPoint("the `running` commit", f"{_STORE}.running", UNCLEAR, DELIVERED),
    "look": CrashPoint("a poll of the provider", f"{_PROVIDER}.status", DELIVERED),
    "rendered": CrashPoint("the `rendered` commit", f"{_STORE}.rendered", DELIVERED),
    "download": CrashPoint(
        "a piece of the video is written", "bot.providers.atomic_file:AtomicFile.write", DELIVERED
    ),
    "downloaded": CrashPoint(
        "the video is synced and moved into place",
        "bot.providers.atomic_file:AtomicFile.keep",
        DELIVERED,
    ),
    "label": CrashPoint(
        "the video's file is labeled", "bot.video.labeler:VideoLabeler.label", DELIVERED
    ),
    "delivering": CrashPoint(
        "the commit of a delivery's attempt", f"{_STORE}.delivering", DELIVERED
    ),
    "deliver": CrashPoint(
        "the result is sent to Discord", "bot.ui.delivery.deliveries:Deliveries.deliver", DELIVERED
    ),
    "delivered": CrashPoint("the `delivered` commit", f"{_STORE}.delivered", DELIVERED),
    "posted": CrashPoint(
        "the result is posted as a new message, as the command's was deleted",
        "bot.ui.delivery.channels:Channels.send",
        DELIVERED,
        given="no message",
    ),
    "linked": CrashPoint(
        "the link is posted as a new message, the video being too large",
        "bot.ui.delivery.channels:Channels.send",
        DELIVERED,
        given="too large",
    ),
    "direct": CrashPoint(
        "the result is sent as a direct message, the channel being gone",
        "bot.ui.delivery.channels:Channels.send",
        DELIVERED,
        given="no channel",
    ),
    "requeued": CrashPoint(
        "the commit that requeues the task because the provider is busy",
        f"{_STORE}.requeued",
        UNCLEAR,
        DELIVERED,
        given="asked to wait",
    ),
    "unknown": CrashPoint(
        "the `unknown` commit", f"{_STORE}.unknown", UNCLEAR, given="answer lost"
    ),
    "failed": CrashPoint("the `failed` commit", f"{_STORE}.failed", FAILED, given="fails"),
    "tell": CrashPoint(
        "people are told that a task failed",
        "bot.ui.delivery.messenger:DiscordMessenger.tell_ended",
        FAILED,
        given="fails",
    ),
    "told": CrashPoint("the commit that people were told", f"{_STORE}.told", FAILED, given="fails"),
}
