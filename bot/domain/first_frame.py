"""What is mended so that a picture fits a model, and what is refused."""

from enum import StrEnum


class Mend(StrEnum):
    """What was done to a picture; said to its owner in words."""

    UPRIGHT = "upright"
    FLATTENED = "flattened"
    STILL = "still"
    SRGB = "srgb"
    SCALED = "scaled"
    REENCODED = "reencoded"
    CLEANED = "cleaned"
