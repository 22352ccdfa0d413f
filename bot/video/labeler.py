"""Writes into a video's file that a model made it, which model, and when.

The label is XMP (``bot.video.xmp``) in a box at the end of the file, as nothing may move: the file
holds offsets of its frames. Readers of XMP differ in what they do with two packets, and some take
the first only. So where a file has one packet already, the new one says what that said as well, and
the old box becomes free space (type ``free``). A packet that cannot be read, several of them, and
one that says something else about the video's source stay as they are beside the new one.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from bot.domain.task import Task
from bot.errors import VideoUnreadable
from bot.storage.files.sync import sync
from bot.video import aigc, xmp
from bot.video.boxes import make_box
from bot.video.survey import TRAINED_ALGORITHMIC_MEDIA, Packet, Survey, survey

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLabel:
    """What is said of a video: nothing of who asked for it, and not what they asked for."""

    model: str
    made_at: datetime
    aigc: str | None = None
    """China's field, where the operator wants it written."""

    def properties(self) -> xmp.Properties:
        """The label as XMP has it."""
        made_at = self.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        label = {
            xmp.DIGITAL_SOURCE_TYPE: TRAINED_ALGORITHMIC_MEDIA,
            xmp.AI_SYSTEM: self.model,
            xmp.CREATE_DATE: made_at,
        }
        return label if self.aigc is None else label | {xmp.AIGC: self.aigc}


class VideoLabeler:
    """Labels the videos of tasks."""

    def __init__(self, *, aigc_producer: str | None = None) -> None:
        """``aigc_producer``: who is named as the producer in China's field; ``None``: no field."""
        self._aigc_producer = aigc_producer

    async def label(self, video: Path, task: Task) -> None:
        """Put a labeled copy in the video's place, in one step; a labeled one is left alone.

        Raises:
            VideoUnreadable: it is no whole MP4, and stays as it is.
            OSError: it stays as it is; another try may work.
        """
        producer = self._aigc_producer
        label = VideoLabel(
            model=task.request.model,
            made_at=task.rendered_at or task.updated_at,
            aigc=producer and aigc.field(producer, task.provider_id or task.id),
        )
        await asyncio.to_thread(write_label, video, label)


def write_label(video: Path, label: VideoLabel) -> None:
    """The same, of any file and with any label, in the calling thread."""
    with video.open("rb") as file:
        found = survey(file)
        if found.trouble is not None:
            raise VideoUnreadable(found.trouble)
        wanted = dict(label.properties())
        if found.aigc is not None:
            # Its provider has written one already.
            wanted.pop(xmp.AIGC, None)
        missing = {name: wanted[name] for name in wanted if _is_missing(found, name, wanted[name])}
        if missing:
            _replace(video, file, _change(found, wanted, missing))


def _is_missing(found: Survey, name: str, value: str) -> bool:
    """Whether the file does not say it yet; another model or date of the provider's stays."""
    values = found.values(name)
    return value not in values if name == xmp.DIGITAL_SOURCE_TYPE else not values


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What makes a labeled file of another one."""

    at: int
    """Where the new box goes."""
    box: bytes
    patches: Mapping[int, bytes]
    """What stands at other places before that instead."""


def _change(found: Survey, wanted: xmp.Properties, missing: xmp.Properties) -> _Change:
    """
    Raises:
        VideoUnreadable: the last box is too large to be given a size.
    """
    last, patches = found.layout[-1], dict[int, bytes]()
    # Readers look for it from the end of the file, where its own size stands.
    stays_last = last.type == b"mfra"
    if last.is_open and not stays_last:
        patches[last.start] = last.size_field()
    old = _to_replace(found, missing)
    packet = old and xmp.add(old.content, missing)
    if old and packet:
        patches[old.box.start + 4] = b"free"
    content = xmp.UUID + (packet or xmp.write(wanted))
    at = last.start if stays_last else last.end
    return _Change(at=at, box=make_box(b"uuid", content), patches=patches)


def _to_replace(found: Survey, missing: xmp.Properties) -> Packet | None:
    """The packet that the new one can stand for."""
    if len(found.packets) != 1 or any(found.values(name) for name in missing):
        return None
    return found.packets[0]


def _replace(video: Path, file: BinaryIO, change: _Change) -> None:
    """Write the changed file beside the video, and put it in its place once it is on the disk.

    The name beside it is the one of a download that was broken off: what a killed process left is
    written over.
    """
    part = video.with_name(f"{video.name}.part")
    try:
        with part.open("wb") as labeled:
            _write(labeled, file, change)
            labeled.flush()
            os.fsync(labeled.fileno())
        part.replace(video)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(video.parent)


def _write(labeled: BinaryIO, file: BinaryIO, change: _Change) -> None:
    file.seek(0)
    _copy(file, labeled, change.at)
    labeled.write(change.box)
    _copy(file, labeled, None)
    for at, content in change.patches.items():
        labeled.seek(at)
        labeled.write(content)


def _copy(source: BinaryIO, target: BinaryIO, most: int | None) -> None:
    """So many bytes, or all that are left."""
    while chunk := source.read(_CHUNK if most is None else min(_CHUNK, most)):
        target.write(chunk)
        most = most and most - len(chunk)
