"""Routes of a channel's messages and reactions."""

from datetime import timedelta
from urllib.parse import unquote

from aiohttp import web

from sandbox.discord.http.context import (
    channel_of,
    context,
    message_of,
    no_content,
    query_number,
    query_snowflake,
    read_form,
    read_object,
    snowflake,
)
from sandbox.discord.http.reply import json_answer
from sandbox.discord.render import entities
from sandbox.discord.rules.fields import list_of, record
from sandbox.discord.rules.fields import snowflake as is_id
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import FormErrors, invalid_form, problem
from sandbox.discord.state.model import Message, User

routes = web.RouteTableDef()

_ONE = "/channels/{channel_id}/messages/{message_id}"
BULK_DELETE_AGE = timedelta(days=14)
_BULK = record({"messages": list_of(is_id, 2, 100, unique=True)}, required=["messages"])
_EMOJI = _ONE + "/reactions/{emoji_name}"


@routes.post("/channels/{channel_id}/messages")
async def create_message(request: web.Request) -> web.Response:
    c, channel = context(request), channel_of(request)
    body, uploads = await read_form(request)
    message = c.messages.post(channel, c.world.bot, body, uploads)
    return json_answer(c.render.message(message))


@routes.get("/channels/{channel_id}/messages")
async def list_messages(request: web.Request) -> web.Response:
    c, channel = context(request), channel_of(request)
    c.world.need(c.world.bot, channel)
    if not c.world.permissions(c.world.bot, channel) & Permission.READ_MESSAGE_HISTORY:
        return json_answer([])
    everything = [m for m in c.world.messages[channel.id].values() if not m.ephemeral]
    chosen = _page(everything, request)
    return json_answer([c.render.message(message) for message in chosen])


def _page(messages: list[Message], request: web.Request) -> list[Message]:
    """Select messages by ``before``, ``after``, ``around`` and ``limit``, newest first."""
    limit = query_number(request, "limit", default=50, most=100)
    given = {key: query_snowflake(request, key) for key in ("around", "before", "after")}
    if sum(value is not None for value in given.values()) > 1:
        words = "Only one of around, before and after can be given"
        raise invalid_form("_", "MESSAGE_PAGINATION_EXCLUSIVE", words)
    if given["after"] is not None:
        newer = [m for m in messages if m.id > given["after"]]
        return newer[:limit][::-1]
    if given["around"] is not None:
        middle = given["around"]
        older = [m for m in messages if m.id <= middle][-(limit // 2 + 1) :]
        newer = [m for m in messages if m.id > middle][: limit // 2]
        return (older + newer)[::-1]
    before = given["before"] or 2**63
    return [m for m in messages if m.id < before][-limit:][::-1]


@routes.get(_ONE)
async def get_message(request: web.Request) -> web.Response:
    c = context(request)
    c.world.need(c.world.bot, channel_of(request), Permission.READ_MESSAGE_HISTORY)
    return json_answer(c.render.message(message_of(request)))


@routes.patch(_ONE)
async def edit_message(request: web.Request) -> web.Response:
    c = context(request)
    body, uploads = await read_form(request)
    message = c.messages.edit(message_of(request), c.world.bot, body, uploads)
    return json_answer(c.render.message(message))


@routes.delete(_ONE)
async def delete_message(request: web.Request) -> web.Response:
    c, message = context(request), message_of(request)
    c.messages.access.check_delete(message, c.world.bot)
    c.messages.delete(message)
    return no_content()


@routes.post(_ONE + "/crosspost")
async def crosspost(request: web.Request) -> web.Response:
    c = context(request)
    message = c.messages.crosspost(message_of(request), c.world.bot)
    return json_answer(c.render.message(message))


@routes.post("/channels/{channel_id}/messages/bulk-delete")
async def bulk_delete(request: web.Request) -> web.Response:
    c, channel = context(request), channel_of(request)
    if channel.guild_id is None:
        raise problem(50003)
    c.world.need(c.world.bot, channel, Permission.MANAGE_MESSAGES)
    body = await read_object(request)
    errors = FormErrors()
    _BULK(errors, "", body)
    errors.raise_if_any()
    ids = [int(one) for one in body["messages"]]
    oldest = c.world.clock.now() - BULK_DELETE_AGE
    kept = c.world.messages[channel.id]
    found = [kept[one] for one in ids if one in kept and not kept[one].ephemeral]
    if any(one.created_at < oldest for one in found):
        raise problem(50034)
    if found:
        c.messages.delete(*found)
    return no_content()


@routes.post("/channels/{channel_id}/typing")
async def typing(request: web.Request) -> web.Response:
    c, channel = context(request), channel_of(request)
    wanted = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    c.world.need(c.world.bot, channel, wanted)
    c.world.typing.begin(channel, c.world.bot)
    return no_content()


# --- reactions ------------------------------------------------------------------------------


def _emoji(request: web.Request) -> str:
    return unquote(request.match_info["emoji_name"])


@routes.put(_EMOJI + "/@me")
async def add_reaction(request: web.Request) -> web.Response:
    c = context(request)
    c.reactions.react(message_of(request), c.world.bot, _emoji(request))
    return no_content()


@routes.delete(_EMOJI + "/@me")
async def remove_own_reaction(request: web.Request) -> web.Response:
    c = context(request)
    c.reactions.unreact(message_of(request), c.world.bot, _emoji(request))
    return no_content()


@routes.delete(_EMOJI + "/{user_id}")
async def remove_reaction(request: web.Request) -> web.Response:
    c, message = context(request), message_of(request)
    c.world.need(c.world.bot, channel_of(request), Permission.MANAGE_MESSAGES)
    c.reactions.unreact(message, _user(request), _emoji(request))
    return no_content()


@routes.get(_EMOJI)
async def list_reactions(request: web.Request) -> web.Response:
    c, message = context(request), message_of(request)
    c.world.need(c.world.bot, channel_of(request), Permission.READ_MESSAGE_HISTORY)
    after = query_snowflake(request, "after") or 0
    limit = query_number(request, "limit", default=25, most=100)
    users = sorted(one for one in message.reactions.get(_emoji(request), []) if one > after)
    return json_answer([entities.user(c.world.users[one]) for one in users[:limit]])


@routes.delete(_EMOJI)
async def clear_emoji(request: web.Request) -> web.Response:
    c, message = context(request), message_of(request)
    c.world.need(c.world.bot, channel_of(request), Permission.MANAGE_MESSAGES)
    c.reactions.clear(message, _emoji(request))
    return no_content()


@routes.delete(_ONE + "/reactions")
async def clear_reactions(request: web.Request) -> web.Response:
    c, message = context(request), message_of(request)
    c.world.need(c.world.bot, channel_of(request), Permission.MANAGE_MESSAGES)
    c.reactions.clear(message)
    return no_content()


def _user(request: web.Request) -> User:
    user = context(request).world.users.get(snowflake(request, "user_id"))
    if user is None:
        raise problem(10013)
    return user
