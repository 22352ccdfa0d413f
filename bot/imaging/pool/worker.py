"""Worker process: receives open pictures, answers with JSON and a first frame until its pipe
closes.

``bot.imaging.pool.pool`` starts it as a fresh interpreter with a nearly empty environment, so a
compromised decoder finds no token and no key. Once it has loaded everything that pictures need, it
gives up access to all files but those it receives (``bot.hardening``).
"""

import codecs
import contextlib
import importlib
import json
import os
import queue
import resource
import signal
import socket
import threading
import warnings
from collections.abc import Mapping
from typing import Any, BinaryIO

from PIL import Image

from bot.domain.first_frame import PIXELS_MAX
from bot.domain.models.model import PictureRules
from bot.errors import PictureRefused
from bot.hardening import NotConfined, confine, hide_memory
from bot.imaging.formats import libjpeg
from bot.imaging.pipeline import PreparedFrame, make

# Address space in bytes: the largest decoded picture (480 MB), the coefficients of a progressive
# JPEG, and about 130 MB for the interpreter. A picture that needs more is refused as a bomb.
MEMORY_MAX = 1280 * 1024 * 1024
# The event loop has priority when processors are busy.
NICENESS = 10
# The limits for a frame come with its picture. There is one request at a time, so this is one.
_RULES_BYTES = 1024


def main() -> None:
    """Serve until the parent closes the pipe or ends."""
    _settle_in()
    greeting = confined()
    pictures: queue.SimpleQueue[tuple[int, PictureRules]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(pictures,), daemon=True).start()
    # Only this thread writes to stdout; what libraries print goes to stderr.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        _say(out, greeting)
        while True:
            _say(out, *_answered(*pictures.get()))


def _say(out: BinaryIO, says: Mapping[str, Any], content: bytes = b"") -> None:
    out.write(json.dumps(says).encode() + b"\n" + content)
    out.flush()


def _settle_in() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # macOS has this limit, but does not allow setting it.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    # Every size is checked before Pillow sees it; this is a second safeguard.
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX


def confined() -> dict[str, Any]:
    """Give up access that pictures do not need; report Landlock's version, or why there is none."""
    load()
    hide_memory()
    try:
        return {"landlock": confine()}
    except NotConfined as error:
        return {"landlock": 0, "why": str(error)}


def load() -> None:
    """Load everything that any picture needs, because a confined process can load nothing more."""
    Image.preinit()
    importlib.import_module("PIL.WebPImagePlugin")
    codecs.lookup("utf-8-sig")
    libjpeg.is_there()


def _read(pictures: "queue.SimpleQueue[tuple[int, PictureRules]]") -> None:
    """Queue incoming pictures, and end the process at once when the pipe closes.

    The pipe closes when the parent ends in any way; a decode in progress is useless then.
    """
    requests = socket.socket(fileno=0)
    while True:
        asked, files, _flags, _address = socket.recv_fds(requests, _RULES_BYTES, 1)
        if not asked:
            os._exit(0)
        pictures.put((files[0], PictureRules(**json.loads(asked))))


def _answered(picture: int, rules: PictureRules) -> tuple[dict[str, Any], bytes]:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        says, content = _made(picture, rules)
    says["odd"] |= bool(seen)
    return says, content


def _made(picture: int, rules: PictureRules) -> tuple[dict[str, Any], bytes]:
    """Make a frame. ``odd``: a decoder met something unusual, so its state may be corrupt."""
    try:
        with os.fdopen(picture, "rb") as file:
            made = make(file.read(), rules)
    except PictureRefused as refused:
        return {"refused": _refusal(refused), "odd": refused.__cause__ is not None}, b""
    except OSError as error:
        return {"failed": str(error), "odd": False}, b""
    says = {"made": _described(made), "bytes": len(made.content), "odd": False}
    return says, made.content


def _refusal(refused: PictureRefused) -> dict[str, Any]:
    return {
        "problem": refused.problem.value,
        "found": refused.found,
        "size": refused.size,
        "bytes": refused.bytes,
        "cause": repr(refused.__cause__) if refused.__cause__ else None,
    }


def _described(made: PreparedFrame) -> dict[str, Any]:
    return {
        "format": made.format.value,
        "size": made.size,
        "mended": [adjustment.value for adjustment in made.mended],
    }
