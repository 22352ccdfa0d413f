"""What people read about the operator and about who gets their data: in `/help`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorInfo:
    """Who gets pictures and prompts, and where the operator's rules and contact are."""

    provider: str
    """The name of the video service, or of several, separated by commas."""
    by_model: bool = False
    """Whether there are several video services, which the model determines."""
    services: Mapping[str, str] = field(default_factory=dict)
    """The names of all video services by their providers, also of those not in use any more."""
    content_check: str | None = None
    """The host of the service that checks pictures and prompts first; ``None``: there is none."""
    privacy_url: str | None = None
    terms_url: str | None = None
    contact: str | None = None
