"""Access control: only a browser on this machine that shows this page may use it.

Any other web page in that browser could send requests here, or point its own name at 127.0.0.1. So
the `Host` must be this machine's, and an `Origin` must be this page's.
"""

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.host_check import names_this_machine


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 to all other clients."""
    if not is_welcome(request):
        raise web.HTTPForbidden(text="This page is only for a browser on its own machine.")
    return await handler(request)


def is_welcome(request: web.Request) -> bool:
    """Whether a request comes from this page, or from no page at all."""
    host = request.headers.get("Host", "")
    origin = request.headers.get("Origin")
    if not names_this_machine(request):
        return False
    return origin is None or origin == f"http://{host}"


def policy(files: str) -> dict[str, str]:
    """Return headers that limit what the page may load; ``files``: the origin of attachments."""
    allowed = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"'self' data: blob: {files}",
        "media-src": f"'self' blob: {files}",
        # Not every browser applies 'self' to websockets.
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
