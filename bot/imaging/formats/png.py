"""PNG parser: chunks from the signature to IEND."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.domain.first_frame import Format
from bot.imaging import profiles
from bot.imaging.formats.exif import orientation
from bot.imaging.formats.structure import (
    Buffer,
    Bytes,
    Measured,
    Parts,
    damaged,
    joined,
    on_canvas,
    too_many_parts,
)

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Chunks that pixels need, or that only affect their look. None has personal data.
_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"}
)
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
# Chunks that are honored, or dropped silently: how light was measured is not personal data.
_COLORS = frozenset({b"iCCP", b"cICP", b"mDCV", b"cLLI"})
_WITH_ALPHA = frozenset({4, 6})
_GRAY = frozenset({0, 4})
# Profiles take some kilobytes, the largest ones of printers 2 MB; a larger one is a bomb.
_PROFILE_BYTES_MAX = 4_000_000
# A gamma beyond these limits is a mistake, and makes a picture black or white.
_GAMMA_LEAST, _GAMMA_MOST = 0.2, 2.5
# Without cHRM, this value stands for sRGB's curve, which is not a power (PNG, 11.3.2.5).
_GAMMA_OF_SRGB = 0.45455
# Libpng writes one for each 8 kB, some programs one for each row, and animations have two for each
# frame; 4 million took a worker 16 s.
_CHUNKS_MAX = 50_000


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    start: int
    """Offset of its length field."""
    end: int
    """Offset of the byte after its checksum."""


def _chunks(data: Buffer) -> Iterator[_Chunk]:
    """Yield chunks up to and including IEND, or the end of the data.

    Raises:
        PictureRefused: there are too many.
    """
    at = len(_SIGNATURE)
    for _number in range(_CHUNKS_MAX):
        if at + 12 > len(data):
            return
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            return
        chunk = _Chunk(data[at + 4 : at + 8], at, end)
        yield chunk
        if chunk.kind == b"IEND":
            return
        at = end
    raise too_many_parts(Format.PNG)


def measure(data: Buffer) -> Measured | None:
    """Return size and orientation; ``None`` if the file is too short."""
    size, turn = None, 1
    for chunk in _chunks(data):
        if chunk.kind == b"IHDR" and size is None:
            size = _header(data, chunk)[0]
        elif chunk.kind == b"eXIf":
            turn = orientation(data[chunk.start + 8 : chunk.end - 4])
    return Measured(size=size, orientation=turn) if size else None


def _header(data: Buffer, chunk: _Chunk) -> tuple[tuple[int, int], int, int]:
    """Return size, bits per channel and color type."""
    if chunk.end - chunk.start != 25 or chunk.start != len(_SIGNATURE):
        raise damaged(Format.PNG)
    width, height, bits, kind = struct.unpack_from(">IIBB", data, chunk.start + 8)
    return (width, height), bits, kind


def dismantle(data: bytes) -> Parts:
    """Parse a whole file.

    Raises:
        PictureRefused: DAMAGED, for example because of a wrong checksum in a chunk that is kept.
    """
    chunks = list(_chunks(data))
    if not chunks:
        raise damaged(Format.PNG)
    if chunks[-1].kind != b"IEND":
        return dismantle(_ended(data, chunks[-1].end))
    size, bits, color = _header(data, chunks[0])
    if first := _first_frame(data, chunks, size):
        frame = replace(dismantle(first[0]), animated=True)
        return frame if frame.size == size else on_canvas(frame, first[1], size)
    kinds = {chunk.kind for chunk in chunks}
    only = {kind: _payload(data, chunks, kind) for kind in (b"eXIf", b"acTL")}
    return Parts(
        format=Format.PNG,
        size=size,
        clean=_clean(data, chunks),
        lossless=True,
        orientation=orientation(only[b"eXIf"]),
        profile=_colors(data, chunks, gray=color in _GRAY),
        alpha=color in _WITH_ALPHA or b"tRNS" in kinds,
        animated=int.from_bytes(only[b"acTL"][:4], "big") > 1 and b"fdAT" in kinds,
        bits=min(bits, 8),
        deep=bits == 16,
        gray=color in _GRAY,
        metadata=bool(kinds - _KEPT - _ANIMATION - _COLORS) or chunks[-1].end < len(data),
    )


def _first_frame(
    data: bytes, chunks: list[_Chunk], canvas: tuple[int, int]
) -> tuple[bytes, tuple[int, int]] | None:
    """Return the first frame as a PNG with its offset, if the default image is not part of it.

    Viewers show the default image only if they do not support animations.
    """
    kinds = [chunk.kind for chunk in chunks]
    if b"fcTL" not in kinds or b"IDAT" not in kinds:
        return None
    start, pixels = kinds.index(b"fcTL"), kinds.index(b"IDAT")
    control = _payload(data, chunks, b"fcTL")
    if start < pixels or len(control) != 26:
        return None
    width, height, left, top = struct.unpack_from(">4I", control, 4)
    if not (0 < width <= canvas[0] - left and 0 < height <= canvas[1] - top):
        return None
    # The same header with the frame's size.
    header = _packed(b"IHDR" + control[4:12] + data[chunks[0].start + 16 : chunks[0].end - 4])
    before = [data[one.start : one.end] for one in chunks[1:pixels] if one.kind != b"acTL"]
    frame = _frame_data(data, chunks[start + 1 :])
    return b"".join((_SIGNATURE, header, *before, *frame, _packed(b"IEND"))), (left, top)


def _frame_data(data: bytes, chunks: list[_Chunk]) -> Iterator[bytes]:
    """Yield the chunks of a frame, up to the next frame, as in a still picture."""
    for chunk in chunks:
        if chunk.kind == b"fcTL":
            return
        if chunk.kind == b"fdAT":
            # The frame's data follows its sequence number.
            yield _packed(b"IDAT" + data[chunk.start + 12 : chunk.end - 4])


def _ended(data: bytes, end: int) -> bytes:
    """Add the rest of a cut IDAT, and an IEND: the decoder decides whether all pixels are there."""
    rest = b""
    if data[end + 4 : end + 8] == b"IDAT":
        body = data[end + 4 :][: 4 + int.from_bytes(data[end : end + 4], "big")]
        rest = _packed(body)
    return data[:end] + rest + _packed(b"IEND")


def _packed(body: bytes) -> bytes:
    """Return a chunk made of a kind and a payload."""
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _clean(data: bytes, chunks: list[_Chunk]) -> bytes:
    view = memoryview(data)
    pieces: list[Bytes] = [_SIGNATURE]
    for chunk in chunks:
        if chunk.kind not in _KEPT:
            continue
        body = view[chunk.start + 4 : chunk.end - 4]
        wrong = zlib.crc32(body) != int.from_bytes(view[chunk.end - 4 : chunk.end], "big")
        # A second header would be decoded, although the first was measured.
        if wrong or (chunk.kind == b"IHDR" and chunk is not chunks[0]):
            raise damaged(Format.PNG)
        pieces.append(view[chunk.start : chunk.end])
    return joined(data, pieces)


def _payload(data: bytes, chunks: list[_Chunk], kind: bytes) -> bytes:
    """Return the payload of the first chunk of that kind; empty if there is none."""
    for chunk in chunks:
        if chunk.kind == kind:
            return data[chunk.start + 8 : chunk.end - 4]
    return b""


def _colors(data: bytes, chunks: list[_Chunk], *, gray: bool) -> bytes | None:
    """Return a profile from the file's color information, in the standard's order of precedence.

    PNG, third edition, 4.3: cICP, if its numbers are known, then iCCP, sRGB, and gAMA with cHRM.
    """
    kinds = {chunk.kind for chunk in chunks}
    if profile := profiles.by_numbers(_payload(data, chunks, b"cICP"), gray=gray):
        return profile
    if b"iCCP" in kinds or b"sRGB" in kinds:
        return _profile(_payload(data, chunks, b"iCCP"))
    gamma = int.from_bytes(_payload(data, chunks, b"gAMA")[:4], "big") / 100_000
    is_default = gamma == _GAMMA_OF_SRGB and b"cHRM" not in kinds
    if is_default or not _GAMMA_LEAST <= gamma <= _GAMMA_MOST:
        return None
    return profiles.by_gamma(gamma, _primaries(_payload(data, chunks, b"cHRM")), gray=gray)


def _primaries(payload: bytes) -> profiles.Primaries:
    """White, red, green, blue in 100,000ths; sRGB's if the chunk has another length."""
    if len(payload) != 32:
        return profiles.BT709
    x = [value / 100_000 for (value,) in struct.iter_unpack(">I", payload)]
    return (x[0], x[1]), (x[2], x[3]), (x[4], x[5]), (x[6], x[7])


def _profile(payload: bytes) -> bytes | None:
    """Decompress a profile, which follows its name, a zero, and the method."""
    _name, _zero, packed = payload.partition(b"\x00")
    try:
        return zlib.decompressobj().decompress(packed[1:], _PROFILE_BYTES_MAX) or None
    except zlib.error:
        return None
