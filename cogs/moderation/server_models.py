"""The options with which moderators choose models: parsing, and completion while they type."""

from collections.abc import Sequence

import discord
from discord.app_commands import Choice

from bot.domain.models.model import Model, Models
from bot.errors import OptionRefused
from bot.services.model_choices import find_model

NONE = "none"
LIST_CHARS = 400
# The longest name and value of a choice.
_CHOICE_CHARS = 100


def parse_models(text: str, models: Models) -> tuple[str, ...]:
    """The ids of the models in a comma-separated list of ids and labels; "none" is empty.

    Raises:
        OptionRefused: one of them is not offered.
    """
    parts = _parts(text)
    if [one.casefold() for one in parts] == [NONE]:
        return ()
    found = [_found(part, models) for part in parts]
    # In the operator's order, each once.
    return tuple(one.id for one in models.offered if one in found)


def _found(text: str, models: Models) -> Model:
    model = find_model(models.offered, text)
    if model is None:
        allowed = [one.label for one in models.offered]
        raise OptionRefused("model", given=text, allowed=allowed)
    return model


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


class ModelLists:
    """Completes a list of models: what was typed, and each model that can follow."""

    def __init__(self, models: Models) -> None:
        self._models = models

    async def complete(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """The lists that can come of what was typed."""
        *before, last = typed.replace("，", ",").split(",")
        chosen = [one for one in (find_model(self._models.offered, text) for text in before) if one]
        lists = [
            [*chosen, model]
            for model in self._models.offered
            if model not in chosen and _is_begun(model, last)
        ]
        choices = [_choice(one) for one in lists]
        none = [] if chosen or last.strip() else [Choice(name=NONE, value=NONE)]
        return [one for one in choices if one is not None] + none


def _is_begun(model: Model, text: str) -> bool:
    wanted = text.strip().casefold()
    return wanted in model.id.casefold() or wanted in model.label.casefold()


def _choice(models: Sequence[Model]) -> Choice[str] | None:
    value = ", ".join(one.id for one in models)
    name = ", ".join(one.label for one in models)
    if max(len(value), len(name)) > _CHOICE_CHARS:
        return None
    return Choice(name=name, value=value)
