"""The gateway closes, compresses and filters events as Discord's does, on a plain websocket."""

import json
import sys
import zlib

import aiohttp
import pytest

from sandbox.discord.gateway.encoding import LARGEST
from sandbox.discord.gateway.sessions import FRAMES
from tests.sandbox.discord.raw_gateway import GUILDS, Frame, connected
from tests.sandbox.discord.raw_requests import Wire

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MEMBERS, MESSAGES = 1 << 1, 1 << 9


@pytest.mark.parametrize(
    "frame", ["{", "[]", "1", b"\xff\xfe", '{"op": 1, "d": "%s"}' % ("x" * 4096)]
)
async def test_what_cannot_be_read_ends_the_connection(wire: Wire, frame: str | bytes) -> None:
    async with connected(wire) as socket:
        await socket.send_raw(frame)
        assert await socket.close_code() == 4002


async def test_a_frame_of_4096_bytes_is_taken(wire: Wire) -> None:
    frame = json.dumps({"op": 1, "d": ""})
    async with connected(wire) as socket:
        await socket.receive()
        await socket.send_raw(frame.replace('""', json.dumps("x" * (LARGEST - len(frame)))))
        assert (await socket.receive())["op"] == 11


async def test_json_in_bytes_is_json(wire: Wire) -> None:
    async with connected(wire) as socket:
        await socket.receive()
        await socket.send_raw(json.dumps({"op": 1, "d": None}).encode())
        assert (await socket.receive())["op"] == 11


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"token": None}, 4004),
        ({"properties": None}, 4002),
        ({"shard": [2, 2]}, 4010),
        ({"shard": [-1, 2]}, 4010),
        ({"shard": [0, 0]}, 4010),
        ({"shard": [0]}, 4010),
        ({"shard": "0/2"}, 4010),
        ({"intents": None}, 4013),
        ({"intents": "1"}, 4013),
        ({"intents": 1 << 17}, 4013),
        ({"intents": -1}, 4013),
        ({"intents": GUILDS | MEMBERS}, 4014),
    ],
)
async def test_a_wrong_identify_is_closed_with_its_own_code(
    wire: Wire, given: Frame, code: int
) -> None:
    async with connected(wire) as socket:
        await socket.send(2, socket.identity(**given))
        assert await socket.close_code() == code


async def test_one_shard_serves_2500_servers(wire: Wire) -> None:
    world = wire.local.world
    for number in range(2500):
        world.guilds[number] = world.guild
    async with connected(wire) as socket:
        await socket.send(2, socket.identity())
        assert await socket.close_code() == 4011


async def test_order_and_opcodes(wire: Wire) -> None:
    async with connected(wire) as socket:
        await socket.send(3, {})
        assert await socket.close_code() == 4003
    async with connected(wire) as socket:
        await socket.identify()
        await socket.send(2, socket.identity())
        assert await socket.close_code() == 4005
    async with connected(wire) as socket:
        await socket.identify()
        await socket.send(99)
        assert await socket.close_code() == 4001


@pytest.mark.parametrize("query", ["v=9&encoding=json", "encoding=json", "v=x"])
async def test_another_version_is_closed(wire: Wire, query: str) -> None:
    async with connected(wire, query) as socket:
        assert await socket.close_code() == 4012


@pytest.mark.parametrize("query", ["v=10&encoding=etf", "v=10&compress=gzip"])
async def test_what_is_not_spoken_is_refused_in_words(wire: Wire, query: str) -> None:
    http = wire.local.gateway.url.replace("ws://", "http://")
    async with aiohttp.ClientSession() as session, session.get(f"{http}?{query}") as answer:
        assert answer.status == 400
        assert "local Discord" in await answer.text() or "no compression" in await answer.text()


async def test_the_121st_frame_of_a_minute_is_too_many(wire: Wire) -> None:
    async with connected(wire) as socket:
        for _ in range(FRAMES + 1):
            await socket.send(1)
        assert await socket.close_code() == 4008


async def test_a_token_with_and_without_bot_before_it(wire: Wire) -> None:
    async with connected(wire) as socket:
        ready = await socket.identify(token=f"Bot {wire.local.token}")
        assert ready["t"] == "READY"


async def test_too_many_logins_at_once_are_sent_away(wire: Wire) -> None:
    wire.local.gateway.identifies.max_concurrency = 1
    async with connected(wire) as first, connected(wire) as second:
        assert (await first.identify())["t"] == "READY"
        _, told = await wire.ask("GET", "/gateway/bot")
        assert told["session_start_limit"]["remaining"] == 999
        assert told["session_start_limit"]["max_concurrency"] == 1
        refused = await second.identify()
        assert (refused["op"], refused["d"]) == (9, False)
        await second.send(2, second.identity())
        assert await second.close_code() == 4003, "this connection is over"


async def test_a_session_that_was_ended_hears_nothing_more(wire: Wire) -> None:
    async with connected(wire) as socket:
        ready = await socket.identify(intents=GUILDS | MESSAGES)
        assert (await socket.receive())["t"] == "GUILD_CREATE"
        wire.local.gateway.invalidate(resumable=False)
        await wire.local.person("Ada").say("general", "hello")
        assert (await socket.receive())["op"] == 9
        await socket.send(1)
        assert await socket.close_code() == 4003
    async with connected(wire) as again:
        await again.receive()
        resume = {"token": wire.local.token, "session_id": ready["d"]["session_id"], "seq": 1}
        await again.send(6, resume)
        assert await again.receive() == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_number_that_was_never_reached_cannot_be_resumed(wire: Wire) -> None:
    async with connected(wire) as socket:
        ready = await socket.identify()
        await socket.leave()
    async with connected(wire) as again:
        resume = {"token": wire.local.token, "session_id": ready["d"]["session_id"], "seq": 99}
        await again.send(6, resume)
        assert await again.close_code() == 4007


async def test_no_events_without_their_intents(wire: Wire) -> None:
    async with connected(wire) as socket:
        ready = await socket.identify(intents=0)
        assert len(ready["d"]["guilds"]) == 1
        world = wire.local.world
        await wire.local.person("Ada").say("general", "hello")
        wire.local.tell_member(world.guild, world.guild.members[world.user("Ada").id])
        wire.local.tell_channel_gone(world.channel("no-files"))
        wire.local.tell_member(world.guild, world.guild.members[world.bot.id])
        told = await socket.receive()
        assert told["t"] == "GUILD_MEMBER_UPDATE"
        assert told["d"]["user"]["id"] == str(world.bot.id), "of itself a bot is always told"


async def test_a_zlib_stream_lasts_for_the_whole_connection(wire: Wire) -> None:
    stream = zlib.decompressobj()
    async with connected(wire, "v=10&encoding=json&compress=zlib-stream") as socket:
        first = await socket.receive_bytes()
        assert first.endswith(b"\x00\x00\xff\xff")
        assert json.loads(stream.decompress(first))["op"] == 10
        await socket.send(2, socket.identity())
        ready = json.loads(stream.decompress(await socket.receive_bytes()))
        assert ready["t"] == "READY"


async def test_a_zstd_stream_lasts_for_the_whole_connection(wire: Wire) -> None:
    stream = zstd.ZstdDecompressor()
    async with connected(wire, "v=10&encoding=json&compress=zstd-stream") as socket:
        assert json.loads(stream.decompress(await socket.receive_bytes()))["op"] == 10
        await socket.send(2, socket.identity())
        ready = json.loads(stream.decompress(await socket.receive_bytes()))
        assert ready["t"] == "READY"
