"""Simulates a person: what they do in Discord's own client, and what they see there."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sandbox.discord.interaction import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
)
from sandbox.discord.interactions import Interactions
from sandbox.discord.people.drafts import CommandDrafts
from sandbox.discord.people.element_lookup import find_button, find_select
from sandbox.discord.people.modals import ModalForm
from sandbox.discord.people.options import ClientRefused
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import Problem
from sandbox.discord.state.messages.messages import Messages
from sandbox.discord.state.messages.reactions import Reactions
from sandbox.discord.state.model import Channel, Json, Message, Upload, User
from sandbox.discord.state.world import World

__all__ = ["ClientRefused", "Person"]

_Found = TypeVar("_Found")


class Person:
    """Somebody who uses Discord's client."""

    def __init__(
        self,
        user: User,
        *,
        world: World,
        messages: Messages,
        reactions: Reactions,
        interactions: Interactions,
        drafts: CommandDrafts,
    ) -> None:
        self.user = user
        self._world = world
        self._messages = messages
        self._reactions = reactions
        self._interactions = interactions
        self._drafts = drafts

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    # --- commands -----------------------------------------------------------------------

    async def command(
        self,
        name: str,
        /,
        *,
        channel: str | Channel = "general",
        wait: bool = True,
        raw: bool = False,
        **options: Any,
    ) -> Interaction:
        """Use a slash command; ``quota-admin show`` names a subcommand.

        Options are keyword arguments; one called ``channel``, ``wait`` or ``raw`` goes into
        ``options={…}``.

        Raises:
            ClientRefused: the client would not send it; ``raw`` sends it anyway.
            DidNotRespond: no acknowledgement within 3 s.
        """
        given = {**options.pop("options", {}), **options}
        where = self._place(channel)
        data = self._drafts.command(self.user, name, where, given, raw=raw)
        return await self._sent(self._begin(COMMAND, where, data), wait=wait)

    async def menu(
        self,
        name: str,
        target: "Message | User | Person",
        *,
        channel: str | Channel = "general",
        wait: bool = True,
        raw: bool = False,
    ) -> Interaction:
        """Choose a command from the Apps menu of a message, or of somebody in a channel."""
        target = target.user if isinstance(target, Person) else target
        where = self._place(channel)
        if isinstance(target, Message):
            where = self._world.channels[target.channel_id]
        data = self._drafts.menu(self.user, name, where, target, raw=raw)
        return await self._sent(self._begin(COMMAND, where, data), wait=wait)

    async def complete(
        self,
        name: str,
        option: str,
        typed: str | float,
        /,
        *,
        channel: str | Channel = "general",
        **options: Any,
    ) -> list[Json]:
        """Type into an option with autocomplete; return the choices offered.

        Other options are keyword arguments, or go into ``options={…}``, as in `command`.
        """
        where = self._place(channel)
        given = {**options.pop("options", {}), **options, option: typed}
        data = self._drafts.command(self.user, name, where, given, raw=False, focused=option)
        shown = await self._begin(AUTOCOMPLETE, where, data).acknowledged()
        return shown.choices or []

    def offered(self, channel: str | Channel = "general") -> list[str]:
        """Return the names of the slash commands that Discord offers this person in a channel."""
        return self._drafts.offered(self.user, self._place(channel))

    # --- components and modals ----------------------------------------------------------

    async def press(self, message: Message, button: str, *, wait: bool = True) -> Interaction:
        """Press a button, given by its custom_id, label or emoji."""
        self._check_visible(message)
        part = find_button(message, button)
        if part.get("disabled"):
            raise ClientRefused("the button {name} is disabled", name=button)
        data: Json = {"component_type": 2, "custom_id": part["custom_id"], "id": part["id"]}
        return await self._component(message, data, wait=wait)

    async def select(
        self, message: Message, menu: str, values: Sequence[Any], *, wait: bool = True
    ) -> Interaction:
        """Choose in a select menu, given by custom_id or placeholder.

        Options are given by value or label; people, roles and channels as themselves, by id or by
        name.
        """
        self._check_visible(message)
        part = find_select(message, menu)
        if part.get("disabled"):
            raise ClientRefused("the menu {name} is disabled", name=menu)
        picker = self._drafts.picker(self.user, self._world.channels[message.channel_id])
        data: Json = {
            "component_type": part["type"],
            "custom_id": part["custom_id"],
            "id": part["id"],
            "values": picker.pick(part, values),
        }
        if picker.resolved.data:
            data["resolved"] = picker.resolved.data
        return await self._component(message, data, wait=wait)

    async def submit_modal(
        self,
        interaction: Interaction,
        fields: dict[str, Any] | None = None,
        *,
        wait: bool = True,
        raw: bool = False,
    ) -> Interaction:
        """Fill in the modal that an interaction opened, and submit it; fields by custom_id.

        Omitted fields keep their initial value; files are given as a list of `Upload`. ``raw``
        skips the client's checks.
        """
        if interaction.modal is None:
            raise ClientRefused("no modal is open")
        if interaction.person is not self.user:
            raise ClientRefused("the modal is open for somebody else")
        picker = self._drafts.picker(self.user, interaction.channel)
        data = ModalForm(interaction.modal, picker, raw=raw).fill_in(fields or {})
        sent = self._interactions.begin(
            MODAL_SUBMIT,
            self.user,
            interaction.channel,
            data,
            interaction.source,
            parent=interaction,
        )
        return await self._sent(sent, wait=wait)

    async def _component(self, message: Message, data: Json, *, wait: bool) -> Interaction:
        where = self._world.channels[message.channel_id]
        sent = self._interactions.begin(COMPONENT, self.user, where, data, message)
        return await self._sent(sent, wait=wait)

    def _begin(self, kind: int, where: Channel, data: Json) -> Interaction:
        return self._interactions.begin(kind, self.user, where, data)

    async def _sent(self, interaction: Interaction, *, wait: bool) -> Interaction:
        return await interaction.acknowledged() if wait else interaction

    # --- messages and reactions ---------------------------------------------------------

    async def say(
        self,
        channel: str | Channel,
        words: str,
        *uploads: Upload,
        reply_to: Message | None = None,
    ) -> Message:
        """Write a message."""
        where = self._place(channel)
        body: Json = {"content": words}
        if reply_to is not None:
            body["message_reference"] = {"message_id": str(reply_to.id)}
        return self._posted(where, body, *uploads)

    async def forward(self, message: Message, channel: str | Channel) -> Message:
        """Forward a message to a channel."""
        self._check_visible(message)
        pointer = {"message_id": str(message.id), "channel_id": str(message.channel_id)}
        return self._posted(self._place(channel), {"message_reference": {"type": 1} | pointer})

    def _posted(self, where: Channel, body: Json, *uploads: Upload) -> Message:
        try:
            return self._messages.post(where, self.user, body, dict(enumerate(uploads)))
        except Problem as refused:
            raise ClientRefused(refused.message) from refused

    async def react(self, message: Message, emoji: str) -> None:
        """React to a message."""
        self._check_visible(message)
        if message.ephemeral:
            raise ClientRefused("nobody can react to an ephemeral message")
        try:
            self._reactions.react(message, self.user, emoji)
        except Problem as refused:
            raise ClientRefused(refused.message) from refused

    async def unreact(self, message: Message, emoji: str) -> None:
        """Remove one's own reaction."""
        self._reactions.unreact(message, self.user, emoji)

    async def delete(self, message: Message) -> None:
        """Delete one's own message, or any with Manage Messages; or dismiss an ephemeral one."""
        self._check_visible(message)
        granted = self._world.permissions(self.user, self._world.channels[message.channel_id])
        own = message.author is self.user or message.seen_only_by == self.user.id
        if not own and not granted & Permission.MANAGE_MESSAGES:
            raise ClientRefused("{person} may not delete this message", person=self.name)
        self._messages.delete(message)

    # --- seeing -------------------------------------------------------------------------

    def sees(self, channel: str | Channel = "general") -> list[Message]:
        """Return the messages of a channel that this person sees, oldest first."""
        where = self._place(channel)
        if not self._world.may_see(self.user, where):
            return []
        everything = self._world.messages.get(where.id, {}).values()
        return [one for one in everything if one.seen_only_by in (None, self.user.id)]

    def direct_messages(self) -> list[Message]:
        """Return the messages between this person and the bot, oldest first."""
        return self.sees(self._world.direct_channel(self.user))

    async def wait_for(
        self,
        wanted: Callable[[list[Message]], _Found],
        within: float = 30.0,
        *,
        channel: str | Channel = "general",
    ) -> _Found:
        """Wait until ``wanted``, called with the messages seen, returns something true; return
        that.

        Raises:
            TimeoutError: it did not within ``within`` real seconds.
        """
        found: list[_Found] = []

        def holds() -> bool:
            found[:] = [wanted(self.sees(channel))]
            return bool(found[0])

        await self._world.changes.until(holds, within)
        return found[0]

    def _place(self, channel: str | Channel) -> Channel:
        if channel == "@me":
            return self._world.direct_channel(self.user)
        return self._world.channel(channel)

    def _check_visible(self, message: Message) -> None:
        if message.deleted or message not in self.sees(self._world.channels[message.channel_id]):
            raise ClientRefused("{person} cannot see this message", person=self.name)
