"""Requests that Discord refuses according to its documentation, with the field that it names."""

from typing import Any

import aiohttp
import pytest

from sandbox.discord import Permission
from tests.sandbox.discord.message_forms import MESSAGES, button, layout, row, says, select, words
from tests.sandbox.discord.raw_requests import Wire, check_refused


@pytest.mark.parametrize("name", MESSAGES)
async def test_a_wrong_message_is_refused(wire: Wire, name: str) -> None:
    body, path = MESSAGES[name]
    check_refused(await wire.ask("POST", f"{wire.channel}/messages", body), path)
    assert wire.local.person("Ada").sees("general") == []


# --- changes to messages --------------------------------------------------------------------


async def test_a_message_with_words_becomes_a_layout_only_without_them(wire: Wire) -> None:
    _, sent = await wire.ask("POST", f"{wire.channel}/messages", says(embeds=[{"title": "t"}]))
    path = f"{wire.channel}/messages/{sent['id']}"
    check_refused(await wire.ask("PATCH", path, layout(words())), "content")
    check_refused(await wire.ask("PATCH", path, layout(words(), content=None)), "embeds")
    emptied = layout(words(), content=None, embeds=[])
    status, changed = await wire.ask("PATCH", path, emptied)
    assert (status, changed["content"], changed["embeds"]) == (200, "", [])
    status, kept = await wire.ask("PATCH", path, {"flags": 0, "components": [words()]})
    assert (status, kept["flags"] & 1 << 15) == (200, 1 << 15), "the flag cannot be taken away"


async def test_a_deferral_says_nothing_of_its_layout(wire: Wire) -> None:
    wire.local.commands.put(None, {"name": "try", "description": "Try"})
    asked = await wire.local.person("Ada").command("try", wait=False)
    path = f"/interactions/{asked.id}/{asked.token}/callback"
    check_refused(
        await wire.ask("POST", path, {"type": 5, "data": {"flags": 1 << 15}}), "data.flags"
    )
    check_refused(await wire.ask("POST", path, {"type": 5, "data": []}), "data")
    assert (await wire.ask("POST", path, {"type": 5, "data": {"flags": 64}}))[0] == 204


# --- mentions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "people", "roles", "everyone"),
    [
        (None, True, True, True),
        ({"parse": []}, False, False, False),
        ({"parse": ["users"]}, True, False, False),
        ({"parse": ["roles", "everyone"]}, False, True, True),
    ],
)
async def test_mentions_are_worked_out(
    wire: Wire, allowed: Any, people: bool, roles: bool, everyone: bool
) -> None:
    world = wire.local.world
    ada, bot = world.user("Ada"), world.guild.members[world.bot.id]
    role = world.add_role(world.guild, "Callable")
    role.mentionable = True
    hidden = world.add_role(world.guild, "Not callable")
    body = says(content=f"<@{ada.id}> <@&{role.id}> <@&{hidden.id}> @everyone")
    body |= {} if allowed is None else {"allowed_mentions": allowed}
    _, sent = await wire.ask("POST", f"{wire.channel}/messages", body)
    assert bool(sent["mentions"]) is people
    assert sent["mention_roles"] == ([str(role.id)] if roles else [])
    assert sent["mention_everyone"] is False, "that needs a permission"
    may = world.add_role(world.guild, "May", int(Permission.MENTION_EVERYONE))
    bot.roles.add(may.id)
    _, sent = await wire.ask("POST", f"{wire.channel}/messages", body)
    assert sent["mention_everyone"] is everyone
    assert sent["mention_roles"] == ([str(role.id), str(hidden.id)] if roles else [])


async def test_an_answer_mentions_people_alone_by_default(wire: Wire) -> None:
    world = wire.local.world
    role = world.add_role(world.guild, "Callable")
    role.mentionable = True
    wire.local.commands.put(None, {"name": "try", "description": "Try"})
    asked = await wire.local.person("Ada").command("try", wait=False)
    body = says(content=f"<@{world.user('Ada').id}> <@&{role.id}>")
    path = f"/interactions/{asked.id}/{asked.token}/callback"
    assert (await wire.ask("POST", path, {"type": 4, "data": body}))[0] == 204
    assert asked.message is not None
    assert [one.name for one in asked.message.mentions] == ["Ada"]
    assert asked.message.mention_roles == []


# --- modals and suggestions -----------------------------------------------------------------


def modal(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"title": "t", "custom_id": "m", "components": list(parts)} | more


def label(inner: Any, **more: Any) -> dict[str, Any]:
    return {"type": 18, "label": "l", "component": inner} | more


def line(**more: Any) -> dict[str, Any]:
    return {"type": 4, "custom_id": "i", "style": 1} | more


INSIDE = "data.components.0.component"
CHOICES = [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]

MODALS: dict[str, tuple[Any, str]] = {
    "no title": (modal(label(line()), title=None), "data.title"),
    "a long title": (modal(label(line()), title="t" * 46), "data.title"),
    "no components": (modal(), "data.components"),
    "six components": (modal(*[label(line())] * 6), "data.components"),
    "a button": (modal(row(button())), "data.components.0.components.0.type"),
    "a container": (modal({"type": 17, "components": []}), "data.components.0.type"),
    "two inputs in a row": (
        modal(row(line(), line(custom_id="j"))),
        "data.components.0.components",
    ),
    "an input without label": (modal(row(line())), "data.components.0.components.0.label"),
    "an empty label": (modal(label(line(), label="")), "data.components.0.label"),
    "a long label": (modal(label(line(), label="l" * 46)), "data.components.0.label"),
    "a description": (
        modal(label(line(), description="d" * 101)),
        "data.components.0.description",
    ),
    "a label without component": (modal(label(None)), INSIDE),
    "a button in a label": (modal(label(button())), f"{INSIDE}.type"),
    "no style": (modal(label(line(style=None))), f"{INSIDE}.style"),
    "an unknown style": (modal(label(line(style=3))), f"{INSIDE}.style"),
    "least above most": (modal(label(line(min_length=5, max_length=4))), f"{INSIDE}.min_length"),
    "no most": (modal(label(line(max_length=0))), f"{INSIDE}.max_length"),
    "too long for itself": (
        modal(label(line(max_length=3, value="abcd"))),
        f"{INSIDE}.value",
    ),
    "a placeholder": (modal(label(line(placeholder="p" * 101))), f"{INSIDE}.placeholder"),
    "a disabled select": (modal(label(select(disabled=True))), f"{INSIDE}.disabled"),
    "a required select of none": (modal(label(select(min_values=0))), f"{INSIDE}.min_values"),
    "an upload of eleven": (
        modal(label({"type": 19, "custom_id": "u", "max_values": 11})),
        f"{INSIDE}.max_values",
    ),
    "an upload of unknown files": (
        modal(label({"type": 19, "custom_id": "u", "file_types": ["png"]})),
        f"{INSIDE}.file_types.0",
    ),
    "one radio button": (
        modal(label({"type": 21, "custom_id": "r", "options": CHOICES[:1]})),
        f"{INSIDE}.options",
    ),
    "a radio value twice": (
        modal(label({"type": 21, "custom_id": "r", "options": CHOICES[:1] * 2})),
        f"{INSIDE}.options.1.value",
    ),
    "eleven boxes": (
        modal(
            label(
                {
                    "type": 22,
                    "custom_id": "b",
                    "options": [{"label": "l", "value": str(one)} for one in range(11)],
                }
            )
        ),
        f"{INSIDE}.options",
    ),
    "a box without a name": (modal(label({"type": 23})), f"{INSIDE}.custom_id"),
    "two inputs of one name": (modal(label(line()), label(line())), "data.components"),
}


@pytest.mark.parametrize("name", MODALS)
async def test_a_wrong_modal_is_refused(wire: Wire, name: str) -> None:
    wire.local.commands.put(None, {"name": "try", "description": "Try"})
    asked = await wire.local.person("Ada").command("try", wait=False)
    body, path = MODALS[name]
    callback = f"/interactions/{asked.id}/{asked.token}/callback"
    check_refused(await wire.ask("POST", callback, {"type": 9, "data": body}), path)
    assert asked.modal is None


# --- paths and queries ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=abc", "limit"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("before=abc", "before"),
        ("around=-5", "around"),
        ("before=1&after=2", "_"),
    ],
)
async def test_a_page_that_is_none_is_refused(wire: Wire, query: str, field: str) -> None:
    check_refused(await wire.ask("GET", f"{wire.channel}/messages?{query}"), field)


async def test_messages_are_deleted_together_by_two_to_a_hundred(wire: Wire) -> None:
    path = f"{wire.channel}/messages/bulk-delete"
    check_refused(await wire.ask("POST", path, {}), "messages")
    check_refused(await wire.ask("POST", path, {"messages": ["1"]}), "messages")
    check_refused(await wire.ask("POST", path, {"messages": ["1", "x"]}), "messages.1")
    check_refused(await wire.ask("POST", path, {"messages": ["1", "1"]}), "messages.1")
    assert (await wire.ask("POST", path, {"messages": ["1", "2"]}))[0] == 204


# --- how a request is sent -------------------------------------------------------------------


async def test_forms_of_both_kinds_are_taken(wire: Wire) -> None:
    path = f"{wire.channel}/messages"
    status, sent = await wire.send("POST", path, data={"content": "x", "tts": "false"})
    assert (status, sent["content"]) == (200, "x")
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("content", "y")
    form.add_field("files[0]", b"data", filename="a.txt")
    status, sent = await wire.send("POST", path, data=form)
    assert (status, sent["content"], len(sent["attachments"])) == (200, "y", 1)
    status, refused = await wire.send("POST", path, data=b"x", headers={"Content-Type": "text/x"})
    assert (status, refused["code"]) == (400, 50035)
    for body in (b"{", b"[]"):
        json_type = {"Content-Type": "application/json"}
        status, refused = await wire.send("POST", path, data=body, headers=json_type)
        assert (status, refused["code"]) == (400, 50109)


async def test_whoever_does_not_say_who_they_are_is_blocked(wire: Wire) -> None:
    status, refused = await wire.send("GET", "/users/@me", headers={"User-Agent": ""})
    assert (status, refused["code"]) == (403, 40333)


async def test_what_libraries_ask_when_they_log_in(wire: Wire) -> None:
    url = f"{wire.local.api_url}/gateway"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert await answer.json() == {"url": wire.local.gateway.url}, "without a token"
    assert await wire.ask("GET", "/soundboard-default-sounds") == (200, [])
    assert (await wire.ask("GET", "/applications/@me"))[1]["summary"] == ""


async def test_members_are_listed_with_their_intent_only(wire: Wire) -> None:
    path = f"/guilds/{wire.local.world.guild.id}/members?limit=1000"
    status, refused = await wire.ask("GET", path)
    assert (status, refused["code"]) == (403, 50001)
    wire.local.gateway.allow_intents(1 << 1)
    assert len((await wire.ask("GET", path))[1]) == len(wire.local.world.guild.members)
    check_refused(await wire.ask("GET", path.replace("1000", "1001")), "limit")


async def test_overwrites_and_recipients_are_checked(wire: Wire) -> None:
    world = wire.local.world
    bot = world.guild.members[world.bot.id]
    bot.roles.add(world.add_role(world.guild, "May", int(Permission.MANAGE_ROLES)).id)
    path = f"{wire.channel}/permissions/1"
    check_refused(await wire.ask("PUT", path, {"type": 2}), "type")
    check_refused(await wire.ask("PUT", path, {"type": 0, "allow": "all"}), "allow")
    check_refused(await wire.ask("POST", "/users/@me/channels", {}), "recipient_id")
    check_refused(
        await wire.ask("POST", "/users/@me/channels", {"recipient_id": "a"}), "recipient_id"
    )
