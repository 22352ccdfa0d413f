"""What people can choose from: the models that can be used now, and what their videos cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cachetools import TTLCache

from bot.clock import Clock
from bot.domain.model import Model, Models, VideoKind
from bot.domain.money import Usd
from bot.errors import OptionRefused
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
    default: Model
    resolution: str | None = None
    """The server's default resolution."""

    def named(self, text: str | None) -> Model:
        """The model with this id or label, as somebody wrote it; the default one for ``None``.

        Raises:
            OptionRefused: there is none.
        """
        if text is None:
            return self.default
        found = find_model(self.models, text)
        if found is None:
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

    async def choice(self, guild_id: int | None) -> ModelChoice:
        """The models that may be used in a server; ``None``: outside servers."""
        offered, resolution = self._models.offered, None
        if guild_id is not None:
            resolution = (await self._moderation.settings(guild_id)).resolution
        return ModelChoice(models=offered, default=self._models.default, resolution=resolution)

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
