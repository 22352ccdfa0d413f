"""The page's server over a real websocket: who sees what, and who may connect at all."""

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.discord import Upload
from sandbox.page import frames, uploads
from sandbox.page.server import open_page
from tests.demo.conftest import Page
from tests.demo.page_client import Json, Refused, tab, upload
from tests.factories import make_picture

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

# --- who sees what ----------------------------------------------------------------------------


async def test_a_tab_is_told_where_it_is_and_who_is_there(page: Page) -> None:
    async with tab(page.url, "Grace") as grace:
        scene = grace.scene
        assert scene["me"]["display_name"] == "Grace"
        assert {one["name"]: one["moderator"] for one in scene["people"]} == {
            "Ada": False,
            "Grace": False,
            "Mona": True,
            "Olive": True,
        }
        assert [(one["name"], one["kind"]) for one in scene["channels"]] == [
            ("general", "text"),
            ("no-files", "text"),
            ("Flipbook", "dm"),
        ]
        assert scene["channel"] == grace.channel("general")
        assert scene["may"]["send"]
        notes = [one["note"] for one in scene["channels"]]
        assert notes == [None, "The bot may not attach files here.", None]
        assert {one["name"] for one in scene["members"] if one["bot"]} == {"Flipbook"}
        assert "Moderators" in [one["name"] for one in scene["roles"]]


async def test_what_is_told_reaches_everybody_and_only_what_changed_is_sent(page: Page) -> None:
    async with tab(page.url, "Ada") as ada, tab(page.url, "Grace") as grace:
        await ada.say("the first")
        await grace.sees("the first")
        second = await ada.say("the second")
        seen = await grace.sees("the second")
        assert (seen["author"]["global_name"], seen["mine"], seen["can_delete"]) == (
            "Ada",
            False,
            False,
        )
        assert (await ada.sees("the second"))["mine"]
        last = grace.pushes[-1]
        assert (last["op"], [one["id"] for one in last["changed"]], last["removed"]) == (
            "messages",
            [second],
            [],
        )
        await ada.ask("delete", message=second)
        await grace.until(lambda: second not in grace.messages, "the second is gone")
        assert grace.words == ["the first"]


async def test_a_tab_can_look_with_other_eyes_and_elsewhere(page: Page) -> None:
    await page.discord.person("Ada").say("no-files", "over here")
    async with tab(page.url, "Ada") as one:
        await one.look("Mona", one.channel("no-files"))
        assert one.scene["me"]["name"] == "Mona"
        assert one.words == ["over here"]
        with pytest.raises(Refused, match="There is nobody called Nobody"):
            await one.ask("look", person="Nobody", channel=None)


async def test_direct_messages_are_seen_by_their_person_only(page: Page) -> None:
    world = page.discord.world
    where = world.direct_channel(page.discord.person("Ada").user)
    page.discord.messages.post(where, world.bot, {"content": "for Ada alone"}, {})
    async with tab(page.url, "Ada") as ada, tab(page.url, "Grace") as grace:
        await ada.look("Ada", ada.channel("Flipbook"))
        assert ada.words == ["for Ada alone"]
        with pytest.raises(Refused, match="no longer exists"):
            await grace.ask("look", person="Mona", channel=ada.scene["channel"])
        await grace.say("still Grace")
        assert (await grace.sees("still Grace"))["author"]["global_name"] == "Grace"
        with pytest.raises(Refused, match="no longer exists"):
            await grace.ask("react", message=next(iter(ada.messages)), emoji="🔁")


async def test_the_operators_direct_messages_wait_for_whoever_looks_as_the_operator(
    page: Page,
) -> None:
    world = page.discord.world
    olive = page.discord.person("Olive")
    async with tab(page.url, "Ada") as ada:
        assert [one["name"] for one in ada.scene["people"] if one["operator"]] == ["Olive"]
        where = world.direct_channel(olive.user)
        page.discord.messages.post(where, world.bot, {"content": "the key is refused"}, {})
        await ada.until(lambda: ada.waiting["people"][str(olive.id)] == 1, "a message for Olive")
        await ada.look("Olive", str(where.id))
        assert ada.words == ["the key is refused"]
        await ada.until(lambda: ada.waiting["people"][str(olive.id)] == 0, "nothing for Olive")


async def test_what_waits_elsewhere_is_counted_until_it_is_read(page: Page) -> None:
    async with tab(page.url, "Ada") as ada, tab(page.url, "Grace") as grace:
        for words in ("one", "two"):
            await grace.say(words, "no-files")
        quiet = ada.channel("no-files")
        await ada.until(lambda: ada.unread.get(quiet) == 2, "two unread")
        await ada.look("Ada", quiet)
        await ada.until(lambda: ada.unread.get(quiet) == 0, "nothing unread")
        assert grace.unread[quiet] == 0


async def test_typing_is_seen_by_the_others_and_ends_with_the_message(page: Page) -> None:
    async with tab(page.url, "Ada") as ada, tab(page.url, "Grace") as grace:
        await ada.ask("type", channel=ada.channel("general"))
        await grace.until(lambda: grace.typing == ["Ada"], "Ada types")
        await ada.say("done")
        await grace.until(lambda: grace.typing == [], "Ada types no more")
        assert not any(push["op"] == "typing" for push in ada.pushes)


async def test_a_reaction_is_ones_own_or_not(page: Page) -> None:
    def counted(message: Json) -> list[tuple[str, int, bool]]:
        return [(one["emoji"]["name"], one["count"], one["me"]) for one in message["reactions"]]

    async with tab(page.url, "Ada") as ada, tab(page.url, "Grace") as grace:
        posted = await ada.say("look")
        await grace.ask("react", message=posted, emoji="👍")
        await ada.until(lambda: counted(ada.messages[posted]), "a reaction")
        assert counted(ada.messages[posted]) == [("👍", 1, False)]
        await grace.until(lambda: counted(grace.messages[posted]) == [("👍", 1, True)], "her own")
        await grace.ask("unreact", message=posted, emoji="👍")
        await ada.until(lambda: counted(ada.messages[posted]) == [], "none left")


async def test_nobody_deletes_what_others_told(page: Page) -> None:
    async with tab(page.url, "Ada") as ada, tab(page.url, "Grace") as grace:
        posted = await ada.say("mine")
        with pytest.raises(Refused, match="may not delete"):
            await grace.ask("delete", message=posted)
        with pytest.raises(Refused, match="alone can see"):
            await ada.ask("dismiss", message=posted)
        assert posted in ada.messages


# --- files ------------------------------------------------------------------------------------


async def test_an_uploaded_picture_is_told_and_played_in_parts(page: Page) -> None:
    picture = make_picture()
    status, kept = await upload(page.url, picture, name="a b.png")
    assert (status, kept["name"], kept["bytes"]) == (200, "a b.png", len(picture))
    async with tab(page.url) as ada, aiohttp.ClientSession() as session:
        first = await ada.say("here")
        second = await ada.say("look", uploads=[kept["id"]], reply_to=first)
        message = await ada.sees("look")
        (file,) = message["attachments"]
        assert message["referenced_message"]["id"] == first
        async with session.get(file["url"], headers={"Range": "bytes=2-5"}) as part:
            assert (part.status, await part.read()) == (206, picture[2:6])
        # An edit of the message must not make a browser load the file again.
        await ada.ask("react", message=second, emoji="👍")
        await ada.until(lambda: ada.messages[second]["reactions"], "the reaction")
        assert ada.messages[second]["attachments"][0]["url"] == file["url"]


async def test_the_samples_are_pictures_and_can_be_attached(page: Page) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{page.url}samples") as answer:
            samples = await answer.json()
        assert [one["name"] for one in samples] == [
            *("fine", "transparent", "rotated", "too-large", "too-small", "broken")
        ]
        for one in samples:
            async with session.get(f"{page.url}{one['url'][1:]}") as answer:
                assert len(await answer.read()) == one["bytes"]
                assert answer.content_type.startswith("image/")
    status, kept = await upload(page.url, None, sample="rotated")
    assert (status, kept["name"], kept["content_type"]) == (200, "phone.jpg", "image/jpeg")


async def test_a_sample_that_is_not_there_is_not_found(page: Page) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{page.url}samples/none") as answer:
            assert answer.status == 404
        async with session.post(f"{page.url}uploads?sample=none") as answer:
            assert answer.status == 404


async def test_a_file_above_60_mb_is_refused_and_not_read_to_its_end(page: Page) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 4 * uploads.LARGEST_BYTES:
            sent += 1_000_000
            yield bytes(1_000_000)

    try:
        status, answer = await upload(page.url, endless(), name="big.bin")
        assert (status, answer["error"]) == (413, "The file is larger than 60 MB.")
    except aiohttp.ClientConnectionError:
        pass  # the server hung up while the rest was still being sent
    assert sent < 2 * uploads.LARGEST_BYTES


async def test_files_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hand:
        at = 0.0

        def monotonic(self) -> float:
            return self.at

    clock = Hand()
    shelf = uploads.Uploads(clock)  # type: ignore[arg-type]
    old = shelf.keep(Upload("old.png", bytes(50_000_000)))
    kept = [shelf.keep(Upload(f"{n}.png", bytes(50_000_000))) for n in range(4)]
    with pytest.raises(frames.Refused):
        shelf.get(old)
    assert shelf.get(kept[0]).name == "0.png"
    clock.at += 15 * 60 + 1
    with pytest.raises(frames.Refused, match="choose it again"):
        shelf.get(kept[-1])


# --- who may connect --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:{port}"}, 200),
        ({"Host": "[::1]:{port}"}, 200),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
        ({"Host": "localhost:{port}", "Origin": "http://localhost:{port}"}, 200),
        # A foreign host name that points at this machine.
        ({"Host": "rebound.example:{port}"}, 403),
        ({"Host": ""}, 403),
        ({"Host": "127.0.0.1.rebound.example"}, 403),
        # Another page in the same browser, possibly of another program on this machine.
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["", "ws", "uploads?name=a.png"])
async def test_only_this_page_on_this_machine_is_served(
    path: str, headers: dict[str, str], status: int, page: Page
) -> None:
    port = page.url.rstrip("/").rpartition(":")[2]
    told = {name: value.format(port=port) for name, value in headers.items()}
    async with aiohttp.ClientSession(headers=told) as session:
        if path == "ws":
            try:
                async with session.ws_connect(f"{page.url}ws"):
                    got = 200
            except aiohttp.WSServerHandshakeError as error:
                got = error.status
        else:
            method = "POST" if path else "GET"
            async with session.request(method, f"{page.url}{path}") as answer:
                got = answer.status
    assert got == status


async def test_the_page_loads_nothing_from_elsewhere(page: Page) -> None:
    async with aiohttp.ClientSession() as session, session.get(page.url) as answer:
        policy = dict(
            part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
        )
        html = await answer.text()
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    assert policy["frame-ancestors"] == "'none'"
    assert page.discord.cdn_url in policy["media-src"]
    assert page.discord.origin not in policy["media-src"]
    assert re.findall(r'(?:src|href)="(?![/#])[^"]*"', html) == []


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
        "/static//etc/passwd",
        "/static/js/../../guard.py",
        "/samples/..%2f..%2fpyproject.toml",
        "/static/",
    ],
)
async def test_no_other_file_is_served(path: str, page: Page) -> None:
    port = int(page.url.rstrip("/").rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    status = (await reader.readline()).split()[1]
    body = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert status in (b"403", b"404")
    assert b"import" not in body


# --- malformed requests -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"op": "fly"}, "no op fly"),
        ({"op": 7}, "cannot be read: op"),
        ({"op": "say", "channel": "x"}, "cannot be read: channel"),
        ({"op": "say", "channel": "1", "content": "hi"}, "channel no longer exists"),
        ({"op": "press", "message": "12", "custom_id": "a"}, "message no longer exists"),
        ({"op": "react", "message": None, "emoji": "x"}, "cannot be read: message"),
        ({"op": "switch", "name": "gravity", "value": True}, "no such switch"),
        ({"op": "switch", "name": "provider_slow", "value": 1}, "no such switch"),
        ({"op": "switch", "name": "provider_style", "value": "rhymed"}, "no such switch"),
        ({"op": "switch", "name": "provider_style", "value": []}, "no such switch"),
        ({"op": "bot", "action": "praise"}, "killed, stopped and started"),
        ({"op": "submit", "interaction": "1", "fields": {}}, "form is closed"),
    ],
)
async def test_what_cannot_be_done_is_answered_with_words(
    frame: Json, words: str, page: Page
) -> None:
    async with tab(page.url) as ada:
        with pytest.raises(Refused, match=words):
            await ada.ask(**frame)
        await ada.say("it goes on")


@pytest.mark.parametrize("data", ["no json", "[]", "7"])
async def test_what_is_no_frame_ends_the_connection(data: str, page: Page) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{page.url}ws") as socket,
    ):
        await socket.send_str(data)
        async for _ in socket:
            pass
        assert socket.closed


async def test_a_bot_that_is_not_there_did_not_respond(page: Page) -> None:
    command = {"name": "wave", "description": "Say hello", "type": 1}
    page.discord.commands.put_all(None, [command])
    page.discord.acknowledge = 0.2
    async with tab(page.url) as ada:
        assert [one["name"] for one in ada.scene["commands"]] == ["wave"]
        with pytest.raises(Refused, match=r"^The application did not respond$"):
            await ada.ask("command", channel=ada.channel("general"), name="wave", options={})
        with pytest.raises(Refused, match=r"^There is no command dance$"):
            await ada.ask("command", channel=ada.channel("general"), name="dance", options={})


async def test_before_the_bot_was_started_the_panel_says_so(page: Page) -> None:
    async with tab(page.url) as ada:
        assert ada.panel["bot"] == {
            "running": False,
            "since": None,
            "restarts": 0,
            "last_words": "",
        }
        assert (ada.panel["tasks"], ada.panel["counts"]) == ([], {})
        assert not page.bot.database.exists()


async def test_the_page_ends_at_once_while_a_tab_is_open(page: Page) -> None:
    second = open_page(
        discord=page.discord,
        provider=page.provider,
        dashscope=page.dashscope,
        bot=page.bot,
        host="127.0.0.1",
        port=0,
    )

    async def until_its_end(socket: aiohttp.ClientWebSocketResponse) -> int | None:
        async for _ in socket:
            pass
        return socket.close_code

    async with aiohttp.ClientSession() as session:
        async with second as url:
            socket = await session.ws_connect(f"{url}ws")
            await socket.send_json({"op": "look", "ref": 1, "person": "Ada", "channel": None})
            await socket.receive()
            listening = asyncio.create_task(until_its_end(socket))
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 5
        assert await listening == aiohttp.WSCloseCode.GOING_AWAY
