"""Body of a create call: JSON with a picture in it, streamed with a length known in advance.

A picture of 10 MB makes a body of 13 MB, which is never held in memory as a whole: the parts
before and after the picture are text, and the picture is read, encoded and sent in pieces.
"""

import asyncio
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pybase64
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from bot.providers.file_io import in_thread

# Bytes of the picture per piece: a multiple of 3, so that the base64 of pieces joins without
# padding. Larger pieces cost memory, smaller ones more calls to a thread.
PIECE = 3 * 64 * 1024


class PictureBody(Payload):
    """The body as an aiohttp payload."""

    _autoclose = True  # the file is open only while it is sent

    def __init__(self, around: tuple[bytes, bytes], picture: Path) -> None:
        """``around``: the text before and after the picture's base64."""
        self._before, self._after = around
        self._picture_bytes = picture.stat().st_size
        super().__init__(picture, content_type="application/json")
        encoded = (self._picture_bytes + 2) // 3 * 4
        self._size = len(self._before) + encoded + len(self._after)
        self.begun = False
        """Whether any part of the request, including headers, may have left this machine."""
        self._transport: asyncio.Transport | None = None

    def cut(self) -> None:
        """Abort the connection at once, after the call has ended in any way.

        A connection that is only closed stays open until the other side has read what is buffered,
        and a server that stopped reading never does.
        """
        if self._transport is not None:
            self._transport.abort()

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a body of this size is never held as text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        with _opened(self._value) as file:
            # aiohttp holds the headers back until the first write, so nothing is sent until this
            # piece has been read.
            piece = await in_thread(file.read, PIECE)
            self.begun = True
            await writer.write(self._before)
            self._transport = getattr(writer, "transport", None)
            answered = Incoming(self._transport)
            left = self._picture_bytes
            while left > 0:
                if not piece or len(piece) > left:
                    raise OSError("the picture changed while it was being sent")
                left -= len(piece)
                encoded = pybase64.b64encode(piece)
                await answered.let_in()
                await writer.write(encoded)
                piece = await in_thread(file.read, PIECE)
            await writer.write(self._after)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        await self.write(writer)


class Incoming:
    """Reads an answer that arrives while the body is still being sent.

    A gateway that refuses a key answers early and closes. A write to the closed connection discards
    unread data, so whatever has arrived is read before each write. Without this, 1 in 40 such
    answers was lost on loopback.
    """

    def __init__(self, transport: asyncio.Transport | None) -> None:
        sock = transport.get_extra_info("socket") if transport is not None else None
        self._poll = None
        if sock is not None and hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(sock.fileno(), select.POLLIN)

    async def let_in(self) -> None:
        """If data has arrived, run the event loop twice: once to notice it and once to read it."""
        if self._poll is not None and self._poll.poll(0):
            await asyncio.sleep(0)
            await asyncio.sleep(0)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    # Opening is a single quick call. The file is unbuffered because every read is a whole piece.
    with path.open("rb", buffering=0) as file:
        yield file
