"""Commands that Discord refuses according to its documentation, with the field that it names."""

from typing import Any

import pytest

from sandbox.discord.rules.commands import characters
from tests.sandbox.discord.raw_requests import Wire, check_refused


def command(**more: Any) -> dict[str, Any]:
    return {"name": "try", "description": "d"} | more


def option(**more: Any) -> dict[str, Any]:
    return {"type": 3, "name": "o", "description": "d"} | more


def with_option(**more: Any) -> dict[str, Any]:
    return command(options=[option(**more)])


NESTED = option(type=1, name="inner")
COMMANDS: dict[str, tuple[Any, str]] = {
    "no name": ({"description": "d"}, "name"),
    "a long name": (command(name="n" * 33), "name"),
    "capital letters": (command(name="Try"), "name"),
    "a space": (command(name="try it"), "name"),
    "a dot": (command(name="try.it"), "name"),
    "an emoji": (command(name="🎬"), "name"),
    "no description": ({"name": "try"}, "description"),
    "a long description": (command(description="d" * 101), "description"),
    "an unknown type": (command(type=9), "type"),
    "a menu with a description": ({"type": 3, "name": "Try", "description": "d"}, "description"),
    "a menu with options": ({"type": 3, "name": "Try", "options": [option()]}, "options"),
    "an unknown language": (
        command(name_localizations={"xx": "try"}),
        "name_localizations.xx",
    ),
    "a translated name with a space": (
        command(name_localizations={"de": "mal los"}),
        "name_localizations.de",
    ),
    "a translated name in capitals": (
        command(name_localizations={"de": "Los"}),
        "name_localizations.de",
    ),
    "a long translation": (
        command(description_localizations={"de": "d" * 101}),
        "description_localizations.de",
    ),
    "translations as a list": (command(name_localizations=["los"]), "name_localizations"),
    "permissions as a word": (
        command(default_member_permissions="admin"),
        "default_member_permissions",
    ),
    "negative permissions": (
        command(default_member_permissions="-1"),
        "default_member_permissions",
    ),
    "no place": (command(contexts=[]), "contexts"),
    "an unknown place": (command(contexts=[3]), "contexts.0"),
    "a place twice": (command(contexts=[0, 0]), "contexts.1"),
    "no installation": (command(integration_types=[]), "integration_types"),
    "an unknown installation": (command(integration_types=[2]), "integration_types.0"),
    "26 options": (command(options=[option(name=f"o{n}") for n in range(26)]), "options"),
    "options as an object": (command(options={}), "options"),
    "an option without type": (
        command(options=[{"name": "o", "description": "d"}]),
        "options.0.type",
    ),
    "an option of type 12": (with_option(type=12), "options.0.type"),
    "an option's name": (with_option(name="O"), "options.0.name"),
    "an option without description": (with_option(description=""), "options.0.description"),
    "two options of one name": (command(options=[option(), option()]), "options.1"),
    "required after optional": (
        command(options=[option(), option(name="p", required=True)]),
        "options.1",
    ),
    "26 choices": (
        with_option(choices=[{"name": str(n), "value": str(n)} for n in range(26)]),
        "options.0.choices",
    ),
    "a choice without value": (with_option(choices=[{"name": "a"}]), "options.0.choices.0.value"),
    "a long choice": (
        with_option(choices=[{"name": "a", "value": "v" * 101}]),
        "options.0.choices.0.value",
    ),
    "a word among numbers": (
        with_option(type=4, choices=[{"name": "a", "value": "5"}]),
        "options.0.choices.0.value",
    ),
    "a half among whole numbers": (
        with_option(type=4, choices=[{"name": "a", "value": 0.5}]),
        "options.0.choices.0.value",
    ),
    "a choice's translation": (
        with_option(choices=[{"name": "a", "value": "v", "name_localizations": {"xx": "a"}}]),
        "options.0.choices.0.name_localizations.xx",
    ),
    "choices of an attachment": (
        with_option(type=11, choices=[{"name": "a", "value": "v"}]),
        "options.0.choices",
    ),
    "suggestions and choices": (
        with_option(autocomplete=True, choices=[{"name": "a", "value": "v"}]),
        "options.0.choices",
    ),
    "suggestions for a user": (with_option(type=6, autocomplete=True), "options.0.autocomplete"),
    "bounds of a text": (with_option(min_value=1), "options.0.min_value"),
    "length of a number": (with_option(type=4, max_length=3), "options.0.max_length"),
    "bounds the wrong way": (with_option(type=4, min_value=5, max_value=4), "options.0.min_value"),
    "bounds beyond 2^53": (with_option(type=4, max_value=2**53), "options.0.max_value"),
    "a negative length": (with_option(min_length=-1), "options.0.min_length"),
    "a length of 6,001": (with_option(max_length=6001), "options.0.max_length"),
    "channel types of a text": (with_option(channel_types=[0]), "options.0.channel_types"),
    "options of a text": (with_option(options=[option()]), "options.0.options"),
    "a sub-command beside an option": (command(options=[NESTED, option()]), "options"),
    "a sub-command in a sub-command": (
        command(options=[NESTED | {"options": [NESTED]}]),
        "options.0.options.0.type",
    ),
    "a group in a group": (
        command(options=[option(type=2, options=[option(type=2)])]),
        "options.0.options.0.type",
    ),
    "an option in a group": (
        command(options=[option(type=2, options=[option()])]),
        "options.0.options.0.type",
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_wrong_command_is_refused(wire: Wire, name: str) -> None:
    body, path = COMMANDS[name]
    check_refused(await wire.ask("POST", wire.commands, body), path)
    check_refused(await wire.ask("PUT", wire.commands, [body]), f"0.{path}")
    assert wire.local.commands.all(None) == []


async def test_a_list_of_commands_is_a_list_of_different_ones(wire: Wire) -> None:
    check_refused(await wire.ask("PUT", wire.commands, command()), "_")
    check_refused(await wire.ask("PUT", wire.commands, ["try"]), "0")
    check_refused(await wire.ask("PUT", wire.commands, [command(), command()]), "1")
    same_name = [command(), {"type": 3, "name": "try"}, {"type": 2, "name": "try"}]
    assert (await wire.ask("PUT", wire.commands, same_name))[0] == 200
    menus = [{"type": 3, "name": f"Try {n}"} for n in range(16)]
    check_refused(await wire.ask("PUT", wire.commands, menus), "_")


async def test_a_command_has_8000_characters_in_its_longest_language(wire: Wire) -> None:
    def sized(letters: int, translated: int = 0) -> Any:
        values: list[Any] = [{"name": "n" * 60, "value": f"{n:02}" + "v" * 98} for n in range(25)]
        values[0]["name"] = "n" * letters
        first = option(name="a", description="d" * 50, choices=values)
        if translated:
            values[0]["name_localizations"] = {"de": "n" * translated}
        more = option(name="b", description="d" * 100, choices=values[1:])
        return command(description="d" * 3, options=[first, more])

    fits = 8000 - characters(sized(0))
    assert 1 < fits < 100
    assert (await wire.ask("POST", wire.commands, sized(fits)))[0] == 201
    check_refused(await wire.ask("POST", wire.commands, sized(fits + 1)), "_")
    check_refused(await wire.ask("POST", wire.commands, sized(1, fits + 1)), "_")


async def test_a_command_posted_again_is_the_same(wire: Wire) -> None:
    status, first = await wire.ask("POST", wire.commands, command())
    assert status == 201
    status, again = await wire.ask("POST", wire.commands, command(description="other"))
    assert (status, again["id"], again["description"]) == (200, first["id"], "other")


async def test_a_renamed_command_keeps_its_id_and_takes_nobodys_name(wire: Wire) -> None:
    _, first = await wire.ask("POST", wire.commands, command(options=[option()]))
    await wire.ask("POST", wire.commands, command(name="other"))
    path = f"{wire.commands}/{first['id']}"
    check_refused(await wire.ask("PATCH", path, {"name": "other"}), "name")
    check_refused(await wire.ask("PATCH", path, {"description": ""}), "description")
    status, renamed = await wire.ask("PATCH", path, {"name": "new"})
    assert (status, renamed["id"], renamed["options"]) == (200, first["id"], [option()])


async def test_what_only_global_commands_have_is_refused_in_a_server(wire: Wire) -> None:
    guild = wire.local.world.guild.id
    path = f"/applications/{wire.local.world.application_id}/guilds/{guild}/commands"
    check_refused(await wire.ask("POST", path, command(contexts=[0])), "contexts")
    assert (await wire.ask("POST", path, command()))[0] == 201


async def test_nobody_has_a_command_of_an_application_that_they_cannot_have(wire: Wire) -> None:
    wire.local.world.own_installs = False
    body = command(integration_types=[0, 1])
    check_refused(await wire.ask("POST", wire.commands, body), "integration_types")


async def test_200_new_commands_a_day(wire: Wire) -> None:
    wire.local.commands.creates_max = 2
    for name in ("a", "b", "a"):
        assert (await wire.ask("POST", wire.commands, command(name=name)))[0] in (200, 201)
    status, refused = await wire.ask("POST", wire.commands, command(name="c"))
    assert (status, refused["code"]) == (400, 30034)


async def test_who_may_use_a_command_by_the_servers_permissions(wire: Wire) -> None:
    local, world = wire.local, wire.local.world
    _, made = await wire.ask("POST", wire.commands, command())
    app, own, guild = world.application_id, int(made["id"]), world.guild
    ada, mona, general = local.person("Ada"), local.person("Mona"), world.channel("general")
    thread = world.add_thread(general, "aside", owner=ada.user)
    moderators = next(one.id for one in guild.roles.values() if one.name == "Moderators")

    def entry(id: int, kind: int, permission: bool) -> dict[str, Any]:
        return {"id": str(id), "type": kind, "permission": permission}

    everyone = entry(guild.id, 1, False)
    for at_app, at_command, for_ada, for_mona in (
        ([], [], True, True),
        ([everyone], [], False, False),
        ([everyone, entry(ada.id, 2, True)], [], True, False),
        ([everyone], [entry(moderators, 1, True)], True, True),
        ([everyone], [everyone, entry(moderators, 1, True)], False, True),
        ([], [entry(general.id, 3, False)], False, False),
        ([], [entry(guild.id - 1, 3, False), entry(general.id, 3, True)], True, True),
    ):
        local.set_command_permissions(app, at_app, guild)
        local.set_command_permissions(own, at_command, guild)
        for place in (general, thread):
            offered = (ada.offered(place), mona.offered(place))
            assert [bool(one) for one in offered] == [for_ada, for_mona], (at_app, at_command)
