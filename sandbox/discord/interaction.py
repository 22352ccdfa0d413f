"""One interaction of a person with the bot."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.discord.state.model import Channel, Json, Message, User
from sandbox.discord.state.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
"""Types of interactions."""

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
"""Types of answers."""


class DidNotRespond(Exception):
    """The person reads "The application did not respond", since three seconds have passed."""


@dataclass(slots=True, kw_only=True, eq=False)
class Interaction:
    """One interaction of a person with the bot, in its current state."""

    id: int
    token: str = field(repr=False)
    kind: int
    person: User
    channel: Channel
    data: Json
    created_at: datetime
    source: Message | None = None
    """The message with the button or menu that was used."""
    answer: int | None = None
    """Type of the first answer; ``None`` until the interaction is acknowledged."""
    answered_at: datetime | None = None
    message: Message | None = None
    """The answer if it is a message, or the changed message that the interaction came from."""
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None
    owners: Json = field(default_factory=dict)
    """Who installed the application that handles it: the server ("0"), the person ("1")."""
    metadata: Json = field(default_factory=dict)
    world: World = field(repr=False)
    patience: float = 3.0
    """Seconds that the bot has for its first answer."""

    @property
    def is_by_person_only(self) -> bool:
        """Whether only the person installed the application, and not the server."""
        return "0" not in self.owners

    @property
    def ephemeral(self) -> bool:
        return self.message is not None and self.message.ephemeral

    @property
    def acknowledged_after(self) -> float | None:
        """Seconds by the sandbox's clock; ``None`` before an answer."""
        if self.answered_at is None:
            return None
        return (self.answered_at - self.created_at).total_seconds()

    async def acknowledged(self, within: float | None = None) -> "Interaction":
        """Wait for the first answer, ``within`` real seconds (by default until it is too late).

        Raises:
            DidNotRespond: no answer came in time.
        """
        limit = self.patience + 0.5 if within is None else within
        try:
            await self.world.changes.until(lambda: self.answer is not None, limit)
        except TimeoutError:
            raise DidNotRespond(f"{self.data.get('name') or self.data.get('custom_id')}") from None
        return self
