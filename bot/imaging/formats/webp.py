"""WEBP parser: the chunks of a RIFF container."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.first_frame import Format
from bot.imaging.formats.exif import orientation
from bot.imaging.formats.structure import Buffer, Measured, Parts, damaged, joined, too_many_parts

_EXTENDED, _LOSSY, _LOSSLESS = b"VP8X", b"VP8 ", b"VP8L"
_PIXELS = frozenset({_LOSSY, _LOSSLESS})
_ALPHA_FLAG = 0x10
_ANIMATION_FLAG = 0x02
# Each frame is a chunk; a minute at 60 frames a second needs 3,600.
_CHUNKS_MAX = 10_000
# Chunks of an extended file that are kept; Pillow decodes alpha and frames.
_KEPT = _PIXELS | {b"ALPH", b"ANIM", b"ANMF"}


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    payload: bytes


def _spans(data: Buffer) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the payload of each complete chunk.

    Raises:
        PictureRefused: there are too many.
    """
    at, stop = 12, min(len(data), _end(data))
    for _number in range(_CHUNKS_MAX):
        if at + 8 > stop:
            return
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > stop:
            return
        yield data[at : at + 4], at + 8, at + 8 + length
        at += 8 + length + length % 2
    raise too_many_parts(Format.WEBP)


def _chunks(data: bytes) -> Iterator[_Chunk]:
    for kind, start, end in _spans(data):
        yield _Chunk(kind, data[start:end])


def _end(data: Buffer) -> int:
    """Return the end of the container according to its header."""
    return 8 + int.from_bytes(data[4:8], "little")


def measure(data: Buffer) -> Measured | None:
    """Return canvas size and orientation; ``None`` if the file is too short."""
    kind, payload = data[12:16], data[20:50]
    if len(payload) < 10:
        return None
    size = _size(_Chunk(kind, payload))
    if size is None:
        raise damaged(Format.WEBP)
    turn = 1
    for kind, start, end in _spans(data):
        if kind == b"EXIF" and turn == 1:
            turn = orientation(data[start:end])
    return Measured(size=size, orientation=turn)


def _size(chunk: _Chunk) -> tuple[int, int] | None:
    payload = chunk.payload
    if chunk.kind == _EXTENDED and len(payload) >= 10:
        width, height = payload[4:7], payload[7:10]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if chunk.kind == _LOSSY and payload[3:6] == b"\x9d\x01\x2a":
        width, height = payload[6:8], payload[8:10]
        return int.from_bytes(width, "little") & 0x3FFF, int.from_bytes(height, "little") & 0x3FFF
    if chunk.kind == _LOSSLESS and payload[:1] == b"\x2f":
        bits = int.from_bytes(payload[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def dismantle(data: bytes) -> Parts:
    """Parse a whole file.

    Raises:
        PictureRefused: DAMAGED.
    """
    chunks = list(_chunks(data))
    if not chunks or (size := _size(chunks[0])) is None or len(data) < _end(data):
        raise damaged(Format.WEBP)
    flags = chunks[0].payload[0] if chunks[0].kind == _EXTENDED else 0
    moving = bool(flags & _ANIMATION_FLAG)
    pixels = next((chunk for chunk in chunks if chunk.kind in _PIXELS), None)
    # A still picture fills its canvas; otherwise the measured picture is not the decoded one.
    if not moving and (pixels is None or _size(pixels) != size):
        raise damaged(Format.WEBP)
    alpha = bool(flags & _ALPHA_FLAG) or _lossless_alpha(pixels)
    whole = _extended(chunks, flags) if moving or alpha else _simple(pixels)
    return Parts(
        format=Format.WEBP,
        size=size,
        clean=joined(data, [whole]),
        lossless=pixels is not None and pixels.kind == _LOSSLESS,
        orientation=orientation(_first(chunks, b"EXIF")),
        profile=_first(chunks, b"ICCP") or None,
        alpha=alpha,
        animated=sum(chunk.kind == b"ANMF" for chunk in chunks) > 1,
        redrawn=moving,
        metadata=_has_metadata(chunks) or len(data) > _end(data),
    )


def _lossless_alpha(pixels: _Chunk | None) -> bool:
    """Whether the header of a VP8L chunk hints at alpha; the flag follows the two sizes."""
    return pixels is not None and pixels.kind == _LOSSLESS and bool(pixels.payload[4] & 0x10)


def _first(chunks: list[_Chunk], kind: bytes) -> bytes:
    return next((chunk.payload for chunk in chunks if chunk.kind == kind), b"")


def _has_metadata(chunks: list[_Chunk]) -> bool:
    return any(chunk.kind not in _KEPT | {_EXTENDED, b"ICCP"} for chunk in chunks)


def _simple(pixels: _Chunk | None) -> bytes:
    return _riff([pixels] if pixels else [])


def _extended(chunks: list[_Chunk], flags: int) -> bytes:
    """Build an extended file without the flags for metadata and profile."""
    kept = [chunk for chunk in chunks if chunk.kind in _KEPT]
    if chunks[0].kind == _EXTENDED:
        cleared = bytes([flags & (_ALPHA_FLAG | _ANIMATION_FLAG)])
        kept.insert(0, _Chunk(_EXTENDED, cleared + chunks[0].payload[1:10]))
    return _riff(kept)


def _riff(chunks: list[_Chunk]) -> bytes:
    body = b"".join(
        chunk.kind
        + len(chunk.payload).to_bytes(4, "little")
        + chunk.payload
        + b"\x00" * (len(chunk.payload) % 2)
        for chunk in chunks
    )
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
