"""Whose pictures may be used: what their people and a server's moderators decide."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ERASED_OWNER = -2
"""Stands for somebody who deleted their data and lets nobody use their pictures."""


class PictureChoice(StrEnum):
    """Who may animate pictures from a person's messages, or make their results again."""

    EVERYONE = "everyone"
    NOBODY = "nobody"
    """Nobody but the person."""


class OthersPictures(StrEnum):
    """What a server's moderators allow with pictures in other people's messages."""

    ANYONE = "anyone"
    ASK = "ask"
    """The picture's owner is asked."""
    OWN_ONLY = "own_only"


ANSWER_WITHIN = timedelta(hours=1)
"""The time after which nobody can answer a question any more."""
ASK_AGAIN_AFTER = timedelta(days=1)
"""The time after which a person may ask for a picture again that was refused to them."""
MOST_QUESTIONS = 3
"""The most open questions of one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureQuestion:
    """A person's question to the owner of a picture, with everything that was asked for."""

    id: str
    """Random; part of `custom_id`."""
    person_id: int
    """The person who asks."""
    author_id: int
    """The owner of the picture, who alone can answer."""
    guild_id: int
    channel_id: int
    picture: str
    """Identifies the picture, so that a person asks for each only once."""
    request: str
    """The request as JSON; empty once it was refused."""
    made_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be answered."""
        return bool(self.request) and now < self.made_at + ANSWER_WITHIN
