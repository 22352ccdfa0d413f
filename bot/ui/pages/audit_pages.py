"""The pages of `/quota-admin log`, whose buttons work after a restart."""

import re
from collections.abc import Iterator
from typing import Self

import discord
from discord import ui

from bot.errors import NotModerator
from bot.services.moderation import AuditPage
from bot.ui.access import moderators
from bot.ui.delivery.letters import Page
from bot.ui.submission.submission_flow import submission_flow_of
from bot.ui.texts.moderation import audit

_TEMPLATE = r"flipbook:log:(?P<subject>\d+):(?P<before>\d+)"


class OlderButton(ui.DynamicItem[ui.Button[ui.View]], template=_TEMPLATE):
    """Opens the page before the audit entry in its `custom_id`; 0 is the first page."""

    def __init__(self, *, subject_id: int | None, before_id: int | None) -> None:
        label = audit.older() if before_id else audit.newest()
        custom_id = f"flipbook:log:{subject_id or 0}:{before_id or 0}"
        super().__init__(ui.Button(label=label, custom_id=custom_id))
        self.subject_id = subject_id
        self.before_id = before_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str], /
    ) -> Self:
        subject_id, before_id = int(match["subject"]) or None, int(match["before"]) or None
        return cls(subject_id=subject_id, before_id=before_id)

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log an exception from here.
        context = submission_flow_of(interaction.client).context
        await context.replies.guard(interaction, self._turn(interaction))

    async def _turn(self, interaction: discord.Interaction) -> None:
        context = submission_flow_of(interaction.client).context
        if interaction.guild_id is None or not await moderators.by_interaction(
            interaction, context
        ):
            raise NotModerator("log")
        page = await context.moderation.log(
            interaction.guild_id, subject_id=self.subject_id, before_id=self.before_id
        )
        subject = f"<@{self.subject_id}>" if self.subject_id else None
        below = audit_buttons(page, subject_id=self.subject_id, first=self.before_id is None)
        answer = interaction.response.edit_message(
            content=None, view=Page(audit.log_page(page, subject=subject), below)
        )
        await context.replies.first(interaction, answer)


def audit_buttons(
    page: AuditPage, *, subject_id: int | None, first: bool = True
) -> Iterator[OlderButton]:
    """The buttons under a page; none if it is the only one."""
    if not first:
        yield OlderButton(subject_id=subject_id, before_id=None)
    if page.older is not None:
        yield OlderButton(subject_id=subject_id, before_id=page.older)
