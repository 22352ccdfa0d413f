"""The choices that people have: the models that can be used now, and their prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cachetools import TTLCache

from bot.clock import Clock
from bot.domain.models.model import Model, Models, VideoKind
from bot.domain.money import Usd
from bot.domain.quotas.quota import Offer
from bot.domain.task import Person
from bot.errors import ModelForbidden, OptionRefused
from bot.services.allowances import Allowances
from bot.services.intake.intake import Intake
from bot.services.intake.model_policy import difference
from bot.services.moderation import Moderation

# Seconds. Choices are asked for with each key that somebody presses, so both are remembered.
ESTIMATES_KEPT = 60.0
OPEN_KEPT = 5.0


# The most options of a menu in a form.
MOST_IN_MENU = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class KindMenu:
    """The kinds of videos that a form offers."""

    offers: tuple[Offer, ...]
    chosen: VideoKind
    """The kind that is chosen at first."""
    prompt_chars: int
    """The longest prompt that one of the models takes, in characters."""
    negative_prompt_chars: int


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

    def usual_kind(self, model: Model) -> VideoKind:
        """The kind of a model's video if nothing else is chosen."""
        return VideoKind(model.id, self.resolution_of(model), model.default_seconds)


def find_model(models: Sequence[Model], text: str) -> Model | None:
    """The model with this id or label, in capital or small letters; also by a choice's name."""
    wanted = " ".join(first_part(text).split()).casefold()
    return next(
        (one for one in models if wanted in (one.id.casefold(), one.label.casefold())), None
    )


def first_part(text: str) -> str:
    """What was chosen, of the name of a choice that somebody typed: what is before its price."""
    return text.partition("·")[0]


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
        """Those of ``models`` whose providers took work some seconds ago."""
        found = self._open.get(None)
        if found is None:
            offered = await self._intake.open_models(self._models.offered)
            self._open[None] = found = frozenset(one.id for one in offered)
        return [one for one in models if one.id in found]

    async def menu(
        self, person: Person, guild_id: int | None, preferred: VideoKind | None = None
    ) -> KindMenu | None:
        """The kinds of videos for a form, or ``None`` if only their resolutions differ.

        Args:
            preferred: the kind that is chosen at first, or the most similar one if somebody may
                not use it now.

        Raises:
            ModelForbidden: the server allows no model that is offered.
        """
        if not self._models.has_kinds:
            return None
        choice = await self.choice(person, guild_id)
        preferred = preferred or choice.usual_kind(choice.default)
        estimates = await self.estimates()
        models = await self.open_now(choice.models)
        every = [kind for model in choice.models for kind in model.kinds()]
        fitting = [
            kind
            for model in models
            for kind in model.kinds()
            if choice.highest_price is None or estimates[kind] <= choice.highest_price
        ]
        # If none fits, the answer to the form says why.
        return _menu(choice, fitting or every, preferred, estimates)

    async def estimates(self) -> Mapping[VideoKind, Usd]:
        """What each kind of video that is offered will probably cost, as of a minute ago."""
        found = self._estimates.get(None)
        if found is None:
            found = self._estimates[None] = await self._allowances.estimates(self._models.kinds)
        return found


def _menu(
    choice: ModelChoice,
    kinds: Sequence[VideoKind],
    preferred: VideoKind,
    estimates: Mapping[VideoKind, Usd],
) -> KindMenu:
    """The menu with the most useful kinds, in the order of ``kinds``."""
    chosen = min(kinds, key=lambda one: difference(one, preferred))
    usual = {one.id: choice.usual_kind(one) for one in choice.models}
    longest = {one.id: one.durations[-1] for one in choice.models}

    def rank(kind: VideoKind) -> int:
        """A key to sort by: 0 for a kind that the menu must have, more for one that it can omit."""
        own = usual[kind.model]
        ranks = (
            kind == chosen,
            kind == own,
            kind == own._replace(resolution=kind.resolution),
            kind == own._replace(audio=True),
            kind == own._replace(seconds=longest[kind.model]),
        )
        return ranks.index(True) if True in ranks else len(ranks)

    kept = set(sorted(kinds, key=rank)[:MOST_IN_MENU])
    return KindMenu(
        offers=tuple(Offer(one, estimates[one]) for one in kinds if one in kept),
        chosen=chosen,
        prompt_chars=max(one.prompt_chars for one in choice.models),
        negative_prompt_chars=max(one.negative_prompt_chars for one in choice.models),
    )
