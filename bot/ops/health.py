"""`/healthz`, `/readyz` and `/metrics` for whoever watches over the process."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.errors import SettingsError, StorageError

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""What has to work, by name, and whether it does now; asked at each look."""

Metrics = Callable[[], Awaitable[bytes]]
"""Everything that is counted, in Prometheus' text format.

Raises:
    StorageError: not everything can be read now.
"""


@contextlib.asynccontextmanager
async def open_health(
    *, host: str, port: int, ready: Ready, metrics: Metrics | None = None
) -> AsyncIterator[int]:
    """Answer while open; gives the port that was opened (``port`` 0: a free one).

    `/healthz` answers 200 as long as the event loop turns. `/readyz` answers 200 when all of
    ``ready`` is true and 503 when not; both with a JSON body that says what is what. `/metrics`
    answers in Prometheus' text format, and 503 while the database cannot be read.

    Raises:
        SettingsError: the address cannot be opened.
    """
    app = web.Application()
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _ready(ready))
    if metrics is not None:
        app.router.add_get("/metrics", _measured(metrics))
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await _start(site, host, port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _start(site: web.TCPSite, host: str, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        problem = f"HEALTH_PORT ({port}) cannot be opened on {host!r}: {error.strerror or error}"
        raise SettingsError([problem]) from error


async def _alive(_request: web.Request) -> web.Response:
    return web.json_response({"alive": True})


def _ready(ready: Ready) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_request: web.Request) -> web.Response:
        parts = dict(await ready())
        fine = all(parts.values())
        return web.json_response({"ready": fine, **parts}, status=200 if fine else 503)

    return answer


def _measured(metrics: Metrics) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_request: web.Request) -> web.Response:
        try:
            body = await metrics()
        except StorageError as error:
            raise web.HTTPServiceUnavailable(text=f"the database: {error}") from error
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return answer
