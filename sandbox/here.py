"""Only this machine: whoever speaks to a local server has to call it by this machine's name.

Any web page that is open in a browser here can point a name of its own at 127.0.0.1, and its
requests then come with that name as their `Host`.
"""

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def only_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses every other name."""
    if not is_called_here(request):
        raise web.HTTPForbidden(text="This server is only for programs on its own machine.")
    return await handler(request)


def is_called_here(request: web.Request) -> bool:
    """Whether the name that the client believes it speaks to is this machine's."""
    try:
        return URL(f"http://{request.headers.get('Host', '')}").host in _HERE
    except ValueError:
        return False
