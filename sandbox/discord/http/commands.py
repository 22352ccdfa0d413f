"""Routes of the application's commands."""

from aiohttp import web

from sandbox.discord.http.context import context, no_content, read_json, snowflake
from sandbox.discord.http.reply import json_answer
from sandbox.discord.rules.problems import Problem, problem
from sandbox.discord.state.model import Json

routes = web.RouteTableDef()

_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


def _scope(request: web.Request) -> int | None:
    """Return the server of the commands, after checking the application's id."""
    c = context(request)
    if snowflake(request, "application_id") != c.world.application_id:
        raise problem(10002)
    if "guild_id" not in request.match_info:
        return None
    guild_id = snowflake(request, "guild_id")
    if guild_id not in c.world.guilds:
        raise problem(50001)
    return guild_id


@routes.get(_GLOBAL)
@routes.get(_GUILD)
async def list_commands(request: web.Request) -> web.Response:
    found = context(request).commands.all(_scope(request))
    if request.query.get("with_localizations") != "true":
        found = [_in_one_language(one) for one in found]
    return json_answer(found)


def _in_one_language(command: Json) -> Json:
    """Remove translations, which Discord sends only on request."""
    shown = {key: value for key, value in command.items() if not key.endswith("_localizations")}
    options = [_in_one_language(one) for one in command.get("options") or []]
    return shown | ({"options": options} if options else {})


@routes.put(_GLOBAL)
@routes.put(_GUILD)
async def put_commands(request: web.Request) -> web.Response:
    scope = _scope(request)
    return json_answer(context(request).commands.put_all(scope, await read_json(request)))


@routes.post(_GLOBAL)
@routes.post(_GUILD)
async def put_command(request: web.Request) -> web.Response:
    """Answer 201 for a new command, or 200 if one of this name existed."""
    scope, commands = _scope(request), context(request).commands
    before = {one["id"] for one in commands.all(scope)}
    made = commands.put(scope, await read_json(request))
    return json_answer(made, status=200 if made["id"] in before else 201)


@routes.get(_GUILD + "/permissions")
async def all_permissions(request: web.Request) -> web.Response:
    c, guild_id = context(request), _scope(request)
    assert guild_id is not None
    found = [
        _permissions(request, guild_id, target)
        for kept_guild, target in c.world.command_permissions
        if kept_guild == guild_id
    ]
    return json_answer(found)


@routes.get(_GUILD + "/{command_id}/permissions")
async def permissions(request: web.Request) -> web.Response:
    c, guild_id = context(request), _scope(request)
    assert guild_id is not None
    target = snowflake(request, "command_id")
    if not c.commands.permissions(guild_id, target):
        raise problem(10066)
    return json_answer(_permissions(request, guild_id, target))


@routes.put(_GUILD + "/{command_id}/permissions")
async def put_permissions(request: web.Request) -> web.Response:
    """Refuse: this needs a person's bearer token, which does not exist here."""
    raise Problem(403, 20001, "Bots cannot use this endpoint")


def _permissions(request: web.Request, guild_id: int, target: int) -> Json:
    c = context(request)
    return {
        "id": str(target),
        "application_id": str(c.world.application_id),
        "guild_id": str(guild_id),
        "permissions": c.commands.permissions(guild_id, target),
    }


@routes.get(_GLOBAL + "/{command_id}")
@routes.get(_GUILD + "/{command_id}")
async def get_command(request: web.Request) -> web.Response:
    scope = _scope(request)
    found = context(request).commands.get(scope, snowflake(request, "command_id"))
    return json_answer(found)


@routes.patch(_GLOBAL + "/{command_id}")
@routes.patch(_GUILD + "/{command_id}")
async def edit_command(request: web.Request) -> web.Response:
    c, scope = context(request), _scope(request)
    old = c.commands.get(scope, snowflake(request, "command_id"))
    given = await read_json(request)
    if not isinstance(given, dict):
        raise problem(50109)
    return json_answer(c.commands.change(scope, old, given))


@routes.delete(_GLOBAL + "/{command_id}")
@routes.delete(_GUILD + "/{command_id}")
async def delete_command(request: web.Request) -> web.Response:
    scope = _scope(request)
    context(request).commands.delete(scope, snowflake(request, "command_id"))
    return no_content()
