"""The base of the buttons under a task's message; their `custom_id` holds the task's id."""

import logging
import re
from collections.abc import Awaitable
from typing import Self

import discord
from discord import ui

from bot.domain.task import Task
from bot.errors import VideoGone
from bot.ui.access.install_context import check_from_here
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe
from bot.ui.results.retired import retired
from bot.ui.submission.submission_flow import SubmissionFlow, submission_flow_of

log = logging.getLogger(__name__)


class TaskButton(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"(?!)"):
    """A button whose `custom_id` holds a task's id; subclasses define what a press does."""

    needs_prompt = True
    """Whether the button is dead once the prompt was deleted."""

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
        task = await flow.context.tasks.get(self.task_id)
        if task is None or (task.is_forgotten and self.needs_prompt):
            await self._pressed_too_late(interaction, flow)
            return
        check_from_here(task, interaction)
        await self.pressed(interaction, flow)

    async def _pressed_too_late(
        self, interaction: discord.Interaction, flow: SubmissionFlow
    ) -> None:
        """Remove the dead buttons from the message, and say why.

        Raises:
            VideoGone: always.
        """
        changes = retired(interaction.message) if interaction.message else None
        if changes is not None:
            try:
                edit = interaction.response.edit_message(**changes)
                await flow.context.replies.first(interaction, edit)
            except REQUEST_ERRORS as error:
                log.info("message of task %s keeps its buttons: %s", self.task_id, describe(error))
        raise VideoGone(f"task {self.task_id}")

    def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> Awaitable[None]:
        """Handle a press."""
        raise NotImplementedError

    async def _task(self, flow: SubmissionFlow) -> Task:
        task = await flow.context.tasks.get(self.task_id)
        if task is None:
            raise VideoGone(f"task {self.task_id}")
        return task
