"""The forms in which an MP4 can come, made of a real one, and what is in them."""

import hashlib
import io
import json
import subprocess
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

import av

from tests.requirements import need_program

AIGC = '{"Label":"1","ContentProducer":"a provider"}'


def frames(video: bytes) -> list[str]:
    """A digest of each decoded frame, in order."""
    with av.open(io.BytesIO(video), "r") as container:
        return [
            hashlib.sha256(bytes(plane) + str(frame.pts).encode()).hexdigest()
            for frame in container.decode(video=0)
            for plane in frame.planes
        ]


def beginning(video: bytes, frames: int) -> bytes:
    """The first frames alone."""
    return remuxed(video, "faststart", most=frames)


def remuxed(video: bytes, movflags: str, most: int | None = None, **metadata: str) -> bytes:
    """The same frames, or the first ones, in a container that is laid out otherwise."""
    with tempfile.TemporaryDirectory(prefix="flipbook-") as folder:
        # A file, as the index can only be moved to the front where the writer can read again.
        made = Path(folder) / "video.mp4"
        with (
            av.open(io.BytesIO(video), "r") as source,
            av.open(str(made), "w", format="mp4", options={"movflags": movflags}) as target,
        ):
            stream = target.add_stream_from_template(source.streams.video[0])
            target.metadata.update(metadata)
            for packet in islice(source.demux(video=0), most):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
        return made.read_bytes()


def index_last(video: bytes) -> bytes:
    """With `moov` at its end."""
    return remuxed(video, "write_colr")


def fragmented(video: bytes) -> bytes:
    """In fragments, with the index of these (`mfra`) at its end."""
    return remuxed(video, "frag_every_frame+empty_moov+default_base_moof")


def with_provider_s_aigc(video: bytes) -> bytes:
    """With China's field where TC260's guide for videos wants it."""
    return remuxed(video, "faststart+use_metadata_tags", AIGC=AIGC)


def large_sizes(video: bytes) -> bytes:
    """With a size of eight bytes for the frames, for which the writer has left room."""
    at = video.index(b"\0\0\0\x08free")
    size = int.from_bytes(video[at + 8 : at + 12], "big") + 8
    assert video[at + 12 : at + 16] == b"mdat"
    return video[:at] + b"\0\0\0\1mdat" + size.to_bytes(8, "big") + video[at + 16 :]


def open_ended(video: bytes) -> bytes:
    """With a last box, of frames, that says size 0: it goes on to the end."""
    at = video.index(b"mdat") - 4
    assert at + int.from_bytes(video[at : at + 4], "big") == len(video)
    return video[:at] + bytes(4) + video[at + 4 :]


def without_index(video: bytes) -> bytes:
    """With no `moov`: nothing can play it."""
    return video.replace(b"moov", b"skip", 1)


def exiftool(video: Path, *arguments: str) -> list[dict[str, Any]]:
    """What exiftool says of a file, or does to it."""
    command = [str(need_program("exiftool")), *arguments, str(video)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return list(json.loads(done.stdout)) if "-json" in arguments else []


def told_by_exiftool(video: Path) -> dict[str, Any]:
    """Every XMP property of a file; of one that is there twice, both."""
    (found,) = exiftool(video, "-json", "-a", "-G4:1", "-XMP:all", "-validate")
    return {name.removeprefix("XMP-"): value for name, value in found.items()}
