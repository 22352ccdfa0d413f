"""Many commands, several processes, and some of them killed again and again.

`python -m tests.flows.storm 2000` runs it as issue-sized as one likes; the tests run a small one.
Everything is on loopback: a PostgreSQL, a local Discord, a local provider, two gateways, three
workers.
"""

import asyncio
import itertools
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from bot.clock import SystemClock
from bot.domain.money import Usd
from bot.domain.task import OPEN_STATES, State, Task
from bot.services.worker import LEASE
from bot.storage.database import Database, open_database
from bot.storage.ledger import ledger_findings
from bot.storage.tables import processes, tasks
from bot.storage.tasks import TaskStore
from sandbox.discord import Channel, DidNotRespond, Interaction, LocalDiscord, Person
from sandbox.discord.rates import Rates
from sandbox.video import render
from sandbox.vtrix import LocalVtrix
from sandbox.vtrix.server import PRICES_USD
from tests.factories import make_picture
from tests.flows.harness import BotProcess, eventually, is_video, photo
from tests.postgres import Cluster, open_cluster

GATEWAYS = 2
WORKERS = 3
# Of a server's channels: edits are limited by channel, as at the real Discord.
CHANNELS = 20
AT_ONCE = 20
STUCK_SECONDS = 30.0


@dataclass(kw_only=True)
class Storm:
    """What is to be shown."""

    tasks: int
    kill_every: float = 5.0
    pause_seconds: float = 60.0
    """How long one worker is stopped and then let go on."""
    video_seconds: float = 20.0
    workers: int = WORKERS
    kills: int = 0
    said: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How it ended."""

    states: Counter[State]
    creates: Counter[str]
    """Accepted create calls, by prompt."""
    videos: Counter[str]
    """Messages with a video, by task id."""
    ledger: list[str]
    settled: Usd
    charged: Usd
    longest_orphaned: float
    """Seconds that a task waited for a dead worker."""
    unanswered: int
    kills: int
    seconds: float


async def run(storm: Storm, cluster: Cluster, folder: Path) -> Outcome:
    """All of it: start, commands, kills, and the end of every task."""
    begun = time.monotonic()
    url = cluster.url(cluster.new_database())
    async with AsyncExitStack() as stack:
        discord_ = await stack.enter_async_context(
            LocalDiscord(rates=Rates(enforced=False), acknowledge=30)
        )
        provider = await stack.enter_async_context(
            LocalVtrix(
                key="test-key", balance="100000", seconds=storm.video_seconds, video=_a_video()
            )
        )
        bots = await stack.enter_async_context(_bots(storm, discord_, provider, url, folder))
        database = await stack.enter_async_context(open_database(url))
        watching = asyncio.create_task(_longest_orphaned(database))
        killing = asyncio.create_task(_kill(storm, bots))
        asked = await _commands(storm, discord_)
        # The last ones, too, are taken from under the feet of a worker.
        await _all_ended(database, asked)
        killing.cancel()
        watching.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        orphaned = await watching
        return await _outcome(storm, discord_, provider, database, orphaned, begun)


def _a_video() -> bytes:
    return render(make_picture(), seed=1, resolution="480P")


@asynccontextmanager
async def _bots(
    storm: Storm, discord_: LocalDiscord, provider: LocalVtrix, url: str, folder: Path
) -> AsyncIterator[list[BotProcess]]:
    """The workers; the gateways are beside them, and nobody touches those."""
    made: list[BotProcess] = []

    def make(name: str, *arguments: str) -> BotProcess:
        (folder / name).mkdir()
        bot = BotProcess(folder / name, discord_, provider)
        bot.settings = {
            "DATABASE_URL": url,
            "DATA_DIR": str(folder / "data"),
            "QUOTA_VIDEOS": "-1",
            "QUOTA_CONCURRENT": "100",
            "MAX_VIDEOS_USER_DAY": "10000",
            "BUDGET_USD_MONTH": "none",
            "BUDGET_USD_SERVER_MONTH": "none",
        }
        bot.arguments = arguments
        made.append(bot)
        return bot

    try:
        for number in range(GATEWAYS):
            shard = f"{number}/{GATEWAYS}"
            await make(f"gateway-{number}", "--role", "gateway", "--shards", shard).start()
        await eventually(lambda: _logged_in(discord_) == GATEWAYS or None, "every gateway's login")
        workers = [make(f"worker-{n}", "--role", "worker") for n in range(storm.workers)]
        for worker in workers:
            await worker.launch()
        yield workers
    finally:
        for bot in made:
            await bot.close()


def _logged_in(discord_: LocalDiscord) -> int:
    return sum(session.intents is not None for session in discord_.gateway.sessions)


async def _kill(storm: Storm, workers: list[BotProcess]) -> None:
    """SIGKILL to one after the other, started again at once; one is paused for a while."""
    rng = random.Random(5)
    await asyncio.sleep(storm.kill_every)
    paused = workers[-1]
    paused.send(signal.SIGSTOP)
    resume = asyncio.get_running_loop().time() + storm.pause_seconds
    is_paused = True
    while True:
        await asyncio.sleep(storm.kill_every)
        if is_paused and asyncio.get_running_loop().time() >= resume:
            paused.send(signal.SIGCONT)
            is_paused = False
        victim = rng.choice(workers[:-1] if is_paused else workers)
        await victim.kill()
        storm.kills += 1
        await victim.launch()


async def _commands(storm: Storm, discord_: LocalDiscord) -> list[Interaction]:
    """Everybody asks, in two servers, so that both gateways have something to do."""
    places = _places(discord_)
    numbers = iter(range(storm.tasks))
    picture = photo((480, 480))

    async def ask() -> None:
        for number in numbers:
            person, channel = places[number % len(places)]
            try:
                shown = await person.command(
                    "animate", channel=channel, image=picture, prompt=f"wave {number}"
                )
            except DidNotRespond:
                storm.said["did not respond"] += 1
                continue
            asked.append(shown)

    asked: list[Interaction] = []
    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return asked


def _places(discord_: LocalDiscord) -> list[tuple[Person, Channel]]:
    world = discord_.world
    olive = world.user("Olive")
    first = world.guild
    # Discord deals servers out to shards by their id.
    second = first
    while (second.id >> 22) % GATEWAYS == (first.id >> 22) % GATEWAYS:
        time.sleep(0.002)
        second = world.add_guild("Annex", owner=olive, bot_permissions=_permissions(discord_))
    discord_.tell_guild(second)
    people = []
    for number, guild in zip(range(CHANNELS), itertools.cycle([first, second]), strict=False):
        channel = world.add_channel(guild, f"channel-{number}")
        discord_.tell_channel(channel, new=True)
        member = world.add_member(guild, f"Person {number}")
        people.append((discord_.person(member.user.name), channel))
    return people


def _permissions(discord_: LocalDiscord) -> int:
    """The bot's, as in the first server."""
    guild = discord_.world.guild
    roles = guild.members[discord_.world.bot.id].roles
    return sum(guild.roles[role].permissions for role in roles)


async def _all_ended(database: Database, asked: list[Interaction]) -> None:
    store = TaskStore(database, clock=SystemClock())
    last, since = Counter[State](), time.monotonic()
    while True:
        counts = Counter(await store.counts())
        is_open = any(counts[state] for state in OPEN_STATES)
        refused = Counter(said.text for one in asked for said in one.followups)
        if counts.total() + refused.total() >= len(asked) and not is_open:
            assert not refused, refused
            return
        if counts != last:
            last, since = counts, time.monotonic()
        assert time.monotonic() - since < 120, f"nothing moves any more: {counts}, {refused}"
        await asyncio.sleep(0.5)


async def _longest_orphaned(database: Database) -> float:
    """The longest that an open task's worker gave no sign of life, in seconds.

    A worker that lives gives one every 5 s. Looked at twice a second.
    """
    query = (
        select(func.min(processes.c.lease_until))
        .select_from(tasks.join(processes, tasks.c.owner == processes.c.owner))
        .where(tasks.c.state.in_(list(OPEN_STATES)))
    )
    longest = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            lease_until = await database.read(lambda on: on.scalar(query))
            if lease_until is not None:
                silent = SystemClock().now() - (lease_until - LEASE)
                longest = max(longest, silent.total_seconds())
            await asyncio.sleep(0.5)
    return longest


async def _outcome(
    storm: Storm,
    discord_: LocalDiscord,
    provider: LocalVtrix,
    database: Database,
    orphaned: float,
    begun: float,
) -> Outcome:
    store = TaskStore(database, clock=SystemClock())
    all_tasks: list[Task] = list(await store.listed(limit=100_000))
    costs = [task.cost.micros for task in all_tasks if task.cost is not None]
    done = {task.provider_id for task in all_tasks if task.cost is not None}
    price = Usd.parse(PRICES_USD["720P"]).micros
    charged = [price for one in provider.creates if one.id in done]
    return Outcome(
        states=Counter(task.state for task in all_tasks),
        creates=Counter(create.prompt for create in provider.creates),
        videos=_videos(discord_),
        ledger=await database.read(ledger_findings),
        settled=Usd(sum(costs)),
        charged=Usd(sum(charged)),
        longest_orphaned=orphaned,
        unanswered=storm.said["did not respond"],
        kills=storm.kills,
        seconds=time.monotonic() - begun,
    )


def _videos(discord_: LocalDiscord) -> Counter[str]:
    """Messages with a video, by the task that they belong to."""
    found: Counter[str] = Counter()
    for messages in discord_.world.messages.values():
        for message in messages.values():
            for file in message.files:
                if is_video(file.data):
                    found[file.name.removeprefix("flipbook-").partition(".")[0]] += 1
    return found


def main() -> None:
    """Run it as large as asked, and print how it ended."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else WORKERS
    with open_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        storm = Storm(tasks=tasks, workers=workers)
        sys.stdout.write(f"{asyncio.run(run(storm, cluster, Path(folder)))}\n")


if __name__ == "__main__":
    main()
