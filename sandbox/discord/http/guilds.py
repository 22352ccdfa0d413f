"""Routes of servers, members, roles and channels, and of channel overwrites."""

from aiohttp import web

from sandbox.discord.gateway.intents import Intent
from sandbox.discord.http.context import (
    channel_of,
    context,
    no_content,
    query_number,
    query_snowflake,
    read_object,
    snowflake,
)
from sandbox.discord.http.reply import json_answer
from sandbox.discord.render import entities
from sandbox.discord.rules.fields import integer, one_of, record
from sandbox.discord.rules.permissions import ALL, Permission
from sandbox.discord.rules.problems import FormErrors, problem
from sandbox.discord.state.model import Guild, Member, Overwrite
from sandbox.discord.state.role_access import changeable, may_give

routes = web.RouteTableDef()

_BITS = integer(0, ALL)
_OVERWRITE = record({"type": one_of(0, 1), "allow": _BITS, "deny": _BITS}, required=["type"])


def _guild(request: web.Request) -> Guild:
    return context(request).world.find_guild(snowflake(request, "guild_id"))


def _member(request: web.Request) -> Member:
    member = _guild(request).members.get(snowflake(request, "user_id"))
    if member is None:
        raise problem(10007)
    return member


@routes.get("/guilds/{guild_id}")
async def guild(request: web.Request) -> web.Response:
    found = _guild(request)
    body = entities.guild(found)
    if request.query.get("with_counts", "").lower() in {"1", "true"}:
        count = len(found.members)
        body |= {"approximate_member_count": count, "approximate_presence_count": count}
    return json_answer(body)


@routes.get("/guilds/{guild_id}/channels")
async def channels(request: web.Request) -> web.Response:
    found = [c for c in _guild(request).channels.values() if not c.is_thread]
    return json_answer([entities.channel(one) for one in found])


@routes.get("/guilds/{guild_id}/roles")
async def roles(request: web.Request) -> web.Response:
    return json_answer([entities.role(one) for one in _guild(request).roles.values()])


@routes.get("/guilds/{guild_id}/roles/{role_id}")
async def role(request: web.Request) -> web.Response:
    found = _guild(request).roles.get(snowflake(request, "role_id"))
    if found is None:
        raise problem(10011)
    return json_answer(entities.role(found))


@routes.get("/guilds/{guild_id}/members/{user_id}")
async def member(request: web.Request) -> web.Response:
    return json_answer(entities.member(_member(request)))


@routes.get("/guilds/{guild_id}/members")
async def members(request: web.Request) -> web.Response:
    if not context(request).world.privileged_intents & Intent.GUILD_MEMBERS:
        raise problem(50001)
    after = query_snowflake(request, "after") or 0
    limit = query_number(request, "limit", default=1, most=1000)
    found = sorted(_guild(request).members.values(), key=lambda one: one.user.id)
    chosen = [one for one in found if one.user.id > after][:limit]
    return json_answer([entities.member(one) for one in chosen])


@routes.put("/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
async def add_role(request: web.Request) -> web.Response:
    return _change_role(request, give=True)


@routes.delete("/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
async def remove_role(request: web.Request) -> web.Response:
    return _change_role(request, give=False)


def _change_role(request: web.Request, *, give: bool) -> web.Response:
    c, found, who = context(request), _guild(request), _member(request)
    role_id = snowflake(request, "role_id")
    if role_id not in found.roles:
        raise problem(10011)
    if not may_give(c.world, c.world.bot, found.roles[role_id]):
        raise problem(50013)
    if found.roles[role_id].managed or role_id == found.id:
        raise problem(50028)
    if give:
        who.roles.add(role_id)
    else:
        who.roles.discard(role_id)
    body = entities.member(who) | {"guild_id": str(found.id)}
    c.gateway.dispatch("GUILD_MEMBER_UPDATE", body)
    return no_content()


# --- channels -------------------------------------------------------------------------------


@routes.get("/channels/{channel_id}")
async def channel(request: web.Request) -> web.Response:
    c, found = context(request), channel_of(request)
    c.world.need(c.world.bot, found)
    return json_answer(entities.channel(found))


@routes.put("/channels/{channel_id}/permissions/{overwrite_id}")
async def put_overwrite(request: web.Request) -> web.Response:
    c, found = context(request), channel_of(request)
    if found.guild_id is None:
        raise problem(50003)
    c.world.need(c.world.bot, found, Permission.MANAGE_ROLES)
    body = await read_object(request)
    errors = FormErrors()
    _OVERWRITE(errors, "", body)
    errors.raise_if_any()
    changed = int(body.get("allow") or 0) | int(body.get("deny") or 0)
    if changed & ~changeable(c.world, c.world.bot, found):
        raise problem(50013)
    target = snowflake(request, "overwrite_id")
    found.overwrites[target] = Overwrite(
        id=target,
        kind=int(body["type"]),
        allow=int(body.get("allow") or 0),
        deny=int(body.get("deny") or 0),
    )
    c.gateway.dispatch("CHANNEL_UPDATE", entities.channel(found))
    return no_content()


@routes.delete("/channels/{channel_id}/permissions/{overwrite_id}")
async def delete_overwrite(request: web.Request) -> web.Response:
    c, found = context(request), channel_of(request)
    c.world.need(c.world.bot, found, Permission.MANAGE_ROLES)
    found.overwrites.pop(snowflake(request, "overwrite_id"), None)
    c.gateway.dispatch("CHANNEL_UPDATE", entities.channel(found))
    return no_content()
