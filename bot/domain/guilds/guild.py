"""A server's settings, which its moderators change with `/settings`."""

from dataclasses import dataclass

from bot.domain.consent import OthersPictures
from bot.domain.money import Usd

MOST_CHANNELS = 100
MOST_BLOCKED_WORDS = 200
BLOCKED_WORD_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildSettings:
    """A server's settings; the defaults apply if nothing was set."""

    channels: frozenset[int] = frozenset()
    """The channels that the bot may be used in, with their threads; empty means all."""
    resolution: str | None = None
    """The default resolution; ``None`` means the model's."""
    models: tuple[str, ...] = ()
    """The ids of the models that members may use; empty means all that the operator offers."""
    model: str | None = None
    """The id of the default model; ``None`` means the operator's."""
    highest_price: Usd | None = None
    """The most that one video may cost; ``None`` means no limit."""
    watermark: bool = False
    """Whether it is forced on every video; if false, people choose."""
    spoiler: bool = False
    """Whether it is forced on every video; if false, people choose."""
    moderator_role_id: int | None = None
    log_channel_id: int | None = None
    blocked_words: tuple[str, ...] = ()
    """The words as moderators wrote them; ``bot.domain.words`` compares them."""
    announce: bool = True
    """Whether a person is notified when a video that took over a minute is ready."""
    hide_reported: bool = False
    """Whether a video is hidden until the decision if somebody reports that it shows them."""
    language: str | None = None
    """A Discord locale for public messages; ``None`` means the server's own."""

    others_pictures: OthersPictures = OthersPictures.ANYONE
    """What Apps › Animate may do with pictures in other people's messages."""

    def allows(self, channel_id: int | None, parent_id: int | None = None) -> bool:
        """Whether the bot may be used in a channel, or in a thread of the channel ``parent_id``."""
        return not self.channels or bool(self.channels & {channel_id, parent_id})
