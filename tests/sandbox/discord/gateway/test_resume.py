"""A client that lost its connection resumes its session, and has missed nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import discord
import pytest

from sandbox.discord import LocalDiscord
from sandbox.discord.gateway.sessions import REPLAYED
from tests.sandbox.discord.discord_client import Client, connected_client

PATIENCE = 40.0


@pytest.fixture
async def local() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as opened:
        yield opened


@pytest.fixture
async def client(local: LocalDiscord) -> AsyncIterator[Client]:
    async with connected_client(local) as running:
        yield running


class Heard:
    """The messages that a client received, and how often it resumed or started a new session."""

    def __init__(self, client: Client) -> None:
        self.messages: list[int] = []
        self.events: list[str] = []
        self._more = asyncio.Event()
        client.event(self.on_message)
        client.event(self.on_resumed)
        client.event(self.on_ready)

    async def on_message(self, message: discord.Message) -> None:
        self.messages.append(message.id)
        self._more.set()

    async def on_resumed(self) -> None:
        self.events.append("resumed")
        self._more.set()

    async def on_ready(self) -> None:
        self.events.append("ready")
        self._more.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await self._more.wait()
                self._more.clear()


async def cut_off(local: LocalDiscord) -> None:
    local.gateway.away = True  # until a message has been posted
    await local.gateway.close(4000)


async def asked_to_reconnect(local: LocalDiscord) -> None:
    local.gateway.ask_to_reconnect()


async def told_that_its_session_is_invalid(local: LocalDiscord) -> None:
    local.gateway.invalidate(resumable=True)


async def cut_off_again_in_the_middle(local: LocalDiscord) -> None:
    local.gateway.breaks_resumes = 2
    await cut_off(local)


@pytest.mark.parametrize(
    "happens",
    [cut_off, asked_to_reconnect, told_that_its_session_is_invalid, cut_off_again_in_the_middle],
)
async def test_a_client_resumes_and_hears_each_message_once(
    happens: Callable[[LocalDiscord], Awaitable[None]], local: LocalDiscord, client: Client
) -> None:
    heard, ada = Heard(client), local.person("Ada")
    session = local.gateway.sessions[0].id
    posted = [(await ada.say("general", "before")).id]
    await heard.until(lambda: heard.messages == posted)
    await happens(local)
    await local.world.changes.until(lambda: not local.gateway.ready, PATIENCE)
    posted += [(await ada.say("general", f"meanwhile {number}")).id for number in range(3)]
    local.gateway.away = False
    await heard.until(lambda: "resumed" in heard.events)
    posted.append((await ada.say("general", "afterwards")).id)
    await heard.until(lambda: posted[-1] in heard.messages)
    assert heard.messages == posted
    assert heard.events == ["resumed"]
    assert [one.id for one in local.gateway.sessions] == [session]
    assert local.gateway.resumed == 1


async def told_to_begin_anew(local: LocalDiscord) -> None:
    local.gateway.invalidate(resumable=False)


async def forgotten(local: LocalDiscord) -> None:
    local.gateway.forget()
    await local.gateway.close(4000)


@pytest.mark.parametrize("happens", [told_to_begin_anew, forgotten])
async def test_a_client_whose_session_is_over_starts_a_new_one(
    happens: Callable[[LocalDiscord], Awaitable[None]], local: LocalDiscord, client: Client
) -> None:
    heard = Heard(client)
    session = local.gateway.sessions[0].id
    await happens(local)
    await heard.until(lambda: "ready" in heard.events)
    assert heard.events == ["ready"]
    assert [one.id == session for one in local.gateway.sessions] == [False]


async def test_a_client_that_missed_more_than_is_kept_starts_a_new_session(
    local: LocalDiscord, client: Client
) -> None:
    heard = Heard(client)
    await cut_off(local)
    await local.world.changes.until(lambda: not local.gateway.ready, PATIENCE)
    for _ in range(REPLAYED + 1):
        body = {"id": "1", "guild_id": "2", "parent_id": "3", "type": 11}
        local.gateway.dispatch("THREAD_DELETE", body)
    local.gateway.away = False
    await heard.until(lambda: bool(heard.events))
    assert heard.events == ["ready"]


async def test_a_client_that_disconnects_cleanly_does_not_resume(local: LocalDiscord) -> None:
    async with connected_client(local):
        session = local.gateway.sessions[0]
    await local.world.changes.until(lambda: not local.gateway.sessions, PATIENCE)
    async with connected_client(local):
        assert local.gateway.sessions[0].id != session.id
    assert local.gateway.resumed == 0
