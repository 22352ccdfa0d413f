"""Buttons under a result. They work after a restart: their `custom_id` holds the task's id."""

from collections.abc import Sequence
from typing import Self

import discord
from discord import ui

from bot.domain.task import EntryPoint, Task
from bot.ui.delivery.letters import Page
from bot.ui.pages.audit_pages import OlderButton
from bot.ui.results import cards
from bot.ui.results.delete_buttons import ConfirmDelete, DeleteButton, KeepVideo
from bot.ui.results.report_cards import report_button
from bot.ui.results.task_button import TaskButton
from bot.ui.submission.generation_request import GenerationRequest
from bot.ui.submission.modals import EditModal
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts import details
from bot.ui.texts import rerolls as texts

# The most earlier videos that ℹ️ shows.
_LONGEST_CHAIN = 8


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
        await flow.check_consent(interaction, _edited(task), may_ask=True)
        menu = await flow.kind_menu(interaction, preferred=task.request.kind)
        form = EditModal(task, person_id=interaction.user.id, model=model, menu=menu)
        await flow.context.replies.first(interaction, interaction.response.send_modal(form))


def _edited(task: Task) -> GenerationRequest:
    """The request that the form behind ✏️ will make, before anything is changed."""
    return GenerationRequest(
        picture=task.request.frame,
        options=task.options,
        entry_point=EntryPoint.EDIT,
        parent=task,
    )


class ReopenButton(TaskButton, template=rf"flipbook:reopen:{cards.TASK_ID}"):
    """The button below a refused ✏️ form, which opens the form again as it was filled in."""

    def __init__(self, custom_id: str, *, task_id: str) -> None:
        super().__init__(custom_id, task_id=task_id)
        self.item.label = texts.open_again()
        self.item.emoji = "✏️"

    @classmethod
    def of(cls, task: Task) -> Self:
        """The button for the form about a task."""
        return cls(f"flipbook:reopen:{task.id}", task_id=task.id)

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        task = await flow.rerolls.parent(self.task_id)
        person_id = interaction.user.id
        # After a restart, the form is filled in as it was at first.
        written = flow.refused_forms.get((task.id, person_id))
        form = EditModal(
            task,
            person_id=person_id,
            model=flow.rerolls.model(task),
            menu=await flow.kind_menu(interaction, preferred=task.request.kind, form=written),
            form=written,
        )
        await flow.context.replies.first(interaction, interaction.response.send_modal(form))


class InfoButton(TaskButton, template=cards.INFO_TEMPLATE):
    """ℹ️: shows everything about a video, or why there is none."""

    async def pressed(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        task = await self._task(flow)
        if not details.has_video(task):
            is_theirs = task.person.id == interaction.user.id
            words = details.about_ended(task, is_theirs=is_theirs)
        else:
            chain = texts.chain(await self._earlier(flow, task))
            words = details.about(task, chain=chain, service=_service(flow, task))
        await flow.context.replies.tell(interaction, Page(words, _report(task, interaction)))

    async def _earlier(self, flow: SubmissionFlow, task: Task) -> Sequence[tuple[Task, str | None]]:
        earlier: list[tuple[Task, str | None]] = []
        while task.parent_id and len(earlier) < _LONGEST_CHAIN:
            parent = await flow.context.tasks.get(task.parent_id)
            if parent is None:
                break
            earlier.append((parent, cards.link_to(parent)))
            task = parent
        return earlier


def _service(flow: SubmissionFlow, task: Task) -> str:
    """The video service that got the picture and the prompt; empty if it is not known."""
    model = flow.context.models.known.get(task.request.model)
    return flow.context.operator.services.get(model.provider, "") if model else ""


def _report(task: Task, interaction: discord.Interaction) -> Sequence[ui.Button[Page]]:
    """The button to report a result to those who decide; nobody reports their own."""
    message = interaction.message
    is_theirs = task.person.id == interaction.user.id
    if message is None or is_theirs or not cards.can_delete(message, task):
        return ()
    return (report_button(task.id, message.id),)


BUTTONS = (
    SameButton,
    NewButton,
    EditButton,
    ReopenButton,
    InfoButton,
    DeleteButton,
    ConfirmDelete,
    KeepVideo,
    OlderButton,
)
