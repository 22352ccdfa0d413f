"""`/quota-admin`: moderators set limits, budgets and blocks, and read the audit log."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.guilds.audit import AuditEntry
from bot.errors import NotModerator
from bot.services.moderation import MOST_DAYS, MOST_GRANTED, REASON_CHARS
from bot.ui.access import moderators
from bot.ui.delivery.letters import Page
from bot.ui.pages.audit_pages import audit_buttons
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts.moderation import audit
from bot.ui.texts.moderation import usage as texts
from cogs.moderation.quota_options import (
    LIMIT,
    ROLE,
    ROLE_LIMIT,
    WINDOWS,
    Budget,
    Videos,
    budget,
    if_given,
    person,
    window_of,
)
from cogs.moderation.report_commands import ReportCommands
from cogs.moderation.role_command import role_command
from cogs.moderation.server_models import parse_models


# No default permissions: Discord would hide the command from the moderator role.
@app_commands.guild_only()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
class QuotaAdmin(
    ReportCommands,
    commands.GroupCog,
    name="quota-admin",
    description=locale_str("Limits, bonus videos, budgets and blocks (moderators)"),
):
    """The `/quota-admin` commands, each of which checks that a moderator uses it."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._context = flow.context
        group, models = self.app_command, flow.context.models
        if models.are_several and isinstance(group, app_commands.Group):
            group.remove_command("role")
            group.add_command(role_command(self._set_role, models))

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Refuse anybody who is not a moderator."""
        return await self._context.replies.guard(interaction, self._let_in(interaction))

    async def _let_in(self, interaction: discord.Interaction) -> None:
        # Defer first: the check reads the database, and Discord waits only 3 s.
        await self._context.replies.first(interaction, interaction.response.defer(ephemeral=True))
        if not await moderators.by_interaction(interaction, self._context):
            raise NotModerator("quota-admin")

    # --- people ---------------------------------------------------------------------------

    @app_commands.command(
        name="show",
        description=locale_str("Show someone's limit, where it comes from, and what they've used"),
    )
    @app_commands.describe(user=locale_str("Which person"))
    async def show(self, interaction: discord.Interaction, user: discord.User) -> None:
        """Show somebody's limit, where it comes from, and what they have used."""
        words = await self._member_quota(interaction, user)
        await self._context.replies.tell(interaction, words)

    @app_commands.command(
        name="set",
        description=locale_str("Set a limit for someone; leave out the number to remove it"),
    )
    @app_commands.describe(user=locale_str("Which person"), videos=LIMIT)
    async def set(
        self, interaction: discord.Interaction, user: discord.User, videos: Videos | None = None
    ) -> None:
        """Set somebody's own limit, or remove it if no number is given."""
        entry = await self._context.moderation.set_videos(
            _guild(interaction), user.id, videos, by_id=interaction.user.id
        )
        await self._done(interaction, entry, await self._member_quota(interaction, user))

    @app_commands.command(
        name="grant",
        description=locale_str("Give someone bonus videos, used once their limit is reached"),
    )
    @app_commands.describe(
        user=locale_str("Which person"),
        videos=locale_str("How many bonus videos"),
        days=locale_str("Days until unused ones expire (default: never)"),
    )
    async def grant(
        self,
        interaction: discord.Interaction,
        user: discord.User,
        videos: app_commands.Range[int, 1, MOST_GRANTED],
        days: app_commands.Range[int, 1, MOST_DAYS] | None = None,
    ) -> None:
        """Grant bonus videos, which are used once the limit is reached."""
        entry = await self._context.moderation.grant(
            _guild(interaction), user.id, videos, days, by_id=interaction.user.id
        )
        await self._done(interaction, entry, await self._member_quota(interaction, user))

    @app_commands.command(
        name="reset",
        description=locale_str("Reset someone's usage: the videos they've made no longer count"),
    )
    @app_commands.describe(user=locale_str("Which person"))
    async def reset(self, interaction: discord.Interaction, user: discord.User) -> None:
        """Reset somebody's usage."""
        entry = await self._context.moderation.reset(
            _guild(interaction), person(user), by_id=interaction.user.id
        )
        await self._done(interaction, entry, await self._member_quota(interaction, user))

    @app_commands.command(
        name="block", description=locale_str("Block someone from using Flipbook in this server")
    )
    @app_commands.describe(
        user=locale_str("Which person"), reason=locale_str("The reason, which the person can read")
    )
    async def block(
        self,
        interaction: discord.Interaction,
        user: discord.User,
        reason: app_commands.Range[str, 1, REASON_CHARS] | None = None,
    ) -> None:
        """Block somebody, who may have left the server."""
        entry = await self._context.moderation.block(
            _guild(interaction), user.id, reason, by_id=interaction.user.id
        )
        await self._done(interaction, entry, await self._member_quota(interaction, user))

    @app_commands.command(name="unblock", description=locale_str("Unblock someone in this server"))
    @app_commands.describe(user=locale_str("Which person"))
    async def unblock(self, interaction: discord.Interaction, user: discord.User) -> None:
        """Unblock somebody."""
        entry = await self._context.moderation.unblock(
            _guild(interaction), user.id, by_id=interaction.user.id
        )
        await self._done(interaction, entry, await self._member_quota(interaction, user))

    # --- roles and the server -------------------------------------------------------------

    @app_commands.command(name="role", description=ROLE_LIMIT)
    @app_commands.describe(role=ROLE, videos=LIMIT)
    async def role(
        self, interaction: discord.Interaction, role: discord.Role, videos: Videos | None = None
    ) -> None:
        """Set a role's limit, or remove it if no number is given."""
        await self._set_role_videos(interaction, role.id, videos)

    async def _set_role(
        self, interaction: discord.Interaction, role_id: int, videos: int | None, models: str | None
    ) -> None:
        # The cog's own check does not cover a command that is built outside its class.
        if not await self.interaction_check(interaction):
            return
        # Who gives models only does not mean to remove the limit.
        if models is None or videos is not None:
            await self._set_role_videos(interaction, role_id, videos)
        if models is not None:
            await self._set_role_models(interaction, role_id, models)

    async def _set_role_videos(
        self, interaction: discord.Interaction, role_id: int, videos: int | None
    ) -> None:
        entry = await self._context.moderation.set_role_videos(
            _guild(interaction), role_id, videos, by_id=interaction.user.id
        )
        await self._role_done(interaction, role_id, entry)

    async def _set_role_models(
        self, interaction: discord.Interaction, role_id: int, text: str
    ) -> None:
        entry = await self._context.moderation.set_role_models(
            _guild(interaction),
            role_id,
            parse_models(text, self._context.models),
            by_id=interaction.user.id,
        )
        await self._role_done(interaction, role_id, entry)

    async def _role_done(
        self, interaction: discord.Interaction, role_id: int, entry: AuditEntry
    ) -> None:
        found = await self._context.moderation.server(_guild(interaction))
        await self._done(interaction, entry, texts.role_limit(role_id, found))

    @app_commands.command(
        name="server",
        description=locale_str(
            "Set this server's default limit and budgets; without options, show them"
        ),
    )
    @app_commands.describe(
        videos=locale_str("Videos per person per window: 0 allows none, -1 is unlimited"),
        window=locale_str("The rolling window that videos are counted in"),
        budget_usd_day=locale_str(
            "This server's budget per day, in US dollars; 0: no videos, -1: no budget"
        ),
        budget_usd_month=locale_str(
            "This server's budget per month, in US dollars; 0: no videos, -1: the bot owner's"
        ),
        budget_usd_user_month=locale_str(
            "Each person's budget per month, in US dollars; 0: no videos, -1: no budget"
        ),
        count_charged_failures=locale_str(
            "Whether failed videos that were charged count towards the person's limit"
        ),
    )
    @app_commands.choices(window=WINDOWS)
    async def server(
        self,
        interaction: discord.Interaction,
        videos: Videos | None = None,
        window: str | None = None,
        budget_usd_day: Budget | None = None,
        budget_usd_month: Budget | None = None,
        budget_usd_user_month: Budget | None = None,
        count_charged_failures: bool | None = None,
    ) -> None:
        """Set the server's default limit and budgets, or show them if no option is given."""
        given = {
            **if_given("videos", videos),
            **if_given("window", window and window_of(window)),
            **budget("budget_day", budget_usd_day),
            **budget("budget_month", budget_usd_month),
            **budget("budget_person_month", budget_usd_user_month),
            **if_given("count_charged_failures", count_charged_failures),
        }
        await self._server(interaction, given)

    async def _server(self, interaction: discord.Interaction, given: dict[str, Any]) -> None:
        guild_id = _guild(interaction)
        found = await self._context.moderation.server(guild_id)
        if not given:
            await self._context.replies.tell(interaction, texts.guild(found))
            return
        wanted = replace(found.own, **given)
        entry = await self._context.moderation.set_server(
            guild_id, wanted, found=found.own, by_id=interaction.user.id
        )
        found = await self._context.moderation.server(guild_id)
        await self._done(interaction, entry, texts.guild(found))

    # --- the audit log --------------------------------------------------------------------

    @app_commands.command(name="log", description=locale_str("Who changed what, and when"))
    @app_commands.describe(user=locale_str("Only changes concerning this person"))
    async def log(self, interaction: discord.Interaction, user: discord.User | None = None) -> None:
        """Show who changed what, a page at a time."""
        subject_id = user.id if user else None
        page = await self._context.moderation.log(_guild(interaction), subject_id=subject_id)
        words = audit.log_page(page, subject=user.mention if user else None)
        below = audit_buttons(page, subject_id=subject_id)
        await self._context.replies.say(interaction, Page(words, below))

    async def _member_quota(
        self, interaction: discord.Interaction, user: discord.User | discord.Member
    ) -> str:
        found = await self._context.moderation.show(_guild(interaction), person(user))
        return texts.member_quota(user.id, found)

    async def _done(self, interaction: discord.Interaction, entry: AuditEntry, now: str) -> None:
        await self._context.replies.tell(interaction, texts.changed(entry, now))
        if entry.is_change:
            self._context.log_channel.changed(entry)


def _guild(interaction: discord.Interaction) -> int:
    """The server's id; `interaction_check` has refused direct messages."""
    if interaction.guild_id is None:
        raise NotModerator("no server")
    return interaction.guild_id
