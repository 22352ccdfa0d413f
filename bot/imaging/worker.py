"""A worker process: one line of JSON in (a picture's path), one line out, until its pipe closes.

Started by ``bot.imaging.pool`` as a fresh interpreter, with next to nothing in its environment:
a decoder that is taken over finds neither a token nor a key there.
"""

import contextlib
import json
import os
import queue
import resource
import signal
import sys
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from bot.domain.first_frame import PIXELS_MAX
from bot.domain.model import Model
from bot.errors import PictureRefused
from bot.imaging.making import make_frame
from bot.services.ports import MadeFrame

# Address space, in bytes: the largest picture decoded (480 MB), a progressive JPEG's coefficients
# beside it, and about 130 MB for the interpreter. What needs more is refused as a bomb.
MEMORY_MAX = 1280 * 1024 * 1024
# The event loop comes first where processors are short; a neighbour may still be outrun.
NICENESS = 10


def main(model: Model) -> None:
    """Serve until the parent closes the pipe or is gone."""
    _settle_in()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    # Only this thread writes; whatever a library prints goes to standard error.
    with os.fdopen(os.dup(1), "wb", buffering=0) as out:
        os.dup2(2, 1)
        while True:
            answer = _answered(json.loads(lines.get()), model)
            out.write(json.dumps(answer).encode() + b"\n")


def _settle_in() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # macOS knows the limit by name, but does not let it be set.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    # Every size is checked before Pillow sees it; this is the second lock on the same door.
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX


def _read(lines: "queue.SimpleQueue[bytes]") -> None:
    """Hand requests over, and end the process at once when the pipe closes.

    The pipe closes with the parent, however that dies: a decode under way is of no use then.
    """
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


def _answered(request: Mapping[str, Any], model: Model) -> dict[str, Any]:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        answer = _made(request, model)
    answer["odd"] |= bool(seen)
    return answer


def _made(request: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """With ``odd``: a decoder met something that sound pictures do not have, and may be broken."""
    try:
        made = make_frame(Path(request["source"]), Path(request["folder"]), model)
    except PictureRefused as refused:
        return {"refused": _refusal(refused), "odd": refused.__cause__ is not None}
    except OSError as error:
        return {"failed": str(error), "odd": False}
    return {"made": _described(made), "odd": False}


def _refusal(refused: PictureRefused) -> dict[str, Any]:
    return {
        "problem": refused.problem.value,
        "found": refused.found,
        "size": refused.size,
        "bytes": refused.bytes,
        "cause": repr(refused.__cause__) if refused.__cause__ else None,
    }


def _described(made: MadeFrame) -> dict[str, Any]:
    frame = made.frame
    return {
        "path": str(made.path),
        "digest": frame.digest,
        "mime": frame.mime,
        "bytes": frame.bytes,
        "width": frame.width,
        "height": frame.height,
        "mended": [mend.value for mend in made.mended],
    }
