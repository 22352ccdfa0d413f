"""A fake browser tab: speaks the page's websocket protocol and keeps what it receives."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp

from tests.flows.harness import PATIENCE

Json = dict[str, Any]
T = TypeVar("T")


class Refused(Exception):
    """The server answered that an operation failed; carries the message."""


class Tab:
    """A tab that has chosen a person and a channel."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._refs = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._heard = asyncio.Condition()
        self.pushes: list[Json] = []
        self.scene: Json = {}
        self.messages: dict[str, Json] = {}
        self.panel: Json = {}
        self.typing: list[str] = []
        self.unread: dict[str, int] = {}
        self.modal: Json = {}
        self.waiting: Json = {}

    async def listen(self) -> None:
        async for frame in self._socket:
            push = json.loads(frame.data)
            async with self._heard:
                self._take(push)
                self._heard.notify_all()

    def _take(self, push: Json) -> None:
        op = push["op"]
        if op == "answer":
            return self._answers.pop(push["ref"]).set_result(push)
        self.pushes.append(push)
        if op == "scene":
            self.scene = push
            self.messages = {one["id"]: one for one in push["messages"]}
        elif op == "messages":
            self.messages.update({one["id"]: one for one in push["changed"]})
            for gone in push["removed"]:
                del self.messages[gone]
        elif op == "unread":
            self.unread[push["channel"]] = push["count"]
        elif op == "typing":
            self.typing = push["names"]
        else:
            setattr(self, op, push)
        return None

    async def ask(self, op: str, **fields: Any) -> Json:
        """Send an operation, and return its answer.

        Raises:
            Refused: The server answered that the operation failed.
        """
        ref = next(self._refs)
        self._answers[ref] = asyncio.get_running_loop().create_future()
        waiting = self._answers[ref]
        await self._socket.send_json({"op": op, "ref": ref, **fields})
        answer = await asyncio.wait_for(waiting, PATIENCE)
        if not answer["ok"]:
            raise Refused(answer["error"])
        return answer

    async def until(self, seen: Callable[[], T], what: str, within: float = PATIENCE) -> T:
        """Wait until a lookup in the received state returns something true, and return that."""
        try:
            async with asyncio.timeout(within), self._heard:
                while not (found := seen()):
                    await self._heard.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"{what}: not within {within:g} s") from None

    # --- lookups that many tests need ---------------------------------------------------

    def channel(self, name: str) -> str:
        """Return a channel's id."""
        return next(str(one["id"]) for one in self.scene["channels"] if one["name"] == name)

    @property
    def words(self) -> list[str]:
        """Return the texts of the messages, oldest first."""
        return [one["content"] for one in self.messages.values()]

    async def look(self, person: str, channel: str | None = None) -> None:
        """View a channel as some person, and wait until it is shown."""
        before = len(self.pushes)
        await self.ask("look", person=person, channel=channel)
        await self.until(
            lambda: any(one["op"] == "scene" for one in self.pushes[before:]), "the scene"
        )

    async def say(self, words: str, channel: str = "general", **more: Any) -> str:
        """Write a message, wait until it is shown in the channel, and return its id."""
        where = self.channel(channel)
        message_id = str((await self.ask("say", channel=where, content=words, **more))["message"])
        if where == self.scene["channel"]:
            await self.until(lambda: message_id in self.messages, "the message")
        return message_id

    async def sees(self, words: str) -> Json:
        """Wait for a message with this text."""
        found = await self.until(
            lambda: [one for one in self.messages.values() if words in text(one)],
            f"a message with {words!r}",
        )
        return found[0]


def text(message: Json) -> str:
    """Return everything in a message as JSON, which is good enough to search for words."""
    return json.dumps(message, ensure_ascii=False)


@asynccontextmanager
async def tab(url: str, person: str = "Ada", channel: str | None = None) -> AsyncIterator[Tab]:
    """Open a tab that shows what this person sees."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}ws") as socket:
        opened = Tab(socket)
        listening = asyncio.create_task(opened.listen())
        try:
            await opened.look(person, channel)
            await opened.until(lambda: opened.panel, "the panel")
            yield opened
        finally:
            await socket.close()
            await listening


async def upload(url: str, data: Any, **query: str) -> tuple[int, Json]:
    """Upload a file, and return the status and the answer."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}uploads", params=query, data=data) as answer,
    ):
        return answer.status, await answer.json()
