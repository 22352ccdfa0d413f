"""What goes wrong while a video is downloaded, labeled or posted.

::

    FlipbookError
    ├── DownloadError
    │   ├── DownloadRefused      must not be downloaded: address, type or size
    │   ├── LinkExpired          the link answers 403, 404 or 410
    │   └── DownloadInterrupted  worth another try
    ├── VideoUnreadable          its file is no whole MP4
    └── DeliveryError
        ├── DeliveryRefused      Discord refused for good: try the next method
        └── DeliveryUnclear      the outcome is unclear: try the same method again
"""

from bot.errors.base import FlipbookError


class DownloadError(FlipbookError):
    """A video could not be downloaded."""


class DownloadRefused(DownloadError):
    """A video must not or cannot be downloaded: address, redirect, type or size."""


class LinkExpired(DownloadError):
    """The link of a video no longer works."""


class DownloadInterrupted(DownloadError):
    """The transfer broke off; the link may still work."""


class VideoUnreadable(FlipbookError):
    """A video's file is no whole MP4, so nothing can be written into it."""


class DeliveryError(FlipbookError):
    """A delivery by one method failed."""


class DeliveryRefused(DeliveryError):
    """Discord refused for good; the next method may work."""


class DeliveryUnclear(DeliveryError):
    """There was no clear answer; the message may or may not have been posted."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
