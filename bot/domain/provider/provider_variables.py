"""The names of the operator's settings for a provider."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderVariables:
    """Names of environment variables, for messages that tell the operator what to look at."""

    key: str
    model: str
