"""Buttons under a result. They work after a restart: their `custom_id` holds the task's id."""

import logging
import re
from collections.abc import Awaitable, Sequence
from typing import Self

import discord
from discord import ui

from bot.domain.task import EntryPoint, Place, Task
from bot.errors import NotTheirs, VideoGone
from bot.ui.access import moderators
from bot.ui.access.install_context import check_from_here, writes_here
from bot.ui.delivery.letters import Page
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe
from bot.ui.pages.audit_pages import OlderButton
from bot.ui.results import cards
from bot.ui.results.report_cards import report_button
from bot.ui.results.retired import retired
from bot.ui.submission.generation_request import GenerationRequest
from bot.ui.submission.modals import EditModal
from bot.ui.submission.replies import Replies
from bot.ui.submission.submission_flow import SubmissionFlow, submission_flow_of
from bot.ui.texts import details
from bot.ui.texts import rerolls as texts

log = logging.getLogger(__name__)

# The most earlier videos that ℹ️ shows.
_LONGEST_CHAIN = 8


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
            # It was forgotten where the result is: the message itself says whose it is.
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
