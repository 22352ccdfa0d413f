"""The reactions 🔁 🎲 🗑️, and the form behind ✏️."""

import asyncio
import re

import discord
from discord.ext import commands

from bot.concurrency import BackgroundTasks
from bot.domain.task import EntryPoint, Task
from bot.errors import Refusal
from bot.ui.access.install_context import check_from_here
from bot.ui.results import reactions
from bot.ui.results.buttons import ReopenButton
from bot.ui.submission.generation_request import GenerationRequest
from bot.ui.submission.kind_field import FIELD as KIND
from bot.ui.submission.kind_field import chosen_model
from bot.ui.submission.modals import (
    EDIT_TEMPLATE,
    Form,
    changed,
    check_is_theirs,
    filled_in,
    submitted,
)
from bot.ui.submission.submission_flow import SubmissionFlow

# Seconds within which removing the reaction cancels it.
SECOND_THOUGHTS = 3.0
# The most reactions waiting at once; any more are a flood and ignored.
MOST_WAITING = 1_000

_Key = tuple[int, int, str]


class RerollsCog(commands.Cog):
    """Handles raw reactions, which also come for results from before a restart."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._client = client
        self._context = flow.context
        self._flow = flow
        self._waiting: dict[_Key, asyncio.Task[None]] = {}
        self._tasks = BackgroundTasks()
        self._reactions: reactions.Reactions | None = None

    async def cog_load(self) -> None:
        self._reactions = reactions.Reactions(client=self._client, flow=self._flow)

    async def cog_unload(self) -> None:
        await self._tasks.cancel()
        if self._reactions is not None:
            await self._reactions.aclose()

    # --- reactions --------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, reaction: discord.RawReactionActionEvent) -> None:
        """Schedule the reaction; it can still be removed."""
        key = _key(reaction)
        if not self._is_meant(reaction) or key in self._waiting:
            return
        if len(self._waiting) < MOST_WAITING:
            self._waiting[key] = self._tasks.start(self._after_a_moment(key, reaction))

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, reaction: discord.RawReactionActionEvent) -> None:
        """Cancel a reaction that has not been carried out yet."""
        waiting = self._waiting.pop(_key(reaction), None)
        if waiting is not None:
            waiting.cancel()

    def _is_meant(self, reaction: discord.RawReactionActionEvent) -> bool:
        """Whether a person put one of the three emoji on a message of this bot."""
        me = self._client.user
        is_bot = me is None or reaction.user_id == me.id
        is_bot = is_bot or (reaction.member is not None and reaction.member.bot)
        # Where Discord does not name the message's author, the database decides.
        is_mine = me is not None and reaction.message_author_id in (None, me.id)
        return not is_bot and is_mine and reactions.plain(reaction.emoji) in _MEANT

    async def _after_a_moment(self, key: _Key, reaction: discord.RawReactionActionEvent) -> None:
        if self._reactions is None:
            return
        # Beside the wait, which is not to become longer.
        self._tasks.start(self._reactions.acknowledge(reaction))
        await self._context.clock.sleep(SECOND_THOUGHTS)
        if self._waiting.pop(key, None) is not None:
            await self._reactions.carry_out(reaction)

    @commands.Cog.listener()
    async def on_raw_app_command_permissions_update(
        self, changed: discord.RawAppCommandPermissionsUpdateEvent
    ) -> None:
        """Forget a server's command permissions, which have changed."""
        self._flow.access.forget(changed.guild.id)

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Forget all command permissions: a new session may have missed changes."""
        self._flow.access.forget_all()

    # --- the form ---------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Handle a submitted form."""
        if match := submitted(interaction, EDIT_TEMPLATE):
            await self._context.replies.guard(interaction, self._edit(interaction, match))

    async def _edit(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        check_is_theirs(interaction, match)
        parent = await self._flow.rerolls.parent(match["task_id"])
        check_from_here(parent, interaction)
        form = filled_in(interaction)
        self._flow.refused_forms[parent.id, interaction.user.id] = form
        try:
            request = self._request(parent, form)
        except Refusal as error:
            prompt, retry = form.get("prompt", ""), ReopenButton.of(parent)
            await self._flow.refuse(interaction, error, typed=prompt, retry=retry)
            return
        await self._flow.take(interaction, request)

    def _request(self, parent: Task, form: Form) -> GenerationRequest:
        model = chosen_model(form.get(KIND), self._context.models)
        options = changed(parent.options, form, self._flow.rerolls.model(parent))
        return GenerationRequest(
            picture=parent.request.frame,
            options=options,
            entry_point=EntryPoint.EDIT,
            parent=parent,
            model=model,
            typed=options.prompt,
            retry=ReopenButton.of(parent),
        )


_MEANT = frozenset({reactions.SAME, reactions.NEW, reactions.DELETE})


def _key(reaction: discord.RawReactionActionEvent) -> _Key:
    return (reaction.message_id, reaction.user_id, reactions.plain(reaction.emoji))
