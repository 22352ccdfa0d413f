"""Buttons under a result. They work after a restart: their `custom_id` holds the task's id."""

import re
from collections.abc import Awaitable, Sequence
from typing import Self

import discord
from discord import ui

from bot.domain.task import EntryPoint, Task
from bot.errors import NotTheirs, VideoGone
from bot.ui.access import moderators
from bot.ui.access.install_context import check_from_here
from bot.ui.delivery.discord_errors import REQUEST_ERRORS
from bot.ui.pages.audit_pages import OlderButton
from bot.ui.results import cards
from bot.ui.submission.modals import EditModal
from bot.ui.submission.submission_flow import SubmissionFlow, submission_flow_of
from bot.ui.texts import answers
from bot.ui.texts import rerolls as texts

# The most earlier videos that ℹ️ shows.
_LONGEST_CHAIN = 8


class TaskButton(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"(?!)"):
    """A button whose `custom_id` holds a task's id; subclasses define what a press does."""

    def __init__(self, custom_id: str, *, task_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.task_id = task_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> Self:
        return cls(match.string, task_id=match["task_id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log an exception from here.
        flow = submission_flow_of(interaction.client)
        await flow.context.replies.guard(interaction, self._checked(interaction, flow))

    async def _checked(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        # A result that went to a direct message has its buttons there.
        if interaction.guild_id is not None:
            flow.context.places.enter(interaction)
        if (task := await flow.context.tasks.get(self.task_id)) is not None:
            check_from_here(task, interaction)
        await self.pressed(interaction, flow)

    def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> Awaitable[None]:
        """Handle a press."""
        raise NotImplementedError

    async def _task(self, flow: SubmissionFlow) -> Task:
        task = await flow.context.tasks.get(self.task_id)
        if task is None:
            raise VideoGone(f"task {self.task_id}")
        return task


class SameButton(TaskButton, template=rf"flipbook:{cards.SAME}:{cards.TASK_ID}"):
    """🔁: makes the video again with the same seed."""

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        await flow.again(interaction, self.task_id, EntryPoint.REROLL)


class NewButton(TaskButton, template=rf"flipbook:{cards.NEW}:{cards.TASK_ID}"):
    """🎲: makes the video again with a new seed."""

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        await flow.again(interaction, self.task_id, EntryPoint.NEW_SEED)


class EditButton(TaskButton, template=rf"flipbook:{cards.EDIT}:{cards.TASK_ID}"):
    """✏️: opens a form to change the options; the seed stays unless it is changed."""

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        # Checked now and again on submission: nobody should write a prompt only to be refused.
        await flow.check(interaction)
        task = await flow.rerolls.parent(self.task_id)
        model = flow.rerolls.model(task)
        form = EditModal(task, person_id=interaction.user.id, model=model)
        await flow.context.replies.first(interaction, interaction.response.send_modal(form))


class InfoButton(TaskButton, template=cards.INFO_TEMPLATE):
    """ℹ️: shows everything about a video, or why there is none."""

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        task = await self._task(flow)
        if not answers.has_video(task):
            is_theirs = task.person.id == interaction.user.id
            words = answers.about_ended(task, is_theirs=is_theirs)
        else:
            words = answers.about(task, chain=texts.chain(await self._earlier(flow, task)))
        await flow.context.replies.tell(interaction, words)

    async def _earlier(self, flow: SubmissionFlow, task: Task) -> Sequence[tuple[Task, str | None]]:
        earlier: list[tuple[Task, str | None]] = []
        while task.parent_id and len(earlier) < _LONGEST_CHAIN:
            parent = await flow.context.tasks.get(task.parent_id)
            if parent is None:
                break
            earlier.append((parent, cards.link_to(parent)))
            task = parent
        return earlier


class DeleteButton(TaskButton, template=rf"flipbook:{cards.DELETE}:{cards.TASK_ID}"):
    """🗑️: deletes the result, for the person who asked for it and for moderators."""

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        task = await self._task(flow)
        is_theirs = task.person.id == interaction.user.id
        if not is_theirs and not await moderators.by_interaction(interaction, flow.context):
            raise NotTheirs(f"task {task.id}")
        await self._delete(interaction, flow, is_theirs=is_theirs)

    async def _delete(
        self, interaction: discord.Interaction, flow: SubmissionFlow, *, is_theirs: bool
    ) -> None:
        try:
            if interaction.message is not None:
                await flow.channels.take_away(interaction.message, interaction)
        except REQUEST_ERRORS:
            await flow.context.replies.tell(interaction, texts.not_deleted())
            return
        await flow.context.tasks.taken_away(self.task_id)
        await flow.context.replies.tell(interaction, texts.deleted(is_theirs=is_theirs))


BUTTONS = (SameButton, NewButton, EditButton, InfoButton, DeleteButton, OlderButton)
