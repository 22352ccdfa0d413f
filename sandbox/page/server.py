"""The page's server: static files, uploads and websockets."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import WSCloseCode, web

from bot.clock import SystemClock
from sandbox.bot_process import BotProcess
from sandbox.dashscope import LocalDashScope
from sandbox.discord import LocalDiscord, Upload
from sandbox.discord.state.files import guess_type
from sandbox.page.browser_session import BrowserSession
from sandbox.page.frames import Refused, words_of
from sandbox.page.guard import guard, policy
from sandbox.page.ops import PageContext
from sandbox.page.panel.panel import Panel
from sandbox.page.panel.switches import Switches
from sandbox.page.samples import SampleStore
from sandbox.page.uploads import LARGEST_BYTES, Uploads
from sandbox.page.view.addresses import Addresses
from sandbox.page.view.message_view import MessageView
from sandbox.page.view.visible_state import ReadMarks, VisibleState
from sandbox.vtrix import LocalVtrix

STATIC = Path(__file__).parent / "static"
# Far more than a form with five texts of 4000 characters as JSON.
_FRAME_BYTES = 512 * 1024
_CHUNK_BYTES = 256 * 1024
_TABS = 32


@asynccontextmanager
async def open_page(
    *,
    discord: LocalDiscord,
    provider: LocalVtrix,
    dashscope: LocalDashScope,
    bot: BotProcess,
    host: str,
    port: int,
) -> AsyncIterator[str]:
    """Serve the page while the context is open; yields its address.

    Raises:
        OSError: the port cannot be used.
    """
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        switches = Switches(discord, provider, dashscope)
        stack.push_async_callback(switches.close)
        panel = Panel(
            bot=bot, provider=provider, dashscope=dashscope, switches=switches, clock=clock
        )
        stack.push_async_callback(panel.close)
        context = PageContext(
            discord=discord, uploads=Uploads(clock), switches=switches, panel=panel
        )
        samples = SampleStore()
        stack.push_async_callback(samples.close)
        page = _Page(context, MessageView(discord, Addresses(discord.files, clock)), samples)
        runner = web.AppRunner(page.application(), access_log=None, shutdown_timeout=1)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        yield f"http://{host}:{runner.addresses[0][1]}/"


class _Page:
    """The page's routes."""

    def __init__(self, context: PageContext, view: MessageView, samples: SampleStore) -> None:
        self._context = context
        self._view = view
        self._marks = ReadMarks(context.discord)
        self._sample_store = samples
        self._sockets: set[web.WebSocketResponse] = set()
        self._headers = policy(context.discord.files.origin)

    def application(self) -> web.Application:
        app = web.Application(middlewares=[guard])
        app.on_response_prepare.append(self._say_policy)
        app.on_shutdown.append(self._close_tabs)
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/ws", self._tab),
                web.get("/samples", self._samples),
                web.get("/samples/{name}", self._sample),
                web.post("/uploads", self._upload),
                web.static("/static", STATIC),
            ]
        )
        return app

    async def _say_policy(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(self._headers)

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    # --- pictures -----------------------------------------------------------------------

    async def _samples(self, _: web.Request) -> web.Response:
        return web.json_response(await self._sample_store.listed())

    async def _sample(self, request: web.Request) -> web.Response:
        sample = await self._named(request.match_info["name"])
        return web.Response(body=sample.data, content_type=_kind(sample))

    async def _upload(self, request: web.Request) -> web.Response:
        try:
            if "sample" in request.query:
                upload = await self._named(request.query["sample"])
            else:
                upload = await _received(request)
        except Refused as refused:
            return web.json_response(words_of(refused), status=413)
        kept = {"id": self._context.uploads.keep(upload), "name": upload.name}
        return web.json_response(kept | {"bytes": len(upload.data), "content_type": _kind(upload)})

    async def _named(self, name: str) -> Upload:
        try:
            return await self._sample_store.get(name)
        except KeyError:
            raise web.HTTPNotFound from None

    # --- tabs ---------------------------------------------------------------------------

    async def _tab(self, request: web.Request) -> web.WebSocketResponse:
        if len(self._sockets) >= _TABS:
            raise web.HTTPServiceUnavailable(text="Too many tabs show this page.")
        socket = web.WebSocketResponse(max_msg_size=_FRAME_BYTES, heartbeat=20)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            visible = VisibleState(self._context.discord, self._view, self._marks)
            await BrowserSession(socket, self._context, visible).run()
        finally:
            self._sockets.discard(socket)
            await socket.close()
        return socket

    async def _close_tabs(self, _: web.Application) -> None:
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"The demo has ended")


async def _received(request: web.Request) -> Upload:
    """Read the body as a file, and check its size meanwhile.

    Raises:
        Refused: it is too large.
    """
    too_large = Refused("The file is larger than {limit} MB.", limit=LARGEST_BYTES // 1_000_000)
    if (request.content_length or 0) > LARGEST_BYTES:
        raise too_large
    data = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
        data += chunk
        if len(data) > LARGEST_BYTES:
            raise too_large
    kind = request.content_type if "Content-Type" in request.headers else None
    return Upload(request.query.get("name", "file"), bytes(data), kind)


def _kind(upload: Upload) -> str:
    return upload.content_type or guess_type(upload.name)
