"""Messages of the bot that answer an interaction, and what others see of them."""

from sandbox.discord.interaction import COMMAND, DEFER, UPDATE, Interaction
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import invalid_form, problem
from sandbox.discord.rules.validation import allowed_flags, check_message, check_not_empty
from sandbox.discord.state.messages.messages import Messages
from sandbox.discord.state.model import Json, Message, MessageFlag, MessageKind, Upload
from sandbox.discord.state.world import World


class InteractionMessages:
    """Writes and changes the messages of interactions."""

    def __init__(self, world: World, messages: Messages) -> None:
        self._world = world
        self._messages = messages

    def first(
        self, interaction: Interaction, kind: int, data: Json, uploads: dict[int, Upload]
    ) -> Message:
        """Write the first answer, or its placeholder for now."""
        if kind == DEFER:
            check_message(data, uploads, under="data.")
            if allowed_flags(data) & ~MessageFlag.EPHEMERAL:
                words = "Only the flag EPHEMERAL can be set in a deferral"
                raise invalid_form("data.flags", "BASE_TYPE_CHOICES", words)
            body: Json = {"content": "", "flags": (data.get("flags") or 0)}
            return self.write(interaction, body, {}, loading=True)
        check_message(data, uploads, under="data.")
        check_not_empty(data, uploads)
        return self.write(interaction, data, uploads)

    def write(
        self,
        interaction: Interaction,
        body: Json,
        uploads: dict[int, Upload],
        *,
        loading: bool = False,
        original: Message | None = None,
    ) -> Message:
        """Write an answer; ``original``: the first one, which a follow-up replies to."""
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

    def update(
        self, interaction: Interaction, kind: int, data: Json, uploads: dict[int, Upload]
    ) -> Message:
        """Take the message of the component as the answer, changed or as it was."""
        if interaction.source is None:
            raise invalid_form("type", "INTERACTION_TYPE_INVALID", "There is no message to change")
        if kind == UPDATE:
            self.rewrite(interaction, interaction.source, data, uploads, under="data.")
        return interaction.source

    def rewrite(
        self,
        interaction: Interaction,
        message: Message,
        body: Json,
        uploads: dict[int, Upload],
        *,
        under: str = "",
    ) -> Message:
        """Change a message."""
        self._check_place(interaction, uploads)
        person = interaction.person
        return self._messages.rewrite(message, body, uploads, under=under, person=person)
