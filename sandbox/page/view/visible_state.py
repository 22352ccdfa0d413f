"""What one tab shows, and which changes must be sent to it."""

from collections.abc import Iterator

from sandbox.discord import Channel, LocalDiscord, Person
from sandbox.discord.state.model import Json
from sandbox.page.view import page_state
from sandbox.page.view.message_view import MessageView


class ReadMarks:
    """How far everybody has read each channel, in any tab."""

    def __init__(self, discord: LocalDiscord) -> None:
        self._discord = discord
        self._marks: dict[tuple[int, int], int] = {}

    def read(self, person: Person, channel: Channel) -> None:
        """Mark everything in a channel as read by somebody."""
        if channel.last_message_id is not None:
            self._marks[person.id, channel.id] = channel.last_message_id

    def unread(self, person: Person, looked_at: Channel) -> dict[str, int]:
        """Count unread messages by others in each channel; 0 for the one being looked at."""
        found = {}
        for channel in page_state.channels(self._discord, person):
            mark = self._marks.get((person.id, channel.id), 0)
            messages = person.sees(channel) if channel is not looked_at else []
            new = [one for one in messages if one.id > mark and one.author is not person.user]
            found[str(channel.id)] = len(new)
        return found

    def waiting(self) -> dict[str, int]:
        """How many direct messages nobody has read yet, by the id of the person they are for."""
        people = page_state.people(self._discord)
        return {str(one.id): self._unread_direct(one) for one in people}

    def _unread_direct(self, person: Person) -> int:
        channel = self._discord.world.direct_channel(person.user)
        mark = self._marks.get((person.id, channel.id), 0)
        new = [one for one in person.direct_messages() if one.id > mark]
        return sum(one.author is not person.user for one in new)


class VisibleState:
    """What was sent to one tab, compared with the current state."""

    def __init__(self, discord: LocalDiscord, view: MessageView, marks: ReadMarks) -> None:
        self._discord = discord
        self._view = view
        self._marks = marks
        self._page_state: Json = {}
        self._messages: dict[str, Json] = {}
        self._typing: Json = {}
        self._unread: dict[str, int] = {}
        self._waiting: dict[str, int] = {}

    def forget(self) -> None:
        """Send everything again, because the person or the channel has changed."""
        self._page_state, self._typing, self._unread, self._waiting = {}, {}, {}, {}

    def news(self, person: Person, channel: Channel) -> Iterator[Json]:
        """Yield the pushes that are due."""
        self._marks.read(person, channel)
        messages = self._view.messages(person, channel)
        around = page_state.page_state(self._discord, person, channel)
        if around != self._page_state:
            yield around | {"messages": list(messages.values())}
        elif messages != self._messages:
            yield self._difference(channel, messages)
        self._page_state, self._messages = around, messages
        yield from self._smaller(person, channel)

    def _difference(self, channel: Channel, messages: dict[str, Json]) -> Json:
        before = self._messages
        return {
            "op": "messages",
            "channel": str(channel.id),
            "changed": [one for key, one in messages.items() if before.get(key) != one],
            "removed": [key for key in before if key not in messages],
        }

    def _smaller(self, person: Person, channel: Channel) -> Iterator[Json]:
        users = self._discord.world.users
        others = [one for one in self._discord.world.typing.ids(channel) if one != person.id]
        typing = {
            "op": "typing",
            "channel": str(channel.id),
            "names": [users[one].name for one in others],
        }
        if typing != (self._typing or typing | {"names": []}):
            yield typing
        unread = self._marks.unread(person, channel)
        for key, count in unread.items():
            if count != self._unread.get(key):
                yield {"op": "unread", "channel": key, "count": count}
        waiting = self._marks.waiting()
        if waiting != self._waiting:
            yield {"op": "waiting", "people": waiting}
        self._typing, self._unread, self._waiting = typing, unread, waiting
