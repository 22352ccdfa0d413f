"""Buttons and the menu of reports: below ℹ️, on the card in the log channel, and in the list.

They work after a restart: their `custom_id` holds the report's id.
"""

import re
from collections.abc import Awaitable
from typing import Any, Self

import discord
from discord import ui

from bot.domain.report import Report, Verdict
from bot.errors import NotFound, NotModerator, ReportProblem, ReportRefused
from bot.ui.access import moderators
from bot.ui.access.install_context import home_guild
from bot.ui.delivery.letters import Page
from bot.ui.results import cards, report_cards
from bot.ui.results.task_button import TaskButton
from bot.ui.submission.modals import ReportModal
from bot.ui.submission.submission_flow import SubmissionFlow, submission_flow_of
from bot.ui.texts.moderation import reports as texts


class ReportButton(
    TaskButton, template=rf"flipbook:report:{cards.TASK_ID}:(?P<message_id>\d{{1,20}})"
):
    """The button in the answer of ℹ️ that opens the form to report a video."""

    needs_prompt = False

    def __init__(self, *, task_id: str, message_id: int) -> None:
        super().__init__(f"flipbook:report:{task_id}:{message_id}", task_id=task_id)
        self.message_id = message_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(task_id=match["task_id"], message_id=int(match["message_id"]))

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        form = ReportModal(
            task_id=self.task_id, message_id=self.message_id, person_id=interaction.user.id
        )
        await flow.context.replies.first(interaction, interaction.response.send_modal(form))


class _Moderating(ui.DynamicItem[Any], template=r"(?!)"):
    """A button or menu for moderators, whose answer only they see."""

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log an exception from here.
        flow = submission_flow_of(interaction.client)
        await flow.context.replies.guard(interaction, self._checked(interaction, flow))

    async def _checked(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        context = flow.context
        # Defer first: the check reads the database, and Discord waits only 3 s.
        deferred = interaction.response.defer(ephemeral=True, thinking=True)
        await context.replies.first(interaction, deferred)
        if not await moderators.by_interaction(interaction, context):
            raise NotModerator("reports")
        await self.pressed(interaction, flow)

    def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> Awaitable[None]:
        """Handle a press by a moderator."""
        raise NotImplementedError


async def _report(report_id: int, interaction: discord.Interaction, flow: SubmissionFlow) -> Report:
    """
    Raises:
        NotFound: there is no such report in this server.
    """
    report = await flow.context.reports.get(report_id)
    if report is None or report.guild_id is None or report.guild_id != home_guild(interaction):
        raise NotFound(f"report {report_id}")
    return report


class _CardButton(_Moderating, template=r"(?!)"):
    """A button on the card about a report."""

    def __init__(self, custom_id: str, *, report_id: int) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.report_id = report_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match.string, report_id=int(match["report_id"]))

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        await self.act(await _report(self.report_id, interaction, flow), interaction, flow)

    def act(
        self, report: Report, interaction: discord.Interaction, flow: SubmissionFlow
    ) -> Awaitable[None]:
        """Do what the button is for."""
        raise NotImplementedError


async def _decide(
    report: Report, verdict: Verdict, interaction: discord.Interaction, flow: SubmissionFlow
) -> None:
    context = flow.context
    decision = await context.reports.decide(report.id, verdict, by_id=interaction.user.id)
    if not decision.is_new:
        raise ReportRefused(ReportProblem.DECIDED)
    if decision.entry is not None:
        context.log_channel.changed(decision.entry)
    context.report_board.soon()


class RemoveButton(
    _CardButton, template=rf"flipbook:report-{report_cards.REMOVE}:{report_cards.REPORT_ID}"
):
    """Removes the reported video, and asks about the rerolls of it."""

    async def act(
        self, report: Report, interaction: discord.Interaction, flow: SubmissionFlow
    ) -> None:
        await _decide(report, Verdict.REMOVED, interaction, flow)
        rerolls = await flow.context.removals.rerolls(report)
        words = texts.removed(rerolls, [cards.message_link(task) for task in rerolls])
        below = [report_cards.rerolls_button(report)] if rerolls else []
        await flow.context.replies.tell(interaction, Page(words, below))


class DismissButton(
    _CardButton, template=rf"flipbook:report-{report_cards.DISMISS}:{report_cards.REPORT_ID}"
):
    """Dismisses the reports of a video."""

    async def act(
        self, report: Report, interaction: discord.Interaction, flow: SubmissionFlow
    ) -> None:
        await _decide(report, Verdict.DISMISSED, interaction, flow)
        await flow.context.replies.tell(interaction, texts.dismissed())


class BlockButton(
    _CardButton, template=rf"flipbook:report-{report_cards.BLOCK}:{report_cards.REPORT_ID}"
):
    """Blocks the person who asked for the video in this server; the report stays open."""

    async def act(
        self, report: Report, interaction: discord.Interaction, flow: SubmissionFlow
    ) -> None:
        context = flow.context
        entry = await context.moderation.block(
            report.guild_id or 0, report.author_id, by_id=interaction.user.id
        )
        if entry.is_change:
            context.log_channel.changed(entry)
        await context.replies.tell(interaction, texts.blocked(report))


class ShowButton(
    _CardButton, template=rf"flipbook:report-{report_cards.SHOW}:{report_cards.REPORT_ID}"
):
    """Shows the hidden video to a moderator alone."""

    async def act(
        self, report: Report, interaction: discord.Interaction, flow: SubmissionFlow
    ) -> None:
        url = await flow.context.report_board.hidden.address(report)
        if url is None:
            raise ReportRefused(ReportProblem.GONE)
        await flow.context.replies.tell(interaction, texts.hidden_file(url))


class RerollsButton(
    _CardButton, template=rf"flipbook:report-{report_cards.REROLLS}:{report_cards.REPORT_ID}"
):
    """Removes the videos that were made from a removed one."""

    async def act(
        self, report: Report, interaction: discord.Interaction, flow: SubmissionFlow
    ) -> None:
        context = flow.context
        if report.verdict is not Verdict.REMOVED:
            raise NotFound(f"report {report.id} is not decided so")
        entry = await context.removals.remove_rerolls(report.id, by_id=interaction.user.id)
        number = 0 if entry is None else int(str(entry.after["removed"]))
        if entry is not None:
            context.log_channel.changed(entry)
        context.report_board.soon()
        await context.replies.tell(interaction, texts.rerolls_removed(number))


class ChooseReport(_Moderating, template=re.escape(report_cards.CHOOSE)):
    """The menu in `/quota-admin reports`, which shows the card of the chosen report."""

    def __init__(self) -> None:
        super().__init__(ui.Select(custom_id=report_cards.CHOOSE))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls()

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        data: Any = interaction.data or {}
        chosen = str((data.get("values") or ["0"])[0])
        known = re.fullmatch(report_cards.REPORT_ID, chosen)
        report = await _report(int(chosen) if known else 0, interaction, flow)
        together = await flow.context.reports.together(report)
        await flow.context.replies.tell(interaction, report_cards.report_card(together))


REPORT_PARTS = (
    ReportButton,
    RemoveButton,
    DismissButton,
    BlockButton,
    ShowButton,
    RerollsButton,
    ChooseReport,
)
