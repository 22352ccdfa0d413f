"""🗑️ and the question that it asks."""

import re
from typing import Self

import discord
from discord import ui

from bot.domain.task import Place, Task
from bot.errors import NotTheirs, VideoGone
from bot.ui.access import moderators
from bot.ui.access.install_context import writes_here
from bot.ui.delivery.letters import Page
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS
from bot.ui.results import cards
from bot.ui.results.task_button import TaskButton
from bot.ui.submission.replies import Replies
from bot.ui.submission.submission_flow import SubmissionFlow, submission_flow_of
from bot.ui.texts import rerolls as texts


class DeleteButton(TaskButton, template=rf"flipbook:{cards.DELETE}:{cards.TASK_ID}"):
    """🗑️: asks whether to delete the video; for the person who asked for it, and moderators."""

    needs_prompt = False

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        if interaction.message is None:
            return
        task = await self._task(flow)
        is_theirs = await _may_delete(task, interaction, flow)
        if not writes_here(interaction):
            # Only this press can delete it: an answer of its own would take the token's message.
            await flow.context.replies.first(interaction, interaction.response.defer())
            flow.context.tokens.keep(interaction.message.id, interaction)
        below = [ConfirmDelete(task_id=task.id, message_id=interaction.message.id), KeepVideo()]
        page = Page(texts.sure_to_delete(is_theirs=is_theirs), below)
        await flow.context.replies.say(interaction, page)


class ConfirmDelete(
    TaskButton,
    template=rf"flipbook:delete-now:{cards.TASK_ID}:(?P<message_id>\d{{1,20}})",
):
    """The button that deletes the video, in the question that 🗑️ asks."""

    needs_prompt = False

    def __init__(self, *, task_id: str, message_id: int) -> None:
        super().__init__(f"flipbook:delete-now:{task_id}:{message_id}", task_id=task_id)
        self.item.label = texts.delete()
        self.item.style = discord.ButtonStyle.danger
        self.message_id = message_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> Self:
        return cls(task_id=match["task_id"], message_id=int(match["message_id"]))

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        task = await self._task(flow)
        is_theirs = await _may_delete(task, interaction, flow)
        # First, as Discord waits 3 s only, and a channel may be busy.
        await flow.context.replies.first(interaction, interaction.response.defer())
        words = await self._delete(task, interaction, flow, is_theirs=is_theirs)
        await interaction.edit_original_response(view=Page(words))

    async def _delete(
        self,
        task: Task,
        interaction: discord.Interaction,
        flow: SubmissionFlow,
        *,
        is_theirs: bool,
    ) -> str:
        try:
            if writes_here(interaction):
                await self._by_bot(task, interaction, flow)
            elif (pressed := flow.context.tokens.get(self.message_id)) is None:
                return texts.ask_anew()
            else:
                await pressed.delete_original_response()
                flow.context.tokens.drop(self.message_id)
        except discord.NotFound:
            # Somebody else was faster.
            pass
        except REQUEST_ERRORS:
            return texts.not_deleted()
        await flow.context.tasks.taken_away(task.id)
        return texts.deleted(is_theirs=is_theirs)

    async def _by_bot(
        self, task: Task, interaction: discord.Interaction, flow: SubmissionFlow
    ) -> None:
        channel_id, guild_id = interaction.channel_id or 0, interaction.guild_id
        if (task.result_channel_id, task.result_message_id) != (channel_id, self.message_id):
            # The place of the result was forgotten, so the message itself says whose it is.
            message = await flow.channels.fetch(channel_id, guild_id, self.message_id)
            if message is None:
                return
            if not cards.can_delete(message, task):
                raise VideoGone(f"message {self.message_id} of task {task.id}")
        place = Place(guild_id=guild_id, channel_id=channel_id, message_id=self.message_id)
        await flow.channels.delete(place)


class KeepVideo(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"flipbook:keep"):
    """The button that deletes nothing, in the question that 🗑️ asks."""

    def __init__(self) -> None:
        super().__init__(ui.Button(label=texts.cancel(), custom_id="flipbook:keep"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> Self:
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log an exception from here.
        replies = submission_flow_of(interaction.client).context.replies
        await replies.guard(interaction, self._keep(interaction, replies))

    async def _keep(self, interaction: discord.Interaction, replies: Replies) -> None:
        answer = interaction.response.edit_message(view=Page(texts.kept()))
        await replies.first(interaction, answer)


async def _may_delete(task: Task, interaction: discord.Interaction, flow: SubmissionFlow) -> bool:
    """Whether the video is theirs.

    Raises:
        NotTheirs: it is not, and they are no moderator.
    """
    is_theirs = task.person.id == interaction.user.id
    if not is_theirs and not await moderators.by_interaction(interaction, flow.context):
        raise NotTheirs(f"task {task.id}")
    return is_theirs
