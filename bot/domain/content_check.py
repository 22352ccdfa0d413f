"""What a check of a picture and a prompt finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFinding:
    """Why a picture and a prompt are not allowed."""

    category: str
    """The service's own name, such as ``violence/graphic``."""
    score: float
    """From 0 to 1, as the service gave it."""
