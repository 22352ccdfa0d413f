"""Who may use the page: a browser on this machine that shows this page, and nothing else in it.

Whatever web page is open beside it could otherwise send requests here, or point a name of its own
at 127.0.0.1. So the name that the browser believes it speaks to has to be this machine's, and
where the browser says which page is asking, it has to be this one.
"""

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.host_check import names_this_machine


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses everybody else."""
    if not is_welcome(request):
        raise web.HTTPForbidden(text="This page is only for a browser on its own machine.")
    return await handler(request)


def is_welcome(request: web.Request) -> bool:
    """Whether it comes from this page, or from no page at all."""
    host = request.headers.get("Host", "")
    origin = request.headers.get("Origin")
    if not names_this_machine(request):
        return False
    return origin is None or origin == f"http://{host}"


def policy(files: str) -> dict[str, str]:
    """What browsers are told that the page may load; attachments come from ``files``, an origin."""
    allowed = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"'self' data: blob: {files}",
        "media-src": f"'self' blob: {files}",
        # Not every browser takes 'self' for the websocket too.
        "connect-src": "'self' ws://127.0.0.1:* ws://localhost:*",
        "font-src": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{k} {v}" for k, v in allowed.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
