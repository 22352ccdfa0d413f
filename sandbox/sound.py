"""The sound of a rendered video: a soft chord that depends on the seed, as AAC."""

import random
from array import array
from collections.abc import Iterator
from math import pi, sin

import av
import av.audio
import av.container

RATE = 24_000
# Samples in a frame of AAC.
_FRAME = 1024
# Frequencies in Hz of the lowest note, and of the chord above it.
_LOWEST = (110.0, 123.5, 130.8, 146.8, 164.8)
_CHORD = (1.0, 1.25, 1.5)
_VOLUME = 0.08
# Seconds in which the sound comes and goes at both ends.
_FADE = 0.5


def sound_frames(seed: int, seconds: int) -> Iterator[av.AudioFrame]:
    """Yield the sound of a video of that length, in pieces."""
    lowest = random.Random(seed).choice(_LOWEST)
    steps = [2 * pi * lowest * part / RATE for part in _CHORD]
    count = seconds * RATE

    def wave(at: int) -> float:
        return _loudness(at, count) * sum(sin(at * step) for step in steps)

    for start in range(0, count, _FRAME):
        yield _frame([wave(at) for at in range(start, min(start + _FRAME, count))])


def add_sound(container: av.container.OutputContainer) -> av.audio.AudioStream:
    """Add a track for the sound to a file."""
    stream = container.add_stream("aac", rate=RATE)
    assert isinstance(stream, av.audio.AudioStream)
    stream.layout = "mono"
    stream.format = "fltp"
    return stream


def _frame(values: list[float]) -> av.AudioFrame:
    frame = av.AudioFrame(format="fltp", layout="mono", samples=len(values))
    frame.sample_rate = RATE
    (plane,) = frame.planes
    content = array("f", values).tobytes()
    plane.update(content.ljust(plane.buffer_size, b"\0"))
    return frame


def _loudness(at: int, count: int) -> float:
    nearest_end = min(at, count - at) / RATE
    return _VOLUME * min(1.0, nearest_end / _FADE)
