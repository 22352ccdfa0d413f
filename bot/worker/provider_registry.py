"""The providers by name, each with its circuit breaker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.models.model import Model, Models
from bot.services.ports import Provider
from bot.worker.circuit_breaker import ProviderCircuitBreaker


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccess:
    """A provider's client, and the breaker in front of it."""

    client: Provider
    breaker: ProviderCircuitBreaker


class ProviderRegistry:
    """Finds the provider of a model."""

    def __init__(self, access: Mapping[str, ProviderAccess], *, models: Models) -> None:
        """``access`` has every provider that a task can be at, by its name."""
        self._access = access
        self._models = models

    def of(self, model: str) -> ProviderAccess:
        """The provider of the model with this id; for an unknown model, the default one's."""
        return self._access[self.model(model).provider]

    def model(self, id: str) -> Model:
        """The model with this id; for an unknown id, the default model."""
        return self._models.shown(id)

    def accepting(self, names: Iterable[str]) -> Mapping[str, bool]:
        """Whether each of these providers takes new tasks, as far as this process knows."""
        return {name: self._access[name].breaker.closure is None for name in names}

    def items(self) -> Iterable[tuple[str, ProviderAccess]]:
        """All providers, by their names."""
        return self._access.items()
