"""Routes of threads and their members."""

from aiohttp import web

from sandbox.discord.gateway.intents import Intent
from sandbox.discord.http.context import (
    channel_of,
    context,
    message_of,
    no_content,
    read_form,
    read_object,
    snowflake,
)
from sandbox.discord.http.reply import json_answer
from sandbox.discord.render import entities
from sandbox.discord.rules.channels import POSTS_ONLY
from sandbox.discord.rules.fields import boolean, integer, list_of, one_of, record, text
from sandbox.discord.rules.fields import snowflake as is_id
from sandbox.discord.rules.problems import FormErrors, problem
from sandbox.discord.state.model import Channel, Json, User

routes = web.RouteTableDef()

_THREAD = {
    "name": text(1, 100),
    "auto_archive_duration": one_of(60, 1440, 4320, 10080),
    "rate_limit_per_user": integer(0, 21600),
}
_UNDER = record(_THREAD, required=["name"])
_ALONE = record(_THREAD | {"type": one_of(10, 11, 12), "invitable": boolean}, required=["name"])
_POST = record(
    _THREAD | {"applied_tags": list_of(is_id, 0, 5), "message": record({})},
    required=["name", "message"],
)


@routes.post("/channels/{channel_id}/messages/{message_id}/threads")
async def begin_under(request: web.Request) -> web.Response:
    c, body = context(request), await read_object(request)
    _check(_UNDER, body)
    thread = c.threads.under(message_of(request), c.world.bot, body["name"])
    return json_answer(entities.channel(thread), status=201)


@routes.post("/channels/{channel_id}/threads")
async def begin(request: web.Request) -> web.Response:
    """Begin a thread without a message, or with its first one in a forum."""
    c, parent = context(request), channel_of(request)
    body, uploads = await read_form(request)
    if parent.kind not in POSTS_ONLY:
        _check(_ALONE, body)
        thread = c.threads.alone(parent, c.world.bot, body["name"], body.get("type"))
        return json_answer(entities.channel(thread), status=201)
    _check(_POST, body)
    thread, message = c.threads.post(parent, c.world.bot, body["name"], body["message"], uploads)
    shown = entities.channel(thread) | {"message": c.render.message(message)}
    return json_answer(shown, status=201)


@routes.get("/guilds/{guild_id}/threads/active")
async def active(request: web.Request) -> web.Response:
    c = context(request)
    guild = c.world.find_guild(snowflake(request, "guild_id"))
    found = [one for one in guild.channels.values() if one.is_thread and not one.archived]
    seen = [one for one in found if c.world.may_see(c.world.bot, one)]
    mine = [c.threads.member(one, c.world.bot) for one in seen if c.world.bot.id in one.people]
    threads = [entities.channel(one) for one in seen]
    return json_answer({"threads": threads, "members": mine, "has_more": False})


_MEMBERS = "/channels/{channel_id}/thread-members"


@routes.get(_MEMBERS)
async def members(request: web.Request) -> web.Response:
    c, thread = context(request), _thread(request)
    if not c.world.privileged_intents & Intent.GUILD_MEMBERS:
        raise problem(50001)
    people = [c.world.users[one] for one in sorted(thread.people)]
    return json_answer([c.threads.member(thread, one) for one in people])


@routes.get(_MEMBERS + "/{user_id}")
async def member(request: web.Request) -> web.Response:
    c = context(request)
    return json_answer(c.threads.member(_thread(request), _user(request)))


@routes.put(_MEMBERS + "/{user_id}")
async def add_member(request: web.Request) -> web.Response:
    c = context(request)
    c.threads.join(channel_of(request), c.world.bot, _user(request))
    return no_content()


@routes.delete(_MEMBERS + "/{user_id}")
async def remove_member(request: web.Request) -> web.Response:
    c = context(request)
    c.threads.leave(channel_of(request), c.world.bot, _user(request))
    return no_content()


def _thread(request: web.Request) -> Channel:
    c, found = context(request), channel_of(request)
    if not found.is_thread:
        raise problem(50024)
    c.world.need(c.world.bot, found)
    return found


def _user(request: web.Request) -> User:
    """Return the user in the path; ``@me`` is the bot."""
    world = context(request).world
    if request.match_info["user_id"] == "@me":
        return world.bot
    user = world.users.get(snowflake(request, "user_id"))
    if user is None:
        raise problem(10013)
    return user


def _check(form: object, body: Json) -> None:
    errors = FormErrors()
    form(errors, "", body)  # type: ignore[operator]
    errors.raise_if_any()
