"""`/animate`: turn an attached picture and a prompt into a video."""

import random
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.model import Model, Options
from bot.domain.task import EntryPoint
from bot.ui.submission.attachments import AttachmentPicture
from bot.ui.submission.generation_request import GenerationRequest
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.translator import filled


class Animate(commands.Cog):
    """The `/animate` command."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._client = client
        self._context = flow.context
        self._flow = flow
        self._command = _command(
            self, flow.context.models.default, age_restricted=flow.context.age_restricted
        )

    async def cog_load(self) -> None:
        self._client.tree.add_command(self._command)

    async def cog_unload(self) -> None:
        self._client.tree.remove_command(self._command.name)

    async def animate(
        self,
        interaction: discord.Interaction,
        image: discord.Attachment,
        given: Options,
        *,
        resolution_chosen: bool,
    ) -> None:
        """Submit the attached picture with the options that the person gave."""
        picture = AttachmentPicture(
            url=image.url,
            name=image.filename,
            announced_bytes=image.size,
            http=self._context.http,
            origins=self._context.picture_origins,
        )
        request = GenerationRequest(
            picture=picture,
            options=given,
            entry_point=EntryPoint.SLASH,
            resolution_chosen=resolution_chosen,
            typed=given.prompt,
        )
        await self._flow.take(interaction, request)


def _command(
    cog: Animate, model: Model, *, age_restricted: bool
) -> app_commands.Command[Any, ..., None]:
    """Build the slash command with the bounds of this model."""

    async def animate(
        interaction: discord.Interaction,
        image: discord.Attachment,
        prompt: str,
        negative_prompt: str | None = None,
        resolution: str | None = None,
        seed: int | None = None,
        prompt_extend: bool = True,
        watermark: bool = False,
        spoiler: bool = False,
    ) -> None:
        options = Options(
            prompt=prompt,
            negative_prompt=negative_prompt,
            resolution=resolution or model.default_resolution,
            seconds=model.default_seconds,
            seed=random.randint(0, model.seed_max) if seed is None else seed,
            prompt_extend=prompt_extend,
            watermark=watermark,
            spoiler=spoiler,
        )
        await cog.animate(interaction, image, options, resolution_chosen=resolution is not None)

    # discord.py reads bounds from annotations, and these bounds depend on the model.
    animate.__annotations__ |= {
        "prompt": app_commands.Range[str, 1, model.prompt_chars],
        "negative_prompt": app_commands.Range[str, 0, model.negative_prompt_chars] | None,
        "seed": app_commands.Range[int, 0, model.seed_max] | None,
    }
    choices = [app_commands.Choice(name=one, value=one) for one in model.resolutions]
    described = app_commands.describe(
        image=locale_str("The picture to animate"),
        prompt=filled(
            locale_str("What should happen in the video (up to {most} characters)"),
            most=model.prompt_chars,
        ),
        negative_prompt=locale_str("What the video should not show"),
        resolution=filled(
            locale_str("Resolution; higher costs more (default: {default})"),
            default=model.default_resolution,
        ),
        seed=locale_str("The same seed gives a similar video (default: random)"),
        prompt_extend=locale_str("Let the video service expand your prompt (default: on)"),
        watermark=locale_str("Put the video service's watermark in the corner (default: off)"),
        spoiler=locale_str("Hide the video until someone clicks it (default: off)"),
    )(animate)
    bounded = app_commands.choices(resolution=choices)(described)
    return app_commands.Command(
        name="animate",
        description=locale_str("Turn a picture and a sentence into a short video"),
        callback=bounded,
        nsfw=age_restricted,
    )
