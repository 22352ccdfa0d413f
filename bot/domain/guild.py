"""What a server's moderators set with `/settings`."""

from dataclasses import dataclass

MOST_CHANNELS = 100
MOST_BLOCKED_WORDS = 200
BLOCKED_WORD_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildSettings:
    """One server's settings; the defaults are what holds where nothing was set."""

    channels: frozenset[int] = frozenset()
    """Where the bot may be used: channels, with their threads. Empty: everywhere."""
    resolution: str | None = None
    """What a request gets that named none; ``None``: the model's default."""
    watermark: bool = False
    """Forced on every video; false leaves it to people."""
    spoiler: bool = False
    """Forced on every video; false leaves it to people."""
    moderator_role_id: int | None = None
    log_channel_id: int | None = None
    blocked_words: tuple[str, ...] = ()
    """As the moderators wrote them; see ``bot.domain.words`` for how they are compared."""
    announce: bool = True
    """A short reply when a video took more than a minute."""
    language: str | None = None
    """A Discord locale for public messages; ``None``: the server's own."""

    def allows(self, channel_id: int | None, parent_id: int | None = None) -> bool:
        """Whether the bot may be used in this channel, or thread of the channel ``parent_id``."""
        return not self.channels or bool(self.channels & {channel_id, parent_id})
