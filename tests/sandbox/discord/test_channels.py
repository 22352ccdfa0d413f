"""Channels of every type, threads, pins and forwards, on raw requests."""

from typing import Any

import aiohttp
import pytest

from sandbox.discord import Channel, Message, Permission
from sandbox.discord.state.model import ChannelKind, MessageKind
from tests.sandbox.discord.message_forms import POLL, embed, says
from tests.sandbox.discord.raw_gateway import GUILDS, connected
from tests.sandbox.discord.raw_requests import Wire, check_refused

THREADS = Permission.CREATE_PUBLIC_THREADS
PRIVATE = Permission.CREATE_PRIVATE_THREADS


def code_of(answer: tuple[int, Any]) -> tuple[int, int]:
    return answer[0], answer[1]["code"]


def add(wire: Wire, kind: ChannelKind, name: str = "place") -> str:
    """Add a channel, and return its path."""
    return f"/channels/{wire.local.world.add_channel(wire.local.world.guild, name, kind).id}"


def channel(wire: Wire, path: str) -> Channel:
    return wire.local.world.channels[int(path.split("/")[2])]


def forbid(wire: Wire, path: str, permission: Permission) -> None:
    world = wire.local.world
    bot = world.guild.members[world.bot.id]
    world.set_overwrite(channel(wire, path), bot, deny=int(permission))


def allow(wire: Wire, permission: Permission) -> None:
    world = wire.local.world
    role = world.add_role(world.guild, "May", int(permission))
    world.guild.members[world.bot.id].roles.add(role.id)


async def posted(wire: Wire, path: str | None = None, **more: Any) -> str:
    """Post a message, and return its path."""
    where = path or wire.channel
    status, sent = await wire.ask("POST", f"{where}/messages", says(**more))
    assert status == 200, sent
    return f"{where}/messages/{sent['id']}"


def theirs(message: Message) -> str:
    return f"/channels/{message.channel_id}/messages/{message.id}"


# --- what is sent where ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        (ChannelKind.TEXT, None),
        (ChannelKind.ANNOUNCEMENT, None),
        (ChannelKind.VOICE, None),
        (ChannelKind.STAGE, None),
        (ChannelKind.FORUM, (400, 40058)),
        (ChannelKind.MEDIA, (400, 40058)),
        (ChannelKind.CATEGORY, (400, 50008)),
    ],
)
async def test_messages_go_into_channels_that_have_some(
    wire: Wire, kind: ChannelKind, refusal: Any
) -> None:
    path = add(wire, kind)
    answer = await wire.ask("POST", f"{path}/messages", says())
    assert (answer[0] if refusal is None else code_of(answer)) == (refusal or 200)
    status, found = await wire.ask("GET", f"{path}/messages")
    assert (status, len(found)) == (200, 0 if refusal else 1)


@pytest.mark.parametrize("kind", [ChannelKind.VOICE, ChannelKind.STAGE])
async def test_text_beside_voices_needs_connect(wire: Wire, kind: ChannelKind) -> None:
    path = add(wire, kind)
    forbid(wire, path, Permission.CONNECT)
    assert code_of(await wire.ask("POST", f"{path}/messages", says())) == (403, 50001)
    assert code_of(await wire.ask("GET", f"{path}/messages")) == (403, 50001)


async def test_an_announcement_is_published_once(wire: Wire) -> None:
    path = add(wire, ChannelKind.ANNOUNCEMENT)
    own = await posted(wire, path)
    status, published = await wire.ask("POST", f"{own}/crosspost")
    assert (status, published["flags"] & 1, published["edited_timestamp"]) == (200, 1, None)
    assert code_of(await wire.ask("POST", f"{own}/crosspost")) == (400, 40033)
    message = await wire.local.person("Ada").say(channel(wire, path), "hello")
    forbid(wire, path, Permission.MANAGE_MESSAGES)
    assert code_of(await wire.ask("POST", f"{theirs(message)}/crosspost")) == (403, 50013)
    elsewhere = await posted(wire)
    assert code_of(await wire.ask("POST", f"{elsewhere}/crosspost")) == (400, 50024)


# --- threads --------------------------------------------------------------------------------


async def test_a_thread_under_a_message_has_its_id(wire: Wire) -> None:
    message = await posted(wire)
    status, thread = await wire.ask("POST", f"{message}/threads", {"name": "aside"})
    assert (status, thread["type"], thread["id"]) == (201, 11, message.rsplit("/", 1)[1])
    _, shown = await wire.ask("GET", message)
    assert (shown["flags"] & 1 << 5, shown["thread"]["id"]) == (1 << 5, thread["id"])
    again = await wire.ask("POST", f"{message}/threads", {"name": "aside"})
    assert code_of(again) == (400, 160004)
    _, [starter] = await wire.ask("GET", f"/channels/{thread['id']}/messages")
    assert (starter["type"], starter["content"]) == (21, "")
    path = f"/channels/{thread['id']}/messages/{starter['id']}"
    assert code_of(await wire.ask("DELETE", path)) == (403, 50021)
    refused = await wire.ask("POST", f"{path}/threads", {"name": "in a thread"})
    assert code_of(refused) == (400, 50024)
    forbid(wire, wire.channel, THREADS)
    other = await posted(wire)
    refused = await wire.ask("POST", f"{other}/threads", {"name": "aside"})
    assert code_of(refused) == (403, 50013)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "n", "auto_archive_duration": 61}, "auto_archive_duration"),
        ({"name": "n", "rate_limit_per_user": 21601}, "rate_limit_per_user"),
        ({"name": "n", "type": 0}, "type"),
        ({"name": "n", "invitable": "yes"}, "invitable"),
    ],
)
async def test_a_wrong_thread_is_refused(wire: Wire, body: Any, field: str) -> None:
    check_refused(await wire.ask("POST", f"{wire.channel}/threads", body), field)


async def test_threads_without_a_message_have_the_type_of_their_channel(wire: Wire) -> None:
    news, voice = add(wire, ChannelKind.ANNOUNCEMENT, "news"), add(wire, ChannelKind.VOICE, "talk")
    allow(wire, PRIVATE)
    for path, kind, expected in (
        (wire.channel, None, 12),
        (wire.channel, 12, 12),
        (wire.channel, 11, 11),
        (wire.channel, 10, None),
        (news, 10, 10),
        (news, 11, None),
        (news, None, None),
        (voice, 11, None),
    ):
        answer = await wire.ask("POST", f"{path}/threads", {"name": "n", "type": kind})
        if expected is None:
            assert code_of(answer) == (400, 50024), (path, kind)
        else:
            assert (answer[0], answer[1]["type"]) == (201, expected)
    forbid(wire, wire.channel, PRIVATE)
    assert code_of(await wire.ask("POST", f"{wire.channel}/threads", {"name": "n"})) == (403, 50013)


@pytest.mark.parametrize("kind", [ChannelKind.FORUM, ChannelKind.MEDIA])
async def test_a_post_is_a_thread_with_its_first_message(wire: Wire, kind: ChannelKind) -> None:
    path = add(wire, kind)
    forbid(wire, path, THREADS)  # it is not asked for
    check_refused(await wire.ask("POST", f"{path}/threads", {"name": "n"}), "message")
    empty = await wire.ask("POST", f"{path}/threads", {"name": "n", "message": {}})
    assert code_of(empty) == (400, 50006)
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("payload_json", '{"name": "n", "message": {"content": "first"}}')
    form.add_field("files[0]", b"data", filename="a.txt")
    status, made = await wire.send("POST", f"{path}/threads", data=form)
    assert (status, made["type"], made["message"]["content"]) == (201, 11, "first")
    assert (made["id"], len(made["message"]["attachments"])) == (made["message"]["id"], 1)
    assert (await wire.ask("POST", f"/channels/{made['id']}/messages", says()))[0] == 200
    forbid(wire, path, Permission.SEND_MESSAGES)
    refused = await wire.ask("POST", f"{path}/threads", {"name": "n", "message": says()})
    assert code_of(refused) == (403, 50013)


async def test_a_private_thread_is_for_those_who_were_invited(wire: Wire) -> None:
    world, ada = wire.local.world, wire.local.person("Ada")
    thread = world.add_thread(world.channel("general"), "secret", owner=ada.user, private=True)
    path = f"/channels/{thread.id}"
    for method, rest in (("GET", ""), ("GET", "/messages"), ("PUT", "/thread-members/@me")):
        assert code_of(await wire.ask(method, path + rest)) == (403, 50001), rest
    assert code_of(await wire.ask("POST", f"{path}/messages", says())) == (403, 50001)
    _, active = await wire.ask("GET", f"/guilds/{world.guild.id}/threads/active")
    assert active["threads"] == []
    thread.people.add(world.bot.id)
    assert (await wire.ask("POST", f"{path}/messages", says()))[0] == 200
    status, one = await wire.ask("GET", f"{path}/thread-members/@me")
    assert (status, one["user_id"]) == (200, str(world.bot.id))
    assert wire.local.person("Grace").sees(thread) == []
    assert (await wire.ask("PUT", f"{path}/thread-members/{world.user('Grace').id}"))[0] == 204
    assert len(wire.local.person("Grace").sees(thread)) == 1
    assert code_of(await wire.ask("DELETE", f"{path}/thread-members/{ada.id}")) == (403, 50013)
    assert (await wire.ask("DELETE", f"{path}/thread-members/@me"))[0] == 204
    assert code_of(await wire.ask("GET", path)) == (403, 50001)


async def test_whoever_was_invited_by_the_bot_can_be_removed_by_the_bot(wire: Wire) -> None:
    allow(wire, PRIVATE)
    _, thread = await wire.ask("POST", f"{wire.channel}/threads", {"name": "mine"})
    grace = wire.local.person("Grace")
    path = f"/channels/{thread['id']}/thread-members/{grace.id}"
    assert code_of(await wire.ask("GET", path)) == (404, 10007)
    assert (await wire.ask("PUT", path))[0] == 204
    assert (await wire.ask("DELETE", path))[0] == 204
    status, refused = await wire.ask("GET", path.rsplit("/", 1)[0])
    assert (status, refused["code"]) == (403, 50001), "members are listed with their intent only"


async def test_an_archived_thread_is_opened_by_a_message_only(wire: Wire) -> None:
    world, ada = wire.local.world, wire.local.person("Ada")
    thread = world.add_thread(world.channel("general"), "aside", owner=ada.user)
    path = f"/channels/{thread.id}"
    own, other = await posted(wire, path), await posted(wire, path)
    message = await ada.say(thread, "hello")
    await ada.react(message, "🔁")
    thread.archived = True
    for method, rest in (
        ("PATCH", own.removeprefix(path)),
        ("PUT", f"{own.removeprefix(path)}/reactions/%F0%9F%94%81/@me"),
        ("DELETE", f"/messages/{message.id}/reactions"),
        ("PUT", f"/thread-members/{world.user('Grace').id}"),
    ):
        body = says() if method == "PATCH" else None
        assert code_of(await wire.ask(method, path + rest, body)) == (400, 50083), rest
    assert (await wire.ask("DELETE", own))[0] == 204
    thread.locked = True
    assert code_of(await wire.ask("DELETE", other)) == (403, 50083)
    assert code_of(await wire.ask("POST", f"{path}/messages", says())) == (403, 50083)
    thread.locked = False
    assert (await wire.ask("POST", f"{path}/messages", says()))[0] == 200
    assert not thread.archived


async def test_clients_are_told_of_threads(wire: Wire) -> None:
    async with connected(wire) as socket:
        await socket.identify(intents=GUILDS)
        message = await posted(wire)
        _, thread = await wire.ask("POST", f"{message}/threads", {"name": "aside"})
        told = await socket.event("THREAD_CREATE")
        assert (told["id"], told["newly_created"]) == (thread["id"], True)
        assert (await wire.ask("DELETE", f"/channels/{thread['id']}/thread-members/@me"))[0] == 204
        told = await socket.event("THREAD_MEMBERS_UPDATE")
        assert told["removed_member_ids"] == [str(wire.local.world.bot.id)]
        wire.local.tell_channel_gone(wire.local.world.channels[int(thread["id"])])
        told = await socket.event("THREAD_DELETE")
        assert set(told) == {"id", "guild_id", "parent_id", "type"}


# --- Manage Messages, and pins --------------------------------------------------------------


async def test_messages_of_others_are_for_moderators(wire: Wire) -> None:
    world, ada = wire.local.world, wire.local.person("Ada")
    first, second = [await ada.say("general", "hello") for _ in range(2)]
    await ada.react(first, "🔁")
    signs = f"{theirs(first)}/reactions/%F0%9F%94%81"
    ids = [str(first.id), str(second.id)]
    changes: list[tuple[str, str, Any]] = [
        ("DELETE", f"{signs}/{ada.id}", None),
        ("DELETE", signs, None),
        ("DELETE", f"{theirs(first)}/reactions", None),
        ("PATCH", theirs(first), {"flags": 4}),
        ("POST", f"{wire.channel}/messages/bulk-delete", {"messages": ids}),
        ("DELETE", theirs(first), None),
    ]
    bot = world.guild.members[world.bot.id]
    world.set_overwrite(world.channel("general"), bot, deny=int(Permission.MANAGE_MESSAGES))
    for method, path, body in changes:
        assert code_of(await wire.ask(method, path, body)) == (403, 50013), path
    assert ada.sees() == [first, second]
    world.channel("general").overwrites.clear()
    for method, path, body in changes[:4]:
        assert (await wire.ask(method, path, body))[0] in (200, 204), path
    assert (first.flags, first.reactions) == (4, {})
    for body in ({"content": "x", "flags": 4}, {"embeds": []}, {}):
        assert code_of(await wire.ask("PATCH", theirs(first), body)) == (403, 50005)
    async with connected(wire) as socket:
        await socket.identify(intents=GUILDS | 1 << 9)
        assert (await wire.ask(*changes[4]))[0] == 204
        assert (await socket.event("MESSAGE_DELETE_BULK"))["ids"] == ids


async def test_pins_need_a_permission_of_their_own(wire: Wire) -> None:
    message = await wire.local.person("Ada").say("general", "hello")
    pin = f"{wire.channel}/messages/pins/{message.id}"
    assert code_of(await wire.ask("PUT", pin)) == (403, 50013)
    allow(wire, Permission.PIN_MESSAGES)
    async with connected(wire) as socket:
        await socket.identify(intents=GUILDS)
        assert (await wire.ask("PUT", pin))[0] == 204
        told = await socket.event("CHANNEL_PINS_UPDATE")
    assert (told["channel_id"], bool(told["last_pin_timestamp"])) == (str(message.channel_id), True)
    _, pins = await wire.ask("GET", f"{wire.channel}/messages/pins")
    assert [one["message"]["id"] for one in pins["items"]] == [str(message.id)]
    assert (pins["has_more"], pins["items"][0]["message"]["pinned"]) == (False, True)
    notice = wire.local.person("Ada").sees()[-1]
    assert (notice.kind, notice.reply_to) == (MessageKind.PINNED, message.id)
    assert code_of(await wire.ask("PUT", pin.replace(str(message.id), str(notice.id)))) == (
        403,
        50021,
    )
    reply = says(message_reference={"message_id": str(notice.id)})
    check_refused(await wire.ask("POST", f"{wire.channel}/messages", reply), "message_reference")
    check_refused(await wire.ask("GET", f"{wire.channel}/messages/pins?limit=51"), "limit")
    assert (await wire.ask("DELETE", f"{wire.channel}/pins/{message.id}"))[0] == 204
    assert (await wire.ask("GET", f"{wire.channel}/pins"))[1] == []


async def test_flags_of_ones_own_message(wire: Wire) -> None:
    path = await posted(wire, flags=1 << 12 | 1 << 6)
    _, sent = await wire.ask("GET", path)
    assert sent["flags"] == 1 << 12, "only answers to interactions are ephemeral"
    for flags, after in ((4, 1 << 12 | 4), (1 << 6 | 1, 1 << 12), (None, 1 << 12)):
        _, changed = await wire.ask("PATCH", path, {"flags": flags, "content": "y"})
        assert changed["flags"] == after


# --- forwards -------------------------------------------------------------------------------


def forward(message: Message, **more: Any) -> Any:
    pointer = {"type": 1, "message_id": str(message.id), "channel_id": str(message.channel_id)}
    return {"message_reference": pointer | more}


async def test_a_forward_is_a_copy_that_stays_as_it_is(wire: Wire) -> None:
    path = await posted(wire, **embed(title="t"))
    message = wire.local.person("Ada").sees()[-1]
    status, sent = await wire.ask("POST", f"{wire.channel}/messages", forward(message))
    assert (status, sent["type"], sent["content"]) == (200, 0, "")
    assert (sent["message_reference"]["type"], sent["flags"]) == (1, 1 << 14)
    [snapshot] = sent["message_snapshots"]
    assert (snapshot["message"]["content"], len(snapshot["message"]["embeds"])) == ("x", 1)
    assert not {"author", "id", "channel_id"} & set(snapshot["message"])
    assert "referenced_message" not in sent
    await wire.ask("PATCH", path, says(content="changed"))
    forwarded = f"{wire.channel}/messages/{sent['id']}"
    _, again = await wire.ask("GET", forwarded)
    assert again["message_snapshots"][0]["message"]["content"] == "x"
    second = wire.local.person("Ada").sees()[-1]
    _, copy = await wire.ask("POST", f"{wire.channel}/messages", forward(second))
    assert copy["message_snapshots"][0]["message"]["content"] == "x", "forwards do not nest"


async def test_only_what_can_be_read_is_forwarded(wire: Wire) -> None:
    world, ada = wire.local.world, wire.local.person("Ada")
    message = await ada.say("general", "hello")
    send = f"{wire.channel}/messages"
    assert code_of(await wire.ask("POST", send, forward(message))) == (400, 160014)
    greeting = await ada.say("general", f"hello <@{world.bot.id}>")
    assert (await wire.ask("POST", send, forward(greeting)))[0] == 200
    world.privileged_intents = 1 << 15
    assert (await wire.ask("POST", send, forward(message)))[0] == 200
    missing = forward(message, channel_id=None)
    check_refused(await wire.ask("POST", send, missing), "message_reference.channel_id")
    check_refused(await wire.ask("POST", send, forward(message, message_id="1")), REFERENCE)
    assert code_of(await wire.ask("POST", send, forward(message, channel_id="1"))) == (404, 10003)


REFERENCE = "message_reference"


async def test_a_forward_needs_the_place_that_it_comes_from(wire: Wire) -> None:
    world, ada = wire.local.world, wire.local.person("Ada")
    world.privileged_intents = 1 << 15
    source = add(wire, ChannelKind.TEXT, "source")
    message = await ada.say(channel(wire, source), "hello")
    send = f"{wire.channel}/messages"
    channel(wire, source).nsfw = True
    assert code_of(await wire.ask("POST", send, forward(message))) == (400, 160010)
    channel(wire, source).nsfw = False
    forbid(wire, source, Permission.READ_MESSAGE_HISTORY)
    assert code_of(await wire.ask("POST", send, forward(message))) == (400, 160009)
    forbid(wire, source, Permission.VIEW_CHANNEL)
    assert code_of(await wire.ask("POST", send, forward(message))) == (403, 50001)


async def test_what_others_forward_has_no_content_without_the_intent(wire: Wire) -> None:
    ada = wire.local.person("Ada")
    message = await ada.say("general", "hello")
    sent = await ada.forward(message, "general")
    _, shown = await wire.ask("GET", theirs(sent))
    assert shown["message_snapshots"][0]["message"]["content"] == ""
    wire.local.world.privileged_intents = 1 << 15
    _, shown = await wire.ask("GET", theirs(sent))
    assert shown["message_snapshots"][0]["message"]["content"] == "hello"


async def test_an_answer_forwards_nothing(wire: Wire) -> None:
    wire.local.commands.put(None, {"name": "try", "description": "Try"})
    message = await wire.local.person("Ada").say("general", "hello")
    asked = await wire.local.person("Ada").command("try", wait=False)
    path = f"/interactions/{asked.id}/{asked.token}/callback"
    body = {"type": 4, "data": says() | forward(message)}
    assert (await wire.ask("POST", path, body))[0] == 204
    assert asked.message is not None
    assert (asked.message.snapshot, asked.message.reply_to) == (None, None)


# --- voice messages -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "name", "code"),
    [
        ({"content": "x"}, "a.ogg", 50159),
        ({}, "a.png", 50160),
        ({"attachments": [{"id": "0"}]}, "a.ogg", 50161),
        ({"attachments": [{"id": "0", "duration_secs": 1.5, "waveform": "AAA="}]}, "a.ogg", None),
    ],
)
async def test_a_voice_message_is_one_sound(
    wire: Wire, body: Any, name: str, code: int | None
) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("payload_json", aiohttp.JsonPayload(body | {"flags": 1 << 13}))
    form.add_field("files[0]", b"data", filename=name)
    answer = await wire.send("POST", f"{wire.channel}/messages", data=form)
    assert (answer[0] if code is None else code_of(answer)) == ((400, code) if code else 200)
    if code is None:
        path = f"{wire.channel}/messages/{answer[1]['id']}"
        assert code_of(await wire.ask("PATCH", path, says())) == (400, 50162)


# --- polls ----------------------------------------------------------------------------------


async def test_a_poll_is_shown_and_cannot_be_changed_or_forwarded(wire: Wire) -> None:
    path = await posted(wire, content=None, poll=POLL | {"duration": 1})
    _, shown = await wire.ask("GET", path)
    assert shown["poll"]["answers"] == [{"answer_id": 1, "poll_media": {"text": "a"}}]
    assert code_of(await wire.ask("PATCH", path, says())) == (400, 520003)
    message = wire.local.person("Ada").sees()[-1]
    refused = await wire.ask("POST", f"{wire.channel}/messages", forward(message))
    assert code_of(refused) == (403, 50021)


# --- roles and overwrites -------------------------------------------------------------------


async def test_a_bot_gives_roles_below_its_own(wire: Wire) -> None:
    world, ada = wire.local.world, wire.local.person("Ada")
    low = world.add_role(world.guild, "Low")
    allow(wire, Permission.MANAGE_ROLES)
    high = world.add_role(world.guild, "High")
    managed = world.add_role(world.guild, "Other bot", managed=True)
    managed.position = 0
    path = f"/guilds/{world.guild.id}/members/{ada.id}/roles"
    assert code_of(await wire.ask("PUT", f"{path}/{high.id}")) == (403, 50013)
    assert code_of(await wire.ask("PUT", f"{path}/{managed.id}")) == (400, 50028)
    assert code_of(await wire.ask("PUT", f"{path}/1")) == (404, 10011)
    wire.local.gateway.allow_intents(1 << 1)
    async with connected(wire) as socket:
        await socket.identify(intents=GUILDS | 1 << 1)
        assert (await wire.ask("PUT", f"{path}/{low.id}"))[0] == 204
        assert (await socket.event("GUILD_MEMBER_UPDATE"))["roles"] == [str(low.id)]
    assert (await wire.ask("DELETE", f"{path}/{low.id}"))[0] == 204
    assert world.guild.members[ada.id].roles == set()


async def test_a_bot_changes_permissions_that_it_has(wire: Wire) -> None:
    world = wire.local.world
    allow(wire, Permission.MANAGE_ROLES)
    path = f"{wire.channel}/permissions/{world.guild.id}"
    ban = {"type": 0, "deny": str(int(Permission.BAN_MEMBERS))}
    assert code_of(await wire.ask("PUT", path, ban)) == (403, 50013)
    own = {"type": 0, "deny": str(int(Permission.ATTACH_FILES))}
    assert (await wire.ask("PUT", path, own))[0] == 204
    bot = world.guild.members[world.bot.id]
    world.set_overwrite(world.channel("general"), bot, allow=int(Permission.MANAGE_ROLES))
    assert (await wire.ask("PUT", path, ban))[0] == 204
    direct = world.direct_channel(world.user("Ada"))
    path = f"/channels/{direct.id}/permissions/{world.guild.id}"
    assert code_of(await wire.ask("PUT", path, own)) == (403, 50003)
