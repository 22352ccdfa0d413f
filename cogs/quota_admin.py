"""`/quota-admin`: what moderators see and decide."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.audit import AuditEntry
from bot.domain.limits import MOST_VIDEOS, UNLIMITED, GuildLimits, Window
from bot.domain.money import Usd
from bot.domain.task import Person
from bot.errors import NotModerator
from bot.services.moderation import (
    MOST_BUDGET_USD,
    MOST_DAYS,
    MOST_GRANTED,
    REASON_CHARS,
)
from bot.ui import moderators
from bot.ui.audit_pages import audit_view
from bot.ui.desk import Desk
from bot.ui.texts import changes
from bot.ui.texts import commands as said
from bot.ui.texts import moderation as texts

Videos = app_commands.Range[int, UNLIMITED, MOST_VIDEOS]
Budget = app_commands.Range[float, -1, MOST_BUDGET_USD]
_WINDOWS = [app_commands.Choice(name=name, value=one.value) for one, name in said.windows().items()]


# No default permissions: Discord would hide it from the moderator role.
@app_commands.guild_only()
class QuotaAdmin(commands.GroupCog, name="quota-admin", description=said.quota_admin()):
    """Every subcommand checks who asks, whatever Discord let through."""

    def __init__(self, *, client: commands.AutoShardedBot, desk: Desk) -> None:
        self._desk = desk

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """A refusal is told, and the subcommand does not run."""
        if await moderators.by_interaction(interaction, self._desk):
            return True
        await self._desk.replies.explain(interaction, NotModerator("quota-admin"))
        return False

    # --- people ---------------------------------------------------------------------------

    @app_commands.command(name="show", description=said.admin_show())
    @app_commands.describe(user=said.whose())
    async def show(self, interaction: discord.Interaction, user: discord.Member) -> None:
        """What applies to somebody, where it comes from, and what they used."""
        found = await self._desk.moderation.show(_guild(interaction), _person(user))
        await self._desk.replies.tell(interaction, texts.standing(user.id, found))

    @app_commands.command(name="set", description=said.admin_set())
    @app_commands.describe(user=said.whose(), videos=said.admin_videos())
    async def set(
        self, interaction: discord.Interaction, user: discord.Member, videos: Videos | None = None
    ) -> None:
        """Somebody's own limit; without a number, back to what applies without it."""
        entry = await self._desk.moderation.set_videos(
            _guild(interaction), user.id, videos, by_id=interaction.user.id
        )
        await self._done(interaction, entry)

    @app_commands.command(name="grant", description=said.admin_grant())
    @app_commands.describe(user=said.whose(), videos=said.admin_granted(), days=said.admin_days())
    async def grant(
        self,
        interaction: discord.Interaction,
        user: discord.Member,
        videos: app_commands.Range[int, 1, MOST_GRANTED],
        days: app_commands.Range[int, 1, MOST_DAYS] | None = None,
    ) -> None:
        """Bonus videos, used after the allowance."""
        entry = await self._desk.moderation.grant(
            _guild(interaction), user.id, videos, days, by_id=interaction.user.id
        )
        await self._done(interaction, entry)

    @app_commands.command(name="reset", description=said.admin_reset())
    @app_commands.describe(user=said.whose())
    async def reset(self, interaction: discord.Interaction, user: discord.Member) -> None:
        """Somebody's window starts anew."""
        entry = await self._desk.moderation.reset(
            _guild(interaction), _person(user), by_id=interaction.user.id
        )
        await self._done(interaction, entry)

    @app_commands.command(name="block", description=said.admin_block())
    @app_commands.describe(user=said.whose(), reason=said.admin_reason())
    async def block(
        self,
        interaction: discord.Interaction,
        user: discord.User,
        reason: app_commands.Range[str, 1, REASON_CHARS] | None = None,
    ) -> None:
        """Nothing new from somebody; they may have left the server."""
        entry = await self._desk.moderation.block(
            _guild(interaction), user.id, reason, by_id=interaction.user.id
        )
        await self._done(interaction, entry)

    @app_commands.command(name="unblock", description=said.admin_unblock())
    @app_commands.describe(user=said.whose())
    async def unblock(self, interaction: discord.Interaction, user: discord.User) -> None:
        """As if they had never been blocked."""
        entry = await self._desk.moderation.unblock(
            _guild(interaction), user.id, by_id=interaction.user.id
        )
        await self._done(interaction, entry)

    # --- roles and the server -------------------------------------------------------------

    @app_commands.command(name="role", description=said.admin_role())
    @app_commands.describe(role=said.which_role(), videos=said.admin_videos())
    async def role(
        self, interaction: discord.Interaction, role: discord.Role, videos: Videos | None = None
    ) -> None:
        """A role's limit; without a number, none."""
        entry = await self._desk.moderation.set_role_videos(
            _guild(interaction), role.id, videos, by_id=interaction.user.id
        )
        await self._done(interaction, entry)

    @app_commands.command(name="server", description=said.admin_server())
    @app_commands.describe(
        videos=said.server_videos(),
        window=said.server_window(),
        budget_usd_day=said.server_budget_day(),
        budget_usd_month=said.server_budget_month(),
        budget_usd_user_month=said.server_budget_user_month(),
    )
    @app_commands.choices(window=_WINDOWS)
    async def server(
        self,
        interaction: discord.Interaction,
        videos: Videos | None = None,
        window: str | None = None,
        budget_usd_day: Budget | None = None,
        budget_usd_month: Budget | None = None,
        budget_usd_user_month: Budget | None = None,
    ) -> None:
        """The server's default and budgets; without an option, they are shown."""
        guild_id = _guild(interaction)
        found = await self._desk.moderation.server(guild_id)
        wanted = found.own
        if videos is not None:
            wanted = replace(wanted, videos=videos)
        if window is not None:
            wanted = replace(wanted, window=Window(window))
        budgets = {
            "budget_day": budget_usd_day,
            "budget_month": budget_usd_month,
            "budget_person_month": budget_usd_user_month,
        }
        wanted = _with_budgets(wanted, budgets)
        if wanted == found.own:
            await self._desk.replies.tell(interaction, texts.guild(found))
            return
        entry = await self._desk.moderation.set_server(guild_id, wanted, by_id=interaction.user.id)
        await self._done(interaction, entry)

    # --- what happened --------------------------------------------------------------------

    @app_commands.command(name="log", description=said.admin_log())
    @app_commands.describe(user=said.log_whose())
    async def log(self, interaction: discord.Interaction, user: discord.User | None = None) -> None:
        """Who changed what, a page at a time."""
        subject_id = user.id if user else None
        page = await self._desk.moderation.log(_guild(interaction), subject_id=subject_id)
        words = changes.log_page(page, subject=user.mention if user else None)
        view = audit_view(page, subject_id=subject_id)
        await interaction.response.send_message(words, view=view, ephemeral=True)

    async def _done(self, interaction: discord.Interaction, entry: AuditEntry) -> None:
        await self._desk.replies.tell(interaction, changes.changed(entry))
        if entry.is_change:
            await self._desk.log_channel.changed(entry)


def _guild(interaction: discord.Interaction) -> int:
    """The server; the check has refused direct messages."""
    if interaction.guild_id is None:
        raise NotModerator("no server")
    return interaction.guild_id


def _person(user: discord.Member) -> Person:
    roles = frozenset(role.id for role in user.roles)
    return Person(id=user.id, name=user.display_name, role_ids=roles)


def _with_budgets(limits: GuildLimits, budgets: dict[str, float | None]) -> GuildLimits:
    """Those that were given; -1 takes a budget of the server's own away."""
    given = {name: usd for name, usd in budgets.items() if usd is not None}
    changes: dict[str, Any] = {
        name: None if usd < 0 else Usd.parse(str(usd)) for name, usd in given.items()
    }
    return replace(limits, **changes) if changes else limits
