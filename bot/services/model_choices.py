"""What people can choose from: the models that can be used now, and what their videos cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cachetools import TTLCache

from bot.clock import Clock
from bot.domain.model import Model, Models, VideoKind
from bot.domain.money import Usd
from bot.domain.task import Person
from bot.errors import ModelForbidden, OptionRefused
from bot.services.allowances import Allowances
from bot.services.intake import Intake
from bot.services.moderation import Moderation

# Seconds. Choices are asked for with each key that somebody presses, so both are remembered.
ESTIMATES_KEPT = 60.0
OPEN_KEPT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """The models that somebody may use in a place."""

    models: tuple[Model, ...]
    """The models that may be used, the default one first."""
    resolution: str | None = None
    """The server's default resolution."""
    highest_price: Usd | None = None
    """The most that one video may cost there."""
    forbidden: tuple[Model, ...] = ()
    """The models that the operator offers, and the server does not."""

    @property
    def default(self) -> Model:
        """The model that is used if none is chosen.

        Raises:
            ModelForbidden: the server allows no model that is offered.
        """
        if not self.models:
            raise ModelForbidden(self.forbidden[0].label, allowed=())
        return self.models[0]

    def named(self, text: str | None) -> Model:
        """The model with this id or label, as somebody wrote it; the default one for ``None``.

        Raises:
            OptionRefused: there is none.
            ModelForbidden: the server does not allow it.
        """
        if text is None:
            return self.default
        found = find_model(self.models, text)
        if found is None:
            if (forbidden := find_model(self.forbidden, text)) is not None:
                labels = [one.label for one in self.models]
                raise ModelForbidden(forbidden.label, allowed=labels)
            raise OptionRefused("model", given=text, allowed=[one.label for one in self.models])
        return found

    def resolution_of(self, model: Model) -> str:
        """The resolution of a video of this model if none is chosen."""
        own = self.resolution
        return own if own is not None and own in model.resolutions else model.default_resolution


def find_model(models: Sequence[Model], text: str) -> Model | None:
    """The model with this id or label, in capital or small letters."""
    wanted = " ".join(text.split()).casefold()
    return next(
        (one for one in models if wanted in (one.id.casefold(), one.label.casefold())), None
    )


class ModelChoices:
    """Looks up what somebody can choose from."""

    def __init__(
        self,
        *,
        models: Models,
        intake: Intake,
        allowances: Allowances,
        moderation: Moderation,
        clock: Clock,
    ) -> None:
        """
        Args:
            intake: knows the models for which the provider takes work.
        """
        self._models = models
        self._intake = intake
        self._allowances = allowances
        self._moderation = moderation
        self._estimates = TTLCache[None, Mapping[VideoKind, Usd]](
            1, ttl=ESTIMATES_KEPT, timer=clock.monotonic
        )
        self._open = TTLCache[None, frozenset[str]](1, ttl=OPEN_KEPT, timer=clock.monotonic)

    async def choice(self, person: Person, guild_id: int | None) -> ModelChoice:
        """The models that somebody may use in a server; ``None``: outside servers."""
        offered = self._models.offered
        if guild_id is None:
            return ModelChoice(models=offered)
        rules = await self._moderation.model_rules(guild_id, person.role_ids)
        allowed = rules.allowed(offered) if self._models.are_several else offered
        return ModelChoice(
            models=allowed,
            resolution=rules.resolution,
            highest_price=rules.highest_price,
            forbidden=tuple(one for one in offered if one not in allowed),
        )

    async def open_now(self, models: Sequence[Model]) -> Sequence[Model]:
        """Those of some models for which the provider takes work, as of some seconds ago."""
        found = self._open.get(None)
        if found is None:
            offered = await self._intake.open_models(self._models.offered)
            self._open[None] = found = frozenset(one.id for one in offered)
        return [one for one in models if one.id in found]

    async def estimates(self) -> Mapping[VideoKind, Usd]:
        """What each kind of video that is offered will probably cost, as of a minute ago."""
        found = self._estimates.get(None)
        if found is None:
            found = self._estimates[None] = await self._allowances.estimates(self._models.kinds)
        return found
