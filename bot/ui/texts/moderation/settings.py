"""The answer of `/settings show`."""

from collections.abc import Sequence

from bot.domain.consent import OthersPictures
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import Models
from bot.ui.texts import choices
from bot.ui.texts.catalogues import languages
from bot.ui.texts.language import _, marked
from bot.ui.texts.measures import MESSAGE_CHARS, clipped, harmless, listed, some
from bot.ui.texts.refusals.places import permission

_LIST_CHARS = 600
"""Room for the list of channels, and for that of blocked words; the rest is only counted."""


def shown(
    found: GuildSettings,
    *,
    models: Models,
    troubles: Sequence[str],
    watermark_always: bool = False,
) -> str:
    """Return the answer to `/settings show`.

    Args:
        found: the server's settings.
        models: what the operator offers, shown if the server has nothing of its own.
        troubles: what keeps the bot from doing what the settings say.
        watermark_always: the operator wants a watermark on every video.
    """
    lines = _lines(found, models, watermark_always=watermark_always).values()
    title = _("**Settings for this server**")
    return clipped("\n- ".join([title, *lines, *troubles]), MESSAGE_CHARS)


def changed(
    before: GuildSettings,
    found: GuildSettings,
    *,
    models: Models,
    troubles: Sequence[str],
    watermark_always: bool = False,
) -> str:
    """Return the answer to `/settings set`: the settings that were changed, as they are now."""
    lines = _lines(found, models, watermark_always=watermark_always)
    now = [lines[name] for name in lines if getattr(before, name) != getattr(found, name)]
    title = _("Done. This holds now:")
    return clipped("\n- ".join([title, *now, *troubles]), MESSAGE_CHARS)


def cannot_post(channel_id: int, missing: Sequence[str]) -> str:
    """An allowed channel in which the bot cannot deliver a video."""
    return _("⚠️ I can't post videos in {channel}: I'm missing {permissions} there.").format(
        channel=f"<#{channel_id}>", permissions=listed(permission(one) for one in missing)
    )


def _lines(found: GuildSettings, models: Models, *, watermark_always: bool) -> dict[str, str]:
    """Each setting in words, by its field."""
    role = f"<@&{found.moderator_role_id}>" if found.moderator_role_id else _("none")
    channel = f"<#{found.log_channel_id}>" if found.log_channel_id else _("none")
    default = models.shown(found.model or models.default.id)
    resolution = found.resolution or default.default_resolution
    return {
        "channels": _("Allowed channels: {channels}").format(channels=_channels(found)),
        "resolution": _("Default resolution: {resolution}").format(resolution=resolution),
        **_model_lines(found, models),
        "watermark": _("Watermark on every video: {value}").format(
            value=_watermark(found, always=watermark_always)
        ),
        "spoiler": _("Spoiler on every video: {value}").format(value=switched(found.spoiler)),
        "moderator_role_id": _("Moderator role: {role}").format(role=role),
        "log_channel_id": _("Log channel: {channel}").format(channel=channel),
        "blocked_words": _("Blocked words: {words}").format(words=_words(found.blocked_words)),
        "announce": _("Notify people when a slow video is ready: {value}").format(
            value=switched(found.announce)
        ),
        "hide_reported": _("Hide a video that somebody says shows them: {value}").format(
            value=switched(found.hide_reported)
        ),
        "language": _("Language of public messages: {language}").format(
            language=_language(found.language)
        ),
        "others_pictures": _("Pictures that people may use with Apps › Animate: {value}").format(
            value=others_pictures(found.others_pictures)
        ),
    }


def _model_lines(found: GuildSettings, models: Models) -> dict[str, str]:
    """The settings about models and prices, if there is something to choose."""
    allowed = listed(choices.label(one) for one in found.models) if found.models else _("all")
    default = models.shown(found.model or models.default.id).label
    several = {
        "models": _("Models that members may use: {models}").format(models=allowed),
        "model": _("Default model: {model}").format(model=default),
    }
    price = _("no limit") if found.highest_price is None else str(found.highest_price)
    priced = {"highest_price": _("Highest price of a video: {price}").format(price=price)}
    return (several if models.are_several else {}) | (priced if models.has_kinds else {})


def _watermark(found: GuildSettings, *, always: bool) -> str:
    return _("always, set by the bot's owner") if always else switched(found.watermark)


def _language(locale: str | None) -> str:
    return _("the server's own") if locale is None else languages().get(locale, locale)


def others_pictures(value: OthersPictures) -> str:
    """What a server allows with pictures in other people's messages."""
    return _(_OTHERS_PICTURES[value])


_OTHERS_PICTURES = {
    OthersPictures.ANYONE: marked("anyone's"),
    OthersPictures.ASK: marked("others' if they allow it"),
    OthersPictures.OWN_ONLY: marked("only their own"),
}


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
