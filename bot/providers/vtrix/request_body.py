"""The body of a create call: JSON with a picture in it, streamed with a length known before.

A picture of 10 MB makes a body of 13 MB. It never exists as a whole: what is before and after
the picture is text, and the picture is read, encoded and sent in pieces.
"""

import asyncio
import json
import select
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import pybase64
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from bot.domain.model import MODELS
from bot.domain.task import Request
from bot.errors import RequestRejected
from bot.providers.file_io import in_thread

# Bytes of the picture in one piece: a multiple of 3, so that pieces of base64 join without
# padding. Larger ones cost memory, smaller ones more trips to a thread.
PIECE = 3 * 64 * 1024


class Style(StrEnum):
    """The two envelopes that the gateway is known to take."""

    DOCUMENTED = "documented"
    WRAPPED = "wrapped"

    @property
    def other(self) -> "Style":
        """The one that this is not."""
        return Style.WRAPPED if self is Style.DOCUMENTED else Style.DOCUMENTED


def around_picture(request: Request, style: Style) -> tuple[bytes, bytes]:
    """What stands before and after the picture's base64. Equal requests give equal bytes.

    Raises:
        RequestRejected: the request names a model that this program does not know.
    """
    before = (
        f'"input":{_fields(request)[:-1]},"img_url":"data:{_inside(request.frame.mime)};base64,'
    )
    after = f'"}},"parameters":{_parameters(request)}'
    model = _json(request.model)
    if style is Style.DOCUMENTED:
        text = f'{{"model":{model},{before}', f"{after}}}"
    else:
        text = f'{{"model":{model},"input":[{{"params":{{{before}', f"{after}}}}}]}}"
    return text[0].encode("ascii"), text[1].encode("ascii")


def _fields(request: Request) -> str:
    options = request.options
    fields = {"prompt": options.prompt}
    if options.negative_prompt is not None:
        fields["negative_prompt"] = options.negative_prompt
    return _json(fields)


def _parameters(request: Request) -> str:
    model = MODELS.get(request.model)
    if model is None:
        raise RequestRejected(f"the model {request.model!r} is not known here")
    options = request.options
    return _json(
        {
            "resolution": options.resolution,
            "duration": model.seconds,
            "prompt_extend": options.prompt_extend,
            "watermark": options.watermark,
            "seed": options.seed,
        }
    )


def _json(value: object) -> str:
    """Pure ASCII: even half a surrogate pair in a prompt has a form that can be sent."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _inside(text: str) -> str:
    """``text`` as it stands between the quotes of a JSON string."""
    return _json(text)[1:-1]


class PictureBody(Payload):
    """The body as aiohttp sends it."""

    _autoclose = True  # the file is open only while it is written

    def __init__(self, request: Request, picture: Path, style: Style) -> None:
        self._before, self._after = around_picture(request, style)
        self._picture_bytes = picture.stat().st_size
        super().__init__(picture, content_type="application/json")
        encoded = (self._picture_bytes + 2) // 3 * 4
        self._size = len(self._before) + encoded + len(self._after)
        self.begun = False
        """Whether anything of this request, headers included, may have left this machine."""
        self._transport: asyncio.Transport | None = None

    def cut(self) -> None:
        """Let go of the connection at once; for when the call is over, whatever its end.

        A connection that is merely closed stays open until the other side has taken what is
        still buffered, which one that stopped reading never does.
        """
        if self._transport is not None:
            self._transport.abort()

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a body of this size is never held as a text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        with _opened(self._value) as file:
            # aiohttp holds the headers back until the first write, so until this piece is
            # read nothing is on the wire.
            piece = await in_thread(file.read, PIECE)
            self.begun = True
            await writer.write(self._before)
            self._transport = getattr(writer, "transport", None)
            answered = Incoming(self._transport)
            left = self._picture_bytes
            while left > 0:
                if not piece or len(piece) > left:
                    raise OSError("the picture changed while it was sent")
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
    """Lets an answer in that comes while the body is still being sent.

    A gateway that refuses a key says so early and closes. A write that finds the connection
    closed throws away what was not read yet, so whatever has arrived is read before each write.
    Without this, 1 in 40 such answers was lost on loopback.
    """

    def __init__(self, transport: asyncio.Transport | None) -> None:
        sock = transport.get_extra_info("socket") if transport is not None else None
        self._poll = None
        if sock is not None and hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(sock.fileno(), select.POLLIN)

    async def let_in(self) -> None:
        """Give the event loop two rounds, one to see it and one to read it, if it is there."""
        if self._poll is not None and self._poll.poll(0):
            await asyncio.sleep(0)
            await asyncio.sleep(0)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    # Opening is one quick call; unbuffered, since every read is a whole piece.
    with path.open("rb", buffering=0) as file:
        yield file
