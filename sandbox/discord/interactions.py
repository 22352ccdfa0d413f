"""Interactions: their 3 seconds, their 15 minutes, and how they may be answered."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.discord import render
from sandbox.discord.components import check_modal
from sandbox.discord.gateway import Gateway
from sandbox.discord.messages import Messages
from sandbox.discord.model import Channel, Json, Message, MessageFlag, Upload, User
from sandbox.discord.permissions import Permission
from sandbox.discord.problems import FormErrors, invalid_form, problem
from sandbox.discord.render_message import MessageRenderer
from sandbox.discord.validation import check_message, check_not_empty
from sandbox.discord.world import World

ACKNOWLEDGE = timedelta(seconds=3)
LIFE = timedelta(minutes=15)
"""Discord's documentation, "Receiving and Responding"."""

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
"""Types of interactions."""

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
"""Types of answers."""

_ANSWERS = {
    COMMAND: {MESSAGE, DEFER, MODAL},
    COMPONENT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE},
}


class DidNotRespond(Exception):
    """What a person reads as "The application did not respond": three seconds went by."""


@dataclass(slots=True, kw_only=True, eq=False)
class Interaction:
    """One interaction of a person with the bot, as it stands now."""

    id: int
    token: str = field(repr=False)
    kind: int
    person: User
    channel: Channel
    data: Json
    created_at: datetime
    source: Message | None = None
    """The message whose button or menu it was."""
    answer: int | None = None
    """The type of the first answer; ``None`` until it is acknowledged."""
    answered_at: datetime | None = None
    message: Message | None = None
    """The answer, where it is a message (or changes the one it came from)."""
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None
    metadata: Json = field(default_factory=dict)
    world: World = field(repr=False)

    @property
    def ephemeral(self) -> bool:
        return self.message is not None and self.message.ephemeral

    @property
    def acknowledged_after(self) -> float | None:
        """Seconds by the sandbox's clock; ``None`` as long as nothing came."""
        if self.answered_at is None:
            return None
        return (self.answered_at - self.created_at).total_seconds()

    async def acknowledged(self, within: float = 3.5) -> "Interaction":
        """Wait for the first answer.

        Raises:
            DidNotRespond: none came in time.
        """
        try:
            await self.world.changes.until(lambda: self.answer is not None, within)
        except TimeoutError:
            raise DidNotRespond(f"{self.data.get('name') or self.data.get('custom_id')}") from None
        return self


class Interactions:
    """All interactions, and the rules for answering them."""

    def __init__(
        self, world: World, gateway: Gateway, messages: Messages, renderer: MessageRenderer
    ) -> None:
        self._world = world
        self._gateway = gateway
        self._messages = messages
        self._render = renderer
        self._known: dict[str, Interaction] = {}

    # --- beginning ----------------------------------------------------------------------

    def begin(
        self,
        kind: int,
        person: User,
        channel: Channel,
        data: Json,
        source: Message | None = None,
        parent: Interaction | None = None,
    ) -> Interaction:
        """Make an interaction and send it to the bot."""
        interaction = Interaction(
            id=self._world.ids.next(),
            token=f"interaction-{secrets.token_urlsafe(24)}",
            kind=kind,
            person=person,
            channel=channel,
            data=data,
            created_at=self._world.clock.now(),
            source=source,
            world=self._world,
        )
        interaction.metadata = self._metadata(interaction, parent)
        self._known[interaction.token] = interaction
        self._gateway.dispatch("INTERACTION_CREATE", self._payload(interaction))
        return interaction

    def _metadata(self, interaction: Interaction, parent: Interaction | None) -> Json:
        body: Json = {
            "id": str(interaction.id),
            "type": interaction.kind,
            "user": render.user(interaction.person),
            "authorizing_integration_owners": self._owners(interaction.channel),
        }
        if interaction.kind == COMPONENT and interaction.source is not None:
            body["interacted_message_id"] = str(interaction.source.id)
        if interaction.kind == MODAL_SUBMIT and parent is not None:
            body["triggering_interaction_metadata"] = parent.metadata
        if interaction.kind == COMMAND and "target_id" in interaction.data:
            body["target_message_id"] = str(interaction.data["target_id"])
        return body

    def _owners(self, channel: Channel) -> Json:
        return {"0": str(channel.guild_id or 0)}

    def _payload(self, interaction: Interaction) -> Json:
        """What the gateway sends."""
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
            "channel": render.channel(channel) | {"permissions": str(int(granted))},
            "data": interaction.data,
            "locale": "en-US",
            "entitlements": [],
            "app_permissions": str(int(self._world.permissions(self._world.bot, channel))),
            "authorizing_integration_owners": self._owners(channel),
            "context": 1 if guild is None else 0,
            "attachment_size_limit": self._world.upload_limit(channel, person),
        }
        if interaction.source is not None:
            body["message"] = self._render.message(interaction.source)
        if guild is None:
            return body | {"user": render.user(person)}
        member = render.member(guild.members[person.id], permissions=granted)
        short = {"id": str(guild.id), "locale": "en-US", "features": []}
        return body | {
            "member": member,
            "guild_id": str(guild.id),
            "guild": short,
            "guild_locale": "en-US",
        }

    # --- the first answer ---------------------------------------------------------------

    def answer(
        self, interaction_id: int, token: str, body: Json, uploads: dict[int, Upload]
    ) -> Interaction:
        """Take the bot's first answer; 10062 when it is too late, 40060 when it is the second."""
        interaction = self._waiting(interaction_id, token)
        kind = body.get("type")
        if kind not in _ANSWERS[interaction.kind]:
            raise invalid_form("type", "INTERACTION_TYPE_INVALID", "Not allowed for this type")
        data: Json = body.get("data") or {}
        if kind in (MESSAGE, DEFER):
            interaction.message = self._message(interaction, kind, data, uploads)
        elif kind in (DEFER_UPDATE, UPDATE):
            interaction.message = self._update(interaction, kind, data, uploads)
        elif kind == MODAL:
            interaction.modal = self._modal(data)
        else:
            interaction.choices = self._choices(data)
        interaction.answer = kind
        interaction.answered_at = self._world.clock.now()
        self._world.changes.announce()
        return interaction

    def _waiting(self, interaction_id: int, token: str) -> Interaction:
        interaction = self._known.get(token)
        if interaction is None or interaction.id != interaction_id:
            raise problem(10062)
        if interaction.answer is not None:
            raise problem(40060)
        if self._world.clock.now() - interaction.created_at > ACKNOWLEDGE:
            raise problem(10062)
        return interaction

    def _message(
        self, interaction: Interaction, kind: int, data: Json, uploads: dict[int, Upload]
    ) -> Message:
        if kind == DEFER:
            body: Json = {"content": "", "flags": (data.get("flags") or 0)}
            message = self._write(interaction, body, {})
            message.flags |= MessageFlag.LOADING
            return message
        check_message(data, uploads, under="data.")
        check_not_empty(data, uploads)
        return self._write(interaction, data, uploads)

    def _write(self, interaction: Interaction, body: Json, uploads: dict[int, Upload]) -> Message:
        hidden = bool((body.get("flags") or 0) & MessageFlag.EPHEMERAL)
        self._may_attach(interaction, uploads)
        return self._messages.write(
            interaction.channel,
            self._world.bot,
            body,
            uploads,
            seen_only_by=interaction.person if hidden else None,
            interaction=interaction.metadata,
        )

    def _may_attach(self, interaction: Interaction, uploads: dict[int, Upload]) -> None:
        if not uploads:
            return
        granted = self._world.permissions(self._world.bot, interaction.channel)
        if not granted & Permission.ATTACH_FILES:
            raise problem(50013)
        self._messages.check_sizes(interaction.channel, uploads, interaction.person)

    def _update(
        self, interaction: Interaction, kind: int, data: Json, uploads: dict[int, Upload]
    ) -> Message:
        if interaction.source is None:
            raise invalid_form("type", "INTERACTION_TYPE_INVALID", "There is no message to change")
        if kind == UPDATE:
            self._may_attach(interaction, uploads)
            self._messages.rewrite(interaction.source, data, uploads, under="data.")
        return interaction.source

    def _modal(self, data: Json) -> Json:
        errors = FormErrors()
        check_modal(errors, data)
        errors.raise_if_any()
        return data

    def _choices(self, data: Json) -> list[Json]:
        choices: list[Json] = data.get("choices") or []
        errors = FormErrors()
        errors.length("data.choices", choices, 0, 25)
        for index, choice in enumerate(choices):
            errors.length(f"data.choices.{index}.name", choice.get("name", ""), 1, 100)
        errors.raise_if_any()
        return choices

    # --- afterwards, by the token -------------------------------------------------------

    def by_token(self, token: str) -> Interaction:
        """The acknowledged interaction of a token; 50027 after 15 minutes, 10015 if unknown."""
        interaction = self._known.get(token)
        if interaction is None or interaction.answer is None:
            raise problem(10015)
        if self._world.clock.now() - interaction.created_at > LIFE:
            raise problem(50027)
        return interaction

    def message_of(self, token: str, message_id: str) -> Message:
        """A message that may be reached by this token: the answer or a follow-up."""
        interaction = self.by_token(token)
        if message_id == "@original":
            found = interaction.message
        else:
            mine = [interaction.message, *interaction.followups]
            found = next((one for one in mine if one and str(one.id) == message_id), None)
        if found is None or found.deleted:
            raise problem(10008)
        return found

    def follow_up(self, token: str, body: Json, uploads: dict[int, Upload]) -> Message:
        """A further message; the first one after a deferred answer takes its place."""
        interaction = self.by_token(token)
        first = interaction.message
        if first is not None and first.loading and not first.deleted:
            self._may_attach(interaction, uploads)
            check_not_empty(body, uploads)
            return self._messages.rewrite(first, body, uploads)
        check_message(body, uploads)
        check_not_empty(body, uploads)
        message = self._write(interaction, body, uploads)
        interaction.followups.append(message)
        return message

    def rewrite(
        self, token: str, message_id: str, body: Json, uploads: dict[int, Upload]
    ) -> Message:
        """Change the answer or a follow-up."""
        message = self.message_of(token, message_id)
        self._may_attach(self.by_token(token), uploads)
        return self._messages.rewrite(message, body, uploads)

    def described(self, interaction: Interaction) -> Json:
        """The answer to a callback that asked for one."""
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
            "message": self._render.message(message),
        }
        return {"interaction": body, "resource": resource}
