"""Registers the commands with Discord if it has others."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.ui import registered
from bot.ui.access.command_access import COMMAND
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.translator import CommandTranslator

log = logging.getLogger(__name__)

INSTALL_SWITCH = (
    "Installation, Installation Contexts, User Install in the developer portal switches it on"
)


class CommandSync:
    """Compares the commands of a client with those that Discord has of it."""

    def __init__(
        self,
        *,
        client: commands.AutoShardedBot,
        flow: SubmissionFlow,
        tells: bool,
        file: Path | None,
    ) -> None:
        """
        Args:
            flow: learns the ids of the commands.
            tells: whether this process is the one that tells Discord.
            file: where `flipbook check` reads what commands Discord should have.
        """
        self._client = client
        self._flow = flow
        self._tells = tells
        self._file = file

    async def sync(self) -> None:
        """Register the commands with Discord if it has others.

        An error is only logged, and the bot works with what is registered.
        """
        try:
            await self._sync()
        except (*REQUEST_ERRORS, OSError) as error:
            log.error(
                "Discord could not be told the commands, the next start tries again: %s",
                describe(error),
            )

    async def _sync(self) -> None:
        found = await registered.registered(self._client)
        self._learn(found)
        if not self._tells:
            return
        self._check_installs()
        wanted = await self._wanted_commands()
        if self._file is not None:
            registered.keep(self._file, wanted)
        different = registered.differences(wanted, found)
        if not different:
            return
        if found:
            log.info("commands registered with Discord differ: %s", "; ".join(different))
        application_id = self._client.application_id or 0
        told = await self._client.http.bulk_upsert_global_commands(application_id, payload=wanted)
        log.info("registered %d commands with Discord", len(told))
        self._learn(told)

    def _learn(self, found: Iterable[Any]) -> None:
        """Learn the ids that Discord gave the commands."""
        ids = registered.ids(found)
        self._flow.command_ids = ids
        self._flow.context.replies.command_ids = {
            command.qualified_name: ids[root]
            for command in self._client.tree.walk_commands()
            if isinstance(command, app_commands.Command)
            and (root := command.qualified_name.split()[0]) in ids
        }
        if COMMAND in ids:
            self._flow.access.learn(ids[COMMAND])

    def _check_installs(self) -> None:
        """Offer user installs only if the application allows them; else Discord refuses all."""
        application = self._client.application
        if not self._flow.context.places.user_install or application is None:
            return
        if application.user_integration_config is None:
            log.error(
                "USER_INSTALL is on, and Discord does not allow it: %s. Until then the "
                "commands are offered in servers and direct messages alone",
                INSTALL_SWITCH,
            )
            self._client.tree.allowed_installs = app_commands.AppInstallationType(
                guild=True, user=False
            )
            self._client.tree.allowed_contexts = app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=False
            )

    async def _wanted_commands(self) -> list[Any]:
        """The commands that Discord should have, with their localizations."""
        translator = self._client.tree.translator or CommandTranslator()
        return [
            await command.get_translated_payload(self._client.tree, translator)
            for command in self._client.tree.get_commands()
        ]
