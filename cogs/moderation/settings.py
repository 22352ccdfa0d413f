"""`/settings`: how the bot behaves in a server."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.consent import OthersPictures
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import Models
from bot.errors import NotManager
from bot.ui.access.install_context import lacking_in
from bot.ui.app_context import AppContext
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts.catalogues import languages
from bot.ui.texts.moderation import settings as texts
from cogs.moderation.server_models import LIST_CHARS, ModelLists, parse_models
from cogs.moderation.settings_changes import (
    MOST_USD,
    NO_PRICE,
    NONE,
    WORDS_CHARS,
    changes_of,
    check_models,
)
from cogs.options import leave_out

# Channels where `/animate` can be used; a thread counts as its parent channel.
Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel


@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
class SettingsCog(
    commands.GroupCog,
    name="settings",
    description=locale_str("How I work in this server (Manage Server)"),
):
    """The `/settings` commands; Manage Server is checked here as well as by Discord."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._context = flow.context
        self._flow = flow
        group = self.app_command
        if isinstance(group, app_commands.Group):
            group.add_command(_set_command(self, flow.context))

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Refuse anybody without Manage Server."""
        return await self._context.replies.guard(interaction, self._let_in(interaction))

    async def _let_in(self, interaction: discord.Interaction) -> None:
        # Defer first: the subcommand reads the database, and Discord waits only 3 s.
        await self._context.replies.first(interaction, interaction.response.defer(ephemeral=True))
        held = interaction.permissions
        if interaction.guild_id is None or not (held.manage_guild or held.administrator):
            raise NotManager("settings")

    @app_commands.command(name="show", description=locale_str("Show my settings in this server"))
    async def show(self, interaction: discord.Interaction) -> None:
        """Show all settings, and any problem with the log channel."""
        guild_id = _guild(interaction)
        found = await self._context.moderation.settings(guild_id)
        await self._tell(interaction, found)

    async def set(self, interaction: discord.Interaction, changes: dict[str, Any]) -> None:
        """Apply the given options, or show all settings if they change nothing."""
        guild_id = _guild(interaction)
        found = await self._context.moderation.settings(guild_id)
        if "models" in changes:
            changes = changes | {"models": parse_models(changes["models"], self._context.models)}
        wanted = replace(found, **changes_of(found, changes, interaction.guild))
        check_models(wanted, self._context.models)
        if wanted == found:
            await self._tell(interaction, found)
            return
        entry = await self._context.moderation.set_settings(
            guild_id, wanted, found=found, by_id=interaction.user.id
        )
        self._flow.languages.forget(guild_id)
        words = texts.changed(
            found,
            wanted,
            models=self._context.models,
            troubles=self._troubles(interaction, wanted, before=found),
            watermark_always=self._context.watermark_always,
        )
        await self._context.replies.tell(interaction, words)
        if entry.is_change:
            self._context.log_channel.changed(entry)

    async def _tell(self, interaction: discord.Interaction, found: GuildSettings) -> None:
        words = texts.shown(
            found,
            models=self._context.models,
            troubles=self._troubles(interaction, found, before=GuildSettings()),
            watermark_always=self._context.watermark_always,
        )
        await self._context.replies.tell(interaction, words)

    def _troubles(
        self, interaction: discord.Interaction, now: GuildSettings, *, before: GuildSettings
    ) -> list[str]:
        """What keeps the bot from doing what changed: in the log channel, in allowed channels."""
        troubles = list[str]()
        if now.log_channel_id != before.log_channel_id:
            trouble = self._context.log_channel.trouble(_guild(interaction), now.log_channel_id)
            troubles += [trouble] if trouble else []
        if interaction.guild:
            troubles += _closed_channels(interaction.guild, now.channels - before.channels)
        return troubles


def _closed_channels(guild: discord.Guild, channel_ids: Iterable[int]) -> Iterator[str]:
    """Return a warning for each channel in which the bot cannot deliver a video."""
    for channel_id in sorted(channel_ids):
        channel = guild.get_channel(channel_id)
        if channel and (missing := lacking_in(channel.permissions_for(guild.me), channel)):
            yield texts.cannot_post(channel_id, missing)


def _set_command(cog: SettingsCog, context: AppContext) -> app_commands.Command[Any, ..., None]:
    """Build `/settings set` with the resolutions of the default model."""

    async def set_(
        interaction: discord.Interaction,
        channel_add: Channel | None = None,
        channel_remove: Channel | None = None,
        resolution: str | None = None,
        models: app_commands.Range[str, 1, LIST_CHARS] | None = None,
        model: str | None = None,
        highest_price_usd: app_commands.Range[float, NO_PRICE, MOST_USD] | None = None,
        watermark: bool | None = None,
        spoiler: bool | None = None,
        moderator_role: discord.Role | None = None,
        log_channel: discord.TextChannel | None = None,
        blocked_words: app_commands.Range[str, 1, WORDS_CHARS] | None = None,
        announce: bool | None = None,
        hide_reported: bool | None = None,
        language: str | None = None,
        others_pictures: str | None = None,
    ) -> None:
        given = {
            "channel_add": channel_add,
            "channel_remove": channel_remove,
            "resolution": resolution,
            "models": models,
            "model": model,
            "highest_price_usd": highest_price_usd,
            "watermark": watermark,
            "spoiler": spoiler,
            "moderator_role": moderator_role,
            "log_channel": log_channel,
            "blocked_words": blocked_words,
            "announce": announce,
            "hide_reported": hide_reported,
            "language": language,
            "others_pictures": others_pictures,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        # The cog's own check does not cover a command that is built outside its class.
        if await cog.interaction_check(interaction):
            await cog.set(interaction, changes)

    offered = context.models
    leave_out(
        set_,
        {
            *(() if offered.are_several else ("models", "model")),
            *(() if offered.has_kinds else ("highest_price_usd",)),
        },
    )
    described = app_commands.describe(
        **_model_descriptions(offered),
        channel_add=locale_str(
            "A channel to allow; once there is one, I work only in allowed channels"
        ),
        channel_remove=locale_str("A channel to stop allowing"),
        resolution=locale_str("The resolution when none is chosen"),
        watermark=locale_str("Put the video service's watermark on every video"),
        spoiler=locale_str("Hide every video until someone clicks it"),
        moderator_role=locale_str("Who may use /quota-admin and /stats; @everyone: no role"),
        log_channel=locale_str(
            "Where I post changes and warnings; choose it again to turn this off"
        ),
        blocked_words=locale_str(
            "Words to block in prompts, also inflected or disguised; separate by commas; "
            "none: clear the list"
        ),
        announce=locale_str("Notify people when a video that took over a minute is ready"),
        hide_reported=locale_str(
            "Hide a video until you decide when somebody reports that it shows them"
        ),
        language=locale_str("The language of public messages; none: the server's own"),
        others_pictures=locale_str("Whose pictures in messages people may use with Apps › Animate"),
    )(set_)
    none = app_commands.Choice(name=locale_str("none"), value=NONE)
    if offered.are_several:
        labels = [app_commands.Choice(name=one.label, value=one.id) for one in offered.offered]
        described = app_commands.choices(model=[*labels, none])(described)
        described = app_commands.autocomplete(models=ModelLists(offered).complete)(described)
    chosen = app_commands.choices(
        resolution=[
            *(app_commands.Choice(name=one, value=one) for one in offered.resolutions),
            none,
        ],
        language=[
            *(app_commands.Choice(name=name, value=tag) for tag, name in languages().items()),
            none,
        ],
        others_pictures=[
            app_commands.Choice(name=locale_str("anyone's"), value=OthersPictures.ANYONE.value),
            app_commands.Choice(
                name=locale_str("others' if they allow it"), value=OthersPictures.ASK.value
            ),
            app_commands.Choice(
                name=locale_str("only their own"), value=OthersPictures.OWN_ONLY.value
            ),
        ],
    )(described)
    return app_commands.Command(
        name="set",
        description=locale_str(
            "Change my settings in this server; options you leave out stay as they are"
        ),
        callback=chosen,
    )


def _model_descriptions(models: Models) -> dict[str, locale_str]:
    several = {
        "models": locale_str(
            "The models that members may use, separated by commas; none: all that I offer"
        ),
        "model": locale_str("The model when none is chosen; none: the bot owner's default"),
    }
    priced = {
        "highest_price_usd": locale_str(
            "The most that one video may cost, in US dollars; -1: no limit"
        )
    }
    return {
        **(several if models.are_several else {}),
        **(priced if models.has_kinds else {}),
    }


def _guild(interaction: discord.Interaction) -> int:
    """The server's id; `interaction_check` has refused direct messages."""
    if interaction.guild_id is None:
        raise NotManager("no server")
    return interaction.guild_id
