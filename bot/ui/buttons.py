"""Buttons under a result. They work after a restart: their `custom_id` carries the task."""

import re
from typing import Protocol, Self

import discord
from discord import ui

from bot.domain.task import Task
from bot.ui.cards import INFO_TEMPLATE
from bot.ui.desk import Desk
from bot.ui.texts import answers


class HasDesk(Protocol):
    """What a client of buttons carries."""

    @property
    def desk(self) -> Desk:
        """What they work with."""


class InfoButton(ui.DynamicItem[ui.Button[ui.LayoutView]], template=INFO_TEMPLATE):
    """ℹ️: everything about a video, or why there is none."""

    def __init__(self, custom_id: str, *, task_id: str) -> None:
        super().__init__(ui.Button(emoji="ℹ️", custom_id=custom_id))
        self.task_id = task_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> Self:
        return cls(match.string, task_id=match["task_id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log what goes wrong here.
        desk = desk_of(interaction)
        await desk.replies.guard(interaction, self._answer(interaction, desk))

    async def _answer(self, interaction: discord.Interaction, desk: Desk) -> None:
        desk.places.check(interaction.guild_id)
        task = await desk.tasks.get(self.task_id)
        await desk.replies.tell(interaction, _about(task, interaction.user.id))


def _about(task: Task | None, person_id: int) -> str:
    if task is None:
        return answers.gone()
    if answers.has_video(task):
        return answers.about(task)
    return answers.about_ended(task, is_theirs=task.person.id == person_id)


def desk_of(interaction: discord.Interaction) -> Desk:
    """What the interaction's client works with."""
    client: HasDesk = interaction.client  # type: ignore[assignment]
    return client.desk


BUTTONS = (InfoButton,)
