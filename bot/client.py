"""The discord.py client: intents, cogs, and the error handler."""

import logging
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.about import begin_about
from bot.clock import Clock
from bot.discord_api import AGENT, sign
from bot.errors import CommandGone, PlaceProblem, PlaceRefused, is_of_the_disk
from bot.ops.logging import name_shards
from bot.roles import Shards
from bot.ui.access.install_context import InstallContext, is_reachable
from bot.ui.app_context import AppContext
from bot.ui.command_sync import CommandSync
from bot.ui.delivery.direct_answers import DirectAnswers
from bot.ui.delivery.requests.blockade import Blockade
from bot.ui.delivery.requests.rate_limiter import RateLimiter, rate_limited
from bot.ui.pages.task_pages import TASK_PARTS
from bot.ui.results.buttons import BUTTONS
from bot.ui.results.report_buttons import REPORT_PARTS
from bot.ui.submission.acknowledgements import Acknowledgements
from bot.ui.submission.modals import FORM_TEMPLATES, filled_in, form_id
from bot.ui.submission.question_buttons import QUESTION_BUTTONS
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts.catalogues import speak_in
from bot.ui.translator import CommandTranslator
from cogs import COGS
from cogs.menus import ReopenMenuButton
from cogs.privacy import DeleteData

log = logging.getLogger(__name__)

# Seconds; discord.py raises an error for a rate limit that lasts longer than this.
LONGEST_RATE_LIMIT = 60.0
# The prefix of the `custom_id` of every button of the bot, in any version.
_OWN_BUTTONS = "flipbook:"


def intents() -> discord.Intents:
    """The intents of the bot: servers, reactions, direct messages to it; nothing privileged."""
    return discord.Intents(guilds=True, guild_reactions=True, dm_reactions=True, dm_messages=True)


class FlipbookClient(commands.AutoShardedBot):
    """The client. ``bot.app`` opens and closes everything that it uses."""

    def __init__(
        self,
        *,
        clock: Clock,
        places: InstallContext,
        acknowledgements: Acknowledgements,
        commands_file: Path | None = None,
        shards: Shards | None = None,
        syncs: bool = True,
        take_turn: Callable[[int], Awaitable[None]] | None = None,
        proxy: str | None = None,
    ) -> None:
        """
        Args:
            places: where commands are offered.
            acknowledgements: watches every attempt at a first answer.
            commands_file: where to write the wanted commands, for `flipbook check`.
            shards: the shards to connect as; ``None`` means all that Discord recommends.
            syncs: whether it registers the commands with Discord.
            take_turn: waits until a shard of a bucket may identify, among several processes.
            proxy: the proxy for all connections to Discord.
        """
        is_anywhere = places.user_install
        rate_limiter, blockade = RateLimiter(clock=clock), Blockade(clock=clock)
        trace = rate_limited(rate_limiter)
        blockade.put_into(trace)
        trace.on_request_start.append(sign)
        acknowledgements.watch(trace)
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=is_anywhere, private_channel=is_anywhere
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=is_anywhere),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=LONGEST_RATE_LIMIT,
            http_trace=trace,
            proxy=proxy,
            **_sharding(shards),
        )
        self.http.user_agent = AGENT
        self.flow: SubmissionFlow
        """The flow that commands and buttons submit to, set by :meth:`serve`."""
        self._buttons: tuple[type[ui.DynamicItem[Any]], ...] = ()
        self.rate_limiter = rate_limiter
        self.blockade = blockade
        self._direct_answers = DirectAnswers(places=places, clock=clock)
        self._commands_file = commands_file
        self._syncs = syncs
        self._take_turn = take_turn
        self._was_set_up = False
        self.logins_at_once = 1
        """Discord's `max_concurrency`, once it is known."""

    def serve(self, context: AppContext) -> None:
        """Set what commands and buttons use. Call this before the login.

        The constructor cannot take the context, whose messenger and log channel use this client.
        """
        self.flow = SubmissionFlow(client=self, context=context)

    @property
    def context(self) -> AppContext:
        """The services that commands and buttons use."""
        return self.flow.context

    async def setup_hook(self) -> None:
        """Add cogs and sync commands, after the login and before the gateway."""
        self.blockade.watch()
        await self.tree.set_translator(CommandTranslator())
        for cog in COGS:
            await self.add_cog(cog(client=self, flow=self.flow))
        buttons = (*BUTTONS, *QUESTION_BUTTONS, *REPORT_PARTS, *TASK_PARTS)
        self.add_dynamic_items(*buttons, ReopenMenuButton, DeleteData)
        await CommandSync(
            client=self, flow=self.flow, tells=self._syncs, file=self._commands_file
        ).sync()

    async def login(self, token: str) -> None:
        self._was_set_up = True
        await super().login(token)

    async def log_in_anew(self) -> None:
        """Close what a failed login opened, so that the next one can begin."""
        await self.http.close()
        self.http.connector = discord.utils.MISSING

    async def close(self) -> None:
        """Close the client, also before a login, which discord.py's own method does not allow."""
        if self._was_set_up:
            await super().close()

    @property
    def is_connected(self) -> bool:
        """Whether every shard is connected now; `is_ready` only says that they were once."""
        shards = self.shards.values()
        return self.is_ready() and not any(shard.is_closed() for shard in shards)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        name_shards(self.shard_count or 1)
        if self._take_turn is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await self._take_turn((shard_id or 0) % self.logins_at_once)

    async def on_ready(self) -> None:
        log.info("ready as %s in %d servers", self.user, len(self.guilds))

    def add_dynamic_items(self, *items: type[ui.DynamicItem[Any]]) -> None:
        super().add_dynamic_items(*items)
        self._buttons += items

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer buttons and forms of earlier versions; all others are handled elsewhere."""
        custom_id = form_id(interaction)
        if interaction.type is discord.InteractionType.component:
            is_gone = custom_id.startswith(_OWN_BUTTONS) and not self._knows(custom_id)
        elif interaction.type is discord.InteractionType.modal_submit:
            # Of any name, since no other application can have opened it.
            is_gone = not any(re.fullmatch(one, custom_id) for one in FORM_TEMPLATES)
        else:
            return
        if is_gone:
            await self.context.replies.guard(interaction, self._say_gone(interaction, custom_id))

    def _knows(self, custom_id: str) -> bool:
        templates = (one.__discord_ui_compiled_template__ for one in self._buttons)
        return any(template.fullmatch(custom_id) for template in templates)

    async def _say_gone(self, interaction: discord.Interaction, custom_id: str) -> None:
        """Refuse an interaction of an earlier version, returning the prompt typed into its form."""
        typed = filled_in(interaction).get("prompt", "")
        await self.flow.refuse(interaction, CommandGone(custom_id), typed=typed)

    async def on_message(self, message: discord.Message) -> None:
        """Answer direct messages; discord.py would look for commands in them."""
        await self._direct_answers.answer(message, command_ids=self.flow.command_ids)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log the exception of an event's handler."""
        error = sys.exception()
        trace = None if error is None or is_of_the_disk(error) else error
        log.error("error in %s: %s", event_method, error, exc_info=trace)


def _sharding(shards: Shards | None) -> dict[str, Any]:
    return {} if shards is None else {"shard_ids": list(shards.ids), "shard_count": shards.count}


class Tree(app_commands.CommandTree[FlipbookClient]):
    """Checks every command before it runs, and handles its errors."""

    async def interaction_check(self, interaction: discord.Interaction[FlipbookClient], /) -> bool:
        # Set for the rest of this interaction's asyncio task.
        speak_in(str(interaction.locale))
        begin_about(server=interaction.guild_id)
        context = self.client.context
        if not context.replies.begins(interaction):
            return False
        try:
            context.places.enter(interaction)
            _check_server(interaction)
        except PlaceRefused as error:
            if interaction.type is discord.InteractionType.autocomplete:
                # Choices are all that can be answered, and the command itself will say why.
                await interaction.response.autocomplete([])
            else:
                await context.replies.explain(interaction, error)
            return False
        return True

    async def on_error(
        self,
        interaction: discord.Interaction[FlipbookClient],
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        if type(error) is app_commands.CheckFailure:
            # The cog's own `interaction_check` has answered already.
            return
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            log.warning("command of an earlier version used: %s", error)
            cause = CommandGone(str(error))
        await self.client.context.replies.explain(interaction, cause)


def _check_server(interaction: discord.Interaction[FlipbookClient]) -> None:
    """Check that a command about a server is used in a server that the bot is in.

    Raises:
        PlaceRefused: it is not.
    """
    command = interaction.command
    if isinstance(command, app_commands.Command):
        root = command.root_parent or command
        if not root.guild_only:
            return
        if interaction.guild_id is None or not is_reachable(interaction):
            raise PlaceRefused(PlaceProblem.NO_SERVER)
