"""Why a provider refused a request or failed to make a video, in terms that all providers share.

Each provider's own package knows its codes and messages.
"""

from enum import StrEnum


class FailureReason(StrEnum):
    """Why a request was refused or a video could not be made."""

    CONTENT = "content"
    """The picture, the prompt or the finished video was refused; the answer does not say which."""
    CONTENT_PICTURE = "content_picture"
    CONTENT_WORDS = "content_words"
    CONTENT_VIDEO = "content_video"
    PARAMETER = "parameter"
    """A parameter was wrong, or the provider could not fetch the picture."""
    SERVICE = "service"
    """The provider itself failed; another attempt may succeed."""
    BUSY = "busy"
    """The provider limits requests, or its queue is full."""
    KEY = "key"
    BALANCE = "balance"
    MODEL = "model"
    """The key may not use the model, or the model does not exist."""

    @property
    def is_content(self) -> bool:
        """Whether the provider's moderation refused any part of it."""
        return self in _CONTENTS


_CONTENTS = frozenset(
    {
        FailureReason.CONTENT,
        FailureReason.CONTENT_PICTURE,
        FailureReason.CONTENT_WORDS,
        FailureReason.CONTENT_VIDEO,
    }
)
