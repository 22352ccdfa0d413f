"""The time from typing into an option to its choices, with the real bot and two models.

The floor is a bare discord.py client that returns one fixed choice.
"""

import asyncio
import math
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.acknowledge import open_bot, quantile
from benchmarks.table import Row, met
from sandbox.discord import DidNotRespond, LocalDiscord, Person
from sandbox.discord.rules.rates import Rates
from sandbox.vtrix import LocalVtrix

SECONDS = 10
PER_SECOND = 20
PEOPLE = 20
CHOICES_MS = 100.0
SEVERAL = {
    "MODELS": "wan22_i2v_flash,wan25_i2v_preview",
    "PRICES": "wan25_i2v_preview:720P=0.1/s,wan25_i2v_preview:720P:sound=0.1/s,"
    "wan25_i2v_preview:1080P=0.15/s,wan25_i2v_preview:1080P:sound=0.15/s",
}


def main() -> Sequence[Row]:
    """Measure both bots, one after the other."""
    floor, ours = (asyncio.run(typed(kind)) for kind in ("bare", "flipbook"))
    found, beside = (quantile(times, 0.99) * 1000 for times in (ours, floor))
    return [
        Row(
            what=f"choices of an option, {PER_SECOND} a second for {SECONDS} s",
            ours=f"p50 {quantile(ours, 0.5) * 1000:.1f} ms, p99 {found:.1f} ms",
            beside=f"bare discord.py, one choice: p50 {quantile(floor, 0.5) * 1000:.1f} ms, "
            f"p99 {beside:.1f} ms",
            ratio=f"{found / beside:.2f}x",
            figure=f"p99 {CHOICES_MS:g} ms: {met(found <= CHOICES_MS)}",
        )
    ]


async def typed(kind: str) -> list[float]:
    """Return the seconds until the choices were there, sorted; infinite where there were none."""
    async with (
        LocalDiscord(rates=Rates(enforced=False)) as local,
        LocalVtrix(seconds=math.inf) as provider,
    ):
        names = [f"person-{number}" for number in range(PEOPLE)]
        for name in names:
            local.world.add_member(local.world.guild, name)
        with tempfile.TemporaryDirectory() as folder:
            async with open_bot(kind, Path(folder), local, provider, SEVERAL) as process:
                await local.ready(60)
                await local.synced("animate", 60)
                times = await _fire([local.person(name) for name in names])
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(process.communicate(), 60)
        return sorted(times)


async def _fire(people: Sequence[Person]) -> list[float]:
    """Type at an even rate, whether or not there were choices for what was typed before."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    sent: list[asyncio.Task[float]] = []
    for number in range(SECONDS * PER_SECOND):
        await asyncio.sleep(max(0.0, start + number / PER_SECOND - loop.time()))
        sent.append(asyncio.create_task(_type(people[number % len(people)])))
    return list(await asyncio.gather(*sent))


async def _type(person: Person) -> float:
    began = asyncio.get_running_loop().time()
    try:
        choices = await person.complete("animate", "model", "wan")
    except DidNotRespond:
        return math.inf
    return asyncio.get_running_loop().time() - began if choices else math.inf
