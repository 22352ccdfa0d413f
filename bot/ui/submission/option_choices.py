"""The choices of `/animate` while somebody types: models, lengths, resolutions and sound.

Discord waits three seconds for them, and asks with each key that is pressed.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import discord
from discord.app_commands import Choice

from bot.domain.models.model import Model, VideoKind
from bot.domain.money import Usd
from bot.errors import FlipbookError, OptionRefused
from bot.services.model_choices import ModelChoice, ModelChoices, find_model, first_part
from bot.ui.access.install_context import home_guild
from bot.ui.access.members import person_of
from bot.ui.texts import choices as texts
from bot.ui.texts.measures import clipped

log = logging.getLogger(__name__)

# The most choices that Discord shows, and the longest name of one, in characters.
MOST_CHOICES = 25
NAME_CHARS = 100
# Seconds for each of two readings. A slow database must not use up Discord's three seconds.
READ_WITHIN = 1.2
_ON, _OFF = "on", "off"
_YES = frozenset({_ON, "yes", "true", "1"})
_NO = frozenset({_OFF, "no", "false", "0"})

Value = TypeVar("Value", str, int)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A command that somebody is typing; what is missing or wrong has its default."""

    choice: ModelChoice
    estimates: Mapping[VideoKind, Usd]
    model: Model
    kind: VideoKind

    def allowed(self, kinds: Iterable[VideoKind]) -> list[VideoKind]:
        """Those of ``kinds`` that do not cost more than the server allows."""
        highest = self.choice.highest_price
        return [one for one in kinds if highest is None or self.estimates[one] <= highest]


class OptionChoices:
    """Finds the choices for each option.

    If something fails, there are none: only the command itself can say what is wrong.
    """

    def __init__(self, *, choices: ModelChoices) -> None:
        self._choices = choices

    async def models(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """The models that can be used in this place now, each with the price of a video."""
        if (draft := await self._draft(interaction)) is None:
            return []
        models = [one for one in await self._open(draft.choice) if draft.allowed(one.kinds())]
        kinds = {one.id: draft.choice.usual_kind(one) for one in models}
        names = [
            (one.id, texts.model(one, kinds[one.id], draft.estimates[kinds[one.id]]))
            for one in models
        ]
        return _fitting(typed, names)

    async def durations(
        self, interaction: discord.Interaction, typed: int | str
    ) -> list[Choice[int]]:
        """The lengths that the chosen model takes."""
        if (draft := await self._draft(interaction)) is None:
            return []
        kinds = draft.allowed(draft.kind._replace(seconds=one) for one in draft.model.durations)
        names = [(one.seconds, texts.length(one, draft.estimates[one])) for one in kinds]
        return _fitting(str(typed), names)

    async def resolutions(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """The resolutions that the chosen model takes."""
        if (draft := await self._draft(interaction)) is None:
            return []
        resolutions = draft.model.resolutions
        kinds = draft.allowed(draft.kind._replace(resolution=one) for one in resolutions)
        names = [(one.resolution, texts.resolution(one, draft.estimates[one])) for one in kinds]
        return _fitting(typed, names)

    async def sounds(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Whether the video can have sound."""
        if (draft := await self._draft(interaction)) is None:
            return []
        sounds = (True, False) if draft.model.takes_audio else (False,)
        kinds = draft.allowed(draft.kind._replace(audio=one) for one in sounds)
        names = [
            (_ON if one.audio else _OFF, texts.sound(one, draft.estimates[one])) for one in kinds
        ]
        return _fitting(typed, names)

    async def _open(self, choice: ModelChoice) -> list[Model]:
        try:
            async with asyncio.timeout(READ_WITHIN):
                return list(await self._choices.open_now(choice.models))
        except (FlipbookError, TimeoutError) as error:
            log.warning("no choices of models: %s", str(error) or "the database is slow")
            return []

    async def _draft(self, interaction: discord.Interaction) -> _Draft | None:
        try:
            async with asyncio.timeout(READ_WITHIN):
                choice = await self._choices.choice(person_of(interaction), home_guild(interaction))
                estimates = await self._choices.estimates()
            filled_in = interaction.namespace
            model = find_model(choice.models, str(filled_in.model or "")) or choice.default
        except (FlipbookError, TimeoutError) as error:
            words = str(error) or "the database is slow"
            log.warning("interaction %s: no choices: %s", interaction.id, words)
            return None
        return _Draft(
            choice=choice,
            estimates=estimates,
            model=model,
            kind=_kind(model, choice, filled_in),
        )


def _kind(
    model: Model, choice: ModelChoice, filled_in: discord.app_commands.Namespace
) -> VideoKind:
    """The kind of video that was filled in, with the model's own values where it has no choice."""
    kind = choice.usual_kind(model)
    resolution = find_resolution(str(filled_in.resolution or ""), model.resolutions)
    seconds = filled_in.duration
    audio = str(filled_in.sound or "").casefold() in _YES and model.takes_audio
    return VideoKind(
        model.id,
        resolution or kind.resolution,
        seconds if seconds in model.durations else kind.seconds,
        audio,
    )


def _fitting(typed: str, names: Iterable[tuple[Value, str]]) -> list[Choice[Value]]:
    """The choices with what somebody typed in their value or name."""
    wanted = typed.strip().casefold()
    fitting = [
        Choice(name=clipped(name, NAME_CHARS), value=value)
        for value, name in names
        if wanted in f"{value} {name}".casefold()
    ]
    return fitting[:MOST_CHOICES]


# --- values that were typed by hand ---------------------------------------------------------


def find_resolution(text: str, resolutions: Iterable[str]) -> str | None:
    """The resolution that somebody wrote: "720P", "720p", "720", or the name of a choice."""
    wanted = first_part(text).strip().casefold().removesuffix("p")
    return next((one for one in resolutions if one.casefold().removesuffix("p") == wanted), None)


def resolution_of(text: str, choice: ModelChoice) -> str:
    """The resolution that somebody wrote, as its models call it; unchanged if none has it."""
    known = [resolution for model in choice.models for resolution in model.resolutions]
    return find_resolution(text, known) or text


def sound_of(text: str) -> bool:
    """Whether somebody wants sound.

    Raises:
        OptionRefused: what they wrote is neither yes nor no.
    """
    wanted = first_part(text).strip().casefold()
    if wanted in _YES or wanted == texts.with_sound().casefold():
        return True
    if wanted in _NO or wanted == texts.without_sound().casefold():
        return False
    raise OptionRefused("sound", given=text, allowed=(_ON, _OFF))
