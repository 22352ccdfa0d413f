"""Reads libjpeg-turbo's warnings about a JPEG, which Pillow does not pass on.

A damaged JPEG is decoded to its end: missing parts become gray, wrong ones become stripes, and the
library counts warnings, which Pillow discards. So the shared library that Pillow has loaded is
called once more directly. This costs no dependency (`simplejpeg`, which reports warnings, needs
NumPy, 73 MB) and about 40 ms for 12 megapixels, since it decodes at an eighth. It relies only on
the binary interface of version 6.2, which has been the same in libjpeg-turbo for years. If the
library is not found (Windows, macOS, another build of Pillow), nothing is checked, and
:func:`is_there` returns False.
"""

import ctypes
import struct
from functools import lru_cache
from pathlib import Path

from PIL import Image, features

# Offsets of the binary interface of version 6.2 on 64-bit machines.
_VERSION = 62
_DECOMPRESS_BYTES = 632
_ERROR_BYTES = 168
_OUTPUT_MESSAGE, _FORMAT_MESSAGE, _WARNINGS = 16, 24, 128
_SCALE, _OUTPUT_SIZE, _COMPONENTS, _LINE = 68, 136, 148, 168
_MESSAGE_BYTES = 200
# A single warning may be about the header; two settle it, and nothing more has to be decoded.
_ENOUGH = 2
# Warnings about a header and not about the picture.
_HARMLESS = ("Unknown Adobe color transform code", "Warning: unknown JFIF revision number")

_MessageCallback = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL | None:
    """Return the library that Pillow uses."""
    wanted = features.version_codec("jpg") == "6.2" and features.check("libjpeg_turbo")
    if not wanted or struct.calcsize("P") != 8:
        return None
    Image.preinit()
    try:
        maps = Path("/proc/self/maps").read_text()
    except OSError:
        return None
    paths = {line.split(maxsplit=5)[-1] for line in maps.splitlines() if "/libjpeg" in line}
    return ctypes.CDLL(paths.pop()) if len(paths) == 1 else None


def is_there() -> bool:
    """Whether damage can be found that shows only in the library's warnings."""
    return _library() is not None


def warning(data: bytes) -> str:
    """Return the library's first warning about a JPEG; empty if there is none.

    Only for data that Pillow has decoded before: after an error, which Pillow would have met as
    well, the library ends the process.
    """
    library = _library()
    return "" if library is None else _decoded(library, data)


def _decoded(library: ctypes.CDLL, data: bytes) -> str:
    error = ctypes.create_string_buffer(_ERROR_BYTES)
    state = ctypes.create_string_buffer(_DECOMPRESS_BYTES)
    messages: list[str] = []

    def note(_state: int | None) -> None:
        # Called for the first warning only; the others are counted.
        message = ctypes.create_string_buffer(_MESSAGE_BYTES)
        words = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)(
            struct.unpack_from("P", error, _FORMAT_MESSAGE)[0]
        )
        words(ctypes.addressof(state), message)
        messages.append(message.value.decode("latin-1"))

    noting = _MessageCallback(note)
    library.jpeg_std_error.restype = ctypes.c_void_p
    struct.pack_into("P", state, 0, library.jpeg_std_error(error))
    struct.pack_into("P", error, _OUTPUT_MESSAGE, ctypes.cast(noting, ctypes.c_void_p).value)
    library.jpeg_CreateDecompress(state, _VERSION, ctypes.c_size_t(_DECOMPRESS_BYTES))
    try:
        library.jpeg_mem_src(state, data, ctypes.c_ulong(len(data)))
        library.jpeg_read_header(state, 1)
        struct.pack_into("II", state, _SCALE, 1, 8)
        library.jpeg_start_decompress(state)
        width, height = struct.unpack_from("II", state, _OUTPUT_SIZE)
        (components,) = struct.unpack_from("i", state, _COMPONENTS)
        line = ctypes.create_string_buffer(width * components)
        lines = (ctypes.c_void_p * 1)(ctypes.addressof(line))
        while struct.unpack_from("I", state, _LINE)[0] < height and _warnings(error) < _ENOUGH:
            library.jpeg_read_scanlines(state, lines, 1)
        if _warnings(error) < _ENOUGH:
            # Read the data between the last pixel and the end.
            library.jpeg_finish_decompress(state)
    finally:
        library.jpeg_destroy_decompress(state)
    if not messages or (_warnings(error) == 1 and messages[0].startswith(_HARMLESS)):
        return ""
    return messages[0]


def _warnings(error: "ctypes.Array[ctypes.c_char]") -> int:
    (count,) = struct.unpack_from("l", error, _WARNINGS)
    return int(count)
