"""The pages of `/tasks`, whose menu and buttons work after a restart."""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import discord
from discord import ui

from bot.domain.models.model import Models
from bot.domain.task import OPEN_STATES, State, Task
from bot.errors import NotFound, ProviderError, StaleTask, StorageError
from bot.ui.app_context import AppContext
from bot.ui.delivery.letters import Page
from bot.ui.results import cards
from bot.ui.submission.submission_flow import submission_flow_of
from bot.ui.texts import tasks as texts
from bot.ui.texts.catalogues import speaking_in

log = logging.getLogger(__name__)

PAGE = 8
_PREFIX = "flipbook:tasks"
_ID = r"(?P<task_id>[0-9a-z]{1,32})"


class _Part(ui.DynamicItem[ui.Item[ui.View]], template=r"(?!)"):
    """A menu or button under a page; its errors are handled like a command's."""

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log an exception from here.
        context = submission_flow_of(interaction.client).context
        await context.replies.guard(interaction, self.chosen(interaction, context))

    async def chosen(self, interaction: discord.Interaction, context: AppContext) -> None:
        """Handle a press or choice."""
        raise NotImplementedError


class PickMenu(_Part, template=rf"{_PREFIX}:pick"):
    """The menu to choose a task from."""

    def __init__(self, tasks: Sequence[Task] = (), models: Models | None = None) -> None:
        """``models``: what is offered; without it, tasks do not say what made them."""
        options = [
            discord.SelectOption(
                label=texts.label(task),
                value=task.id,
                description=texts.made_with(task, models) if models else None,
            )
            for task in tasks
        ] or [discord.SelectOption(label="-", value="-")]
        super().__init__(
            ui.Select(custom_id=f"{_PREFIX}:pick", placeholder=texts.choose(), options=options)
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str], /
    ) -> Self:
        return cls()

    async def chosen(self, interaction: discord.Interaction, context: AppContext) -> None:
        data: Any = interaction.data or {}
        values = data.get("values") or [""]
        await _show(interaction, context, await _theirs(interaction, context, str(values[0])))


class _TaskButton(_Part, template=r"(?!)"):
    """A button whose `custom_id` holds a task's id."""

    kind = ""
    style = discord.ButtonStyle.secondary

    def __init__(self, task_id: str) -> None:
        button: ui.Button[ui.View] = ui.Button(
            label=self.label(), style=self.style, custom_id=f"{_PREFIX}:{self.kind}:{task_id}"
        )
        super().__init__(button)
        self.task_id = task_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str], /
    ) -> Self:
        return cls(match["task_id"])

    def label(self) -> str:
        """The text on the button."""
        raise NotImplementedError


class OlderTasks(_TaskButton, template=rf"{_PREFIX}:older:{_ID}"):
    """Opens the page after a task."""

    kind = "older"

    def label(self) -> str:
        return texts.older()

    async def chosen(self, interaction: discord.Interaction, context: AppContext) -> None:
        last = await _theirs(interaction, context, self.task_id)
        await _show_page(interaction, context, before=last)


class AllTasks(_TaskButton, template=rf"{_PREFIX}:all:{_ID}"):
    """Goes back to the first page."""

    kind = "all"

    def label(self) -> str:
        return texts.back()

    async def chosen(self, interaction: discord.Interaction, context: AppContext) -> None:
        await _show_page(interaction, context)


class RefreshTasks(_Part, template=rf"{_PREFIX}:refresh"):
    """Shows the first page as it is now."""

    def __init__(self) -> None:
        super().__init__(_refresh_button(f"{_PREFIX}:refresh"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str], /
    ) -> Self:
        return cls()

    async def chosen(self, interaction: discord.Interaction, context: AppContext) -> None:
        await _show_page(interaction, context)


class RefreshTask(_TaskButton, template=rf"{_PREFIX}:look:{_ID}"):
    """Shows a task as it is now."""

    kind = "look"

    def label(self) -> str:
        return texts.refresh()

    async def chosen(self, interaction: discord.Interaction, context: AppContext) -> None:
        await _show(interaction, context, await _theirs(interaction, context, self.task_id))


async def _show_page(
    interaction: discord.Interaction, context: AppContext, *, before: Task | None = None
) -> None:
    page = await task_page(context, interaction.user.id, before=before)
    answer = interaction.response.edit_message(content=None, view=page)
    await context.replies.first(interaction, answer)


def _refresh_button(custom_id: str) -> ui.Button[ui.View]:
    return ui.Button(label=texts.refresh(), custom_id=custom_id)


class CancelTask(_TaskButton, template=rf"{_PREFIX}:cancel:{_ID}"):
    """Cancels a task that was not sent yet, or that its provider has not begun."""

    kind = "cancel"
    style = discord.ButtonStyle.danger

    def label(self) -> str:
        return texts.cancel()

    async def chosen(self, interaction: discord.Interaction, context: AppContext) -> None:
        try:
            task = await context.cancellations.cancel(self.task_id, interaction.user.id)
        except ProviderError as error:
            log.warning("task %s: cancel: %s", self.task_id, error)
            await context.replies.tell(interaction, texts.cancel_unclear())
            return
        except StaleTask:
            task = await _theirs(interaction, context, self.task_id)
            await _show(interaction, context, task)
            model = context.models.shown(task.request.model)
            await context.replies.tell(interaction, texts.too_late(model))
            return
        # The page itself says that it is canceled, and what that costs.
        await _show(interaction, context, task)
        if await context.messenger.tell_ended(task):
            await _has_told(context, task)


async def _has_told(context: AppContext, task: Task) -> None:
    try:
        await context.tasks.told(task, announced=True)
    except (StaleTask, StorageError) as error:
        log.info("task %s: a worker shows once more that it is canceled: %s", task.id, error)


class SendAgain(_TaskButton, template=rf"{_PREFIX}:again:{_ID}"):
    """Delivers a task that could not be delivered."""

    kind = "again"
    style = discord.ButtonStyle.primary

    def label(self) -> str:
        return texts.send_again()

    async def chosen(self, interaction: discord.Interaction, context: AppContext) -> None:
        task = await _theirs(interaction, context, self.task_id)
        message_id = await _new_message(interaction, context, task)
        try:
            await context.tasks.send_again(self.task_id, interaction.user.id, message_id=message_id)
        except StaleTask:
            if message_id is not None:
                await interaction.delete_original_response()
            await context.replies.tell(interaction, texts.not_again())
            return
        context.wake()
        await context.replies.tell(interaction, texts.on_its_way())


TASK_PARTS = (
    PickMenu,
    OlderTasks,
    AllTasks,
    RefreshTasks,
    RefreshTask,
    CancelTask,
    SendAgain,
)


async def task_page(context: AppContext, person_id: int, *, before: Task | None = None) -> Page:
    """A page of somebody's tasks, newest first, after the task ``before``."""
    found = await context.tasks.listed(person_id=person_id, limit=PAGE + 1, before=before)
    shown = found[:PAGE]
    below: list[_Part] = []
    if shown:
        below.append(PickMenu(shown, context.models))
    if before is None:
        below.append(RefreshTasks())
    else:
        below.append(AllTasks(before.id))
    if len(found) > PAGE:
        below.append(OlderTasks(shown[-1].id))
    links = [cards.message_link(task) for task in shown]
    return Page(texts.page(shown, links, context.models), below)


async def _theirs(interaction: discord.Interaction, context: AppContext, task_id: str) -> Task:
    """The task, if it belongs to the person behind the interaction.

    Raises:
        NotFound: it does not exist or belongs to somebody else.
    """
    task = await context.tasks.get(task_id)
    if task is None or task.person.id != interaction.user.id:
        raise NotFound(f"task {task_id} of {interaction.user.id}")
    return task


async def _new_message(
    interaction: discord.Interaction, context: AppContext, task: Task
) -> int | None:
    """Post a message for the result by this interaction, where the bot itself has no access.

    Returns its id; ``None`` if none is needed, or if the task came from another channel.
    """
    is_here = task.place.channel_id == interaction.channel_id
    if task.place.reachable or not is_here or task.state is not State.UNDELIVERED:
        return None
    with speaking_in(task.place.locale):
        model = context.models.shown(task.request.model)
        card = cards.on_the_way(replace(task, state=State.RENDERED), model, context.clock.now())
    message_id = await _answered(interaction, context, card)
    context.tokens.keep(message_id, interaction)
    return message_id


async def _answered(
    interaction: discord.Interaction, context: AppContext, card: ui.LayoutView
) -> int:
    """The id of the message that the first answer with this card became."""
    answer = interaction.response.send_message(view=card)
    response = await context.replies.first(interaction, answer)
    if response is None or response.message_id is None:
        return (await interaction.original_response()).id
    return response.message_id


async def _show(interaction: discord.Interaction, context: AppContext, task: Task) -> None:
    model, link = context.models.shown(task.request.model), cards.message_link(task)
    below: list[ui.Item[Any]] = []
    if link is not None:
        below.append(ui.Button(label=texts.to_message(), url=link))
    if context.cancellations.is_possible(task):
        below.append(CancelTask(task.id))
    if task.state is State.UNDELIVERED:
        below.append(SendAgain(task.id))
    if task.state in OPEN_STATES:
        below.append(RefreshTask(task.id))
    below.append(AllTasks(task.id))
    page = Page(texts.one(task, model, context.models), below)
    answer = interaction.response.edit_message(content=None, view=page)
    await context.replies.first(interaction, answer)
