"""Refusals of a place, and the permissions that the bot lacks there."""

from collections.abc import Sequence

from bot.errors import PlaceProblem, PlaceRefused
from bot.ui.texts.language import _, _n, marked
from bot.ui.texts.measures import listed, some

_PLACES = {
    PlaceProblem.GUILD_NOT_LISTED: marked(
        "I'm only set up for other servers. The bot's owner can add this one."
    ),
    PlaceProblem.DIRECT_MESSAGE: marked(
        "I only make videos in servers. Please use `/animate` in a channel of a server I'm in."
    ),
    PlaceProblem.CHANNEL_NOT_ALLOWED: marked(
        "This server's moderators allow me in other channels only. Please use one of those."
    ),
    PlaceProblem.NOT_INVITED: marked(
        "I'm not in this server, and I only make videos in servers I'm in. Someone "
        "who manages it can invite me."
    ),
    PlaceProblem.UNKNOWN_CHANNEL: marked(
        "I don't know this kind of channel yet, so I can't work here. Please use an "
        "ordinary text channel."
    ),
    PlaceProblem.NO_SERVER: marked(
        "This command only works in a server that I'm in. Please use it there."
    ),
}

_CHANNELS_CHARS = 300


def refused(error: PlaceRefused) -> str:
    """The text for a place in which the bot does not work."""
    if not error.allowed_channel_ids:
        return _(_PLACES[error.problem])
    channels = some([f"<#{one}>" for one in sorted(error.allowed_channel_ids)], _CHANNELS_CHARS)
    return _("In this server, I can only be used in {channels}.").format(channels=channels)


# The names in Discord's own settings.
_PERMISSIONS = {
    "view_channel": marked("View Channel"),
    "send_messages": marked("Send Messages"),
    "send_messages_in_threads": marked("Send Messages in Threads"),
    "attach_files": marked("Attach Files"),
    "embed_links": marked("Embed Links"),
    "read_message_history": marked("Read Message History"),
    "add_reactions": marked("Add Reactions"),
    "connect": marked("Connect"),
}


def permission(name: str) -> str:
    """The name of a permission in Discord's settings."""
    known = _PERMISSIONS.get(name)
    return _(known) if known else name.replace("_", " ").title()


def permissions_missing(missing: Sequence[str]) -> str:
    """The permissions that the bot lacks in a channel, and who can grant them."""
    names = listed(f"**{permission(name)}**" for name in missing)
    return _n(
        "I'm missing a permission in this channel: {names}. Someone who manages "
        "this server can grant it; then try again.",
        "I'm missing some permissions in this channel: {names}. Someone who manages "
        "this server can grant them; then try again.",
        len(missing),
    ).format(names=names)
