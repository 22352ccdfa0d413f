"""A connection to the local Discord's gateway without a client library."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from sandbox.discord import LocalDiscord
from tests.sandbox.discord.raw_requests import Wire

GUILDS = 1 << 0
Frame = dict[str, Any]


class Socket:
    """A connection to the gateway."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, local: LocalDiscord) -> None:
        self._socket = socket
        self._local = local

    async def send(self, op: int, data: Any = None) -> None:
        await self._socket.send_str(json.dumps({"op": op, "d": data}))

    async def send_raw(self, data: str | bytes) -> None:
        send = self._socket.send_str if isinstance(data, str) else self._socket.send_bytes
        await send(data)  # type: ignore[arg-type]

    async def receive(self) -> Frame:
        frame: Frame = json.loads(await self._socket.receive_str(timeout=20))
        return frame

    async def event(self, name: str) -> Frame:
        """Wait for an event, and return its data; other frames are dropped."""
        while (frame := await self.receive())["t"] != name:
            pass
        data: Frame = frame["d"]
        return data

    async def receive_bytes(self) -> bytes:
        return await self._socket.receive_bytes(timeout=20)

    async def close_code(self) -> int | None:
        """Wait for the close, and return its code; earlier frames are dropped."""
        while (await self._socket.receive(timeout=20)).type != aiohttp.WSMsgType.CLOSE:
            pass
        return self._socket.close_code

    async def leave(self) -> None:
        """Close the connection in a way that lets the session be resumed."""
        await self._socket.close(code=4000)

    def identity(self, **more: Any) -> Frame:
        return {"token": self._local.token, "properties": {}, "intents": GUILDS} | more

    async def identify(self, **more: Any) -> Frame:
        """Log in, and return the answer."""
        assert (await self.receive())["op"] == 10
        await self.send(2, self.identity(**more))
        return await self.receive()


@asynccontextmanager
async def connected(wire: Wire, query: str = "v=10&encoding=json") -> AsyncIterator[Socket]:
    url = f"{wire.local.gateway.url}?{query}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        yield Socket(socket, wire.local)
