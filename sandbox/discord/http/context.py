"""Context of the routes, and helpers that read a request."""

import json
import re
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.interactions import Interactions
from sandbox.discord.render.interactions import InteractionRenderer
from sandbox.discord.render.messages import MessageRenderer
from sandbox.discord.rules.fields import integer
from sandbox.discord.rules.fields import snowflake as is_id
from sandbox.discord.rules.problems import FormErrors, Problem, invalid_form, problem
from sandbox.discord.state.commands import Commands
from sandbox.discord.state.files import Files
from sandbox.discord.state.messages.messages import Messages
from sandbox.discord.state.messages.pins import Pins
from sandbox.discord.state.messages.reactions import Reactions
from sandbox.discord.state.model import Channel, Json, Message, Upload
from sandbox.discord.state.threads import Threads
from sandbox.discord.state.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything that a route may need."""

    world: World
    files: Files
    gateway: Gateway
    messages: Messages
    reactions: Reactions
    threads: Threads
    pins: Pins
    interactions: Interactions
    commands: Commands
    render: MessageRenderer
    told: InteractionRenderer
    token: str


CONTEXT: web.AppKey[Context] = web.AppKey("discord", Context)
BODY: ContextVar[list[Any]] = ContextVar("body")
"""Collects the JSON body of the current request for the log."""


def context(request: web.Request) -> Context:
    """Return the context of the server that received this request."""
    return request.config_dict[CONTEXT]


async def read_json(request: web.Request) -> Any:
    """Read a JSON body or a form; 50109 if it is invalid, 50035 for another content type."""
    if request.content_type == "application/x-www-form-urlencoded":
        body: Any = _from_fields({key: str(value) for key, value in (await request.post()).items()})
    elif request.content_type != "application/json":
        raise _wrong_type()
    else:
        body = await _json_of(request)
    BODY.get().append(body)
    return body


async def _json_of(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        raise problem(50109) from None


def _wrong_type() -> Problem:
    words = "Expected \"Content-Type\" header to be one of {'application/json'}."
    return invalid_form("_misc", "CONTENT_TYPE_INVALID", words)


def _from_fields(fields: dict[str, str]) -> Json:
    """A form as an object; ``payload_json`` stands for all of its own fields."""
    payload = fields.pop("payload_json", None)
    body = {key: _from_form(value) for key, value in fields.items()}
    return body if payload is None else body | _parsed(payload.encode())


def _from_form(value: str) -> Any:
    """The value of a form's field: JSON where it is an object, a list, true or false."""
    if not value.startswith(("{", "[", "true", "false")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


async def read_object(request: web.Request) -> Json:
    """Read a JSON body, which must be an object."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise problem(50109)
    return body


async def read_form(request: web.Request) -> tuple[Json, dict[int, Upload]]:
    """Read a JSON body and its files, from JSON or from ``multipart/form-data``."""
    if not request.content_type.startswith("multipart/"):
        return await read_object(request), {}
    body: Json = {}
    uploads: dict[int, Upload] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        data = bytes(await part.read(decode=False))
        name = part.name or ""
        if name == "payload_json":
            body |= _parsed(data)
        elif part.filename is None and not name.startswith("files["):
            body[name] = _from_form(data.decode(errors="replace"))
        else:
            number = _file_number(name)
            kind = part.headers.get("Content-Type")
            typed = None if kind in (None, "application/octet-stream") else kind
            uploads[number] = Upload(part.filename or "unknown", data, typed)
    BODY.get().append(body)
    return body, uploads


def _file_number(name: str) -> int:
    found = re.fullmatch(r"files\[(\d{1,9})\]", name)
    if found is None:
        raise invalid_form(name, "FILE_NAME_INVALID", "Files are named files[n].")
    return int(found[1])


def _parsed(data: bytes) -> Json:
    try:
        body: Json = json.loads(data)
    except ValueError:
        raise problem(50109) from None
    if not isinstance(body, dict):
        raise problem(50109)
    return body


def snowflake(request: web.Request, name: str) -> int:
    """Read an id from the path; 50035 if it is not a number."""
    text = request.match_info[name]
    if not text.isdigit():
        words = f'Value "{text}" is not snowflake.'
        raise invalid_form(name, "NUMBER_TYPE_COERCE", words)
    return int(text)


def query_number(request: web.Request, name: str, *, default: int, most: int) -> int:
    """Read a positive integer from the query; 50035 if it is invalid."""
    errors = FormErrors()
    given = request.query.get(name)
    if given is None:
        return default
    integer(1, most)(errors, name, given)
    errors.raise_if_any()
    return int(given)


def query_snowflake(request: web.Request, name: str) -> int | None:
    """Read an id from the query; 50035 if it is invalid."""
    errors = FormErrors()
    given = request.query.get(name)
    if given is None:
        return None
    is_id(errors, name, given)
    errors.raise_if_any()
    return int(given)


def channel_of(request: web.Request) -> Channel:
    """Return the channel in the path; 10003 if there is none."""
    return context(request).world.find_channel(snowflake(request, "channel_id"))


def message_of(request: web.Request) -> Message:
    """Return the message in the path; 10003 or 10008 if there is none."""
    channel = channel_of(request)
    return context(request).world.find_message(channel.id, snowflake(request, "message_id"))


def no_content() -> web.Response:
    """Answer 204."""
    return web.Response(status=204)
