"""The whole bot under load: how many commands per second it sustains, and what a video costs.

The bot is one process with its two picture workers, on the machine that also runs the local Discord
and provider. For each picture of 10 MB (11 megapixels, which are scaled down) there are four of 2
MB.
"""

import asyncio
import math
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.acknowledge import ACKNOWLEDGED_MS, LOOP_MS, Burst, burst, open_bot, photo, quantile
from benchmarks.parts.process import Used, used
from benchmarks.table import Row
from sandbox.discord import LocalDiscord, Person, Upload
from sandbox.discord.rules.rates import Rates
from sandbox.vtrix import LocalVtrix

RATES = (2, 5, 10, 20, 40)
SECONDS = 6
VIDEOS = 20
VIDEO_BYTES = 2_000_000
EVERY_SECONDS = 2.0
DELIVERED_WITHIN = 120.0


def main() -> Sequence[Row]:
    """Raise the rate until it is too high, then measure the cost of a video."""
    pictures = [*[photo(1500)] * 4, photo(3300)]
    found = _carried(pictures)
    return [_sustained(found), *_costs(*asyncio.run(_videos(pictures)))]


def _carried(pictures: Sequence[Upload]) -> dict[int, Burst]:
    found: dict[int, Burst] = {}
    for rate in RATES:
        found[rate] = asyncio.run(
            burst("flipbook", seconds=SECONDS, per_second=rate, pictures=pictures)
        )
        if not _is_carried(found[rate]):
            break
    return found


def _is_carried(one: Burst) -> bool:
    return one.unanswered == 0 and _late_ms(one) <= ACKNOWLEDGED_MS and _held_ms(one) <= LOOP_MS


def _late_ms(one: Burst) -> float:
    return quantile(one.seconds, 0.99) * 1000


def _held_ms(one: Burst) -> float:
    return quantile(one.loop_delays, 0.99) * 1000


def _sustained(found: dict[int, Burst]) -> Row:
    carried = max((rate for rate, one in found.items() if _is_carried(one)), default=0)
    listed = "; ".join(
        f"{rate}/s: {_late_ms(one):.0f} ms, {_held_ms(one):.1f} ms" for rate, one in found.items()
    )
    return Row(
        what="commands a second that one process carries, 2 MB and 10 MB mixed",
        ours=f"{carried} a second",
        beside=f"p99 to acknowledged, p99 of the event loop held up, by rate: {listed}",
        figure=f"with p99 {ACKNOWLEDGED_MS:g} ms and {LOOP_MS:g} ms",
    )


async def _videos(pictures: Sequence[Upload]) -> tuple[Used, Used]:
    """Return the usage before and after this many videos, from command to delivery."""
    video = b"\0\0\0\x18ftypmp42".ljust(VIDEO_BYTES, b"\0")
    async with (
        LocalDiscord(rates=Rates(enforced=False)) as local,
        LocalVtrix(seconds=1, balance="1000", video=video) as provider,
    ):
        with tempfile.TemporaryDirectory() as folder:
            async with open_bot("flipbook", Path(folder), local, provider) as process:
                await local.ready(60)
                await local.synced("animate", 60)
                ada = local.person("Ada")
                # The first video loads what is loaded only once.
                await _one_after_the_other(ada, pictures[:1])
                before = used(process.pid)
                repeated = (list(pictures) * math.ceil(VIDEOS / len(pictures)))[:VIDEOS]
                await _one_after_the_other(ada, repeated)
                after = used(process.pid)
                process.send_signal(signal.SIGTERM)
                await process.communicate()
    return before, after


async def _one_after_the_other(ada: Person, pictures: Sequence[Upload]) -> None:
    wanted = _delivered(ada) + len(pictures)
    for picture in pictures:
        await ada.command("animate", image=picture, prompt="it moves")
        await asyncio.sleep(EVERY_SECONDS)
    async with asyncio.timeout(DELIVERED_WITHIN):
        while _delivered(ada) < wanted:  # noqa: ASYNC110  (a channel to be read, as people do)
            await asyncio.sleep(0.05)


def _delivered(ada: Person) -> int:
    return sum(
        any(file.data[4:8] == b"ftyp" for file in seen.files) for seen in ada.sees("general")
    )


def _costs(before: Used, after: Used) -> list[Row]:
    main = (after.main_cpu - before.main_cpu) / VIDEOS * 1000
    workers = (after.children_cpu - before.children_cpu) / VIDEOS * 1000
    return [
        Row(
            what="CPU for a video, from command to delivery",
            ours=f"{main + workers:.0f} ms",
            beside=f"of these, its picture: {workers:.0f} ms; everything else: {main:.0f} ms",
        ),
        Row(
            what=f"memory while {VIDEOS} videos are made",
            ours=f"{after.main_mb:.0f} MB at most, {after.main_mb - before.main_mb:.1f} MB more "
            "than for the first",
            beside=f"a picture worker: {after.children_mb:.0f} MB at most",
        ),
    ]
