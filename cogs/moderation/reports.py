"""Apps › Report video, and the form to report a video."""

import re

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.report import REPORT_CHARS, NewReport, ReportReason
from bot.domain.task import Task
from bot.errors import (
    BlockRefused,
    OptionRefused,
    Refusal,
    ReportProblem,
    ReportRefused,
    VideoGone,
)
from bot.ui.access.install_context import check_from_here, home_guild, writes_here
from bot.ui.results import cards
from bot.ui.submission.modals import (
    REPORT_TEMPLATE,
    Form,
    ReportModal,
    check_is_theirs,
    filled_in,
    submitted,
)
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts.moderation import reports as texts


class ReportsCog(commands.Cog):
    """Opens the form and files reports."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._client = client
        self._context = flow.context
        self._flow = flow
        self._menu = app_commands.ContextMenu(name=locale_str("Report video"), callback=self.report)

    async def cog_load(self) -> None:
        self._client.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self._client.tree.remove_command(self._menu.name, type=self._menu.type)

    async def report(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Open the form to report a video."""
        task_id = cards.task_of(message) if self._is_own(message) else None
        if task_id is None:
            raise ReportRefused(ReportProblem.NOT_A_RESULT)
        form = ReportModal(task_id=task_id, message_id=message.id, person_id=interaction.user.id)
        await self._context.replies.first(interaction, interaction.response.send_modal(form))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Handle a submitted form."""
        if match := submitted(interaction, REPORT_TEMPLATE):
            await self._context.replies.guard(interaction, self._sent(interaction, match))

    async def _sent(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        # Deferred first: the message is fetched, and Discord waits only 3 s.
        deferred = interaction.response.defer(ephemeral=True, thinking=True)
        await self._context.replies.first(interaction, deferred)
        form = filled_in(interaction)
        try:
            await self._file(interaction, match, form)
        except Refusal as error:
            await self._flow.refuse(interaction, error, typed=form.get("words", ""))

    async def _file(
        self, interaction: discord.Interaction, match: re.Match[str], form: Form
    ) -> None:
        check_is_theirs(interaction, match)
        task = await self._context.tasks.get(match["task_id"])
        if task is None:
            raise VideoGone(f"task {match['task_id']}")
        reason, words = _reason(form), _words(form)
        guild_id, message_id = home_guild(interaction), int(match["message_id"])
        await self._check_person(interaction.user.id, guild_id)
        await self._check_message(interaction, task, message_id)
        new = NewReport(
            task=task,
            person_id=interaction.user.id,
            reason=reason,
            words=words,
            channel_id=interaction.channel_id,
            message_id=message_id,
            guild_id=guild_id,
            hides=reason is ReportReason.PERSON and await self._hides(guild_id),
        )
        report = await self._context.reports.file(new)
        self._context.report_board.soon()
        await self._context.replies.tell(interaction, texts.arrived(report))

    async def _hides(self, guild_id: int | None) -> bool:
        """Whether the server wants such a video hidden until the decision."""
        if guild_id is None:
            return False
        return (await self._context.moderation.settings(guild_id)).hide_reported

    async def _check_person(self, person_id: int, guild_id: int | None) -> None:
        """Refuse people whom the operator blocked; a server's own blocks do not hold for reports.

        Raises:
            BlockRefused: the operator blocked the person or the server.
        """
        block = await self._context.blocks.find(person_id=person_id, guild_id=guild_id, digest=None)
        if block is not None:
            raise BlockRefused(block)

    async def _check_message(
        self, interaction: discord.Interaction, task: Task, message_id: int
    ) -> None:
        """Check that the message is there, and shows this task's result.

        Other bots can post the same buttons in their own servers.

        Raises:
            ReportRefused: it does not, or was deleted.
            VideoGone: the place of the result cannot be seen from here.
        """
        check_from_here(task, interaction)
        if not writes_here(interaction):
            return
        channel_id = interaction.channel_id or 0
        message = await self._flow.channels.fetch(channel_id, interaction.guild_id, message_id)
        if message is None or not self._is_own(message) or not cards.can_delete(message, task):
            raise ReportRefused(ReportProblem.GONE)

    def _is_own(self, message: discord.Message) -> bool:
        me = self._client.user
        return me is not None and message.author.id == me.id


def _reason(form: Form) -> ReportReason:
    chosen = form.get("reason", "")
    if chosen not in list(ReportReason):
        raise OptionRefused("reason", given=chosen, allowed=tuple(ReportReason))
    return ReportReason(chosen)


def _words(form: Form) -> str:
    words = form.get("words", "").strip()
    if len(words) > REPORT_CHARS:
        raise OptionRefused("report", given=len(words), allowed=(0, REPORT_CHARS))
    return words
