"""Refuses requests that address this server by a name other than this machine's.

Any web page that is open in a browser here can point its own name at 127.0.0.1; its requests then
have that name as their `Host`.
"""

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def require_local_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 if the request's host is not this machine."""
    if not names_this_machine(request):
        raise web.HTTPForbidden(text="This server is only for programs on its own machine.")
    return await handler(request)


def names_this_machine(request: web.Request) -> bool:
    """Whether the name in the request's `Host` is this machine's."""
    try:
        return URL(f"http://{request.headers.get('Host', '')}").host in _LOCAL_NAMES
    except ValueError:
        return False
