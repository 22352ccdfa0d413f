"""The answer of `/settings show`."""

from collections.abc import Sequence

from bot.domain.guild import GuildSettings
from bot.ui.texts.catalogues import languages
from bot.ui.texts.language import _
from bot.ui.texts.measures import MESSAGE_CHARS, clipped, harmless, some

_LIST_CHARS = 600
"""Room for the list of channels, and for that of blocked words; the rest is only counted."""


def shown(
    found: GuildSettings,
    *,
    default_resolution: str,
    trouble: str | None,
    watermark_always: bool = False,
) -> str:
    """The answer of `/settings show`.

    Args:
        found: the server's settings.
        default_resolution: the model's, shown if the server has none.
        trouble: what is wrong with the log channel, if anything.
        watermark_always: the operator wants a watermark on every video.
    """
    lines = [
        _("Allowed channels: {channels}").format(channels=_channels(found)),
        _("Default resolution: {resolution}").format(
            resolution=found.resolution or default_resolution
        ),
        _("Watermark on every video: {value}").format(
            value=_watermark(found, always=watermark_always)
        ),
        _("Spoiler on every video: {value}").format(value=switched(found.spoiler)),
        _("Moderator role: {role}").format(
            role=f"<@&{found.moderator_role_id}>" if found.moderator_role_id else _("none")
        ),
        _("Log channel: {channel}").format(
            channel=f"<#{found.log_channel_id}>" if found.log_channel_id else _("none")
        ),
        _("Blocked words: {words}").format(words=_words(found.blocked_words)),
        _("Notify people when a slow video is ready: {value}").format(
            value=switched(found.announce)
        ),
        _("Language of public messages: {language}").format(language=_language(found.language)),
    ]
    if trouble:
        lines.append(trouble)
    return clipped("\n- ".join([_("**Settings for this server**"), *lines]), MESSAGE_CHARS)


def _watermark(found: GuildSettings, *, always: bool) -> str:
    return _("always, set by the bot's owner") if always else switched(found.watermark)


def _language(locale: str | None) -> str:
    return _("the server's own") if locale is None else languages().get(locale, locale)


def _channels(found: GuildSettings) -> str:
    if not found.channels:
        return _("all")
    return some([f"<#{one}>" for one in sorted(found.channels)], _LIST_CHARS)


def switched(value: bool) -> str:
    """The words "on" and "off"."""
    return _("on") if value else _("off")


def _words(words: Sequence[str]) -> str:
    if not words:
        return _("none")
    return some([f"||{harmless(word)}||" for word in words], _LIST_CHARS)
