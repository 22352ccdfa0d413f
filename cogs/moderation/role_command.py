"""`/quota-admin role` with an option for models."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.domain.models.model import Models
from cogs.moderation.quota_options import LIMIT, ROLE, ROLE_LIMIT, Videos
from cogs.moderation.server_models import LIST_CHARS, ModelLists

SetRole = Callable[[discord.Interaction, int, int | None, str | None], Awaitable[None]]
"""Sets the limit and the list of models of the role with this id."""


def role_command(set_role: SetRole, models: Models) -> app_commands.Command[Any, ..., None]:
    """Build the command with an option for models."""

    @app_commands.describe(
        role=ROLE,
        videos=LIMIT,
        models=locale_str(
            "Models that this role may use in addition, separated by commas; none: no more"
        ),
    )
    @app_commands.autocomplete(models=ModelLists(models).complete)
    async def role(
        interaction: discord.Interaction,
        role: discord.Role,
        videos: Videos | None = None,
        models: app_commands.Range[str, 1, LIST_CHARS] | None = None,
    ) -> None:
        await set_role(interaction, role.id, videos, models)

    return app_commands.Command(name="role", description=ROLE_LIMIT, callback=role)
