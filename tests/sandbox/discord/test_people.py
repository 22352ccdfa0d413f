"""What people do reaches the bot in the shapes of Discord's documentation."""

from typing import Any

import pytest

from sandbox.discord import ClientRefused, Interaction, Message, Upload
from sandbox.discord.state.model import ChannelKind
from tests.sandbox.discord.message_forms import row
from tests.sandbox.discord.raw_gateway import GUILDS, connected
from tests.sandbox.discord.raw_requests import Wire, check_refused


async def sent(wire: Wire, *parts: Any) -> Message:
    """Let the bot post components, and return the message."""
    status, body = await wire.ask("POST", f"{wire.channel}/messages", {"components": list(parts)})
    assert status == 200, body
    return wire.local.world.messages[int(body["channel_id"])][int(body["id"])]


def auto(kind: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "custom_id": "s"} | more


# --- menus in messages ----------------------------------------------------------------------


async def test_a_chosen_person_is_resolved_with_their_membership(wire: Wire) -> None:
    message = await sent(wire, row(auto(5, max_values=2)))
    ada, grace = wire.local.person("Ada"), wire.local.person("Grace")
    data = (await ada.select(message, "s", [grace, "Mona"], wait=False)).data
    mona = wire.local.person("Mona")
    assert (data["component_type"], data["values"]) == (5, [str(grace.id), str(mona.id)])
    resolved = data["resolved"]
    assert set(resolved) == {"users", "members"}
    assert resolved["users"][str(grace.id)]["username"] == "grace"
    assert not {"user", "deaf", "mute"} & set(resolved["members"][str(grace.id)])
    assert int(resolved["members"][str(grace.id)]["permissions"]) > 0


async def test_a_chosen_role_and_whoever_can_be_mentioned(wire: Wire) -> None:
    world, ada = wire.local.world, wire.local.person("Ada")
    painters = next(one for one in world.guild.roles.values() if one.name == "Painters")
    message = await sent(wire, row(auto(6)))
    data = (await ada.select(message, "s", ["Painters"], wait=False)).data
    assert data["values"] == [str(painters.id)]
    assert data["resolved"]["roles"][str(painters.id)]["name"] == "Painters"
    message = await sent(wire, row(auto(7, max_values=2)))
    data = (await ada.select(message, "s", [painters, ada], wait=False)).data
    assert set(data["resolved"]) == {"roles", "users", "members"}


async def test_a_chosen_channel_is_partial_and_of_the_types_asked_for(wire: Wire) -> None:
    world, ada = wire.local.world, wire.local.person("Ada")
    voice = world.add_channel(world.guild, "talk", ChannelKind.VOICE)
    message = await sent(wire, row(auto(8, channel_types=[2])))
    with pytest.raises(ClientRefused, match="no option"):
        await ada.select(message, "s", ["general"], wait=False)
    data = (await ada.select(message, "s", [voice], wait=False)).data
    resolved = data["resolved"]["channels"][str(voice.id)]
    assert (resolved["type"], resolved["name"]) == (2, "talk")
    assert not {"permission_overwrites", "bitrate", "user_limit"} & set(resolved)
    for key, who in (("permissions", ada.user), ("app_permissions", world.bot)):
        assert int(resolved[key]) == world.permissions(who, voice)
    assert resolved["permissions"] != resolved["app_permissions"]


async def test_a_menu_takes_as_many_as_it_says(wire: Wire) -> None:
    ada = wire.local.person("Ada")
    message = await sent(wire, row(auto(5, min_values=0)))
    assert (await ada.select(message, "s", [], wait=False)).data["values"] == []
    with pytest.raises(ClientRefused, match="2 choices"):
        await ada.select(message, "s", [ada, "Grace"], wait=False)
    disabled = await sent(wire, row(auto(5, disabled=True)))
    with pytest.raises(ClientRefused, match="disabled"):
        await ada.select(disabled, "s", [ada], wait=False)


async def test_the_channel_of_an_interaction_has_no_overwrites(wire: Wire) -> None:
    wire.local.commands.put(None, {"name": "try", "description": "Try"})
    async with connected(wire) as socket:
        await socket.identify(intents=GUILDS)
        ada = wire.local.person("Ada")
        await ada.command("try", channel="no-files", wait=False)
        told = await socket.event("INTERACTION_CREATE")
    world = wire.local.world
    assert world.channel("no-files").overwrites
    assert "permission_overwrites" not in told["channel"]
    granted = world.permissions(ada.user, world.channel("no-files"))
    assert told["channel"]["permissions"] == str(granted)


# --- context menus --------------------------------------------------------------------------


async def test_a_command_on_somebody(wire: Wire) -> None:
    wire.local.commands.put(None, {"name": "Greet", "type": 2})
    ada, grace = wire.local.person("Ada"), wire.local.person("Grace")
    used = await ada.menu("Greet", grace, wait=False)
    assert (used.data["type"], used.data["target_id"]) == (2, str(grace.id))
    assert set(used.data["resolved"]) == {"users", "members"}
    answer = await answered(wire, used)
    assert answer["type"] == 23
    assert answer["interaction_metadata"]["target_user"]["id"] == str(grace.id)
    assert "message_reference" not in answer
    with pytest.raises(ClientRefused, match="no command"):
        await ada.menu("Greet", await ada.say("general", "hello"), wait=False)


async def answered(wire: Wire, used: Interaction, **more: Any) -> Any:
    """Answer an interaction, and return the message."""
    path = f"/interactions/{used.id}/{used.token}/callback?with_response=true"
    body = {"type": 4, "data": {"content": "done"} | more}
    status, told = await wire.ask("POST", path, body)
    assert status == 200, told
    return told["resource"]["message"]


async def test_answers_have_the_types_of_their_commands(wire: Wire) -> None:
    wire.local.commands.put(None, {"name": "try", "description": "Try"})
    wire.local.commands.put(None, {"name": "Do", "type": 3})
    ada = wire.local.person("Ada")
    asked = await ada.command("try", wait=False)
    answer = await answered(wire, asked)
    assert answer["type"] == 20
    theirs = await ada.say("general", "hello")
    done = await answered(wire, await ada.menu("Do", theirs, wait=False))
    assert done["type"] == 23
    assert done["message_reference"]["message_id"] == str(theirs.id)
    assert done["referenced_message"]["id"] == str(theirs.id)
    assert done["interaction_metadata"]["target_message_id"] == str(theirs.id)
    assert done["mentions"] == []
    path = f"/webhooks/{wire.local.world.application_id}/{asked.token}"
    _, further = await wire.ask("POST", path, {"content": "and more"})
    assert further["type"] == 19
    assert further["message_reference"]["message_id"] == answer["id"]
    assert further["interaction_metadata"]["original_response_message_id"] == answer["id"]
    assert further["mentions"] == []


# --- forms ----------------------------------------------------------------------------------


def label(inner: Any) -> dict[str, Any]:
    return {"type": 18, "label": "l", "component": inner}


CHOICES: list[dict[str, Any]] = [
    {"label": "A", "value": "a"},
    {"label": "B", "value": "b", "default": True},
]


async def opened(wire: Wire, *inner: Any) -> Interaction:
    """Let the bot open a form with these inputs, each in a label."""
    wire.local.commands.put(None, {"name": "try", "description": "Try"})
    asked = await wire.local.person("Ada").command("try", wait=False)
    path = f"/interactions/{asked.id}/{asked.token}/callback"
    form = {"title": "t", "custom_id": "m", "components": [label(one) for one in inner]}
    status, refused = await wire.ask("POST", path, {"type": 9, "data": form})
    assert status == 204, refused
    return asked


def values(submitted: Interaction) -> list[Any]:
    """Return what the inputs of a submitted form answer."""
    inputs = [one["component"] for one in submitted.data["components"]]
    return [one["value"] if "value" in one else one["values"] for one in inputs]


async def test_every_input_of_a_form_answers_in_its_own_way(wire: Wire) -> None:
    form = await opened(
        wire,
        {"type": 21, "custom_id": "r", "options": CHOICES},
        {"type": 22, "custom_id": "b", "options": CHOICES},
        {"type": 23, "custom_id": "c"},
        {"type": 3, "custom_id": "o", "options": CHOICES},
        {"type": 19, "custom_id": "u", "max_values": 2, "file_types": ["image", ".txt"]},
    )
    ada = wire.local.person("Ada")
    files = [Upload("a.PNG", b"1"), Upload("b.txt", b"2")]
    fields = {"r": "A", "b": ["a", "b"], "c": True, "u": files}
    submitted = await ada.submit_modal(form, fields, wait=False)
    radio, boxes, box, option, uploads = values(submitted)
    assert (radio, boxes, box, option) == ("a", ["a", "b"], True, ["b"])
    attachments = submitted.data["resolved"]["attachments"]
    assert [attachments[one]["filename"] for one in uploads] == ["a.PNG", "b.txt"]
    assert all(one["ephemeral"] for one in attachments.values())
    assert "/ephemeral-attachments/" in attachments[uploads[0]]["url"]


async def test_menus_of_forms_are_resolved_together(wire: Wire) -> None:
    world, ada = wire.local.world, wire.local.person("Ada")
    default = [{"id": str(ada.id), "type": "user"}]
    form = await opened(
        wire,
        auto(5, custom_id="5", default_values=default),
        auto(6, custom_id="6"),
        auto(8, custom_id="8", required=False),
    )
    submitted = await ada.submit_modal(form, {"6": ["Painters"], "8": []}, wait=False)
    people, roles, channels = values(submitted)
    assert (people, channels) == ([str(ada.id)], [])
    assert world.guild.roles[int(roles[0])].name == "Painters"
    assert set(submitted.data["resolved"]) == {"users", "members", "roles"}


@pytest.mark.parametrize(
    ("inner", "given"),
    [
        ({"type": 21, "options": [{"label": v, "value": v} for v in "ab"]}, None),
        ({"type": 21, "options": CHOICES}, "c"),
        ({"type": 22, "options": CHOICES[:1]}, []),
        ({"type": 22, "options": CHOICES, "max_values": 1}, ["a", "b"]),
        ({"type": 3, "options": CHOICES[:1]}, []),
        ({"type": 5}, []),
        ({"type": 19}, []),
        ({"type": 19}, [Upload("a", b"1"), Upload("b", b"2")]),
        ({"type": 19, "file_types": ["image"]}, [Upload("a.txt", b"1")]),
        ({"type": 19}, [Upload("a.png", b"x" * (10 * 1024 * 1024 + 1))]),
    ],
)
async def test_a_form_is_not_sent_before_it_is_filled_in(
    wire: Wire, inner: Any, given: Any
) -> None:
    form = await opened(wire, {"custom_id": "x"} | inner)
    fields = {} if given is None else {"x": given}
    with pytest.raises(ClientRefused):
        await wire.local.person("Ada").submit_modal(form, fields, wait=False)


async def test_what_is_not_required_may_stay_empty(wire: Wire) -> None:
    form = await opened(
        wire,
        {"type": 21, "custom_id": "r", "required": False, "options": [*CHOICES[:1], *OTHER]},
        {"type": 22, "custom_id": "b", "required": False, "options": CHOICES[:1]},
        {"type": 19, "custom_id": "u", "required": False},
        {"type": 23, "custom_id": "c", "default": True},
    )
    submitted = await wire.local.person("Ada").submit_modal(form, {}, wait=False)
    assert values(submitted) == [None, [], [], True]
    assert "resolved" not in submitted.data


OTHER = [{"label": "C", "value": "c"}]


async def test_the_answer_to_a_form_is_like_that_to_its_command(wire: Wire) -> None:
    form = await opened(wire, {"type": 23, "custom_id": "c"})
    submitted = await wire.local.person("Ada").submit_modal(form, {}, wait=False)
    assert (await answered(wire, submitted))["type"] == 20


async def test_both_boxes_of_a_group_may_be_ticked_from_the_beginning(wire: Wire) -> None:
    ticked = [one | {"default": True} for one in CHOICES]
    form = await opened(wire, {"type": 22, "custom_id": "b", "options": ticked})
    submitted = await wire.local.person("Ada").submit_modal(form, {}, wait=False)
    assert values(submitted) == [["a", "b"]]


# --- slash commands -------------------------------------------------------------------------


async def test_options_take_channels_and_files_of_their_types(wire: Wire) -> None:
    options = [
        {"type": 7, "name": "where", "description": "d", "channel_types": [2]},
        {"type": 11, "name": "file", "description": "d", "file_types": [".txt"]},
    ]
    wire.local.commands.put(None, {"name": "try", "description": "d", "options": options})
    world, ada = wire.local.world, wire.local.person("Ada")
    voice = world.add_channel(world.guild, "talk", ChannelKind.VOICE)
    with pytest.raises(ClientRefused, match="cannot be 'general'"):
        await ada.command("try", where=world.channel("general"), wait=False)
    with pytest.raises(ClientRefused, match="does not take"):
        await ada.command("try", file=Upload("a.png", b"1"), wait=False)
    file = Upload("A.TXT", b"1")
    used = await ada.command("try", where=voice, file=file, wait=False)
    assert set(used.data["resolved"]) == {"channels", "attachments"}
    assert "permission_overwrites" not in used.data["resolved"]["channels"][str(voice.id)]


async def test_defaults_of_a_menu_are_of_its_kind_and_number(wire: Wire) -> None:
    path, where = f"{wire.channel}/messages", "components.0.components.0.default_values"
    user, role = {"id": "1", "type": "user"}, {"id": "2", "type": "role"}
    for part, field in (
        (auto(5, default_values=[role]), f"{where}.0.type"),
        (auto(6, default_values=[user]), f"{where}.0.type"),
        (auto(8, default_values=[user]), f"{where}.0.type"),
        (auto(7, default_values=[{"id": "3", "type": "channel"}]), f"{where}.0.type"),
        (auto(7, default_values=[user, role]), where),
        (auto(5, default_values=[user], min_values=2, max_values=3), where),
    ):
        check_refused(await wire.ask("POST", path, {"components": [row(part)]}), field)
    taken = auto(7, default_values=[user, role], max_values=2)
    assert (await wire.ask("POST", path, {"components": [row(taken)]}))[0] == 200
