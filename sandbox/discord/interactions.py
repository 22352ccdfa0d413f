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
from sandbox.discord.interaction_messages import InteractionMessages
from sandbox.discord.render.interactions import InteractionRenderer
from sandbox.discord.rules.commands import check_choices
from sandbox.discord.rules.modals import check_modal
from sandbox.discord.rules.problems import FormErrors, invalid_form, kind_of, problem
from sandbox.discord.rules.validation import check_message, check_not_empty
from sandbox.discord.state.messages.messages import Messages
from sandbox.discord.state.model import (
    Channel,
    Json,
    Message,
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
        self._answers = InteractionMessages(world, messages)
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
            interaction.message = self._answers.first(interaction, kind, data, uploads)
        elif kind in (DEFER_UPDATE, UPDATE):
            interaction.message = self._answers.update(interaction, kind, data, uploads)
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
            return self._answers.rewrite(interaction, first, body, uploads)
        if interaction.is_by_person_only and len(interaction.followups) >= MOST_BY_PERSON:
            raise problem(40094)
        check_message(body, uploads)
        check_not_empty(body, uploads)
        message = self._answers.write(interaction, body, uploads, original=first)
        interaction.followups.append(message)
        return message

    def rewrite(
        self, token: str, message_id: str, body: Json, uploads: dict[int, Upload]
    ) -> Message:
        """Edit the answer or a follow-up."""
        message = self.message_of(token, message_id)
        return self._answers.rewrite(self.by_token(token), message, body, uploads)


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
