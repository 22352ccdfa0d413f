"""The menu of a form from which somebody chooses model, length, resolution and sound in one."""

from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.domain.models.model import Models, Options, VideoKind
from bot.services.model_choices import KindMenu
from bot.ui.texts import choices as texts

FIELD = "kind"


def kind_select(menu: KindMenu) -> ui.Select[Any]:
    """The menu, with the price of each kind."""
    options = [
        discord.SelectOption(
            label=texts.kind(one.kind),
            value=_value(one.kind),
            description=texts.about(one.estimate),
            default=one.kind == menu.chosen,
        )
        for one in menu.offers
    ]
    return ui.Select(custom_id=FIELD, options=options)


def written_kind(text: str | None) -> VideoKind | None:
    """The kind that a form submits; ``None`` if the form has no menu or the value is wrong."""
    model, _, rest = (text or "").partition("|")
    resolution, _, rest = rest.partition("|")
    seconds, _, audio = rest.partition("|")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 4 and audio in ("0", "1")):
        return None
    return VideoKind(model, resolution, int(seconds), audio == "1")


def chosen_model(text: str | None, models: Models) -> str | None:
    """The id of the model that a form submits; ``None`` if it has no menu of models.

    Raises:
        OptionRefused: the model is not offered.
    """
    if not text:
        return None
    kind = written_kind(text)
    if kind is None or kind.model not in [one.id for one in models.offered]:
        raise models.refused(kind.model if kind else text)
    return kind.model


def with_kind(options: Options, text: str | None) -> Options:
    """The options with the resolution, length and sound that a form submits."""
    kind = written_kind(text)
    if kind is None:
        return options
    return replace(options, resolution=kind.resolution, seconds=kind.seconds, audio=kind.audio)


def _value(kind: VideoKind) -> str:
    return f"{kind.model}|{kind.resolution}|{kind.seconds}|{int(kind.audio)}"
