"""A server's settings: their bounds."""

from bot.domain.guild import BLOCKED_WORD_CHARS, MOST_BLOCKED_WORDS, MOST_CHANNELS, GuildSettings
from bot.errors import OptionRefused


def check(settings: GuildSettings) -> None:
    """
    Raises:
        OptionRefused: too many channels or words, or a word that is too long.
    """
    _at_most("channel_add", len(settings.channels), MOST_CHANNELS)
    _at_most("blocked_words", len(settings.blocked_words), MOST_BLOCKED_WORDS)
    for word in settings.blocked_words:
        _at_most("blocked_words", len(word), BLOCKED_WORD_CHARS)


def _at_most(option: str, given: int, most: int) -> None:
    if given > most:
        raise OptionRefused(option, given=given, allowed=(0, most))
