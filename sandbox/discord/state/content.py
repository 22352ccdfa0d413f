"""What an application gets of other people's messages: the privileged intent MESSAGE_CONTENT.

Discord's documentation: developers/events/gateway.mdx, "Message Content Intent", and
developers/gateway/you-might-not-need-a-privileged-intent.mdx. Over HTTP the switch of the
application decides, whatever a client asked the gateway for.
"""

from sandbox.discord.gateway.intents import Intent
from sandbox.discord.state.model import Json

# Where an intent is switched on for an application in fewer than 100 servers.
_FLAGS = {
    Intent.GUILD_PRESENCES: 1 << 13,
    Intent.GUILD_MEMBERS: 1 << 15,
    Intent.MESSAGE_CONTENT: 1 << 19,
}
# `poll` is left out as well; there are none here, nor messages that are forwarded.
_EMPTY: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


def reads_content(intents: int) -> bool:
    """Whether these show what is in everybody's messages."""
    return bool(intents & Intent.MESSAGE_CONTENT)


def application_flags(intents: int) -> int:
    """The application's ``flags`` where these privileged intents are switched on."""
    return sum(flag for intent, flag in _FLAGS.items() if intents & intent)


def without_content(body: Json, bot_id: int) -> Json:
    """A message of a server as it comes without the intent; so does the one that it replies to.

    The bot's own messages and those that mention it come whole.
    """
    parent = body.get("referenced_message")
    if parent:
        body = body | {"referenced_message": without_content(parent, bot_id)}
    if body["author"]["id"] == str(bot_id) or _mentions(body, bot_id):
        return body
    return body | _EMPTY


def _mentions(body: Json, bot_id: int) -> bool:
    """By name, or by a reply that pings; a reply to a command's answer does not count."""
    if all(one["id"] != str(bot_id) for one in body["mentions"]):
        return False
    parent = body.get("referenced_message") or {}
    return "interaction_metadata" not in parent or str(bot_id) in body["content"]
