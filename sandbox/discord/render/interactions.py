"""Renders interactions: what the gateway sends, and the answers to callbacks."""

from typing import Any

from sandbox.discord.interaction import (
    COMPONENT,
    DEFER_UPDATE,
    MESSAGE,
    MODAL_SUBMIT,
    UPDATE,
    Interaction,
)
from sandbox.discord.render import entities
from sandbox.discord.render.messages import MessageRenderer
from sandbox.discord.rules.commands import MESSAGE_MENU, USER_MENU
from sandbox.discord.state.model import Channel, ChannelKind, Json
from sandbox.discord.state.world import World


class InteractionRenderer:
    """Renders interaction objects."""

    def __init__(self, world: World, messages: MessageRenderer) -> None:
        self._world = world
        self._messages = messages

    def metadata(self, interaction: Interaction, parent: Interaction | None) -> Json:
        """Render the ``interaction_metadata`` of messages that answer the interaction."""
        body: Json = {
            "id": str(interaction.id),
            "type": interaction.kind,
            "user": entities.user(interaction.person),
            "authorizing_integration_owners": interaction.owners,
        }
        if interaction.kind == COMPONENT and interaction.source is not None:
            body["interacted_message_id"] = str(interaction.source.id)
        if interaction.kind == MODAL_SUBMIT and parent is not None:
            body["triggering_interaction_metadata"] = parent.metadata
        if interaction.data.get("type") == MESSAGE_MENU:
            body["target_message_id"] = interaction.data["target_id"]
        if interaction.data.get("type") == USER_MENU:
            target = self._world.users[int(interaction.data["target_id"])]
            body["target_user"] = entities.user(target)
        return body

    def sent(self, interaction: Interaction) -> Json:
        """Render what the gateway sends."""
        channel, person = interaction.channel, interaction.person
        guild = self._world.guild_of(channel)
        granted = self._world.permissions(person, channel)
        body: Json = {
            "version": 1,
            "type": interaction.kind,
            "token": interaction.token,
            "id": str(interaction.id),
            "application_id": str(self._world.application_id),
            "channel_id": str(channel.id),
            "channel": entities.channel_of_interaction(channel, permissions=granted),
            "data": interaction.data,
            "locale": person.locale,
            "entitlements": [],
            "app_permissions": str(int(self._world.app_permissions(person, channel))),
            "authorizing_integration_owners": interaction.owners,
            "context": context_of(channel),
            "attachment_size_limit": self._world.upload_limit(channel, person),
        }
        if interaction.source is not None:
            body["message"] = self._messages.message(interaction.source)
        if guild is None:
            return body | {"user": entities.user(person)}
        member = entities.member(guild.members[person.id], permissions=granted)
        short = {"id": str(guild.id), "locale": guild.preferred_locale, "features": []}
        return body | {
            "member": member,
            "guild_id": str(guild.id),
            "guild": short,
            "guild_locale": guild.preferred_locale,
        }

    def described(self, interaction: Interaction) -> Json:
        """Render the answer to a callback that asks for one."""
        message = interaction.message
        body: Json = {"id": str(interaction.id), "type": interaction.kind}
        body["channel_id"] = str(interaction.channel.id)
        if interaction.channel.guild_id is not None:
            body["guild_id"] = str(interaction.channel.guild_id)
        if message is None:
            return {"interaction": body}
        body |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
        resource: dict[str, Any] = {
            "type": UPDATE if interaction.answer in (UPDATE, DEFER_UPDATE) else MESSAGE,
            "message": self._messages.message(message),
        }
        return {"interaction": body, "resource": resource}


def context_of(channel: Channel) -> int:
    """Return the context: a server, the bot's direct messages, or another private channel."""
    if channel.guild_id is not None:
        return 0
    return 2 if channel.kind is ChannelKind.GROUP else 1
