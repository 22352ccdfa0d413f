"""Apps › Animate: animate a picture from an existing message; a form asks for the rest."""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import discord
from cachetools import FIFOCache
from discord import app_commands, ui
from discord.ext import commands

from bot.domain.models.model import Options
from bot.domain.task import EntryPoint, FoundPicture, Source
from bot.errors import (
    FormForgotten,
    NoPicture,
    PictureExpired,
    Refusal,
    ReportProblem,
    ReportRefused,
    StorageError,
)
from bot.ui.access.install_context import home_guild
from bot.ui.app_context import AppContext
from bot.ui.submission.generation_request import GenerationRequest
from bot.ui.submission.kind_field import FIELD as KIND
from bot.ui.submission.kind_field import chosen_model
from bot.ui.submission.modals import (
    MENU_TEMPLATE,
    MOST_PICTURES,
    Form,
    MenuModal,
    changed,
    check_is_theirs,
    filled_in,
    submitted,
)
from bot.ui.submission.source_images import author_of, is_expired, pictures_of
from bot.ui.submission.source_messages import as_picture
from bot.ui.submission.submission_flow import SubmissionFlow, submission_flow_of
from bot.ui.texts import rerolls as texts

log = logging.getLogger(__name__)

# The most forms whose pictures are remembered, abandoned ones included.
MOST_OPEN = 2_000


class Menus(commands.Cog):
    """Opens the form and handles its submission."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._client = client
        self._context = flow.context
        self._flow = flow
        # Discord shows the bot what is in the message only in the interaction of the menu.
        self._open = FIFOCache[tuple[int, int], Sequence[FoundPicture]](MOST_OPEN)
        self._menu = app_commands.ContextMenu(
            name="Animate", callback=self.animate, nsfw=flow.context.age_restricted
        )

    async def cog_load(self) -> None:
        self._client.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self._client.tree.remove_command(self._menu.name, type=self._menu.type)

    async def animate(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Open the form for the pictures in a message."""
        # Checked now and again on submission: nobody should write a prompt only to be refused.
        await self._flow.check(interaction)
        pictures = await self._pictures(message)
        if not pictures:
            raise NoPicture(f"message {message.id}")
        person_id = interaction.user.id
        await self._check_consent(interaction, message, pictures[0])
        self._open[message.id, person_id] = pictures
        await _open_form(interaction, self._flow, message.id, pictures)
        # Stored last: the form must open within three seconds, and the database may be busy.
        await self._keep(message.id, person_id, pictures)

    async def _pictures(self, message: discord.Message) -> Sequence[FoundPicture]:
        """The pictures in a message; in a result, they are of the person who asked for it.

        Raises:
            ReportRefused: the result is hidden until a report is decided.
        """
        pictures = pictures_of(message)[:MOST_PICTURES]
        if author_of(message) is not None or not pictures:
            return pictures
        task = await self._context.tasks.of_result(message.id)
        if task is None:
            return pictures
        if await self._context.reports.is_hidden(task.id):
            raise ReportRefused(ReportProblem.HIDDEN)
        author_id = task.picture_owner_id or task.person.id
        return [replace(one, author_id=author_id) for one in pictures]

    async def _check_consent(
        self, interaction: discord.Interaction, message: discord.Message, found: FoundPicture
    ) -> None:
        request = GenerationRequest(
            picture=as_picture(found, self._context),
            options=self._options({}, found),
            entry_point=EntryPoint.MENU,
            source=_source(message.channel.id, message.id, 0, found),
        )
        await self._flow.check_consent(interaction, request, may_ask=True)

    async def _keep(
        self, message_id: int, person_id: int, pictures: Sequence[FoundPicture]
    ) -> None:
        try:
            await self._context.menu_forms.keep(message_id, person_id, pictures)
        except StorageError as error:
            log.warning("form for message %s not stored, lost at a restart: %s", message_id, error)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Handle a submitted form."""
        if match := submitted(interaction, MENU_TEMPLATE):
            await self._context.replies.guard(interaction, self._sent(interaction, match))

    async def _sent(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        form, retry = filled_in(interaction), ReopenMenuButton(int(match["message_id"]))
        self._flow.refused_forms[str(retry.message_id), interaction.user.id] = form
        try:
            check_is_theirs(interaction, match)
            self._context.places.enter(interaction)
            request = await self._request(interaction, form, retry)
        except Refusal as error:
            prompt = form.get("prompt", "")
            await self._flow.refuse(interaction, error, typed=prompt, retry=retry)
            return
        await self._flow.take(interaction, request)

    async def _request(
        self, interaction: discord.Interaction, form: Form, retry: "ReopenMenuButton"
    ) -> GenerationRequest:
        message_id = retry.message_id
        number, found = await self._chosen(interaction, message_id, form)
        return GenerationRequest(
            picture=as_picture(found, self._context),
            model=chosen_model(form.get(KIND), self._context.models),
            options=self._options(form, found),
            entry_point=EntryPoint.MENU,
            source=_source(interaction.channel_id or 0, message_id, number, found),
            typed=form.get("prompt", ""),
            retry=retry,
        )

    def _options(self, form: Form, found: FoundPicture) -> Options:
        model = self._context.models.default
        empty = Options(
            prompt="",
            resolution=model.default_resolution,
            seconds=model.default_seconds,
            seed=0,
        )
        # A picture that is a spoiler becomes a video that is a spoiler.
        return replace(changed(empty, form, model), spoiler=found.is_spoiler)

    async def _chosen(
        self, interaction: discord.Interaction, message_id: int, form: Form
    ) -> tuple[int, FoundPicture]:
        person_id = interaction.user.id
        pictures = self._open.get((message_id, person_id))
        if pictures is None:
            # The form was opened before a restart, or by another process.
            pictures = await self._context.menu_forms.find(message_id, person_id) or ()
        number = int(form.get("picture") or 0)
        if number >= len(pictures):
            raise FormForgotten(f"message {message_id}")
        if is_expired(pictures[number].url, self._context.clock.now()):
            raise PictureExpired(f"message {message_id}")
        return number, pictures[number]


async def _open_form(
    interaction: discord.Interaction,
    flow: SubmissionFlow,
    message_id: int,
    pictures: Sequence[FoundPicture],
    *,
    form: Form | None = None,
) -> None:
    modal = MenuModal(
        pictures,
        message_id=message_id,
        person_id=interaction.user.id,
        model=flow.context.models.default,
        resolution=await _resolution(flow.context, home_guild(interaction)),
        menu=await flow.kind_menu(interaction, form=form),
        form=form,
    )
    await flow.context.replies.first(interaction, interaction.response.send_modal(modal))


async def _resolution(context: AppContext, guild_id: int | None) -> str:
    """The preselected resolution: the server's default, or else the model's."""
    model = context.models.default
    if guild_id is None:
        return model.default_resolution
    own = (await context.moderation.settings(guild_id)).resolution
    return own if own in model.resolutions else model.default_resolution


class ReopenMenuButton(
    ui.DynamicItem[ui.Button[ui.LayoutView]],
    template=r"flipbook:menu-reopen:(?P<message_id>\d{1,20})",
):
    """The button below a refused form, which opens the form again as it was filled in."""

    def __init__(self, message_id: int) -> None:
        custom_id = f"flipbook:menu-reopen:{message_id}"
        super().__init__(ui.Button(label=texts.open_again(), emoji="✏️", custom_id=custom_id))
        self.message_id = message_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> Self:
        return cls(int(match["message_id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log an exception from here.
        flow = submission_flow_of(interaction.client)
        await flow.context.replies.guard(interaction, self._open(interaction, flow))

    async def _open(self, interaction: discord.Interaction, flow: SubmissionFlow) -> None:
        await flow.check(interaction)
        person_id = interaction.user.id
        pictures = await flow.context.menu_forms.find(self.message_id, person_id)
        if not pictures:
            raise FormForgotten(f"message {self.message_id}")
        # After a restart, the form is empty, as it was at first.
        form = flow.refused_forms.get((str(self.message_id), person_id))
        await _open_form(interaction, flow, self.message_id, pictures, form=form)


def _source(channel_id: int, message_id: int, number: int, found: FoundPicture) -> Source:
    return Source(channel_id=channel_id, message_id=message_id, number=number, picture=found)
