"""`/quota-admin role` with an option for models."""

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.domain.models.model import Models
from cogs.moderation.quota_options import Videos
from cogs.moderation.server_models import LIST_CHARS, ModelLists

if TYPE_CHECKING:
    from cogs.moderation.quota_admin import QuotaAdmin


def role_command(cog: "QuotaAdmin", models: Models) -> app_commands.Command[Any, ..., None]:
    """Build `/quota-admin role` with an option for models."""

    @app_commands.describe(
        role=locale_str("Which role"),
        videos=locale_str(
            "Videos per window: 0 allows none, -1 is unlimited; leave out to remove the limit"
        ),
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
        # The cog's own check does not cover a command that is built outside its class.
        if not await cog.interaction_check(interaction):
            return
        # Who gives models only does not mean to remove the limit.
        if models is None or videos is not None:
            await cog.set_role(interaction, role.id, videos)
        if models is not None:
            await cog.set_role_models(interaction, role.id, models)

    return app_commands.Command(
        name="role",
        description=locale_str("Set a limit for a role; with several roles, the highest applies"),
        callback=role,
    )
