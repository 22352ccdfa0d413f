"""Names of commands that a press begins."""

import re
from collections.abc import Mapping

_NAME = re.compile(r"`/([a-z-]+(?: [a-z_-]+){0,2})`")


def clickable(words: str, ids: Mapping[str, int]) -> str:
    """Turn the names of commands, such as `/privacy delete`, into mentions of them.

    Args:
        words: what the bot says; in people's own words, backticks are escaped.
        ids: Discord's ids of the commands by their whole names; unknown ones stay as they are.
    """

    def mention(found: re.Match[str]) -> str:
        command_id = ids.get(found[1])
        return found[0] if command_id is None else f"</{found[1]}:{command_id}>"

    return _NAME.sub(mention, words)
