"""Runs many commands on several processes, some of which are killed again and again.

`python -m tests.flows.load.chaos_run 2000` runs 2,000 commands; the test makes a small run.
Everything is on loopback: a PostgreSQL, a local Discord, a local provider, two gateways and three
workers.
"""

import asyncio
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.clock import Clock, SystemClock
from bot.domain.money import Usd
from bot.domain.task import OPEN_STATES, State, Task
from bot.storage.engine.database import Database, open_database
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.tables import late_edits, processes, tasks
from bot.storage.tasks.tasks import TaskStore
from bot.worker.worker import LEASE
from sandbox.discord import LocalDiscord
from sandbox.discord.rules.rates import Rates
from sandbox.video import render
from sandbox.vtrix import LocalVtrix
from tests.factories import make_picture
from tests.faults.bot_environment import BotEnvironment, FileDrivenClock
from tests.faults.invariants import is_on_the_way
from tests.flows.harness import BotProcess, eventually
from tests.flows.load.load_generator import LoadGenerator, posted
from tests.fork_server import ForkServer
from tests.postgres import Cluster, open_cluster

GATEWAYS = 2
WORKERS = 3
STUCK_SECONDS = 120.0


@dataclass(kw_only=True)
class ChaosRun:
    """The size of a run, and what happens to its processes; seconds are the bot's clock's."""

    tasks: int
    """The number of commands; a quarter as many rerolls by reaction come on top."""
    speed: float = 1.0
    """How fast the bot's clock runs, and with it everything here."""
    kill_every: float = 5.0
    pause_seconds: float = 60.0
    """How long one worker is stopped before it continues."""
    video_seconds: float = 20.0
    workers: int = WORKERS
    kills: int = 0
    begun: float = field(default_factory=time.monotonic)
    """The real time from which on the clock runs at that speed."""

    @property
    def environment(self) -> BotEnvironment:
        """The environment that gives every process the same time."""
        return BotEnvironment(speed=self.speed, since=self.begun)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The results of a run."""

    states: Counter[State]
    doubled: Counter[str]
    """Accepted create calls beyond one for each task, by prompt."""
    videos: Counter[str]
    """The number of messages that show a video, by task id."""
    not_shown: list[str]
    """Delivered tasks whose message shows no video."""
    on_the_way: list[str]
    """Ended tasks whose message says that a video is still to come."""
    rerolls: int
    edits: int
    """The number of message edits that Discord received."""
    late: int
    """Results that an edit overwrote after the end of their task, and that were restored."""
    ledger: list[str]
    settled: Usd
    charged: Usd
    longest_orphaned: float
    """The longest time in seconds that a task waited for a dead worker."""
    unanswered: int
    refused: Counter[str]
    """The messages to people who had to ask again."""
    kills: int
    seconds: float

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {state.value}" for state, count in self.states.most_common())
        return "\n".join(
            [
                f"{self.states.total()} tasks in {self.seconds:.0f} s, {self.kills} kills: {ends}",
                f"created more than once: {self.doubled.total()}",
                f"posted more than once: {sum(n > 1 for n in self.videos.values())}",
                f"videos to be seen: {len(self.videos)}; rerolls by reaction: {self.rerolls}",
                f"delivered and not to be seen: {len(self.not_shown)}",
                f"ended, and still said to be on the way: {len(self.on_the_way)}",
                f"edits: {self.edits}; results that one reached late, and put back: {self.late}",
                f"settled {self.settled}, charged {self.charged}; ledger: {self.ledger or 'fine'}",
                f"longest silence of a task's worker: {self.longest_orphaned:.1f} s",
                f"commands not answered: {self.unanswered}; asked again: {dict(self.refused)}",
            ]
        )


async def run(chaos: ChaosRun, cluster: Cluster, fork_server: ForkServer, folder: Path) -> Outcome:
    """Run everything: startup, commands, kills, and the end of every task."""
    begun = time.monotonic()
    name = cluster.new_database()
    cluster.speed_up(name, chaos.speed)
    url = cluster.url(name)
    async with AsyncExitStack() as stack:
        discord_ = await stack.enter_async_context(
            LocalDiscord(rates=Rates(enforced=False, scale=chaos.speed), acknowledge=30)
        )
        provider = await stack.enter_async_context(
            LocalVtrix(
                key="test-key",
                balance="100000",
                seconds=chaos.video_seconds,
                speed=chaos.speed,
                video=a_video(),
            )
        )
        bots = await stack.enter_async_context(
            _bots(chaos, discord_, provider, fork_server, url, folder)
        )
        database = await stack.enter_async_context(open_database(url))
        rerolls = chaos.tasks // 4
        load = LoadGenerator(
            discord=discord_,
            database=database,
            videos=chaos.tasks - rerolls,
            shards=GATEWAYS,
            rerolls=rerolls,
        )
        silence = Silence(FileDrivenClock(chaos.environment))
        async with beside(silence.watch(database), _kill(chaos, bots)):
            await load.ask()
            # Go on killing workers while the last tasks end.
            await all_ended(database)
            await _all_looked_at(database)
        return await _outcome(chaos, load, provider, silence, begun, folder)


def a_video() -> bytes:
    """Render the video that the provider returns for every job."""
    return render(make_picture(), seed=1, resolution="480P")


def unlimited(url: str, data: Path) -> dict[str, str]:
    """Return the settings of a bot without limits."""
    return {
        "DATABASE_URL": url,
        "DATA_DIR": str(data),
        "QUOTA_VIDEOS": "-1",
        "QUOTA_CONCURRENT": "100",
        "MAX_VIDEOS_USER_DAY": "10000",
        "BUDGET_USD_MONTH": "none",
        "BUDGET_USD_SERVER_MONTH": "none",
    }


@asynccontextmanager
async def _bots(
    chaos: ChaosRun,
    discord_: LocalDiscord,
    provider: LocalVtrix,
    fork_server: ForkServer,
    url: str,
    folder: Path,
) -> AsyncIterator[list[BotProcess]]:
    """Run gateways and workers; yields the workers, as only those are killed."""
    made: list[BotProcess] = []

    def make(name: str, *arguments: str) -> BotProcess:
        (folder / name).mkdir(parents=True)
        bot = BotProcess(folder / name, discord_, provider, fork_server)
        bot.program = chaos.environment.program()
        bot.settings = unlimited(url, folder / "data")
        bot.arguments = arguments
        made.append(bot)
        return bot

    try:
        for number in range(GATEWAYS):
            shard = f"{number}/{GATEWAYS}"
            await make(f"gateway-{number}", "--role", "gateway", "--shards", shard).start()
        await eventually(lambda: _logged_in(discord_) == GATEWAYS or None, "every gateway's login")
        workers = [make(f"worker-{n}", "--role", "worker") for n in range(chaos.workers)]
        for worker in workers:
            await worker.launch()
        yield workers
    finally:
        for bot in made:
            await bot.close()


def _logged_in(discord_: LocalDiscord) -> int:
    return sum(session.intents is not None for session in discord_.gateway.sessions)


async def _kill(chaos: ChaosRun, workers: list[BotProcess]) -> None:
    """Kill one worker after another, and start it again at once; one worker is paused for a while.

    A worker is killed only after it and the others have started to work. On a busy machine, none
    would ever get that far otherwise, or nobody would be there to take over the tasks of the dead.
    """
    rng = random.Random(5)
    clock = FileDrivenClock(chaos.environment)
    await clock.sleep(chaos.kill_every)
    paused = workers[-1]
    paused.send(signal.SIGSTOP)
    resume = clock.monotonic() + chaos.pause_seconds
    is_paused = True
    starts = Counter(worker.log for worker in workers)
    while True:
        await clock.sleep(chaos.kill_every)
        if is_paused and clock.monotonic() >= resume:
            paused.send(signal.SIGCONT)
            is_paused = False
        running = workers[:-1] if is_paused else workers
        for worker in running:
            await _has_begun(worker, starts[worker.log])
        victim = rng.choice(running)
        await victim.kill()
        chaos.kills += 1
        await victim.launch()
        starts[victim.log] += 1


async def _has_begun(worker: BotProcess, times: int) -> None:
    def has() -> bool | None:
        return worker.log.read_text(errors="replace").count("working as") == times or None

    await eventually(has, "the worker begins to work")


async def all_ended(database: Database) -> None:
    """Wait until no task is open any more.

    Raises:
        AssertionError: Tasks have stopped changing.
    """
    store = TaskStore(database, clock=SystemClock())
    last, since = Counter[State](), time.monotonic()
    while True:
        counts = Counter(await store.counts())
        if not any(counts[state] for state in OPEN_STATES):
            return
        if counts != last:
            last, since = counts, time.monotonic()
        assert time.monotonic() - since < STUCK_SECONDS, f"nothing moves any more: {counts}"
        await asyncio.sleep(0.5)


async def _all_looked_at(database: Database) -> None:
    """Wait until every message with a late edit has been checked."""
    async with asyncio.timeout(STUCK_SECONDS):
        query = select(func.count()).select_from(late_edits)
        while True:
            if not await database.read(lambda on: on.scalar(query)):
                return
            await asyncio.sleep(0.5)


def _put_back(folder: Path) -> int:
    """Count the results that late edits had overwritten, according to the workers' logs."""
    logs = folder.glob("worker-*/bot.log")
    return sum(one.read_text(errors="replace").count("it is put back") for one in logs)


def _on_the_way(discord_: LocalDiscord, ended: list[Task]) -> list[str]:
    """Return ended tasks whose own message still says that a video is to come."""
    messages = discord_.world.messages
    found = []
    for task in ended:
        own = messages[task.place.channel_id or 0].get(task.place.message_id or 0)
        if own is not None and is_on_the_way(own):
            found.append(task.id)
    return found


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run coroutines until the block ends, and raise what went wrong in them."""
    running = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for one in running:
            one.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
    for end in ended:
        if isinstance(end, Exception):
            raise end


@dataclass
class Silence:
    """The longest time that the worker of an open task gave no sign of life; usually it is 5 s."""

    clock: Clock
    longest: float = 0.0
    """The longest time so far, in seconds."""

    async def watch(self, database: Database) -> None:
        """Check every half second, without end."""
        query = (
            select(func.min(processes.c.lease_until))
            .select_from(tasks.join(processes, tasks.c.owner == processes.c.owner))
            .where(tasks.c.state.in_(list(OPEN_STATES)))
        )
        while True:
            lease_until = await database.read(lambda on: on.scalar(query))
            if lease_until is not None:
                silent = self.clock.now() - (lease_until - LEASE)
                self.longest = max(self.longest, silent.total_seconds())
            await self.clock.sleep(0.5)


async def _outcome(
    chaos: ChaosRun,
    load: LoadGenerator,
    provider: LocalVtrix,
    silence: Silence,
    begun: float,
    folder: Path,
) -> Outcome:
    store = TaskStore(load.database, clock=SystemClock())
    all_tasks: list[Task] = list(await store.listed(limit=100_000))
    costs = [task.cost.micros for task in all_tasks if task.cost is not None]
    done = {task.provider_id for task in all_tasks if task.cost is not None}
    charges = provider.charges
    charged = [Usd.parse(charges[one.id]).micros for one in provider.creates if one.id in done]
    videos = posted(load.discord)
    return Outcome(
        states=Counter(task.state for task in all_tasks),
        # A reroll has the prompt of its parent.
        doubled=Counter(create.prompt for create in provider.creates)
        - Counter(task.options.prompt for task in all_tasks),
        videos=videos,
        not_shown=[
            task.id for task in all_tasks if task.state is State.DELIVERED and task.id not in videos
        ],
        on_the_way=_on_the_way(load.discord, all_tasks),
        rerolls=sum(task.parent_id is not None for task in all_tasks),
        edits=load.discord.count("PATCH", "/channels/{channel_id}/messages/{message_id}"),
        late=_put_back(folder),
        ledger=await load.database.read(consistency_findings),
        settled=Usd(sum(costs)),
        charged=Usd(sum(charged)),
        longest_orphaned=silence.longest,
        unanswered=load.unanswered,
        refused=Counter(load.refused),
        kills=chaos.kills,
        seconds=time.monotonic() - begun,
    )


def main() -> None:
    """Make a run of the given size, and print its outcome; logs are kept if a folder is named."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with (
        open_cluster() as cluster,
        tempfile.TemporaryDirectory() as temporary,
        ForkServer(Path(temporary)) as fork_server,
    ):
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else temporary)
        outcome = asyncio.run(run(ChaosRun(tasks=tasks), cluster, fork_server, folder))
        sys.stdout.write(f"{outcome}\n")


if __name__ == "__main__":
    main()
