"""Ops: the actions of a tab, which are the interface to the browser's part.

An op is a JSON object ``{"op": name, "ref": number, …}``; the return value of its method becomes
part of the answer. Messages of `Refused` and `ClientRefused` are shown to the person unchanged.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from cachetools import FIFOCache

from sandbox.discord import Channel, Interaction, LocalDiscord, Message, Person, User
from sandbox.discord.state.model import Json
from sandbox.page import frames
from sandbox.page.frames import Refused
from sandbox.page.panel.panel import Panel
from sandbox.page.panel.switches import Switches
from sandbox.page.uploads import Uploads
from sandbox.page.values import Values
from sandbox.page.view import page_state

Op = Callable[[Json], Awaitable[Json]]
_MODALS_OPEN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What all tabs share."""

    discord: LocalDiscord
    uploads: Uploads
    switches: Switches
    panel: Panel


class Ops:
    """The ops of one tab, which shows ``channel`` as ``person`` sees it."""

    def __init__(
        self, context: PageContext, *, modal: Callable[[Interaction], Awaitable[None]]
    ) -> None:
        self._discord = context.discord
        self._uploads = context.uploads
        self._switches = context.switches
        self._panel = context.panel
        self._values = Values(context.discord, context.uploads)
        self._open_modal = modal
        self._modals = FIFOCache[str, Interaction](_MODALS_OPEN)
        self.person: Person = page_state.people(context.discord)[0]
        self.channel: Channel = self._default(self.person)
        self._at_discord: Mapping[str, Op] = {
            "command": self._command,
            "menu": self._menu,
            "complete": self._complete,
            "press": self._press,
            "select": self._select,
            "submit": self._submit,
            "react": self._react,
            "unreact": self._unreact,
            "say": self._say,
            "delete": self._delete,
            "type": self._type,
        }
        self._elsewhere: Mapping[str, Op] = {
            "look": self._look,
            "language": self._language,
            "dismiss": self._dismiss,
            "cancel_modal": self._cancel_modal,
            "switch": self._switch,
            "bot": self._bot,
        }

    async def do(self, frame: Json) -> Json:
        """Carry out the op of a frame.

        Raises:
            Refused, ClientRefused, DidNotRespond, Problem: it cannot be done.
        """
        name = frames.text(frame, "op")
        if name in self._elsewhere:
            return await self._elsewhere[name](frame)
        if name not in self._at_discord:
            raise Refused("there is no op {name}", name=name)
        if self._discord.away:
            raise Refused("Discord is away. It comes back by itself.")
        return await self._at_discord[name](frame)

    # --- looking ------------------------------------------------------------------------

    async def _look(self, frame: Json) -> Json:
        name = frames.text(frame, "person")
        found = [one for one in page_state.people(self._discord) if one.name == name]
        if not found:
            raise Refused("There is nobody called {name}.", name=name)
        person = found[0]
        there = None if frame.get("channel") is None else self._place(frame, person)
        self.person, self.channel = person, there or self._default(person)
        return {}

    async def _language(self, frame: Json) -> Json:
        locale = frames.text(frame, "locale")
        if locale not in page_state.languages(self._discord):
            raise Refused("The bot does not speak this language.")
        self.person.user.locale = locale
        self._discord.world.changes.announce()
        return {}

    def _default(self, person: Person) -> Channel:
        return page_state.channels(self._discord, person)[0]

    def stay_seeing(self) -> None:
        """Switch to another channel if this one is gone, or closed to this person."""
        if self.channel not in page_state.channels(self._discord, self.person):
            self.channel = self._default(self.person)

    def _place(self, frame: Json, person: Person | None = None) -> Channel:
        wanted = frames.snowflake(frame, "channel")
        for channel in page_state.channels(self._discord, person or self.person):
            if channel.id == wanted:
                return channel
        raise Refused("This channel no longer exists.")

    def _message(self, frame: Json, name: str = "message") -> Message:
        wanted = frames.snowflake(frame, name)
        for channel in page_state.channels(self._discord, self.person):
            message = self._discord.world.messages[channel.id].get(wanted)
            if message is not None and message.seen_only_by in (None, self.person.id):
                return message
        raise Refused("This message no longer exists.")

    # --- interactions -------------------------------------------------------------------

    async def _command(self, frame: Json) -> Json:
        name, where = frames.text(frame, "name"), self._place(frame)
        options = self._values.read(name, where, frames.mapping(frame, "options"))
        used = await self.person.command(name, channel=where, options=options)
        return await self._acknowledged(used)

    async def _menu(self, frame: Json) -> Json:
        name = frames.text(frame, "name")
        if frame.get("user") is None:
            used = await self.person.menu(name, self._message(frame))
        else:
            where = self._place(frame)
            used = await self.person.menu(name, self._user(frame), channel=where)
        return await self._acknowledged(used)

    def _user(self, frame: Json) -> User:
        user = self._discord.world.users.get(frames.snowflake(frame, "user"))
        if user is None:
            raise Refused("{name} no longer exists.", name="user")
        return user

    async def _complete(self, frame: Json) -> Json:
        name, option = frames.text(frame, "name"), frames.text(frame, "option")
        where = self._place(frame)
        options = self._values.read(name, where, frames.mapping(frame, "options"))
        typed = frames.text(frame, "typed")
        choices = await self.person.complete(name, option, typed, channel=where, options=options)
        return {"choices": choices}

    async def _press(self, frame: Json) -> Json:
        message, button = self._message(frame), frames.text(frame, "custom_id")
        return await self._acknowledged(await self.person.press(message, button))

    async def _select(self, frame: Json) -> Json:
        message, menu = self._message(frame), frames.text(frame, "custom_id")
        used = await self.person.select(message, menu, frames.texts(frame, "values"))
        return await self._acknowledged(used)

    async def _acknowledged(self, interaction: Interaction) -> Json:
        own_id = str(interaction.id)
        if interaction.modal is not None:
            self._modals[own_id] = interaction
            await self._open_modal(interaction)
        return {"interaction": own_id}

    async def _submit(self, frame: Json) -> Json:
        opened_by = frames.text(frame, "interaction")
        opened = self._modals.get(opened_by)
        if opened is None:
            raise Refused("This form is closed.")
        given = frames.mapping(frame, "fields")
        fields = {name: self._values.uploaded(value) for name, value in given.items()}
        used = await self.person.submit_modal(opened, fields)
        self._modals.pop(opened_by, None)
        return await self._acknowledged(used)

    async def _cancel_modal(self, frame: Json) -> Json:
        self._modals.pop(frames.text(frame, "interaction"), None)
        return {}

    # --- messages -----------------------------------------------------------------------

    async def _react(self, frame: Json) -> Json:
        await self.person.react(self._message(frame), frames.text(frame, "emoji"))
        return {}

    async def _unreact(self, frame: Json) -> Json:
        await self.person.unreact(self._message(frame), frames.text(frame, "emoji"))
        return {}

    async def _say(self, frame: Json) -> Json:
        files = [self._uploads.get(one) for one in frames.texts(frame, "uploads")]
        parent = self._message(frame, "reply_to") if frame.get("reply_to") else None
        message = await self.person.say(
            self._place(frame), frames.text(frame, "content", default=""), *files, reply_to=parent
        )
        return {"message": str(message.id)}

    async def _delete(self, frame: Json) -> Json:
        await self.person.delete(self._message(frame))
        return {}

    async def _dismiss(self, frame: Json) -> Json:
        message = self._message(frame)
        if message.seen_only_by != self.person.id:
            raise Refused("Only messages that you alone can see can be dismissed.")
        await self.person.delete(message)
        return {}

    async def _type(self, frame: Json) -> Json:
        self._discord.world.typing.begin(self._place(frame), self.person.user)
        return {}

    # --- behind the scenes --------------------------------------------------------------

    async def _switch(self, frame: Json) -> Json:
        await self._switches.turn(frames.text(frame, "name"), frame.get("value"))
        return {}

    async def _bot(self, frame: Json) -> Json:
        await self._panel.control(frames.text(frame, "action"))
        return {}
