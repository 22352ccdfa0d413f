"""A scenario with many tasks at once, each with its own fault, and the outcome of each."""

import asyncio
import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox.discord import Interaction, Person
from sandbox.vtrix import Fault, LocalVtrix
from tests.faults.bot_environment import BotEnvironment
from tests.faults.invariants import check_ended, ended
from tests.faults.outcomes import Outcome, advance_clock, differences, observe
from tests.flows.harness import PATIENCE, BotProcess, animate, eventually
from tests.requirements import need_linux

VIDEO = b"\0\0\0\x18ftypmp42" + bytes(100_000)
CLOCK = "ahead"
# The bot's clock runs this many times as fast as the real one. After each jump of the clock, the
# bot gets some real seconds for what is due.
SPEED = 10.0
_BREATH = 0.25


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fault, and how its task ends."""

    fault: str
    """The fault in an operator's words, which are also the prompt of its task."""
    end: Outcome
    faults: Sequence[dict[str, Any]] = ()
    """The faults to inject, as fields of `sandbox.vtrix.Fault`."""


@dataclass
class FaultScenario:
    """A bot whose clock the test drives, and a person who asks it for videos."""

    bot: BotProcess
    person: Person
    shown: dict[str, Interaction] = field(default_factory=dict)

    @property
    def provider(self) -> LocalVtrix:
        return self.bot.provider

    async def start(self, **changes: Any) -> None:
        """Start the bot with a fast clock and room for many tasks of one person."""
        self.provider.video = VIDEO
        self.bot.discord.rates.scale = 100.0
        self.bot.settings |= {"QUOTA_VIDEOS": "-1", "QUOTA_CONCURRENT": "100"}
        given: dict[str, Any] = {"speed": SPEED, "clock": CLOCK} | changes
        self.bot.program = BotEnvironment(**given).program()
        await self.bot.start()

    async def ask(self, prompt: str, **options: Any) -> None:
        """Send a command, and wait until its task is committed."""
        self.shown[prompt] = await animate(self.person, prompt, **options)
        query = "SELECT 1 FROM tasks WHERE prompt = ?"
        await eventually(lambda: self.bot.rows(query, prompt) or None, f"a task for {prompt!r}")

    async def ask_all(self, rows: Sequence[Row]) -> dict[str, str]:
        """Start one endless job per row, and return the jobs' ids by prompt."""
        self.provider.slow = float("inf")
        for row in rows:
            await self.ask(row.fault)
        made = await self.provider.created(len(rows), within=60)
        return {one.prompt: one.id for one in made}

    def put(self, row: Row, **kept: Any) -> list[Fault]:
        """Inject the faults of a row, in order."""
        return [self.provider.faults.add(Fault(**(kept | given))) for given in row.faults]

    async def let_pass(self, *, minutes: float, step: float = 5.0) -> None:
        """Advance the bot's clock in steps, and give the bot time after each for its due work."""
        while minutes > 0:
            advance_clock(self.bot.folder / CLOCK, 60 * min(step, minutes))
            minutes -= step
            await asyncio.sleep(_BREATH)

    async def outcomes(self, rows: Sequence[Row], where: str) -> list[dict[str, Any]]:
        """Wait until all tasks have ended, and return the rows of the table."""
        await ended(self.bot)
        return [self._verdict(row, where) for row in rows]

    def _verdict(self, row: Row, where: str) -> dict[str, Any]:
        breaches = differences(row.end, self.observed(row.fault))
        entry = {"fault": row.fault, "where": where, "outcome": row.end.outcome}
        return entry | {"breaches": breaches}

    def observed(self, prompt: str) -> dict[str, Any]:
        """Return what can be seen of a task now."""
        return observe(self.bot, self.shown[prompt], prompt)

    async def wait_for_words(self, prompt: str, words: str) -> None:
        """Wait until the person who asked reads these words."""
        await eventually(lambda: words in self.observed(prompt)["words"] or None, words)

    async def check(self, rows: Sequence[dict[str, Any]]) -> None:
        """Check that every row ended as expected, and that the invariants hold.

        Raises:
            AssertionError: One line for each row that ended otherwise.
        """
        wrong = [f"{row['fault']}: {'; '.join(row['breaches'])}" for row in rows if row["breaches"]]
        assert not wrong, "\n".join(wrong)
        await check_ended(self.bot)


async def wait_for_faults(faults: Sequence[Fault]) -> None:
    """Wait until each fault has happened as often as it is meant to."""
    waiting = list(faults)

    def left() -> bool | None:
        waiting[:] = [one for one in waiting if one.met < (one.times or 1)]
        return None if waiting else True

    await eventually(left, "every fault", 2 * PATIENCE)


def is_about_job(job_id: str) -> Any:
    """Match requests about this job only."""
    return lambda request: request.match_info["id"] == job_id


def is_about_file(name: str) -> Any:
    """Match requests for this video only."""
    return lambda request: request.match_info["name"] == name


def bomb(megabytes: int = 200) -> dict[str, Any]:
    """Return an answer of 200 kB that unpacks to 200 MB of zeros."""
    zeros, checksum = bytes(1_000_000), 0
    for _ in range(megabytes):
        checksum = zlib.crc32(zeros, checksum)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush nothing refers to earlier data, so one compressed block can be repeated.
    part = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    start, end = b"\x1f\x8b\x08" + bytes(7), struct.pack("<LL", checksum, megabytes * len(zeros))
    body = start + part * megabytes + packer.flush() + end
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    return {"status": 200, "body": body, "headers": headers}


def most_memory(bot: BotProcess) -> int:
    """Return the peak memory of the process in bytes."""
    need_linux("the memory of another process")
    status = Path(f"/proc/{bot.pid}/status").read_text()
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak) * 1024


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as text for ``record_property``, since pytest passes on only text."""
    return json.dumps(list(rows))


@pytest.fixture
def scenario(bot: BotProcess, ada: Person) -> FaultScenario:
    return FaultScenario(bot, ada)
