"""The card about a reported video, and the list of reports, as those who decide see them.

Their buttons are plain ones; ``report_buttons`` handles a press by its `custom_id`.
"""

from collections.abc import Iterator, Sequence

import discord
from discord import ui

from bot.domain.report import Report
from bot.ui.delivery.letters import Page
from bot.ui.texts.moderation import reports as texts

REPORT_ID = r"(?P<report_id>\d{1,18})"
REMOVE, BLOCK, DISMISS, REROLLS, SHOW = "remove", "block", "dismiss", "rerolls", "show"
CHOOSE = "flipbook:report-choose"
_DANGER, _PLAIN = discord.ButtonStyle.danger, discord.ButtonStyle.secondary
_MOST_CHOICES = 25


def report_card(reports: Sequence[Report]) -> Page:
    """The card about a video: its open reports with buttons, or the decision."""
    first = reports[0]
    if first.verdict is not None:
        return Page(texts.closed(first))
    hiding = next((one for one in reports if one.hides), first)
    return Page(texts.card(reports), _buttons(hiding))


def _buttons(report: Report) -> Iterator[ui.Button[Page]]:
    yield _button(REMOVE, report, texts.remove(), _DANGER)
    if report.author_id > 0:
        yield _button(BLOCK, report, texts.block(), _PLAIN)
    yield _button(DISMISS, report, texts.dismiss(), _PLAIN)
    if report.hides:
        yield _button(SHOW, report, texts.show(), _PLAIN)


def rerolls_button(report: Report) -> ui.Button[Page]:
    """The button that removes the rerolls of a removed video."""
    return _button(REROLLS, report, texts.remove_rerolls(), _DANGER)


def _button(action: str, report: Report, label: str, style: discord.ButtonStyle) -> ui.Button[Page]:
    custom_id = f"flipbook:report-{action}:{report.id}"
    return ui.Button(label=label, custom_id=custom_id, style=style)


def report_button(task_id: str, message_id: int) -> ui.Button[Page]:
    """The button below ℹ️ that opens the form to report a video."""
    custom_id = f"flipbook:report:{task_id}:{message_id}"
    return ui.Button(label=texts.title(), emoji="🚩", custom_id=custom_id)


def report_list(reports: Sequence[Report]) -> Page:
    """The open reports of a server, with a menu to choose one."""
    choices = [
        discord.SelectOption(label=texts.choice(one), value=str(one.id))
        for one in reports[:_MOST_CHOICES]
    ]
    menu = ui.Select[Page](custom_id=CHOOSE, placeholder=texts.choose(), options=choices)
    return Page(texts.open_reports(reports), [menu] if choices else [])
