"""China's `AIGC` field (GB 45438-2025): who produced a video by artificial intelligence.

What is known: the field's value is JSON with the seven keys below, of which `Label` 1 means "is
AI-generated". TC260's practice guide for pictures puts it into XMP as ``TC260:AIGC``; the one for
videos (TC260-PG-20257A) puts it into an MP4's ``moov.udta.meta``, as the ``mdta`` key `AIGC`.

What is not known: whether every platform that looks for it in an MP4 also reads XMP. It is written
there all the same, since a longer ``moov`` would move every frame and with them all offsets that
the file holds. The standards themselves are not public in full; this follows what implementations
of them do. Reading knows both places.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import BinaryIO

from bot.errors import VideoUnreadable
from bot.video.boxes import Box, boxes

_KEY = b"AIGC"
# The size and the namespace of an entry of `keys`; its version, flags and number of entries.
_ENTRY_HEAD, _KEYS_HEAD = 8, 8
# A value's type and language.
_DATA_HEAD = 8
_LARGEST = 64 * 1024
# The index of five seconds has 2 to 20 kB; a larger one than this is not searched.
_MOVIE_BYTES_MAX = 4 * 1024 * 1024


def field(producer: str, content_id: str) -> str:
    """The value of the field.

    Args:
        producer: the name or code of who is responsible, as the operator writes it.
        content_id: names the video; a digest of it is written, which says nothing by itself.
    """
    return json.dumps(
        {
            "Label": "1",
            "ContentProducer": producer,
            "ProduceID": hashlib.sha256(content_id.encode()).hexdigest()[:32],
            "ReservedCode1": "",
            "ContentPropagator": "",
            "PropagateID": "",
            "ReservedCode2": "",
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def find(file: BinaryIO, moov: Box) -> str | None:
    """The field as a provider wrote it into a movie's metadata."""
    if moov.end - moov.start > _MOVIE_BYTES_MAX:
        return None
    try:
        for meta in _metas(file, moov):
            if (value := _in(file, meta)) is not None:
                return value
    except VideoUnreadable:
        # What is in the movie is the player's matter.
        return None
    return None


def _metas(file: BinaryIO, moov: Box) -> Iterator[Box]:
    for box in boxes(file, moov.content, moov.end):
        if box.type == b"meta":
            yield box
        elif box.type == b"udta":
            yield from (one for one in boxes(file, box.content, box.end) if one.type == b"meta")


def _in(file: BinaryIO, meta: Box) -> str | None:
    inside = {box.type: box for box in boxes(file, _meta_begins(file, meta), meta.end)}
    if b"keys" not in inside or b"ilst" not in inside:
        return None
    number = _number_of_key(_content(file, inside[b"keys"])[_KEYS_HEAD:])
    for item in boxes(file, inside[b"ilst"].content, inside[b"ilst"].end):
        if number is not None and item.type == number.to_bytes(4, "big"):
            for data in boxes(file, item.content, item.end):
                return _content(file, data)[_DATA_HEAD:].decode(errors="replace")
    return None


def _meta_begins(file: BinaryIO, meta: Box) -> int:
    """Where the boxes of ``meta`` begin: ISO's has a version and flags first, QuickTime's not."""
    file.seek(meta.content + 4)
    return meta.content if file.read(4) == b"hdlr" else meta.content + 4


def _number_of_key(entries: bytes) -> int | None:
    number = 1
    while len(entries) >= _ENTRY_HEAD:
        size = int.from_bytes(entries[:4], "big")
        if entries[_ENTRY_HEAD:size] == _KEY:
            return number
        entries, number = entries[max(size, _ENTRY_HEAD) :], number + 1
    return None


def _content(file: BinaryIO, box: Box) -> bytes:
    file.seek(box.content)
    return file.read(min(box.end - box.content, _LARGEST))
