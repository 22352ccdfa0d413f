"""The time from `/animate` to its acknowledgment, in bursts with pictures of 2 MB, with the real
bot.

The local Discord and provider are in this process, and the bot is in its own. The floor is a bare
discord.py client that answers the same commands at once and does nothing else.
"""

import asyncio
import io
import json
import math
import random
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.parts.bot_settings import bot_settings
from benchmarks.table import Row, met
from sandbox.discord import DidNotRespond, Interaction, LocalDiscord, Person, Upload
from sandbox.discord.rules.rates import Rates
from sandbox.vtrix import LocalVtrix

SECONDS = 10
PER_SECOND = 50
PEOPLE = 50
ACKNOWLEDGED_MS = 100.0
LOOP_MS = 5.0


@dataclass(frozen=True, slots=True)
class Burst:
    """The measurements of one bot in one burst."""

    seconds: Sequence[float]
    """Seconds from command to acknowledgment, sorted."""
    loop_delays: Sequence[float]
    """Delays of the bot's event loop in seconds, sorted."""
    unanswered: int
    accepted: int
    """Create calls that the provider received."""


def main() -> Sequence[Row]:
    """Measure the bursts of both bots, one after the other."""
    pictures = [photo(1500)]
    floor, ours = (
        asyncio.run(burst(kind, seconds=SECONDS, per_second=PER_SECOND, pictures=pictures))
        for kind in ("bare", "flipbook")
    )
    return [_acknowledged(ours, floor), _loop(ours, floor)]


def _acknowledged(ours: Burst, floor: Burst) -> Row:
    found, beside = (quantile(burst.seconds, 0.99) * 1000 for burst in (ours, floor))
    commands = SECONDS * PER_SECOND
    return Row(
        what=f"/animate to acknowledged, {commands} commands in {SECONDS} s, 2 MB each",
        ours=f"p50 {quantile(ours.seconds, 0.5) * 1000:.1f} ms, p99 {found:.1f} ms"
        f" ({ours.unanswered} unanswered, {ours.accepted} sent on)",
        beside=f"bare discord.py: p50 {quantile(floor.seconds, 0.5) * 1000:.1f} ms, "
        f"p99 {beside:.1f} ms",
        ratio=f"{found / beside:.2f}x",
        figure=f"p99 {ACKNOWLEDGED_MS:g} ms: {met(found <= ACKNOWLEDGED_MS)}",
    )


def _loop(ours: Burst, floor: Burst) -> Row:
    found, beside = (quantile(burst.loop_delays, 0.99) * 1000 for burst in (ours, floor))
    return Row(
        what="the bot's event loop held up, meanwhile",
        ours=f"p99 {found:.2f} ms, most {ours.loop_delays[-1] * 1000:.1f} ms",
        beside=f"bare discord.py: p99 {beside:.2f} ms",
        ratio=f"{found / beside:.2f}x",
        figure=f"p99 {LOOP_MS:g} ms: {met(found <= LOOP_MS)}",
    )


def quantile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank quantile of sorted values; infinite if there are none."""
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else math.inf


async def burst(
    kind: str, *, seconds: float, per_second: float, pictures: Sequence[Upload]
) -> Burst:
    """Send this many commands per second to one bot, with these pictures in turn."""
    # The provider never finishes a job, since accepting commands is measured, not delivering
    # videos.
    async with (
        LocalDiscord(rates=Rates(enforced=False)) as local,
        LocalVtrix(seconds=math.inf, balance="10000") as provider,
    ):
        people = _people(local)
        with tempfile.TemporaryDirectory() as folder:
            async with open_bot(kind, Path(folder), local, provider) as process:
                await local.ready(60)
                await local.synced("animate", 60)
                process.send_signal(signal.SIGUSR1)
                answered = await _fire(people, seconds, per_second, pictures)
                process.send_signal(signal.SIGTERM)
                out, _ = await asyncio.wait_for(process.communicate(), 60)
        return Burst(
            seconds=sorted(after for after in answered if after is not None),
            loop_delays=json.loads(out.splitlines()[-1]),
            unanswered=answered.count(None),
            accepted=len(provider.creates),
        )


def _people(local: LocalDiscord) -> list[Person]:
    names = [f"person-{number}" for number in range(PEOPLE)]
    for name in names:
        local.world.add_member(local.world.guild, name)
    return [local.person(name) for name in names]


async def _fire(
    people: Sequence[Person], seconds: float, per_second: float, pictures: Sequence[Upload]
) -> list[float | None]:
    """Send commands at an even rate, whether or not earlier ones were answered."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    sent: list[asyncio.Task[float | None]] = []
    for number in range(round(seconds * per_second)):
        await asyncio.sleep(max(0.0, start + number / per_second - loop.time()))
        person, picture = people[number % len(people)], pictures[number % len(pictures)]
        sent.append(asyncio.create_task(_ask(person, picture)))
    return list(await asyncio.gather(*sent))


async def _ask(person: Person, picture: Upload) -> float | None:
    try:
        shown: Interaction = await person.command("animate", image=picture, prompt="it moves")
    except DidNotRespond:
        return None
    return shown.acknowledged_after


def photo(side: int) -> Upload:
    """A square JPEG of incompressible noise; a side of 1500 makes 2 MB, one of 3300 makes 10 MB."""
    noise = Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=90)
    return Upload("photo.jpg", out.getvalue())


@asynccontextmanager
async def open_bot(
    kind: str,
    folder: Path,
    local: LocalDiscord,
    provider: LocalVtrix,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `benchmarks.parts.bot` in a process, with ``more`` settings and no quotas in its way."""
    settings = bot_settings(local, provider) | {
        "QUOTA_VIDEOS": "-1",
        "QUOTA_CONCURRENT": "100",
        "MAX_VIDEOS_USER_DAY": "10000",
        "BUDGET_USD_MONTH": "none",
        "BUDGET_USD_SERVER_MONTH": "none",
        **(more or {}),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.parts.bot", kind),
        cwd=folder,
        env=settings,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
