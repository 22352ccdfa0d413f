"""The points between a command and its video where a fault can strike.

Each is named by the one function of the bot that takes that step.
"""

from dataclasses import KW_ONLY, dataclass
from typing import Literal

When = Literal["before", "after"]
How = Literal["kill", "raise", "lost"]
"""SIGKILL; a mistake in the program; a write that got through and is said to have failed."""

# The end of a task that was hit there.
NOTHING = "nothing was spent; the command is sent again"
DELIVERED = "delivered once, paid once"
UNCLEAR = "unclear, money held, never sent again"
FAILED = "failed, said why, cost nothing"

Condition = Literal[
    "usual", "no message", "too large", "no channel", "fails", "answer lost", "asked to wait"
]
"""All is well; the command's message is gone; so it is, and the video is too large for the channel;
the command's channel is deleted; the provider ends the job as failed; its answer to the create call
is lost; it answers that with 429."""


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """Where a fault can strike."""

    words: str
    """For the table; ``before`` or ``after`` stands in front of it."""
    target: str
    """Module, colon, and the name of an `async` function or method in it."""
    before: str
    """The end of the task where the process is killed before it."""
    after: str = ""
    """And after it, where that is not the same."""
    _: KW_ONLY
    given: Condition = "usual"
    mistaken: str | None = None
    """After a mistake before it, where that is not the same."""

    def ends(self, when: When, how: How) -> str:
        """How a task that is hit there ends."""
        if how == "raise" and when == "before" and self.mistaken:
            return self.mistaken
        return self.after or self.before if when == "after" else self.before

    @property
    def is_a_write(self) -> bool:
        """Whether it is a commit."""
        return "TaskStore" in self.target


_STORE = "bot.storage.tasks.tasks:TaskStore"
_PROVIDER = "bot.providers.vtrix.client:VtrixClient"

CRASH_POINTS: dict[str, CrashPoint] = {
    "acknowledge": CrashPoint(
        "the acknowledgement", "discord.interactions:InteractionResponse.send_message", NOTHING
    ),
    "frame": CrashPoint(
        "the first frame is kept", "bot.storage.files.images:ImageStore.keep", NOTHING
    ),
    "reserve": CrashPoint("the reservation's commit", f"{_STORE}.reserve", NOTHING, DELIVERED),
    "submitting": CrashPoint("the `submitting` commit", f"{_STORE}.submitting", DELIVERED, UNCLEAR),
    "connect": CrashPoint(
        "connecting to the provider", "aiohttp.connector:TCPConnector.connect", UNCLEAR
    ),
    "body": CrashPoint(
        "the picture goes out, in the middle of the body",
        "bot.providers.vtrix.request_body:Incoming.let_in",
        UNCLEAR,
    ),
    "sent": CrashPoint(
        "the last byte of the body",
        "bot.providers.vtrix.request_body:PictureBody.write",
        UNCLEAR,
        mistaken=DELIVERED,
    ),
    "answer": CrashPoint("the answer to the create call is read", f"{_PROVIDER}.create", UNCLEAR),
    "running": CrashPoint("the `running` commit", f"{_STORE}.running", UNCLEAR, DELIVERED),
    "look": CrashPoint("a look at the provider", f"{_PROVIDER}.status", DELIVERED),
    "rendered": CrashPoint("the `rendered` commit", f"{_STORE}.rendered", DELIVERED),
    "download": CrashPoint(
        "a piece of the video is written", "bot.providers.atomic_file:AtomicFile.write", DELIVERED
    ),
    "downloaded": CrashPoint(
        "the video is synced and put in its place",
        "bot.providers.atomic_file:AtomicFile.keep",
        DELIVERED,
    ),
    "delivering": CrashPoint(
        "the commit of a delivery's attempt", f"{_STORE}.delivering", DELIVERED
    ),
    "deliver": CrashPoint(
        "the result is sent to Discord", "bot.ui.delivery.deliveries:Deliveries.deliver", DELIVERED
    ),
    "delivered": CrashPoint("the `delivered` commit", f"{_STORE}.delivered", DELIVERED),
    "posted": CrashPoint(
        "the result is posted as a new message, the command's own being gone",
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
        "the commit that puts it back into the queue, as the provider was busy",
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
        "it is said that a task has failed",
        "bot.ui.delivery.messenger:DiscordMessenger.tell_ended",
        FAILED,
        given="fails",
    ),
    "told": CrashPoint("the commit that it was said", f"{_STORE}.told", FAILED, given="fails"),
}
