"""The command `/settings set`, with its options and the choices that the models allow."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.domain.consent import OthersPictures
from bot.domain.models.model import Models
from bot.ui.texts.catalogues import languages
from cogs.moderation.server_models import LIST_CHARS, ModelLists
from cogs.moderation.settings_changes import MOST_USD, NO_PRICE, NONE, WORDS_CHARS
from cogs.options import leave_out

# Channels where `/animate` can be used; a thread counts as its parent channel.
Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel

Apply = Callable[[discord.Interaction, dict[str, Any]], Awaitable[None]]
"""Applies the given options, by their names."""

_DESCRIPTIONS = {
    "channel_add": locale_str(
        "A channel to allow; once there is one, I work only in allowed channels"
    ),
    "channel_remove": locale_str("A channel to stop allowing"),
    "resolution": locale_str("The resolution when none is chosen"),
    "models": locale_str(
        "The models that members may use, separated by commas; none: all that I offer"
    ),
    "model": locale_str("The model when none is chosen; none: the bot owner's default"),
    "highest_price_usd": locale_str(
        "The most that one video may cost, in US dollars; -1: no limit"
    ),
    "watermark": locale_str("Put the video service's watermark on every video"),
    "spoiler": locale_str("Hide every video until someone clicks it"),
    "moderator_role": locale_str("Who may use /quota-admin and /stats; @everyone: no role"),
    "log_channel": locale_str(
        "Where I post changes and warnings; choose it again to turn this off"
    ),
    "blocked_words": locale_str(
        "Words to block in prompts, also inflected or disguised; separate by commas; "
        "none: clear the list"
    ),
    "announce": locale_str("Notify people when a video that took over a minute is ready"),
    "hide_reported": locale_str(
        "Hide a video until you decide when somebody reports that it shows them"
    ),
    "language": locale_str("The language of public messages; none: the server's own"),
    "others_pictures": locale_str("Whose pictures in messages people may use with Apps › Animate"),
}


def set_command(apply: Apply, models: Models) -> app_commands.Command[Any, ..., None]:
    """Build the command with the options that there is something to choose for."""
    left_out = _left_out(models)
    callback = _callback(apply)
    leave_out(callback, left_out)
    described = {name: text for name, text in _DESCRIPTIONS.items() if name not in left_out}
    callback = app_commands.describe(**described)(callback)
    callback = app_commands.choices(**_choices(models))(callback)
    if models.are_several:
        callback = app_commands.autocomplete(models=ModelLists(models).complete)(callback)
    return app_commands.Command(
        name="set",
        description=locale_str(
            "Change my settings in this server; options you leave out stay as they are"
        ),
        callback=callback,
    )


def _callback(apply: Apply) -> Any:
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
        await apply(interaction, {name: one for name, one in given.items() if one is not None})

    return set_


def _left_out(models: Models) -> set[str]:
    return {
        *(() if models.are_several else ("models", "model")),
        *(() if models.has_kinds else ("highest_price_usd",)),
    }


def _choices(models: Models) -> dict[str, list[Choice[str]]]:
    none = Choice(name=locale_str("none"), value=NONE)
    labels = [Choice(name=one.label, value=one.id) for one in models.offered]
    return {
        **({"model": [*labels, none]} if models.are_several else {}),
        "resolution": [*(Choice(name=one, value=one) for one in models.resolutions), none],
        "language": [*(Choice(name=name, value=tag) for tag, name in languages().items()), none],
        "others_pictures": [
            Choice(name=locale_str("anyone's"), value=OthersPictures.ANYONE.value),
            Choice(name=locale_str("others' if they allow it"), value=OthersPictures.ASK.value),
            Choice(name=locale_str("only their own"), value=OthersPictures.OWN_ONLY.value),
        ],
    }
