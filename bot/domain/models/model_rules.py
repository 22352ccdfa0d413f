"""Which of the operator's models somebody may use in a server, and for how much."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.models.model import Model
from bot.domain.money import Usd


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRules:
    """What a server's moderators decided about models, as far as it concerns one person."""

    models: tuple[str, ...] = ()
    """The ids of the models that everybody may use; empty: all that the operator offers."""
    of_roles: frozenset[str] = frozenset()
    """The ids of more models, which the person's roles may use."""
    default: str | None = None
    """The id of the model that is used if none is chosen; ``None``: the operator's."""
    resolution: str | None = None
    """The resolution that is used if none is chosen; ``None``: the model's."""
    highest_price: Usd | None = None
    """The most that one video may cost."""

    def allowed(self, offered: Sequence[Model]) -> tuple[Model, ...]:
        """Those of the offered models that the person may use, the default one first."""
        ids = {*self.models, *self.of_roles}
        found = [one for one in offered if not self.models or one.id in ids]
        return tuple(sorted(found, key=lambda one: one.id != self.default))
