"""What people read about the operator and about who gets their data: in `/help`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorInfo:
    """Who gets pictures and prompts, and where the operator's rules and contact are."""

    provider: str
    """The name of the video service."""
    content_check: str | None = None
    """The host of the service that checks pictures and prompts first; ``None``: there is none."""
    privacy_url: str | None = None
    terms_url: str | None = None
    contact: str | None = None
