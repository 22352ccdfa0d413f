"""Throughput: how many videos a minute one, two and three workers complete, and what that costs.

`python -m tests.flows.load.throughput 600` lets a gateway accept 600 tasks while there is no
worker. Then it starts the workers, and measures from the first tenth of the tasks to the last.
Times depend on what else the machine does; CPU seconds hardly do. With `limits`, the local Discord
enforces Discord's rate limits, above all 50 requests a second. With `profile`, the output shows
where one worker spends its time.

Everything is on loopback; the local Discord and the local provider are in this process.
"""

import asyncio
import io
import os
import pstats
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock
from bot.domain.task import State
from bot.storage.engine.database import Database, open_database
from bot.storage.tasks.tasks import TaskStore
from sandbox.discord import LocalDiscord
from sandbox.discord.rules.rates import Rates
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess
from tests.flows.load.chaos_run import a_video, unlimited
from tests.flows.load.load_generator import LoadGenerator
from tests.postgres import Cluster, open_cluster

VIDEO_SECONDS = 2.0
# Enough channels that Discord's limit of edits in each is not what is measured.
CHANNELS = 300
_TICKS = os.sysconf("SC_CLK_TCK")
_PROFILED_LINES = 25


@dataclass(frozen=True, kw_only=True)
class Spent:
    """CPU seconds used up to some moment."""

    at: float
    delivered: int
    workers: float
    postgres: float
    outside: float
    """Discord and the provider, which are not part of the bot."""
    limited: int
    """Requests that Discord refused by its rate limits."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The work of a number of workers between two moments."""

    workers: int
    begun: Spent
    ended: Spent

    def __str__(self) -> str:
        videos = self.ended.delivered - self.begun.delivered
        seconds = self.ended.at - self.begun.at
        each = 1000 / videos
        return (
            f"{self.workers} workers: {60 * videos / seconds:.0f} videos a minute; CPU a video: "
            f"worker {each * (self.ended.workers - self.begun.workers):.0f} ms, "
            f"PostgreSQL {each * (self.ended.postgres - self.begun.postgres):.0f} ms, "
            f"Discord and provider {each * (self.ended.outside - self.begun.outside):.0f} ms; "
            f"of {os.cpu_count()} cores used: {self._cores(seconds):.1f}; "
            f"answers 429 a minute: {60 * (self.ended.limited - self.begun.limited) / seconds:.0f}"
        )

    def _cores(self, seconds: float) -> float:
        begun, ended = self.begun, self.ended
        cpu = sum((ended.workers, ended.postgres, ended.outside)) - sum(
            (begun.workers, begun.postgres, begun.outside)
        )
        return cpu / seconds


async def measure(
    videos: int,
    workers: int,
    cluster: Cluster,
    folder: Path,
    *,
    program: tuple[str, ...] = ("bot",),
    limits: bool = False,
) -> Found:
    """Queue tasks, start the workers, and measure their work."""
    url = cluster.url(cluster.new_database())
    async with AsyncExitStack() as stack:
        rates = Rates(enforced=False)
        discord_ = await stack.enter_async_context(LocalDiscord(rates=rates, acknowledge=30))
        provider = await stack.enter_async_context(
            LocalVtrix(key="test-key", balance="100000", seconds=VIDEO_SECONDS, video=a_video())
        )

        def make(name: str, role: str) -> BotProcess:
            (folder / name).mkdir(parents=True)
            bot = BotProcess(folder / name, discord_, provider)
            bot.settings = unlimited(url, folder / "data")
            bot.arguments = ("--role", role)
            stack.push_async_callback(bot.close)
            return bot

        database = await stack.enter_async_context(open_database(url))
        await _take_in(videos, make("gateway", "gateway"), database)
        rates.enforced = limits
        bots = [make(f"worker-{number}", "worker") for number in range(workers)]
        for bot in bots:
            bot.program = program
        return await _worked_off(videos, bots, database, cluster)


async def _take_in(videos: int, gateway: BotProcess, database: Database) -> None:
    await gateway.start()
    load = LoadGenerator(
        discord=gateway.discord, database=database, videos=videos, shards=1, channels=CHANNELS
    )
    await load.ask()
    await gateway.stop()


async def _worked_off(
    videos: int, bots: list[BotProcess], database: Database, cluster: Cluster
) -> Found:
    for bot in bots:
        await bot.launch()
    begun = await _at(videos // 10, bots, database, cluster)
    ended = await _at(videos * 9 // 10, bots, database, cluster)
    await _at(videos, bots, database, cluster)
    for bot in bots:
        await bot.stop()
    return Found(workers=len(bots), begun=begun, ended=ended)


async def _at(count: int, bots: list[BotProcess], database: Database, cluster: Cluster) -> Spent:
    """Wait until this many videos are delivered, and measure what was used by then."""
    store = TaskStore(database, clock=SystemClock())
    while True:
        delivered = (await store.counts()).get(State.DELIVERED, 0)
        if delivered >= count:
            break
        await asyncio.sleep(0.2)
    return Spent(
        at=time.monotonic(),
        delivered=delivered,
        workers=sum(cpu_seconds(bot.pid) for bot in bots),
        postgres=cpu_seconds(cluster.pid),
        outside=time.process_time(),
        limited=sum(one.status == 429 for one in bots[0].discord.requests),
    )


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and its descendants, including those that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / _TICKS
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(map(cpu_seconds, map(int, children)))


# --- profiling ----------------------------------------------------------------------------


def profile(videos: int, cluster: Cluster, folder: Path) -> str:
    """Return the functions in which one worker spends most of its time."""
    program = ("cProfile", "-o", str(folder / "profile"), "-m", "bot")
    found = asyncio.run(measure(videos, 1, cluster, folder, program=program))
    table = io.StringIO()
    pstats.Stats(str(folder / "profile"), stream=table).sort_stats("tottime").print_stats(
        _PROFILED_LINES
    )
    return f"{found}\n{table.getvalue()}"


def main() -> None:
    """Measure, and print the results."""
    videos = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    with open_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        if "profile" in sys.argv:
            sys.stdout.write(profile(videos, cluster, Path(folder)))
            return
        for workers in (1, 2, 3):
            each = Path(folder) / str(workers)
            found = asyncio.run(
                measure(videos, workers, cluster, each, limits="limits" in sys.argv)
            )
            sys.stdout.write(f"{found}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
