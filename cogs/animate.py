"""`/animate`: check, acknowledge, hand in."""

import logging
import random
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.first_frame import check_source_bytes
from bot.domain.model import Model, Options, check_options
from bot.domain.task import Door
from bot.services.ports import Submission
from bot.ui import cards
from bot.ui.attachments import AttachmentPicture
from bot.ui.channels import Channels
from bot.ui.desk import Desk
from bot.ui.people import person_of, place_of
from bot.ui.places import check_permissions
from bot.ui.rungs import ALREADY_ACKNOWLEDGED, REQUEST_ERRORS, said
from bot.ui.texts import commands as texts

log = logging.getLogger(__name__)


class Animate(commands.Cog):
    """A picture and a sentence in, a task out."""

    def __init__(self, *, client: commands.Bot, desk: Desk) -> None:
        self._client = client
        self._desk = desk
        self._prices = dict(desk.prices)
        self._command = _command(self, desk.model)

    async def cog_load(self) -> None:
        self._client.tree.add_command(self._command)

    async def cog_unload(self) -> None:
        self._client.tree.remove_command(self._command.name)

    async def animate(
        self, interaction: discord.Interaction, image: discord.Attachment, given: Options
    ) -> None:
        """The command, with its options as they came."""
        check_permissions(interaction)
        check_source_bytes(image.size)
        options = check_options(given, self._desk.model)
        message_id = await self._acknowledge(interaction, options)
        if message_id is None:
            return
        submission = self._submission(interaction, image, options, message_id)
        try:
            task = await self._desk.intake.accept(submission)
        except Exception as error:  # noqa: BLE001 - told to the person, and logged with an id
            await self._take_back(interaction, message_id, error)
            return
        self._prices[options.resolution] = task.estimate
        await self._desk.messenger.show(task)

    async def _acknowledge(self, interaction: discord.Interaction, options: Options) -> int | None:
        """The id of the public message that becomes the result; ``None``: it came too late."""
        card = cards.reading(self._prices[options.resolution])
        try:
            message_id = await _send_first(interaction, card)
        except REQUEST_ERRORS as error:
            # Nothing was spent; Discord tells the person that the application did not respond.
            log.warning("interaction %s: not acknowledged: %s", interaction.id, said(error))
            return None
        self._desk.tokens.keep(message_id, interaction)
        return message_id

    def _submission(
        self,
        interaction: discord.Interaction,
        image: discord.Attachment,
        options: Options,
        message_id: int,
    ) -> Submission:
        desk = self._desk
        return Submission(
            picture=AttachmentPicture(
                url=image.url,
                name=image.filename,
                announced_bytes=image.size,
                http=desk.http,
                origins=desk.picture_origins,
            ),
            options=options,
            person=person_of(interaction),
            place=place_of(interaction, message_id),
            door=Door.SLASH,
        )

    async def _take_back(
        self, interaction: discord.Interaction, message_id: int, error: Exception
    ) -> None:
        """Say why to its author, and take the public message away; one of the two says it."""
        words = self._desk.replies.words(error, interaction)
        told = await self._desk.replies.tell(interaction, words)
        channels = Channels(client=self._client, tokens=self._desk.tokens)
        place = place_of(interaction, message_id)
        try:
            if told:
                await interaction.delete_original_response()
            else:
                await channels.edit(place, cards.notice(words))
        except REQUEST_ERRORS as failure:
            log.warning("interaction %s: not taken back: %s", interaction.id, said(failure))
        self._desk.tokens.drop(message_id)


async def _send_first(interaction: discord.Interaction, card: cards.Card) -> int:
    """Send the public message and learn its id, which fixes that the answer is public."""
    try:
        response = await interaction.response.send_message(view=card)
    except discord.HTTPException as error:
        # Discord took the first attempt although it answered it with an error.
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
        return (await interaction.original_response()).id
    return response.message_id or (await interaction.original_response()).id


def _command(cog: Animate, model: Model) -> app_commands.Command[Any, ..., None]:
    """The slash command, with the bounds of this model."""

    async def animate(
        interaction: discord.Interaction,
        image: discord.Attachment,
        prompt: str,
        negative_prompt: str | None = None,
        resolution: str = model.default_resolution,
        seed: int | None = None,
        prompt_extend: bool = True,
        watermark: bool = False,
        spoiler: bool = False,
    ) -> None:
        options = Options(
            prompt=prompt,
            negative_prompt=negative_prompt,
            resolution=resolution,
            seed=random.randint(0, model.seed_max) if seed is None else seed,
            prompt_extend=prompt_extend,
            watermark=watermark,
            spoiler=spoiler,
        )
        await cog.animate(interaction, image, options)

    # discord.py reads bounds from annotations; these are not known before there is a model.
    animate.__annotations__ |= {
        "prompt": app_commands.Range[str, 1, model.prompt_chars],
        "negative_prompt": app_commands.Range[str, 0, model.negative_prompt_chars] | None,
        "seed": app_commands.Range[int, 0, model.seed_max] | None,
    }
    choices = [app_commands.Choice(name=one, value=one) for one in model.resolutions]
    described = app_commands.describe(**texts.animate_options(model))(animate)
    bounded = app_commands.choices(resolution=choices)(described)
    return app_commands.Command(name="animate", description=texts.animate(), callback=bounded)
