"""Interactions: their 3 seconds, their 15 minutes, and the rules for answers."""

import secrets
from datetime import timedelta

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.interaction import (
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    COMPONENT,
    DEFER,
    DEFER_UPDATE,
    MESSAGE,
    MODAL,
    MODAL_SUBMIT,
    UPDATE,
    Interaction,
)
from sandbox.discord.render.interactions import InteractionRenderer
from sandbox.discord.rules.commands import check_choices
from sandbox.discord.rules.modals import check_modal
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import FormErrors, invalid_form, kind_of, problem
from sandbox.discord.rules.validation import allowed_flags, check_message, check_not_empty
from sandbox.discord.state.messages.messages import Messages
from sandbox.discord.state.model import (
    Channel,
    Json,
    Message,
    MessageFlag,
    MessageKind,
    Upload,
    User,
)
from sandbox.discord.state.world import World

LIFE = timedelta(minutes=15)
"""Discord's documentation, "Receiving and Responding"."""
MOST_BY_PERSON = 5
"""Follow-ups if only a person installed the application (from the same page)."""

_ANSWERS = {
    COMMAND: {MESSAGE, DEFER, MODAL},
    COMPONENT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE},
}


class Interactions:
    """All interactions, and the rules for answering them."""

    def __init__(
        self,
        world: World,
        gateway: Gateway,
        messages: Messages,
        renderer: InteractionRenderer,
        *,
        acknowledge: float,
    ) -> None:
        self._world = world
        self.acknowledge = acknowledge
        """Seconds for the first answer to a new interaction."""
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
            patience=self.acknowledge,
        )
        interaction.owners = self._owners(interaction, parent)
        interaction.metadata = self._render.metadata(interaction, parent)
        self._known[interaction.token] = interaction
        self._gateway.dispatch("INTERACTION_CREATE", self._render.sent(interaction))
        return interaction

    def send_again(self, interaction: Interaction) -> None:
        """Send an interaction to the bot a second time, as the gateway may."""
        self._gateway.dispatch("INTERACTION_CREATE", self._render.sent(interaction))

    def _owners(self, interaction: Interaction, parent: Interaction | None) -> Json:
        """Return who installed the application; under a message, as its interaction says."""
        before = (
            parent.metadata if parent else interaction.source and interaction.source.interaction
        )
        if before:
            owners: Json = before["authorizing_integration_owners"]
            return owners
        person, channel = interaction.person, interaction.channel
        owners = {"0": str(channel.guild_id or 0)} if self._world.has_app(channel) else {}
        return owners | ({"1": str(person.id)} if person.has_installed else {})

    def find(self, interaction_id: int) -> Interaction | None:
        """Return an interaction by id, in any state."""
        return next((one for one in self._known.values() if one.id == interaction_id), None)

    @property
    def tokens(self) -> list[str]:
        """Tokens of all interactions; they are secrets while they are valid."""
        return list(self._known)

    # --- the first answer ---------------------------------------------------------------

    def answer(
        self, interaction_id: int, token: str, body: Json, uploads: dict[int, Upload]
    ) -> Interaction:
        """Accept the bot's first answer; 10062 if it is too late, 40060 if it is the second."""
        interaction = self._waiting(interaction_id, token)
        kind = kind_of(body.get("type"))
        if kind is None or kind not in _ANSWERS[interaction.kind]:
            raise invalid_form("type", "INTERACTION_TYPE_INVALID", "Not allowed for this type")
        data = {} if body.get("data") is None else body["data"]
        if not isinstance(data, dict):
            words = "Only dictionaries may be used in a DictType."
            raise invalid_form("data", "DICT_TYPE_CONVERT", words)
        if kind in (MESSAGE, DEFER):
            interaction.message = self._message(interaction, kind, data, uploads)
        elif kind in (DEFER_UPDATE, UPDATE):
            interaction.message = self._update(interaction, kind, data, uploads)
        elif kind == MODAL:
            interaction.modal = self._modal(data)
        else:
            interaction.choices = self._choices(interaction, data)
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
        waited = self._world.clock.now() - interaction.created_at
        if waited > timedelta(seconds=interaction.patience):
            raise problem(10062)
        if interaction.channel.id not in self._world.channels:
            raise problem(10003)
        return interaction

    def _message(
        self, interaction: Interaction, kind: int, data: Json, uploads: dict[int, Upload]
    ) -> Message:
        if kind == DEFER:
            check_message(data, uploads, under="data.")
            if allowed_flags(data) & ~MessageFlag.EPHEMERAL:
                words = "Only the flag EPHEMERAL can be set in a deferral"
                raise invalid_form("data.flags", "BASE_TYPE_CHOICES", words)
            body: Json = {"content": "", "flags": (data.get("flags") or 0)}
            return self._write(interaction, body, {}, loading=True)
        check_message(data, uploads, under="data.")
        check_not_empty(data, uploads)
        return self._write(interaction, data, uploads)

    def _write(
        self,
        interaction: Interaction,
        body: Json,
        uploads: dict[int, Upload],
        *,
        loading: bool = False,
        original: Message | None = None,
    ) -> Message:
        hidden = bool((body.get("flags") or 0) & MessageFlag.EPHEMERAL)
        hidden = hidden or not self._may_show(interaction)
        self._check_place(interaction, uploads)
        kind, parent = self._reply(interaction, original)
        metadata = interaction.metadata
        if original is not None:
            metadata = metadata | {"original_response_message_id": str(original.id)}
        return self._messages.write(
            interaction.channel,
            self._world.bot,
            body,
            uploads,
            seen_only_by=interaction.person if hidden else None,
            interaction=metadata,
            loading=loading,
            reply_to=parent,
            kind=kind,
        )

    def _reply(
        self, interaction: Interaction, original: Message | None
    ) -> tuple[int, Message | None]:
        """Return the type of an answer, and the message that the answer refers to.

        A follow-up replies to the first answer, the answer to a component replies to the message
        of the component, and that to a message's command refers to the command's target.
        """
        parent = original or interaction.source
        origin = interaction.metadata.get("triggering_interaction_metadata", interaction.metadata)
        if parent is not None and not parent.ephemeral:
            return MessageKind.REPLY, parent
        if parent is not None or origin["type"] != COMMAND:
            return MessageKind.DEFAULT, None
        if not {"target_message_id", "target_user"} & set(origin):
            return MessageKind.CHAT_INPUT_COMMAND, None
        target = int(origin.get("target_message_id", 0))
        found = self._world.messages[interaction.channel.id].get(target)
        return MessageKind.CONTEXT_MENU_COMMAND, found

    def _may_show(self, interaction: Interaction) -> bool:
        """Whether others see it: a server decides about applications that its members installed."""
        if not interaction.is_by_person_only or interaction.channel.guild_id is None:
            return True
        granted = self._world.permissions(interaction.person, interaction.channel)
        return bool(granted & Permission.USE_EXTERNAL_APPS)

    def _check_place(self, interaction: Interaction, uploads: dict[int, Upload]) -> None:
        if self._world.is_bot_in(interaction.channel):
            self._messages.access.check_open(interaction.channel, self._world.bot)
        if not uploads:
            return
        granted = self._world.app_permissions(interaction.person, interaction.channel)
        if not granted & Permission.ATTACH_FILES:
            raise problem(50013)
        self._messages.check_sizes(interaction.channel, uploads, interaction.person)

    def _update(
        self, interaction: Interaction, kind: int, data: Json, uploads: dict[int, Upload]
    ) -> Message:
        if interaction.source is None:
            raise invalid_form("type", "INTERACTION_TYPE_INVALID", "There is no message to change")
        if kind == UPDATE:
            self._rewrite(interaction, interaction.source, data, uploads, under="data.")
        return interaction.source

    def _modal(self, data: Json) -> Json:
        errors = FormErrors()
        check_modal(errors, data)
        errors.raise_if_any()
        return data

    def _choices(self, interaction: Interaction, data: Json) -> list[Json]:
        errors = FormErrors()
        check_choices(errors, _focused_kind(interaction.data), data.get("choices"))
        errors.raise_if_any()
        return data.get("choices") or []

    # --- follow-ups and edits, by token -------------------------------------------------

    def by_token(self, token: str) -> Interaction:
        """Return a token's acknowledged interaction; 50027 after 15 minutes, 10015 if unknown."""
        interaction = self._known.get(token)
        if interaction is None or interaction.answer is None:
            raise problem(10015)
        if self._world.clock.now() - interaction.created_at > LIFE:
            raise problem(50027)
        if interaction.channel.id not in self._world.channels:
            raise problem(10015)
        return interaction

    def message_of(self, token: str, message_id: str) -> Message:
        """Return a message that this token can reach: the answer or a follow-up."""
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
        """Send a further message; the first one after a deferred answer replaces it."""
        interaction = self.by_token(token)
        first = interaction.message
        if first is not None and first.loading and not first.deleted:
            check_not_empty(body, uploads)
            return self._rewrite(interaction, first, body, uploads)
        if interaction.is_by_person_only and len(interaction.followups) >= MOST_BY_PERSON:
            raise problem(40094)
        check_message(body, uploads)
        check_not_empty(body, uploads)
        message = self._write(interaction, body, uploads, original=first)
        interaction.followups.append(message)
        return message

    def rewrite(
        self, token: str, message_id: str, body: Json, uploads: dict[int, Upload]
    ) -> Message:
        """Edit the answer or a follow-up."""
        message = self.message_of(token, message_id)
        return self._rewrite(self.by_token(token), message, body, uploads)

    def _rewrite(
        self,
        interaction: Interaction,
        message: Message,
        body: Json,
        uploads: dict[int, Upload],
        *,
        under: str = "",
    ) -> Message:
        self._check_place(interaction, uploads)
        person = interaction.person
        return self._messages.rewrite(message, body, uploads, under=under, person=person)


def _focused_kind(data: Json) -> int | None:
    """Return the type of the option that is being completed, at any depth."""
    for option in data.get("options") or []:
        if option.get("focused"):
            kind: int = option["type"]
            return kind
        inner = _focused_kind(option)
        if inner is not None:
            return inner
    return None
