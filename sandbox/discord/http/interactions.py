"""Routes for answers to interactions: the callback, then the token's webhook."""

from aiohttp import web

from sandbox.discord.http.context import context, no_content, read_form, snowflake
from sandbox.discord.http.reply import json_answer
from sandbox.discord.rules.problems import problem

routes = web.RouteTableDef()

_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL = _WEBHOOK + "/messages/@original"
_FOLLOWUP = _WEBHOOK + "/messages/{message_id}"


@routes.post("/interactions/{interaction_id}/{interaction_token}/callback")
async def callback(request: web.Request) -> web.Response:
    c = context(request)
    body, uploads = await read_form(request)
    interaction = c.interactions.answer(
        snowflake(request, "interaction_id"),
        request.match_info["interaction_token"],
        body,
        uploads,
    )
    if request.query.get("with_response", "").lower() in {"1", "true"}:
        return json_answer(c.told.described(interaction))
    return no_content()


def _token(request: web.Request) -> str:
    if snowflake(request, "webhook_id") != context(request).world.application_id:
        raise problem(10015)
    return request.match_info["webhook_token"]


def _which(request: web.Request) -> str:
    return request.match_info.get("message_id", "@original")


@routes.post(_WEBHOOK)
async def follow_up(request: web.Request) -> web.Response:
    c, token = context(request), _token(request)
    body, uploads = await read_form(request)
    message = c.interactions.follow_up(token, body, uploads)
    return json_answer(c.render.message(message))


@routes.get(_FOLLOWUP)
@routes.get(_ORIGINAL)  # registered first, since decorators apply from the bottom
async def get_answer(request: web.Request) -> web.Response:
    c = context(request)
    message = c.interactions.message_of(_token(request), _which(request))
    return json_answer(c.render.message(message))


@routes.patch(_FOLLOWUP)
@routes.patch(_ORIGINAL)  # registered first, since decorators apply from the bottom
async def edit_answer(request: web.Request) -> web.Response:
    c, token = context(request), _token(request)
    body, uploads = await read_form(request)
    message = c.interactions.rewrite(token, _which(request), body, uploads)
    return json_answer(c.render.message(message))


@routes.delete(_FOLLOWUP)
@routes.delete(_ORIGINAL)  # registered first, since decorators apply from the bottom
async def delete_answer(request: web.Request) -> web.Response:
    c = context(request)
    c.messages.delete(c.interactions.message_of(_token(request), _which(request)))
    return no_content()
