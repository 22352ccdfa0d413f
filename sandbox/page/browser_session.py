"""One browser tab: receives ops, and sends what has changed."""

import asyncio
import json
import logging
from typing import Any

from aiohttp import WSMsgType, web

from bot.concurrency import BackgroundTasks, cancel_all
from sandbox.discord import ClientRefused, DidNotRespond, Interaction
from sandbox.discord.rules.problems import Problem
from sandbox.discord.state.model import Json
from sandbox.discord.translatable import marked
from sandbox.page.frames import Refused, words_of
from sandbox.page.ops import Ops, PageContext
from sandbox.page.panel.panel import EVERY_SECONDS
from sandbox.page.view.visible_state import VisibleState

_log = logging.getLogger(__name__)

# At most ten pushes a second, so that a burst of changes becomes one.
_REST_SECONDS = 0.1
_IDLE_SECONDS = 30.0
_NO_ANSWER = marked("The application did not respond")
_WENT_WRONG = marked("Something went wrong in the demo itself")
_AT_ONCE = 32


class BrowserSession:
    """The server's end of one websocket."""

    def __init__(
        self, socket: web.WebSocketResponse, context: PageContext, visible: VisibleState
    ) -> None:
        self._socket = socket
        self._panel = context.panel
        self._changes = context.discord.world.changes
        self._visible = visible
        self._ops = Ops(context, modal=self._show_modal)
        self._looks = False
        self._doing = BackgroundTasks()

    async def run(self) -> None:
        """Serve the tab until it closes."""
        parts = [
            asyncio.create_task(self._listen(), name="tab-listen"),
            asyncio.create_task(self._tell(), name="tab-tell"),
            asyncio.create_task(self._tell_panel(), name="tab-tell-panel"),
        ]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel_all(parts)
            await self._doing.cancel()
        for task in done:
            _report(task)

    # --- in -----------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                return
            frame = _parsed(message.data)
            if frame is None:
                return
            self._doing.start(self._answer(frame), name="tab-op")

    async def _answer(self, frame: Json) -> None:
        answer: Json
        try:
            answer = {"ok": True} | await self._do(frame)
        except (Refused, ClientRefused) as refused:
            answer = {"ok": False} | words_of(refused)
        except Problem as problem:
            answer = {"ok": False, "error": problem.message}
        except DidNotRespond:
            answer = {"ok": False, "error": _NO_ANSWER}
        except Exception:  # noqa: BLE001 - whatever happened, the page gets an answer
            _log.exception("an op of the page failed: %s", frame.get("op"))
            answer = {"ok": False, "error": _WENT_WRONG}
        await self._send({"op": "answer", "ref": frame.get("ref")} | answer)

    async def _do(self, frame: Json) -> Json:
        if len(self._doing) > _AT_ONCE:
            raise Refused("Too many requests at once: wait a moment.")
        answer = await self._ops.do(frame)
        if frame["op"] == "look":
            self._looks = True
            self._visible.forget()
            self._changes.announce()
        return answer

    # --- out ----------------------------------------------------------------------------

    async def _tell(self) -> None:
        while True:
            count = self._changes.count
            if self._looks:
                self._ops.stay_seeing()
                for push in list(self._visible.news(self._ops.person, self._ops.channel)):
                    await self._send(push)
            await asyncio.sleep(_REST_SECONDS)
            await self._changed_since(count)

    async def _changed_since(self, count: int) -> None:
        try:
            await self._changes.until(lambda: self._changes.count != count, _IDLE_SECONDS)
        except TimeoutError:
            # Some things change without an event, such as URLs that expire.
            return

    async def _tell_panel(self) -> None:
        told: Json = {}
        while True:
            seen = await self._panel.look()
            if seen != told:
                await self._send(seen)
                told = seen
            await asyncio.sleep(EVERY_SECONDS)

    async def _show_modal(self, interaction: Interaction) -> None:
        push = {"op": "modal", "interaction": str(interaction.id), "modal": interaction.modal}
        await self._send(push)

    async def _send(self, push: Json) -> None:
        await self._socket.send_str(json.dumps(push))


def _parsed(data: Any) -> Json | None:
    """Decode a frame; ``None`` if it is invalid, in which case the sender is not this page."""
    try:
        frame = json.loads(data)
    except ValueError:
        return None
    return frame if isinstance(frame, dict) else None


def _report(task: asyncio.Task[None]) -> None:
    """Log the error that ended a tab, unless the tab itself disconnected."""
    if task.cancelled():
        return
    error = task.exception()
    if error is not None and not isinstance(error, ConnectionError):
        _log.error("a tab of the page was ended by an error", exc_info=error)
