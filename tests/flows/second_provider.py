"""A bot with models of both providers: its settings, and what the two have accepted and charged."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bot.domain.models.model import MODELS, VTRIX, WAN22_I2V_FLASH, WAN26_I2V_FLASH
from sandbox import dashscope, vtrix
from sandbox.dashscope import LocalDashScope
from sandbox.dashscope.models import MODELS as PRICED
from tests.flows.harness import BotProcess

FIRST, SECOND = WAN22_I2V_FLASH, WAN26_I2V_FLASH
"""A model of each provider; the first is the default."""


def offer_both(bot: BotProcess, local: LocalDashScope) -> None:
    """Offer both models, the second one for what its provider charges."""
    bot.second = local
    listed = PRICED[SECOND.wire_id].resolutions.items()
    bot.settings |= {
        "MODELS": f"{FIRST.id},{SECOND.id}",
        "PRICES": ",".join(
            f"{SECOND.id}:{resolution}={silent}/s,{SECOND.id}:{resolution}:sound={sound}/s"
            for resolution, (silent, sound) in listed
        ),
        "DASHSCOPE_API_KEY": local.key,
        "DASHSCOPE_BASE_URL": local.base_url,
    }


def all_creates(bot: BotProcess) -> Sequence[vtrix.Create | dashscope.Create]:
    """Return the create calls that either provider has accepted."""
    return [*bot.provider.creates, *([] if bot.second is None else bot.second.creates)]


def all_charges(bot: BotProcess) -> dict[str, Decimal]:
    """Return the USD that either provider has charged for each job."""
    return {**bot.provider.charges, **({} if bot.second is None else bot.second.charges)}


def misplaced(bot: BotProcess, tasks: Sequence[dict[str, Any]]) -> list[str]:
    """Return the create calls that were accepted by another provider than that of their model."""
    ours = {
        (task["prompt"], task["seed"]) for task in tasks if MODELS[task["model"]].provider == VTRIX
    }
    first = {(one.prompt, one.seed) for one in bot.provider.creates}
    second = {(one.prompt, one.seed) for one in ([] if bot.second is None else bot.second.creates)}
    return [f"I1: {one} was sent to another provider" for one in (first - ours) | (second & ours)]
