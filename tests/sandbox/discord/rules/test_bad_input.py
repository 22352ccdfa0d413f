"""Whatever is sent, the local Discord answers with a refusal or a success, and never with 500."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.discord import Permission
from sandbox.discord.state.model import ChannelKind
from tests.sandbox.discord.message_forms import button, gallery, layout, row, select, words
from tests.sandbox.discord.raw_requests import Wire

JUNK: list[Any] = [None, True, -1, 2**70, 1.5, "x", "9" * 30, [], {}, [None], [[]], [{}], ["x"]]

EMBED: dict[str, Any] = {
    "title": "t",
    "url": "https://example.com",
    "timestamp": "2026-01-01T00:00:00Z",
    "color": 1,
    "footer": {"text": "f", "icon_url": "https://example.com/a.png"},
    "image": {"url": "https://example.com/a.png"},
    "author": {"name": "a", "url": "https://example.com"},
    "fields": [{"name": "n", "value": "v", "inline": True}],
}
MESSAGE: dict[str, Any] = {
    "content": "x",
    "nonce": "n",
    "enforce_nonce": True,
    "tts": False,
    "flags": 4,
    "embeds": [EMBED],
    "allowed_mentions": {"parse": ["users"], "roles": ["1"], "replied_user": True},
    "message_reference": {"type": 0, "message_id": "1", "fail_if_not_exists": False},
    "components": [row(button(emoji={"name": "🔁"})), row(select(min_values=1, max_values=1))],
    "attachments": [],
    "sticker_ids": [],
    "poll": {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}]},
}
LAYOUT = layout(
    {"type": 17, "components": [words(), gallery(description="d")], "accent_color": 1},
    {"type": 9, "components": [words()], "accessory": button()},
    {"type": 14, "spacing": 1, "divider": True},
    row({"type": 5, "custom_id": "u", "default_values": [{"id": "1", "type": "user"}]}),
)
COMMAND: dict[str, Any] = {
    "type": 1,
    "name": "try",
    "name_localizations": {"de": "los"},
    "description": "d",
    "default_member_permissions": "8",
    "contexts": [0],
    "integration_types": [0],
    "options": [
        {
            "type": 3,
            "name": "a",
            "description": "d",
            "required": True,
            "choices": [{"name": "n", "value": "v", "name_localizations": {"de": "n"}}],
        },
        {"type": 4, "name": "b", "description": "d", "min_value": 1, "max_value": 2},
        {"type": 7, "name": "c", "description": "d", "channel_types": [0]},
        {"type": 11, "name": "e", "description": "d", "file_types": ["image"]},
    ],
}
CHOICES = [{"label": "A", "value": "a", "default": True}, {"label": "B", "value": "b"}]
MODAL: dict[str, Any] = {
    "title": "t",
    "custom_id": "m",
    "components": [
        {"type": 18, "label": "l", "description": "d", "component": component}
        for component in (
            {"type": 4, "custom_id": "i", "style": 1, "min_length": 1, "max_length": 2},
            {"type": 19, "custom_id": "u", "max_values": 2, "file_types": ["image"]},
            {"type": 21, "custom_id": "r", "options": CHOICES},
            {"type": 22, "custom_id": "b", "options": CHOICES, "min_values": 1},
            {"type": 23, "custom_id": "c", "default": True},
        )
    ],
}


def spoiled(body: Any) -> Iterator[Any]:
    """Yield copies of a body, each with junk in one place."""
    for path in _places(body):
        for junk in JUNK:
            changed = copy.deepcopy(body)
            inside = changed
            for step in path[:-1]:
                inside = inside[step]
            inside[path[-1]] = junk
            yield changed


def _places(body: Any) -> Iterator[list[Any]]:
    inner = dict(enumerate(body)) if isinstance(body, list) else body
    for key, value in inner.items() if isinstance(inner, dict) else ():
        yield [key]
        yield from ([key, *rest] for rest in _places(value))


async def check(wire: Wire, method: str, path: str, body: Any) -> None:
    """Send a body in all its spoiled forms, and junk instead of the body."""
    for sent in [*JUNK, *spoiled(body)]:
        status, answer = await wire.ask(method, path, sent)
        assert status < 500, (method, path, sent)
        assert status < 400 or "code" in answer


async def test_messages(wire: Wire) -> None:
    await check(wire, "POST", f"{wire.channel}/messages", MESSAGE)
    _, sent = await wire.ask("POST", f"{wire.channel}/messages", {"content": "x"})
    await check(wire, "PATCH", f"{wire.channel}/messages/{sent['id']}", LAYOUT)


async def test_answers_and_follow_ups(wire: Wire) -> None:
    wire.local.commands.put(None, {"name": "try", "description": "Try"})
    ada, sent = wire.local.person("Ada"), 0
    # All messages are checked by the same rules.
    for kind, body in ((4, {"content": "x"}), (9, MODAL), (5, {"flags": 64})):
        for data in [*JUNK, *spoiled(body)]:
            asked = await ada.command("try", wait=False)
            path = f"/interactions/{asked.id}/{asked.token}/callback"
            status, _ = await wire.ask("POST", path, {"type": kind, "data": data})
            assert status < 500, data
            sent += status < 300
    assert sent > 20
    asked = await ada.command("try", wait=False)
    path = f"/interactions/{asked.id}/{asked.token}/callback"
    await check(wire, "POST", path, {"type": 5, "data": {"flags": 64}})
    hook = f"/webhooks/{wire.local.world.application_id}/{asked.token}"
    await check(wire, "POST", hook, {"content": "x", "flags": 64})
    await check(wire, "PATCH", f"{hook}/messages/@original", {"content": "x", "attachments": []})


async def test_commands(wire: Wire) -> None:
    wire.local.commands.creates_max = 10_000
    await check(wire, "POST", wire.commands, COMMAND)
    await check(wire, "PUT", wire.commands, [COMMAND])
    _, [kept] = await wire.ask("PUT", wire.commands, [COMMAND])
    await check(wire, "PATCH", f"{wire.commands}/{kept['id']}", COMMAND)


async def test_everything_else(wire: Wire) -> None:
    world = wire.local.world
    bot = world.guild.members[world.bot.id]
    bot.roles.add(world.add_role(world.guild, "May", int(Permission.MANAGE_ROLES)).id)
    forum = f"/channels/{world.add_channel(world.guild, 'forum', ChannelKind.FORUM).id}"
    thread = {"name": "n", "type": 11, "auto_archive_duration": 60, "rate_limit_per_user": 0}
    await check(wire, "POST", f"{wire.channel}/threads", thread)
    await check(wire, "POST", f"{forum}/threads", {"name": "n", "message": {"content": "x"}})
    await check(wire, "POST", f"{wire.channel}/messages/bulk-delete", {"messages": ["1", "2"]})
    await check(wire, "POST", "/users/@me/channels", {"recipient_id": "1"})
    overwrite = {"type": 0, "allow": "0", "deny": "0"}
    await check(wire, "PUT", f"{wire.channel}/permissions/{world.guild.id}", overwrite)


@pytest.mark.parametrize("id", ["x", "-1", "0", "9" * 30, "1.5", "%F0%9F%94%81", "@me"])
async def test_ids_in_paths(wire: Wire, id: str) -> None:
    guild = f"/guilds/{wire.local.world.guild.id}"
    for method, path in (
        ("GET", f"/channels/{id}"),
        ("GET", f"{wire.channel}/messages/{id}"),
        ("DELETE", f"{wire.channel}/messages/{id}"),
        ("PUT", f"{wire.channel}/messages/{id}/reactions/x/@me"),
        ("PUT", f"{wire.channel}/messages/pins/{id}"),
        ("PUT", f"{wire.channel}/thread-members/{id}"),
        ("DELETE", f"{wire.channel}/permissions/{id}"),
        ("GET", f"/guilds/{id}"),
        ("GET", f"{guild}/members/{id}"),
        ("PUT", f"{guild}/members/{id}/roles/{id}"),
        ("GET", f"{guild}/roles/{id}"),
        ("GET", f"{wire.commands}/{id}"),
        ("GET", f"/users/{id}"),
        ("GET", f"/webhooks/{id}/token/messages/@original"),
        ("GET", f"{wire.channel}/messages?before={id}"),
    ):
        assert (await wire.ask(method, path))[0] < 500, (method, path)
