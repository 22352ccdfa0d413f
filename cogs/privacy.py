"""`/privacy`: what is stored about a person, and who may use their pictures."""

import io
import re
from typing import Self

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.consent import PictureChoice
from bot.errors import NotTheirs
from bot.ui.access.members import filesize_limit
from bot.ui.results.retired import retire
from bot.ui.submission.submission_flow import SubmissionFlow, submission_flow_of
from bot.ui.texts import privacy as texts
from bot.ui.texts.command_names import clickable


class PrivacyCog(
    commands.GroupCog, name="privacy", description=locale_str("What I have stored about you")
):
    """The `/privacy` commands, whose answers are ephemeral."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._context = flow.context

    @app_commands.command(
        name="export", description=locale_str("Get a file with everything I have stored about you")
    )
    async def export(self, interaction: discord.Interaction) -> None:
        """Send everything as files."""
        await self._context.replies.first(interaction, interaction.response.defer(ephemeral=True))
        files = await self._context.privacy.export(
            interaction.user.id, most_bytes=filesize_limit(interaction)
        )
        for number, file in enumerate(files, 1):
            words = texts.exported(number, len(files))
            sent = discord.File(io.BytesIO(file.content), filename=file.name)
            await self._context.replies.say(interaction, words, file=sent)

    @app_commands.command(
        name="pictures", description=locale_str("Choose who may animate your pictures")
    )
    @app_commands.describe(
        mine=locale_str("Who may animate pictures in your messages or change your videos")
    )
    @app_commands.choices(
        mine=[
            app_commands.Choice(name=locale_str("nobody"), value=PictureChoice.NOBODY.value),
            app_commands.Choice(name=locale_str("everyone"), value=PictureChoice.EVERYONE.value),
        ]
    )
    async def pictures(self, interaction: discord.Interaction, mine: str) -> None:
        """Store the choice, which holds in all servers at once."""
        await self._context.replies.first(interaction, interaction.response.defer(ephemeral=True))
        choice = PictureChoice(mine)
        await self._context.privacy.choose(interaction.user.id, choice)
        await self._context.replies.say(interaction, texts.chosen(choice))

    @app_commands.command(
        name="delete", description=locale_str("Delete what I have stored about you")
    )
    async def delete(self, interaction: discord.Interaction) -> None:
        """Ask for confirmation with a button."""
        view = ui.View(timeout=None)
        view.add_item(DeleteData(interaction.user.id))
        words = clickable(texts.sure(), self._context.replies.command_ids)
        answer = interaction.response.send_message(words, view=view, ephemeral=True)
        await self._context.replies.first(interaction, answer)


class DeleteData(
    ui.DynamicItem[ui.Button[ui.View]], template=r"flipbook:privacy:delete:(?P<person>\d+)"
):
    """The confirmation button: works after a restart, and only for the person it was shown to."""

    def __init__(self, person_id: int) -> None:
        super().__init__(
            ui.Button(
                label=texts.delete(),
                style=discord.ButtonStyle.danger,
                custom_id=f"flipbook:privacy:delete:{person_id}",
            )
        )
        self.person_id = person_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str], /
    ) -> Self:
        return cls(int(match["person"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log an exception from here.
        flow = submission_flow_of(interaction.client)
        await flow.context.replies.guard(interaction, self._delete(interaction, flow))

    async def _delete(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        context = flow.context
        if interaction.user.id != self.person_id:
            raise NotTheirs("privacy")
        await context.replies.first(interaction, interaction.response.defer())
        erased = await context.privacy.erase(self.person_id)
        words = texts.deleted(len(erased.tasks), erased.left)
        await interaction.edit_original_response(content=words, view=None)
        # If the process ends before that, a press on a dead button removes it.
        await retire(flow.channels, erased.results)
