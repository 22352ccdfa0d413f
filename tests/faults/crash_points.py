"""The points between a command and its video where a fault can strike.

Each is named by the one function of the bot that takes that step.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashPoint:
    """Where a fault can strike."""

    words: str
    """For the table; ``before`` or ``after`` stands in front of it."""
    target: str
    """Module, colon, and the name of an `async` function or method in it."""
    before: str
    """The end of the task where the process is killed before it."""
    after: str
    """And after it."""

    given: Condition = "usual"
    mistaken: str | None = None
    """After a mistake before it, where that is not the same."""

    def ends(self, when: When, how: How) -> str:
        """How a task that is hit there ends."""
        if how == "raise" and when == "before" and self.mistaken:
            return self.mistaken
        return self.before if when == "before" else self.after

    @property
    def is_a_write(self) -> bool:
        """Whether it is a commit."""
        return "TaskStore" in self.target


CRASH_POINTS: dict[str, CrashPoint] = {
    "acknowledge": CrashPoint(
        words="the acknowledgement",
        target="discord.interactions:InteractionResponse.send_message",
        before=NOTHING,
        after=NOTHING,
    ),
    "frame": CrashPoint(
        words="the first frame is kept",
        target="bot.storage.files.images:ImageStore.keep",
        before=NOTHING,
        after=NOTHING,
    ),
    "reserve": CrashPoint(
        words="the reservation's commit",
        target="bot.storage.tasks.tasks:TaskStore.reserve",
        before=NOTHING,
        after=DELIVERED,
    ),
    "submitting": CrashPoint(
        words="the `submitting` commit",
        target="bot.storage.tasks.tasks:TaskStore.submitting",
        before=DELIVERED,
        after=UNCLEAR,
    ),
    "connect": CrashPoint(
        words="connecting to the provider",
        target="aiohttp.connector:TCPConnector.connect",
        before=UNCLEAR,
        after=UNCLEAR,
    ),
    "body": CrashPoint(
        words="the picture goes out, in the middle of the body",
        target="bot.providers.vtrix.request_body:Incoming.let_in",
        before=UNCLEAR,
        after=UNCLEAR,
    ),
    "sent": CrashPoint(
        words="the last byte of the body",
        target="bot.providers.vtrix.request_body:PictureBody.write",
        before=UNCLEAR,
        after=UNCLEAR,
        mistaken=DELIVERED,
    ),
    "answer": CrashPoint(
        words="the answer to the create call is read",
        target="bot.providers.vtrix.client:VtrixClient.create",
        before=UNCLEAR,
        after=UNCLEAR,
    ),
    "running": CrashPoint(
        words="the `running` commit",
        target="bot.storage.tasks.tasks:TaskStore.running",
        before=UNCLEAR,
        after=DELIVERED,
    ),
    "look": CrashPoint(
        words="a look at the provider",
        target="bot.providers.vtrix.client:VtrixClient.status",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "rendered": CrashPoint(
        words="the `rendered` commit",
        target="bot.storage.tasks.tasks:TaskStore.rendered",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "download": CrashPoint(
        words="a piece of the video is written",
        target="bot.providers.atomic_file:AtomicFile.write",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "downloaded": CrashPoint(
        words="the video is synced and put in its place",
        target="bot.providers.atomic_file:AtomicFile.keep",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "delivering": CrashPoint(
        words="the commit of a delivery's attempt",
        target="bot.storage.tasks.tasks:TaskStore.delivering",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "deliver": CrashPoint(
        words="the result is sent to Discord",
        target="bot.ui.delivery.deliveries:Deliveries.deliver",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "delivered": CrashPoint(
        words="the `delivered` commit",
        target="bot.storage.tasks.tasks:TaskStore.delivered",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "posted": CrashPoint(
        words="the result is posted as a new message, the command's own being gone",
        target="bot.ui.delivery.channels:Channels.send",
        given="no message",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "linked": CrashPoint(
        words="the link is posted as a new message, the video being too large",
        target="bot.ui.delivery.channels:Channels.send",
        given="too large",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "direct": CrashPoint(
        words="the result is sent as a direct message, the channel being gone",
        target="bot.ui.delivery.channels:Channels.send",
        given="no channel",
        before=DELIVERED,
        after=DELIVERED,
    ),
    "requeued": CrashPoint(
        words="the commit that puts it back into the queue, as the provider was busy",
        target="bot.storage.tasks.tasks:TaskStore.requeued",
        given="asked to wait",
        before=UNCLEAR,
        after=DELIVERED,
    ),
    "unknown": CrashPoint(
        words="the `unknown` commit",
        target="bot.storage.tasks.tasks:TaskStore.unknown",
        given="answer lost",
        before=UNCLEAR,
        after=UNCLEAR,
    ),
    "failed": CrashPoint(
        words="the `failed` commit",
        target="bot.storage.tasks.tasks:TaskStore.failed",
        given="fails",
        before=FAILED,
        after=FAILED,
    ),
    "tell": CrashPoint(
        words="it is said that a task has failed",
        target="bot.ui.delivery.messenger:DiscordMessenger.tell_ended",
        given="fails",
        before=FAILED,
        after=FAILED,
    ),
    "told": CrashPoint(
        words="the commit that it was said",
        target="bot.storage.tasks.tasks:TaskStore.told",
        given="fails",
        before=FAILED,
        after=FAILED,
    ),
}
