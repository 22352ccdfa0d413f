"""The types of channels ("Channel Types" and "Threads" in Discord's documentation)."""

from sandbox.discord.state.model import ChannelKind

CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)

NO_MESSAGES = {
    ChannelKind.FORUM: 40058,
    ChannelKind.MEDIA: 40058,
    ChannelKind.CATEGORY: 50008,
}
"""Channels without messages of their own, with the refusal of a message."""

POSTS_ONLY = frozenset({ChannelKind.FORUM, ChannelKind.MEDIA})
"""Channels in which a thread begins with a message of its own."""

THREADS_OF = {
    ChannelKind.TEXT: ChannelKind.THREAD,
    ChannelKind.ANNOUNCEMENT: ChannelKind.ANNOUNCEMENT_THREAD,
    ChannelKind.FORUM: ChannelKind.THREAD,
    ChannelKind.MEDIA: ChannelKind.THREAD,
}
"""The type of public threads in the channels that have threads."""
