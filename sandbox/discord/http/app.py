"""The web applications: their routes, and the middleware for every request."""

import json
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web

from sandbox.discord import faults as faulty
from sandbox.discord.faults import Faults
from sandbox.discord.http import (
    cdn,
    commands,
    guilds,
    interactions,
    messages,
    pins,
    threads,
    users,
)
from sandbox.discord.http.context import BODY, CONTEXT, Context, context
from sandbox.discord.http.reply import json_answer
from sandbox.discord.http.request_log import LoggedRequest
from sandbox.discord.rules.problems import Problem, blocked_by_network, unauthorized
from sandbox.discord.rules.rates import Rates
from sandbox.host_check import require_local_host

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PREFIX = "/api/v10"
_WITHOUT_TOKEN = ("/interactions/", "/webhooks/{webhook_id}/{webhook_token}")
_WITHOUT_TOKEN_ITSELF = frozenset({"/gateway"})
FAULT = web.RequestKey("fault", faulty.Fault)
"""The test's fault that a request met."""
_LARGEST = 512 * 1024 * 1024


def build_app(
    made: Context, *, faults: Faults, rates: Rates, record: Callable[[LoggedRequest], None]
) -> web.Application:
    """Build the server of the API and the gateway."""
    api = web.Application(
        middlewares=[
            _recording(record),
            _banning(rates),
            _failing(faults),
            _limiting(rates),
            _answering,
        ]
    )
    # The pins come first: their path is also that of a message.
    for module in (users, commands, interactions, pins, messages, threads, guilds):
        api.add_routes(module.routes)
    app = web.Application(client_max_size=_LARGEST, middlewares=[require_local_host])
    app[CONTEXT] = made
    app.add_subapp(PREFIX, api)
    app.add_routes([web.get(path, made.gateway.handle) for path in ("/gateway", "/gateway/")])
    return app


def build_cdn(made: Context) -> web.Application:
    """Build the server of the files, which Discord has on other hosts than its API."""
    app = web.Application(middlewares=[require_local_host])
    app[CONTEXT] = made
    app.add_routes(cdn.routes)
    return app


def route_of(request: web.Request) -> str:
    """Return the route's template, as in Discord's OpenAPI description."""
    resource = request.match_info.route.resource
    return resource.canonical.removeprefix(PREFIX) if resource else request.path


def _recording(record: Callable[[LoggedRequest], None]) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.monotonic()
        body: list[Any] = []
        BODY.set(body)
        response: web.StreamResponse | None = None
        try:
            response = await handler(request)
        finally:
            record(_recorded(request, response, body[0] if body else None, started))
        return response

    return middleware


def _recorded(
    request: web.Request, response: web.StreamResponse | None, body: Any, started: float
) -> LoggedRequest:
    """Make the log entry; without a response, an exception here became aiohttp's 500."""
    cut = request.transport is None or request.transport.is_closing()
    status = 500 if response is None else response.status
    return LoggedRequest(
        method=request.method,
        route=route_of(request),
        path=request.path,
        status=0 if cut else status,
        started=started,
        seconds=time.monotonic() - started,
        body=body,
        answer=_answer_of(response),
        multipart=request.content_type.startswith("multipart/"),
        agent=request.headers.get("User-Agent", ""),
        injected=FAULT in request,
    )


def _answer_of(response: web.StreamResponse | None) -> Any:
    if not isinstance(response, web.Response) or response.content_type != "application/json":
        return None
    return json.loads(response.text or "null")


def _failing(faults: Faults) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = faults.take(request.method, route_of(request))
        if fault is None:
            return await handler(request)
        request[FAULT] = fault
        early = await faulty.before(fault, request)
        if early is not None:
            return early
        return faulty.after(fault, request, await handler(request))

    return middleware


def _banning(rates: Rates) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = rates.bans.refusal(request)
        if refusal is not None:
            await request.read()
            return refusal
        response = await handler(request)
        rates.bans.count(request, response)
        return response

    return middleware


def _limiting(rates: Rates) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        route = route_of(request)
        if route.startswith("/interactions/"):
            return await handler(request)
        verdict = rates.take(request, route)
        if verdict.scope is not None:
            await request.read()
            return verdict.refusal()
        response = await handler(request)
        response.headers.update(verdict.headers())
        return response

    return middleware


@web.middleware
async def _answering(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check the token, and turn refusals into Discord's JSON."""
    try:
        if not request.headers.get("User-Agent"):
            raise blocked_by_network()
        _check_token(request)
        return await handler(request)
    except Problem as refused:
        return json_answer(refused.body(), status=refused.status)
    except web.HTTPException as refused:
        body = {"message": f"{refused.status}: {refused.reason}", "code": 0}
        return json_answer(body, status=refused.status)


def _check_token(request: web.Request) -> None:
    route = route_of(request)
    if route in _WITHOUT_TOKEN_ITSELF or _starts(route, _WITHOUT_TOKEN):
        return
    if request.headers.get("Authorization") != f"Bot {context(request).token}":
        raise unauthorized()


def _starts(route: str, prefixes: Iterable[str]) -> bool:
    return any(route.startswith(prefix) for prefix in prefixes)
