"""Sample pictures that the page offers; each is drawn when it is first needed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import samples
from sandbox.discord import Upload
from sandbox.discord.state.model import Json
from sandbox.discord.translatable import marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample picture."""

    label: str
    note: str
    file: str
    draw: Callable[[], bytes]


SAMPLES = {
    "fine": Sample(
        label=marked("A boat at dusk"),
        note=marked("Fits as it is"),
        file="boat.jpg",
        draw=samples.fine,
    ),
    "transparent": Sample(
        label=marked("Transparent"),
        note=marked("Has a transparent background: Flipbook puts it on white"),
        file="transparent.png",
        draw=samples.transparent,
    ),
    "rotated": Sample(
        label=marked("Phone photo"),
        note=marked("Stored on its side: Flipbook turns it upright"),
        file="phone.jpg",
        draw=samples.rotated,
    ),
    "too-large": Sample(
        label=marked("12 megapixels"),
        note=marked("Larger than the model accepts: Flipbook scales it down"),
        file="camera.jpg",
        draw=samples.too_large,
    ),
    "too-small": Sample(
        label=marked("Too small"),
        note=marked("One pixel too low for the model: Flipbook refuses it"),
        file="small.png",
        draw=samples.too_small,
    ),
    "broken": Sample(
        label=marked("Broken file"),
        note=marked("Its second half is missing: Flipbook refuses it"),
        file="broken.jpg",
        draw=samples.broken,
    ),
}


class SampleStore:
    """The sample pictures, each drawn once, off the event loop."""

    def __init__(self) -> None:
        self._drawn: dict[str, asyncio.Task[bytes]] = {}

    async def get(self, name: str) -> Upload:
        """Return a sample as a file.

        Raises:
            KeyError: there is no such sample.
        """
        sample = SAMPLES[name]
        if name not in self._drawn:
            self._drawn[name] = asyncio.create_task(asyncio.to_thread(sample.draw))
        return Upload(sample.file, await asyncio.shield(self._drawn[name]))

    async def listed(self) -> list[Json]:
        """List the samples."""
        return [await self._entry(name, sample) for name, sample in SAMPLES.items()]

    async def _entry(self, name: str, sample: Sample) -> Json:
        return {
            "name": name,
            "label": sample.label,
            "note": sample.note,
            "file": sample.file,
            "url": f"/samples/{name}",
            "bytes": len((await self.get(name)).data),
        }

    async def close(self) -> None:
        """Wait for samples that are being drawn, since a thread cannot be stopped."""
        await asyncio.gather(*self._drawn.values(), return_exceptions=True)
