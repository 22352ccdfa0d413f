"""What a video's file says of how it was made, whoever wrote that."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from bot.errors import VideoUnreadable
from bot.video import aigc, xmp
from bot.video.boxes import Box, boxes

TRAINED_ALGORITHMIC_MEDIA = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's digital source type of what a model made (https://cv.iptc.org/newscodes)."""
# Beside the last one; the others of a file count as packets that cannot be read.
_PACKETS_READ = 3
_AI_SOURCES = ("/trainedAlgorithmicMedia", "/compositeWithTrainedAlgorithmicMedia")


@dataclass(frozen=True, slots=True)
class Packet:
    """An XMP packet and the box that it lies in."""

    box: Box
    content: bytes
    properties: xmp.Properties | None
    """``None`` where it cannot be read."""


@dataclass(slots=True, kw_only=True)
class Survey:
    """The outermost boxes of a file, and what they say."""

    layout: list[Box] = field(default_factory=list)
    packets: list[Packet] = field(default_factory=list)
    movie_aigc: str | None = None
    """China's field as a provider wrote it into the movie's own metadata."""
    trouble: str | None = None
    """Why the file is no whole MP4; what stands before that was read."""

    def values(self, name: str) -> list[str]:
        """The values of one property in all packets, each value once."""
        values = [packet.properties.get(name) for packet in self.packets if packet.properties]
        return list(dict.fromkeys(value for value in values if value))

    @property
    def aigc(self) -> str | None:
        """China's field, from wherever it stands."""
        return self.movie_aigc or next(iter(self.values(xmp.AIGC)), None)

    @property
    def says_ai_generated(self) -> bool:
        """Whether it says in a way that is known here that a model made it."""
        sources = self.values(xmp.DIGITAL_SOURCE_TYPE)
        return self.aigc is not None or any(one.endswith(_AI_SOURCES) for one in sources)


def survey(file: BinaryIO) -> Survey:
    """Read the outermost boxes, and those of them that may say how the video was made."""
    found = Survey()
    try:
        for box in _all(file):
            found.layout.append(box)
    except VideoUnreadable as error:
        found.trouble = str(error)
    movie = next((box for box in found.layout if box.type == b"moov"), None)
    if movie is not None:
        found.movie_aigc = aigc.find(file, movie)
    holding = [box for box in found.layout if box.uuid == xmp.UUID]
    for number, box in enumerate(holding, 1):
        is_read = number <= _PACKETS_READ or number == len(holding)
        found.packets.append(_packet(file, box) if is_read else Packet(box, b"", None))
    return found


def _all(file: BinaryIO) -> Iterator[Box]:
    size = file.seek(0, 2)
    if size == 0:
        raise VideoUnreadable("it is empty")
    file.seek(4)
    if file.read(4) != b"ftyp":
        raise VideoUnreadable("it is not an MP4")
    yield from boxes(file, 0, size)


def _packet(file: BinaryIO, box: Box) -> Packet:
    if box.end - box.content > xmp.PACKET_BYTES_MAX:
        return Packet(box, b"", None)
    file.seek(box.content)
    content = file.read(box.end - box.content)
    return Packet(box, content, xmp.read(content))
