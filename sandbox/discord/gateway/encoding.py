"""How frames go over the wire (Discord's documentation, "Encoding and Compression")."""

import json
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Encoder = Callable[[str], str | bytes]
"""Turns the text of a frame into what is sent: a text, or bytes that are compressed."""

LARGEST = 4096
"""The most bytes of a frame that a client sends."""
VERSION = "10"


def PLAIN(text: str) -> str:  # noqa: N802  (it stands for an encoder)
    """No compression."""
    return text


def _zlib_stream() -> Encoder:
    """One stream for the whole connection; each frame ends with a flush."""
    stream = zlib.compressobj()
    return lambda text: stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)


def _zstd_stream() -> Encoder:
    """The same with Zstandard; a frame of the wire does not end a frame of the stream."""
    stream = zstd.ZstdCompressor()
    return lambda text: stream.compress(text.encode(), zstd.ZstdCompressor.FLUSH_BLOCK)


_STREAMS: Mapping[str, Callable[[], Encoder]] = {
    "zlib-stream": _zlib_stream,
    "zstd-stream": _zstd_stream,
}


def encoder_for(query: Mapping[str, str]) -> Encoder:
    """The encoder that a client asks for in the gateway's address.

    Raises:
        web.HTTPBadRequest: this local Discord does not have it.
    """
    encoding, compression = query.get("encoding", "json"), query.get("compress")
    if encoding != "json":
        words = f"The local Discord speaks JSON only, and no {encoding}: ask for encoding=json."
        raise web.HTTPBadRequest(text=words)
    if not compression:
        return PLAIN
    if compression not in _STREAMS:
        raise web.HTTPBadRequest(text=f"There is no compression {compression}.")
    return _STREAMS[compression]()


def decoded(frame: WSMessage) -> dict[str, Any] | None:
    """What a client sent, JSON in text or in bytes; ``None`` where Discord closes with 4002."""
    if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
        return None
    data = frame.data.encode() if isinstance(frame.data, str) else bytes(frame.data)
    if len(data) > LARGEST:
        return None
    try:
        found = json.loads(data)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
