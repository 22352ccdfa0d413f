"""Buttons under a result. They work after a restart: their `custom_id` carries the task."""

import re
from collections.abc import Awaitable, Sequence
from typing import Self

import discord
from discord import ui

from bot.domain.task import Door, Task
from bot.errors import NotTheirs, VideoGone
from bot.ui.access import moderators
from bot.ui.access.install_context import check_from_here
from bot.ui.delivery.discord_errors import REQUEST_ERRORS
from bot.ui.pages.audit_pages import OlderButton
from bot.ui.results import cards
from bot.ui.submission.modals import EditModal
from bot.ui.submission.submission_flow import Counter, counter_of
from bot.ui.texts import answers
from bot.ui.texts import rerolls as texts

# How far back ℹ️ shows what a video was made from.
_LONGEST_CHAIN = 8


class TaskButton(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"(?!)"):
    """A button whose `custom_id` carries a task; each kind says what a press does."""

    def __init__(self, custom_id: str, *, task_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.task_id = task_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> Self:
        return cls(match.string, task_id=match["task_id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log what goes wrong here.
        counter = counter_of(interaction.client)
        await counter.desk.replies.guard(interaction, self._checked(interaction, counter))

    async def _checked(self, interaction: discord.Interaction, counter: Counter) -> None:
        # A result that went to a direct message has its buttons there.
        if interaction.guild_id is not None:
            counter.desk.places.enter(interaction)
        if (task := await counter.desk.tasks.get(self.task_id)) is not None:
            check_from_here(task, interaction)
        await self.pressed(interaction, counter)

    def pressed(self, interaction: discord.Interaction, counter: Counter) -> Awaitable[None]:
        """What a press does."""
        raise NotImplementedError

    async def _task(self, counter: Counter) -> Task:
        task = await counter.desk.tasks.get(self.task_id)
        if task is None:
            raise VideoGone(f"task {self.task_id}")
        return task


class SameButton(TaskButton, template=rf"flipbook:{cards.SAME}:{cards.TASK_ID}"):
    """🔁: again, with the same seed."""

    async def pressed(self, interaction: discord.Interaction, counter: Counter) -> None:
        await counter.again(interaction, self.task_id, Door.REROLL)


class NewButton(TaskButton, template=rf"flipbook:{cards.NEW}:{cards.TASK_ID}"):
    """🎲: again, with another seed."""

    async def pressed(self, interaction: discord.Interaction, counter: Counter) -> None:
        await counter.again(interaction, self.task_id, Door.NEW_SEED)


class EditButton(TaskButton, template=rf"flipbook:{cards.EDIT}:{cards.TASK_ID}"):
    """✏️: a form with what can be changed; the seed stays unless it is."""

    async def pressed(self, interaction: discord.Interaction, counter: Counter) -> None:
        # Now as well as when it is sent: nobody should write a prompt only to be refused.
        await counter.check(interaction)
        task = await counter.rerolls.parent(self.task_id)
        model = counter.rerolls.model(task)
        form = EditModal(task, person_id=interaction.user.id, model=model)
        await counter.desk.replies.first(interaction, interaction.response.send_modal(form))


class InfoButton(TaskButton, template=cards.INFO_TEMPLATE):
    """ℹ️: everything about a video, or why there is none."""

    async def pressed(self, interaction: discord.Interaction, counter: Counter) -> None:
        task = await self._task(counter)
        if not answers.has_video(task):
            is_theirs = task.person.id == interaction.user.id
            words = answers.about_ended(task, is_theirs=is_theirs)
        else:
            words = answers.about(task, chain=texts.chain(await self._earlier(counter, task)))
        await counter.desk.replies.tell(interaction, words)

    async def _earlier(self, counter: Counter, task: Task) -> Sequence[tuple[Task, str | None]]:
        earlier: list[tuple[Task, str | None]] = []
        while task.parent_id and len(earlier) < _LONGEST_CHAIN:
            parent = await counter.desk.tasks.get(task.parent_id)
            if parent is None:
                break
            earlier.append((parent, cards.link_to(parent)))
            task = parent
        return earlier


class DeleteButton(TaskButton, template=rf"flipbook:{cards.DELETE}:{cards.TASK_ID}"):
    """🗑️: for the person who asked, and for moderators."""

    async def pressed(self, interaction: discord.Interaction, counter: Counter) -> None:
        task = await self._task(counter)
        is_theirs = task.person.id == interaction.user.id
        if not is_theirs and not await moderators.by_interaction(interaction, counter.desk):
            raise NotTheirs(f"task {task.id}")
        await counter.desk.replies.tell(interaction, await self._delete(interaction, counter))

    async def _delete(self, interaction: discord.Interaction, counter: Counter) -> str:
        try:
            if interaction.message is not None:
                await counter.channels.take_away(interaction.message, interaction)
        except REQUEST_ERRORS:
            return texts.not_deleted()
        await counter.desk.tasks.taken_away(self.task_id)
        return texts.deleted()


BUTTONS = (SameButton, NewButton, EditButton, InfoButton, DeleteButton, OlderButton)
