"""Renders an MP4 from one picture: a slow camera move that depends on the seed.

The local providers deliver it: H.264, yuv420p, 24 frames a second, with the index in front so that
a browser starts at once, and with a sound track where sound was asked for. It starts with the whole
picture and moves into it. The same arguments give the same bytes.
"""

import io
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import av
import av.container
import av.video
from PIL import Image, ImageDraw, ImageFont

from sandbox.sound import RATE, add_sound, sound_frames

SECONDS = 5
"""The usual length."""
FPS = 24
# Pixels of each resolution at 16:9; other aspect ratios get about as many.
TIER_PIXELS = {"480P": 832 * 480, "720P": 1280 * 720, "1080P": 1920 * 1080}
# Sides are multiples of the codec's macroblock, so that no player has to crop.
_SIDE_STEP = 16
# Minimum and maximum zoom. Less is not visible, more looks blurred.
_ZOOM = (1.18, 1.42)
_WATERMARK = "made on this machine"
# x264: 1.6 s a video on one core at 720P; "veryfast" takes a third longer.
_ENCODER = {"preset": "superfast", "crf": "23"}
# ITU-T H.273: the code of BT.601 (525 lines), which Pillow's YCbCr follows.
_BT601 = 6
_LIMITED_RANGE = 1

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One camera move. Points are fractions, 0 to 1, of the space that the zoom leaves."""

    zoom: float
    start: Point
    end: Point

    @classmethod
    def of(cls, seed: int) -> "Move":
        """Return the move for a seed: the zoom, the start and the end."""
        draw = random.Random(seed).random
        start = (0.3 + 0.4 * draw(), 0.3 + 0.4 * draw())
        # Towards an edge instead of the middle, because a plain zoom looks like a still.
        end = (_towards_an_edge(draw()), _towards_an_edge(draw()))
        return cls(zoom=_between(*_ZOOM, draw()), start=start, end=end)

    def box(self, at: float, width: int, height: int) -> Box:
        """Return what the camera sees of a plane of that size; ``at`` runs from 0 to 1."""
        eased = at * at * (3 - 2 * at)
        zoom = _between(1, self.zoom, eased)
        wide, high = width / zoom, height / zoom
        left = (width - wide) * _between(self.start[0], self.end[0], eased)
        top = (height - high) * _between(self.start[1], self.end[1], eased)
        return left, top, min(left + wide, width), min(top + high, height)


def size_for(width: int, height: int, resolution: str) -> tuple[int, int]:
    """Return width and height of a picture's video: its aspect ratio at the resolution."""
    scale = sqrt(TIER_PIXELS[resolution] / (width * height))
    return _step(width * scale), _step(height * scale)


def render(
    picture: bytes,
    *,
    seed: int,
    resolution: str,
    watermark: bool = False,
    seconds: int = SECONDS,
    sound: bool = False,
) -> bytes:
    """Render the MP4. 5 s at 720P take 1 to 2 s of one core, so call it in a thread.

    Raises:
        OSError: Pillow cannot read the picture.
    """
    with Image.open(io.BytesIO(picture)) as opened:
        rgb = _opaque(opened)
    size = size_for(rgb.width, rgb.height, resolution)
    move = Move.of(seed)
    planes = _planes(rgb, size, move.zoom)
    mark = _Mark.of(size) if watermark else None
    # A file, because the encoder must read it again to move the index to the front.
    with tempfile.TemporaryDirectory(prefix="flipbook-") as folder:
        target = Path(folder) / "video.mp4"
        frames = _frames(planes, size, move, mark, count=seconds * FPS)
        _encode(target, size, frames, sound_frames(seed, seconds) if sound else None)
        return target.read_bytes()


def _between(low: float, high: float, part: float) -> float:
    return low + (high - low) * part


def _towards_an_edge(part: float) -> float:
    """Map to 0.12 to 0.88 without the middle: visible, but no part of the motif is cut off."""
    return 0.12 + 0.5 * part if part < 0.5 else 0.38 + 0.5 * part


def _step(side: float) -> int:
    return max(_SIDE_STEP, round(side / _SIDE_STEP) * _SIDE_STEP)


def _opaque(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def _planes(rgb: Image.Image, size: tuple[int, int], zoom: float) -> list[Image.Image]:
    """Return luma, and both chromas at half the size, in the range that video uses.

    Moving three small planes is twice as fast as moving RGB and converting each frame.
    """
    if rgb.width > size[0] * zoom:
        rgb = rgb.resize((round(size[0] * zoom), round(size[1] * zoom)), Image.Resampling.LANCZOS)
    luma, *chromas = rgb.convert("YCbCr").split()
    half = (max(1, rgb.width // 2), max(1, rgb.height // 2))
    return [
        luma.point([round(16 + 219 * value / 255) for value in range(256)]),
        *(
            chroma.resize(half, Image.Resampling.BOX).point(
                [round(128 + 224 * (value - 128) / 255) for value in range(256)]
            )
            for chroma in chromas
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Mark:
    """The watermark: white letters on a translucent background, in the lower right corner."""

    shade: Image.Image
    letters: Image.Image
    at: tuple[int, int]

    @classmethod
    def of(cls, size: tuple[int, int]) -> "_Mark":
        font = ImageFont.load_default(size=max(12, min(size) // 32))
        left, top, right, bottom = (round(edge) for edge in font.getbbox(_WATERMARK))
        pad = (bottom - top) // 2
        # Even sizes and positions, since chroma has half of each.
        wide, high = (right - left + 3 * pad) // 2 * 2, (bottom - top + 2 * pad) // 2 * 2
        letters = Image.new("L", (wide, high))
        draw = ImageDraw.Draw(letters)
        draw.text((1.5 * pad - left, pad - top), _WATERMARK, fill=235, font=font)
        shade = Image.new("L", (wide, high))
        ImageDraw.Draw(shade).rounded_rectangle((0, 0, wide - 1, high - 1), radius=pad, fill=110)
        margin = min(size) // 40 // 2 * 2
        return cls(shade, letters, (size[0] - wide - margin, size[1] - high - margin))

    def put(self, plane: Image.Image, *, chroma: bool) -> None:
        if not chroma:
            plane.paste(16, self.at, self.shade)
            plane.paste(235, self.at, self.letters)
            return
        half = (self.shade.width // 2, self.shade.height // 2)
        at = (self.at[0] // 2, self.at[1] // 2)
        for mask in (self.shade, self.letters):
            plane.paste(128, at, mask.resize(half))


def _frames(
    planes: list[Image.Image], size: tuple[int, int], move: Move, mark: _Mark | None, *, count: int
) -> Iterator[av.VideoFrame]:
    for number in range(count):
        frame = av.VideoFrame(*size, "yuv420p")
        frame.colorspace, frame.color_range = _BT601, _LIMITED_RANGE
        for index, (plane, target) in enumerate(zip(planes, frame.planes, strict=True)):
            box = move.box(number / (count - 1), *plane.size)
            seen = plane.resize((target.width, target.height), Image.Resampling.BICUBIC, box=box)
            if mark is not None:
                mark.put(seen, chroma=index > 0)
            target.update(_padded(seen, target.line_size).tobytes())
        yield frame


def _padded(plane: Image.Image, line_size: int) -> Image.Image:
    """Pad the plane's lines to the length that the encoder uses."""
    if plane.width == line_size:
        return plane
    wide = Image.new("L", (line_size, plane.height))
    wide.paste(plane)
    return wide


def _encode(
    target: Path,
    size: tuple[int, int],
    frames: Iterator[av.VideoFrame],
    sound: Iterator[av.AudioFrame] | None,
) -> None:
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = _add_pictures(container, size)
        track = None if sound is None else _Track(container, sound)
        for number, frame in enumerate(frames, 1):
            container.mux(stream.encode(frame))
            if track is not None:
                track.write_until(number / FPS)
        container.mux(stream.encode(None))
        if track is not None:
            track.close()


def _add_pictures(
    container: av.container.OutputContainer, size: tuple[int, int]
) -> av.video.VideoStream:
    stream = container.add_stream("libx264", rate=FPS, options=_ENCODER)
    assert isinstance(stream, av.video.VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    # One thread gives the same bytes each time, and leaves the other core for the bot.
    stream.thread_count = 1
    codec = stream.codec_context
    codec.colorspace = codec.color_primaries = codec.color_trc = _BT601
    codec.color_range = _LIMITED_RANGE
    return stream


class _Track:
    """The sound track, written beside the pictures, so that a player needs little of the file."""

    def __init__(
        self, container: av.container.OutputContainer, sound: Iterator[av.AudioFrame]
    ) -> None:
        self._container = container
        self._stream = add_sound(container)
        self._sound = sound
        self._samples = 0

    def write_until(self, seconds: float) -> None:
        """Write the sound up to that moment."""
        while self._samples < seconds * RATE and (frame := next(self._sound, None)) is not None:
            frame.pts = self._samples
            self._samples += frame.samples
            self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode(None))
