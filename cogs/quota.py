"""`/quota`: show a person their own limits and usage."""

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.quotas.quota import Denial, Limits, Offer, Usage, decide
from bot.ui.access.install_context import home_guild
from bot.ui.access.members import person_of
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts import quota


class Quota(commands.Cog):
    """The `/quota` command."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._context = flow.context

    @app_commands.command(
        name="quota",
        description=locale_str(
            "Your limit, how many videos you have left, and what yours have cost"
        ),
    )
    async def quota(self, interaction: discord.Interaction) -> None:
        """Reply ephemerally."""
        await self._context.replies.first(interaction, interaction.response.defer(ephemeral=True))
        person = person_of(interaction)
        guild_id = home_guild(interaction)
        limits = await self._context.allowances.limits(person, guild_id)
        use = await self._context.tasks.use(person.id, guild_id, limits)
        denial = await self._denial(limits, use)
        await self._context.replies.tell(interaction, quota.quota(limits, use, denial))

    async def _denial(self, limits: Limits, use: Usage) -> Denial | None:
        """Why the person cannot make every kind of video now; the dearest is asked for."""
        allowances, model = self._context.allowances, self._context.models.default
        dearest = max(
            [Offer(one, await allowances.estimate(one)) for one in model.kinds()],
            key=lambda offer: offer.estimate,
        )
        denial = decide(limits, use, dearest.estimate, self._context.clock.now())
        return denial and await allowances.explained(denial, dearest.kind, model)
