"""Checks each request against what a server's moderators decided about models and prices."""

from collections.abc import Sequence

from bot.domain.models.model import Model, Models, VideoKind
from bot.domain.models.model_rules import ModelRules
from bot.domain.money import Usd
from bot.domain.quotas.quota import Offer
from bot.domain.submission import Submission
from bot.errors import ModelForbidden, PriceForbidden
from bot.services.allowances import Allowances
from bot.storage.guilds.moderation import ModerationStore

# The most cheaper videos that a refusal names.
MOST_NAMED = 3


class ModelPolicy:
    """Applies the rules of servers. They are read each time."""

    def __init__(self, *, store: ModerationStore, models: Models, allowances: Allowances) -> None:
        self._store = store
        self._models = models
        self._allowances = allowances

    async def check(self, submission: Submission, model: Model) -> None:
        """Check a request with its final options.

        Raises:
            ModelForbidden: the person may not use the model in this server.
            PriceForbidden: the video costs too much for this server.
        """
        guild_id = submission.place.guild_id
        # With one model of one length, moderators have nothing to choose, and cannot undo it.
        if guild_id is None or not self._models.has_kinds:
            return
        rules = await self._store.model_rules(guild_id, submission.person.role_ids)
        allowed = self._allowed(rules)
        if model not in allowed:
            raise ModelForbidden(model.label, allowed=[one.label for one in allowed])
        if rules.highest_price is not None:
            await self._check_price(submission.options.kind(model.id), rules.highest_price, allowed)

    def _allowed(self, rules: ModelRules) -> Sequence[Model]:
        offered = self._models.offered
        return rules.allowed(offered) if self._models.are_several else offered

    async def _check_price(self, kind: VideoKind, highest: Usd, allowed: Sequence[Model]) -> None:
        estimate = await self._allowances.estimate(kind)
        if estimate <= highest:
            return
        kinds = [one for model in allowed for one in model.kinds()]
        estimates = await self._allowances.estimates(kinds)
        cheaper = [Offer(one, cost) for one, cost in estimates.items() if cost <= highest]
        # Those that are most like what was asked for come first.
        nearest = sorted(cheaper, key=lambda one: difference(one.kind, kind))[:MOST_NAMED]
        raise PriceForbidden(estimate, highest=highest, fits=nearest)


def difference(one: VideoKind, other: VideoKind) -> tuple[bool, int, bool, bool]:
    """How much two kinds of videos differ, as a key to sort by."""
    return (
        one.model != other.model,
        abs(one.seconds - other.seconds),
        one.audio != other.audio,
        one.resolution != other.resolution,
    )
