"""A loopback server that sends exactly the bytes that a test chooses."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


@dataclass
class Heard:
    """A request as it was received."""

    head: str
    body: bytes

    @property
    def path(self) -> str:
        return self.head.split(" ", 2)[1]

    def header(self, name: str) -> str | None:
        found = re.search(rf"(?im)^{name}:[ ]*(.*?)\r?$", self.head)
        return found[1] if found else None


Script = Callable[["Heard", Reader, Writer], Awaitable[None]]


@dataclass
class RawServer:
    """A server that answers the n-th request with the n-th script, and repeats the last script."""

    scripts: list[Script]
    read_body: bool = True
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    url: str = ""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._converse(reader, writer)
        finally:
            writer.transport.abort()

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _converse(self, reader: Reader, writer: Writer) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                heard = Heard(head, b"")
                self.heard.append(heard)
                self.begun.set()
                length = int(heard.header("Content-Length") or 0)
                if self.read_body:
                    heard.body = await reader.readexactly(length)
                turn = min(len(self.heard), len(self.scripts)) - 1
                await self.scripts[turn](heard, reader, writer)
                if writer.is_closing():
                    await writer.wait_closed()
                    break


@contextlib.asynccontextmanager
async def raw_server(*scripts: Script, read_body: bool = True) -> AsyncIterator[RawServer]:
    raw = RawServer(list(scripts), read_body=read_body)
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    raw.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield raw
    finally:
        server.close()
        await raw.end()


def says(status: int, body: object, *headers: str, keep: bool = False) -> Script:
    """Answer with JSON, or with these bytes."""
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def script(heard: Heard, reader: Reader, writer: Writer) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(payload)}", *headers]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
        await writer.drain()
        if not keep:
            writer.close()

    return script


def writes(raw: bytes, *, reset: bool = False) -> Script:
    """Write these bytes, then close or reset the connection."""

    async def script(heard: Heard, reader: Reader, writer: Writer) -> None:
        writer.write(raw)
        if reset:
            writer.transport.abort()
        else:
            writer.close()

    return script


async def hangs(heard: Heard, reader: Reader, writer: Writer) -> None:
    """Send nothing until the client goes away."""
    while await reader.read(65536):
        pass
