"""The names of the operator's settings for a provider."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderVariables:
    """The names of a provider's environment variables, for messages to the operator."""

    key: str
    model: str
