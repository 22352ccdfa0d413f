"""How a result comes to its person: the methods, how far it is, and where it is seen."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class DeliveryMethod(IntEnum):
    """The delivery methods, best first."""

    EDIT = 1
    """Edit the command's own message."""
    POST = 2
    """Post a new message in the channel."""
    LINK = 3
    """Post the first frame and the provider's link, if the file cannot be posted."""
    DIRECT = 4
    """Send a direct message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The progress of a delivery, stored before each attempt so that it survives a restart."""

    method: DeliveryMethod = DeliveryMethod.EDIT
    attempts: int = 0
    """Attempts by this method."""
    tried_at: datetime | None = None
    """Start of the first attempt by this method whose outcome is unclear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The message that has the result."""

    channel_id: int
    message_id: int


class Told(IntEnum):
    """Whether a person was told how a task ended; false as long as it must be tried again."""

    NOT_YET = 0
    DELIVERED = 1
    """The person was told, or there is nobody to tell."""
    NOWHERE = 2
    """Discord refused it everywhere; the person is told at their next command."""
