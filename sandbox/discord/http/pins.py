"""Routes of a channel's pinned messages, with those that Discord calls deprecated."""

from datetime import datetime

from aiohttp import web

from sandbox.discord.http.context import (
    channel_of,
    context,
    message_of,
    no_content,
    query_number,
)
from sandbox.discord.http.reply import json_answer
from sandbox.discord.render import entities
from sandbox.discord.rules.problems import invalid_form
from sandbox.discord.state.model import Message

routes = web.RouteTableDef()

_ALL = "/channels/{channel_id}/messages/pins"
_OLD = "/channels/{channel_id}/pins"


@routes.get(_ALL)
async def pins(request: web.Request) -> web.Response:
    c, before = context(request), _before(request)
    limit = query_number(request, "limit", default=50, most=50)
    found = [(one, one.pinned_at) for one in c.pins.pinned(channel_of(request), c.world.bot)]
    chosen = [(one, at) for one, at in found if at and (before is None or at < before)]
    items = [
        {"pinned_at": entities.iso(at), "message": c.render.message(one)}
        for one, at in chosen[:limit]
    ]
    return json_answer({"items": items, "has_more": len(chosen) > limit})


def _before(request: web.Request) -> datetime | None:
    given = request.query.get("before")
    try:
        return None if given is None else datetime.fromisoformat(given)
    except ValueError:
        words = f'Could not parse "{given}". Should be ISO8601.'
        raise invalid_form("before", "DATE_TIME_TYPE_PARSE", words) from None


@routes.get(_OLD)
async def old_pins(request: web.Request) -> web.Response:
    c = context(request)
    found: list[Message] = c.pins.pinned(channel_of(request), c.world.bot)
    return json_answer([c.render.message(one) for one in found[:50]])


@routes.put(_ALL + "/{message_id}")
@routes.put(_OLD + "/{message_id}")
async def pin(request: web.Request) -> web.Response:
    c = context(request)
    c.pins.pin(message_of(request), c.world.bot)
    return no_content()


@routes.delete(_ALL + "/{message_id}")
@routes.delete(_OLD + "/{message_id}")
async def unpin(request: web.Request) -> web.Response:
    c = context(request)
    c.pins.unpin(message_of(request), c.world.bot)
    return no_content()
