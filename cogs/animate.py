"""`/animate`: turn an attached picture and a prompt into a video."""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.models.model import Model, Models, Options
from bot.domain.task import EntryPoint
from bot.errors import Refusal
from bot.services.model_choices import ModelChoice
from bot.ui.access.install_context import home_guild
from bot.ui.access.members import person_of
from bot.ui.submission.attachments import AttachmentPicture
from bot.ui.submission.generation_request import GenerationRequest
from bot.ui.submission.option_choices import OptionChoices, resolution_of, sound_of
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.translator import filled
from cogs.options import leave_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options as somebody gave them; ``None`` for what they left out."""

    prompt: str
    negative_prompt: str | None
    model: str | None
    resolution: str | None
    duration: int | None
    sound: str | None
    seed: int | None
    prompt_extend: bool
    watermark: bool
    spoiler: bool


class Animate(commands.Cog):
    """The `/animate` command."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._client = client
        self._context = flow.context
        self._flow = flow
        self._command = _command(
            self,
            flow.context.models,
            OptionChoices(choices=flow.choices),
            age_restricted=flow.context.age_restricted,
        )

    async def cog_load(self) -> None:
        self._client.tree.add_command(self._command)

    async def cog_unload(self) -> None:
        self._client.tree.remove_command(self._command.name)

    async def animate(
        self, interaction: discord.Interaction, image: discord.Attachment, given: Given
    ) -> None:
        """Submit the attached picture with the options that the person gave."""
        try:
            choice = await self._choice(interaction)
            model = choice.named(given.model)
            options = _options(given, model, choice)
        except Refusal as error:
            await self._flow.refuse(interaction, error, typed=given.prompt)
            return
        request = GenerationRequest(
            picture=self._picture(image),
            options=options,
            entry_point=EntryPoint.SLASH,
            model=model.id if self._context.models.are_several else None,
            resolution_chosen=given.resolution is not None,
            typed=given.prompt,
        )
        await self._flow.take(interaction, request)

    def _picture(self, image: discord.Attachment) -> AttachmentPicture:
        return AttachmentPicture(
            url=image.url,
            name=image.filename,
            announced_bytes=image.size,
            http=self._context.http,
            origins=self._context.picture_origins,
        )

    async def _choice(self, interaction: discord.Interaction) -> ModelChoice:
        """The models to choose from; with one model, nothing is looked up."""
        models = self._context.models
        if not models.are_several:
            return ModelChoice(models=models.offered)
        person = person_of(interaction)
        return await self._flow.choices.choice(person, home_guild(interaction))


def _options(given: Given, model: Model, choice: ModelChoice) -> Options:
    """The options, with the model's own values for what was left out.

    Raises:
        OptionRefused: the sound is neither on nor off.
    """
    resolution = given.resolution and resolution_of(given.resolution, choice)
    return Options(
        prompt=given.prompt,
        negative_prompt=given.negative_prompt,
        resolution=resolution or choice.resolution_of(model),
        seconds=model.default_seconds if given.duration is None else given.duration,
        seed=random.randint(0, model.seed_max) if given.seed is None else given.seed,
        prompt_extend=given.prompt_extend,
        watermark=given.watermark,
        spoiler=given.spoiler,
        audio=given.sound is not None and sound_of(given.sound),
    )


def _command(
    cog: Animate, models: Models, choices: OptionChoices, *, age_restricted: bool
) -> app_commands.Command[Any, ..., None]:
    """Build the slash command with the bounds of these models."""

    async def animate(
        interaction: discord.Interaction,
        image: discord.Attachment,
        prompt: str,
        negative_prompt: str | None = None,
        model: str | None = None,
        resolution: str | None = None,
        duration: int | None = None,
        sound: str | None = None,
        seed: int | None = None,
        prompt_extend: bool = True,
        watermark: bool = False,
        spoiler: bool = False,
    ) -> None:
        given = Given(
            prompt=prompt,
            negative_prompt=negative_prompt,
            model=model,
            resolution=resolution,
            duration=duration,
            sound=sound,
            seed=seed,
            prompt_extend=prompt_extend,
            watermark=watermark,
            spoiler=spoiler,
        )
        await cog.animate(interaction, image, given)

    # discord.py reads bounds from annotations, and these bounds depend on the models.
    animate.__annotations__ |= _bounds(models)
    left_out = _left_out(models)
    leave_out(animate, left_out)
    texts = {name: one for name, one in _descriptions(models).items() if name not in left_out}
    described = app_commands.describe(**texts)(animate)
    if not models.are_several:
        resolutions = models.default.resolutions
        fixed = [app_commands.Choice(name=one, value=one) for one in resolutions]
        described = app_commands.choices(resolution=fixed)(described)
    completed = app_commands.autocomplete(**_completed(models, choices, left_out))(described)
    return app_commands.Command(
        name="animate",
        description=locale_str("Turn a picture and a sentence into a short video"),
        callback=completed,
        nsfw=age_restricted,
    )


def _completed(
    models: Models, choices: OptionChoices, left_out: Collection[str]
) -> Mapping[str, Any]:
    """The functions that complete options while somebody types."""
    found = {
        "model": choices.models,
        "duration": choices.durations,
        "sound": choices.sounds,
        **({"resolution": choices.resolutions} if models.are_several else {}),
    }
    return {name: one for name, one in found.items() if name not in left_out}


def _bounds(models: Models) -> Mapping[str, Any]:
    """The annotations that depend on the models: what the most generous one takes."""
    offered = models.offered
    prompt = max(one.prompt_chars for one in offered)
    negative = max(one.negative_prompt_chars for one in offered)
    seed = max(one.seed_max for one in offered)
    return {
        "prompt": app_commands.Range[str, 1, prompt],
        "negative_prompt": app_commands.Range[str, 0, negative] | None,
        "seed": app_commands.Range[int, 0, seed] | None,
    }


def _left_out(models: Models) -> set[str]:
    """The options that there is nothing to choose for."""
    there = {
        "model": models.are_several,
        "duration": len(models.durations) > 1,
        "sound": models.take_audio,
    }
    return {name for name, is_there in there.items() if not is_there}


def _descriptions(models: Models) -> Mapping[str, locale_str]:
    return {
        "image": locale_str("The picture to animate"),
        "prompt": filled(
            locale_str("What should happen in the video (up to {most} characters)"),
            most=max(one.prompt_chars for one in models.offered),
        ),
        "model": locale_str("Which model makes the video; see the prices"),
        "duration": locale_str("How long the video is, in seconds"),
        "sound": locale_str("Whether the video has sound (default: off)"),
        "resolution": filled(
            locale_str("Resolution; higher costs more (default: {default})"),
            default=models.default.default_resolution,
        ),
        **_FIXED_DESCRIPTIONS,
    }


_FIXED_DESCRIPTIONS = {
    "negative_prompt": locale_str("What the video should not show"),
    "seed": locale_str("The same seed gives a similar video (default: random)"),
    "prompt_extend": locale_str("Let the video service expand your prompt (default: on)"),
    "watermark": locale_str("Put the video service's watermark in the corner (default: off)"),
    "spoiler": locale_str("Hide the video until someone clicks it (default: off)"),
}
