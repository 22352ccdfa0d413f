"""Which message content an application gets: the privileged intent MESSAGE_CONTENT.

Discord's documentation: developers/events/gateway.mdx, "Message Content Intent", and
developers/gateway/you-might-not-need-a-privileged-intent.mdx. Over HTTP, the application's switch
decides, whatever intents a client sent to the gateway.
"""

from sandbox.discord.gateway.intents import Intent
from sandbox.discord.state.model import Json

# Flags for intents that are switched on for an application in fewer than 100 servers.
_FLAGS = {
    Intent.GUILD_PRESENCES: 1 << 13,
    Intent.GUILD_MEMBERS: 1 << 15,
    Intent.MESSAGE_CONTENT: 1 << 19,
}
_EMPTY: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


def reads_content(intents: int) -> bool:
    """Whether these intents include the content of all messages."""
    return bool(intents & Intent.MESSAGE_CONTENT)


def application_flags(intents: int) -> int:
    """Return the application's ``flags`` for these privileged intents."""
    return sum(flag for intent, flag in _FLAGS.items() if intents & intent)


def without_content(body: Json, bot_id: int) -> Json:
    """Remove the content of a server's message, and of the message that it replies to.

    The bot's own messages and those that mention it stay complete.
    """
    parent = body.get("referenced_message")
    if parent:
        body = body | {"referenced_message": without_content(parent, bot_id)}
    if is_readable(body, bot_id):
        return body
    body = {key: value for key, value in body.items() if key != "poll"}
    snapshots = [{"message": one["message"] | _EMPTY} for one in body.get("message_snapshots", [])]
    return body | _EMPTY | ({"message_snapshots": snapshots} if snapshots else {})


def is_readable(body: Json, bot_id: int) -> bool:
    """Whether the bot gets the content of this message without the intent."""
    return body["author"]["id"] == str(bot_id) or _mentions(body, bot_id)


def _mentions(body: Json, bot_id: int) -> bool:
    """Whether a message mentions the bot; a reply to a command's answer does not count."""
    if all(one["id"] != str(bot_id) for one in body["mentions"]):
        return False
    parent = body.get("referenced_message") or {}
    return "interaction_metadata" not in parent or str(bot_id) in body["content"]
