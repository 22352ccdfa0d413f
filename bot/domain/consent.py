"""Whose pictures may be used: what their people and a server's moderators decide."""

from enum import StrEnum

ERASED_OWNER = -2
"""Stands for somebody who deleted their data and lets nobody use their pictures."""


class PictureChoice(StrEnum):
    """Who may animate pictures from a person's messages, or make their results again."""

    EVERYONE = "everyone"
    NOBODY = "nobody"
    """Nobody but the person."""
