"""Routes of the bot, its application, the gateway's URL, and direct messages."""

from aiohttp import web

from sandbox.discord.gateway.identify import IDENTIFIES_A_DAY
from sandbox.discord.http.context import context, read_object, snowflake
from sandbox.discord.http.reply import json_answer
from sandbox.discord.render import entities
from sandbox.discord.rules.fields import record
from sandbox.discord.rules.fields import snowflake as is_id
from sandbox.discord.rules.problems import FormErrors, problem
from sandbox.discord.state.messages.content import application_flags

routes = web.RouteTableDef()

_RECIPIENT = record({"recipient_id": is_id}, required=["recipient_id"])


@routes.get("/users/@me")
async def me(request: web.Request) -> web.Response:
    return json_answer(entities.own_user(context(request).world.bot))


@routes.get("/users/{user_id}")
async def user(request: web.Request) -> web.Response:
    found = context(request).world.users.get(snowflake(request, "user_id"))
    if found is None:
        raise problem(10013)
    return json_answer(entities.user(found))


@routes.get("/users/@me/guilds")
async def my_guilds(request: web.Request) -> web.Response:
    c = context(request)
    mine = [guild for guild in c.world.guilds.values() if c.world.bot.id in guild.members]
    return json_answer(
        [
            {
                "id": str(guild.id),
                "name": guild.name,
                "icon": None,
                "banner": None,
                "owner": False,
                "permissions": str(int(c.world.guild_permissions(c.world.bot, guild))),
                "features": [],
            }
            for guild in mine
        ]
    )


@routes.post("/users/@me/channels")
async def open_direct(request: web.Request) -> web.Response:
    c = context(request)
    body = await read_object(request)
    errors = FormErrors()
    _RECIPIENT(errors, "", body)
    errors.raise_if_any()
    person = c.world.users.get(int(body["recipient_id"]))
    if person is None or person.bot:
        raise problem(50033)
    return json_answer(entities.channel(c.world.direct_channel(person)))


@routes.get("/applications/@me")
@routes.get("/oauth2/applications/@me")
async def application(request: web.Request) -> web.Response:
    world = context(request).world
    owner = world.users[world.guild.owner_id]
    body = entities.application(
        world.app_name,
        world.bot,
        owner,
        len(world.guilds),
        own_installs=world.own_installs,
        flags=application_flags(world.privileged_intents),
        interactions_endpoint=world.interactions_endpoint,
    )
    return json_answer(body)


@routes.get("/soundboard-default-sounds")
async def default_sounds(request: web.Request) -> web.Response:
    """There are no sounds here; some libraries ask for them when they log in."""
    return json_answer([])


@routes.get("/gateway")
async def gateway(request: web.Request) -> web.Response:
    return json_answer({"url": context(request).gateway.url})


@routes.get("/gateway/bot")
async def gateway_bot(request: web.Request) -> web.Response:
    gateway = context(request).gateway
    limit = {
        "total": IDENTIFIES_A_DAY,
        "remaining": gateway.identifies.remaining,
        "reset_after": 0,
        "max_concurrency": gateway.identifies.max_concurrency,
    }
    return json_answer({"url": gateway.url, "shards": 1, "session_start_limit": limit})
