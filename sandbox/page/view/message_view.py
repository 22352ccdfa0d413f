"""Messages as one person sees them: Discord's JSON, with additions for the page."""

from sandbox.discord import Channel, LocalDiscord, Message, Permission, Person
from sandbox.discord.interaction import COMMAND, Interaction
from sandbox.discord.rules.commands import MESSAGE_MENU
from sandbox.discord.state.model import Json
from sandbox.page.view.addresses import Addresses


class MessageView:
    """Renders messages for the person who looks at them."""

    def __init__(self, discord: LocalDiscord, addresses: Addresses) -> None:
        self._discord = discord
        self._addresses = addresses
        self._commands: dict[int, Json] = {}

    def messages(self, person: Person, channel: Channel) -> dict[str, Json]:
        """Return all messages that a person sees in a channel, oldest first, by id."""
        return {str(one.id): self.message(person, one) for one in person.sees(channel)}

    def message(self, person: Person, message: Message) -> Json:
        """Render one message."""
        body: Json = self._addresses.steady(self._discord.messages.rendered(message))
        body["reactions"] = [
            one | {"me": person.id in users}
            for one, users in zip(
                body.get("reactions", []), message.reactions.values(), strict=True
            )
        ]
        if message.interaction is not None:
            body["interaction_metadata"] = message.interaction | self._command(message.interaction)
        mine = message.author is person.user
        return body | {
            "ephemeral": message.ephemeral,
            "loading": message.loading,
            "mine": mine,
            "can_delete": mine or self._may_delete(person, message),
        }

    def _may_delete(self, person: Person, message: Message) -> bool:
        world = self._discord.world
        granted = world.permissions(person.user, world.channels[message.channel_id])
        return not message.ephemeral and bool(granted & Permission.MANAGE_MESSAGES)

    def _command(self, metadata: Json) -> Json:
        """Return the name of the answered command, if any, and whether it is in the Apps menu."""
        origin = metadata.get("triggering_interaction_metadata") or metadata
        command_id = int(origin["id"])
        if command_id not in self._commands:
            found = self._discord.interactions.find(command_id)
            self._commands[command_id] = {
                "name": command_name(found) if found else None,
                "menu": found is not None and found.data.get("type") == MESSAGE_MENU,
            }
        return self._commands[command_id]


def command_name(interaction: Interaction) -> str | None:
    """Return the command's full name, such as ``quota-admin show``; ``None`` for other kinds."""
    if interaction.kind != COMMAND:
        return None
    words, options = [interaction.data["name"]], interaction.data.get("options") or []
    while options and options[0]["type"] in (1, 2):
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(words)
