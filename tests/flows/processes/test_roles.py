"""Several processes on one PostgreSQL: gateways accept commands, and workers carry them out."""

import asyncio
import itertools
import json
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.domain.task import State, Task
from bot.storage.engine.database import open_database
from bot.storage.tasks.tasks import TaskStore
from sandbox.discord import Fault as DiscordFault
from sandbox.discord import LocalDiscord, Message, Person
from sandbox.vtrix import Fault, LocalVtrix
from tests.faults.bot_environment import BotEnvironment
from tests.flows.conftest import SPEED
from tests.flows.harness import BotProcess, animate, eventually, video, videos
from tests.flows.load.chaos_run import a_video
from tests.flows.load.load_generator import LoadGenerator, posted
from tests.fork_server import ForkServer
from tests.postgres import Cluster

Start = Callable[..., BotProcess]

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
# The speed of the provider's clock; see conftest.py.
PROVIDER_SPEED = 60


@pytest.fixture
def url(cluster: Cluster) -> str:
    return cluster.url(cluster.new_database())


@pytest.fixture
async def process(
    tmp_path: Path, discord_: LocalDiscord, provider: LocalVtrix, url: str, fork_server: ForkServer
) -> AsyncIterator[Start]:
    """A factory for processes of one bot, with a common database and data folder and separate logs.

    They agree on the time, which runs ``speed`` times as fast for them.
    """
    made: list[BotProcess] = []
    began = time.monotonic()

    def make(*arguments: str, speed: float = SPEED) -> BotProcess:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        bot = BotProcess(folder, discord_, provider, fork_server)
        bot.program = BotEnvironment(speed=speed, since=began).program()
        bot.settings = {"DATABASE_URL": url, "DATA_DIR": str(tmp_path / "data")}
        bot.arguments = arguments
        made.append(bot)
        return bot

    yield make
    for bot in made:
        await bot.close()


async def the_task(url: str, until: Callable[[Task], bool], within: float = 60) -> Task:
    """Wait until the only task meets a condition, and return it."""
    async with asyncio.timeout(within), open_database(url) as database:
        store = TaskStore(database, clock=SystemClock())
        while True:
            for task in await store.listed():
                if until(task):
                    return task
            await asyncio.sleep(0.05)


def in_state(state: State) -> Callable[[Task], bool]:
    return lambda task: task.state is state


async def test_a_gateway_takes_in_and_a_worker_delivers(
    process: Start, provider: LocalVtrix, ada: Person, url: str
) -> None:
    provider.seconds = 0
    gateway = process("--role", "gateway", speed=1.0)
    await gateway.start()
    shown = await animate(ada)
    assert (await the_task(url, in_state(State.QUEUED))).owner is None
    assert provider.creates == []
    worker = process("--role", "worker", speed=1.0)
    await worker.launch()
    result = await video(ada)
    assert result is shown.message
    assert len(provider.creates) == 1
    # Now the worker listens, so the next task is found sooner than by its search every 5 s.
    await animate(ada)
    await eventually(lambda: len(provider.creates) == 2 or None, "the second one", within=3)
    await eventually(lambda: len(videos(ada)) == 2 or None, "the second video")
    assert await worker.stop() == 0
    assert await gateway.stop() == 0


async def test_the_tasks_of_a_killed_worker_are_others_within_30_seconds(
    process: Start, discord_: LocalDiscord, provider: LocalVtrix, ada: Person, url: str
) -> None:
    provider.seconds = 100_000.0
    speed = 2.0
    gateway = process("--role", "gateway", speed=speed)
    first, second = (process("--role", "worker", speed=speed) for _ in range(2))
    await gateway.start()
    await first.launch()
    await animate(ada)
    owner = (await the_task(url, in_state(State.RUNNING))).owner
    await second.launch()
    await eventually(partial(has_more_logins, second, 0), "the other one works")
    await first.kill()
    await the_task(url, lambda task: task.owner != owner, within=30 / speed)
    provider.finish()
    await video(ada)
    assert len(provider.creates) == 1


async def test_a_worker_that_was_only_paused_changes_nothing_afterwards(
    process: Start, provider: LocalVtrix, ada: Person, url: str
) -> None:
    provider.seconds = 100_000.0
    gateway, first = process("--role", "gateway"), process("--role", "worker")
    await gateway.start()
    await first.launch()
    await animate(ada)
    owner = (await the_task(url, in_state(State.RUNNING))).owner
    # The answer about another task comes when the worker is no longer considered alive.
    arrives = asyncio.Event()
    late = provider.faults.add(Fault(operation="create", when="after", until=arrives))
    await animate(ada, "just being sent")
    await eventually(lambda: late.met or None, "the create call arrives")
    first.send(signal.SIGSTOP)
    second = process("--role", "worker")
    await second.launch()
    taken = (await the_task(url, lambda task: task.owner != owner, within=30)).owner
    await the_task(url, in_state(State.UNKNOWN), within=30)
    first.send(signal.SIGCONT)
    arrives.set()
    provider.finish()
    await video(ada)
    ended = await the_task(url, in_state(State.DELIVERED))
    assert ended.owner == taken
    await eventually(
        lambda: "another process has it" in first.log.read_text() or None, "its answer"
    )
    assert list(await asyncio.gather(first.stop(), second.stop())) == [0, 0]
    assert await states(url) == Counter({State.DELIVERED: 1, State.UNKNOWN: 1})
    assert len(provider.creates) == 2
    assert len(videos(ada)) == 1


async def test_a_rolling_restart_loses_and_doubles_nothing(
    process: Start, discord_: LocalDiscord, provider: LocalVtrix, url: str
) -> None:
    provider.seconds, provider.video = 1.0 * PROVIDER_SPEED, a_video()
    gateway = process("--role", "gateway", "--shards", "0/1")
    workers = [process("--role", "worker") for _ in range(2)]
    for bot in (gateway, *workers):
        bot.settings |= {"LOG_FORMAT": "json"}
    await gateway.start()
    for worker in workers:
        await worker.launch()
        await eventually(partial(has_more_logins, worker, 0), "the worker to take tasks")
    async with open_database(url) as database:
        people = LoadGenerator(discord=discord_, database=database, videos=12, shards=1, at_once=2)
        asked = asyncio.create_task(people.ask())
        await eventually(lambda: len(provider.creates) >= 2 or None, "work in hand")
        for worker in workers:
            assert await worker.stop() == 0
            before = logins(worker)
            await worker.launch()
            await eventually(
                partial(has_more_logins, worker, before), "the worker to take tasks again"
            )
        await asked
        assert await gateway.stop() == 0
        await gateway.start()
    await eventually(lambda: posted(discord_).total() >= 12 or None, "every video")
    # The end of the last task is stored a moment after the video is posted.
    assert await gateway.stop() == 0
    assert [await worker.stop() for worker in workers] == [0, 0]
    assert await states(url) == Counter({State.DELIVERED: 12})
    assert set(posted(discord_).values()) == {1}
    assert len({create.prompt for create in provider.creates}) == len(provider.creates) == 12
    assert_named(gateway, "task", "server", "shard")
    for worker in workers:
        assert_named(worker, "task", "server")


def logins(worker: BotProcess) -> int:
    """Count how often the worker has logged in, over all its restarts."""
    return worker.log.read_text().count("working as")


def has_more_logins(worker: BotProcess, before: int) -> bool | None:
    return logins(worker) > before or None


def assert_named(bot: BotProcess, *names: str) -> None:
    """Check that each log line about a task names the task, and what else is asked for."""
    lines = [json.loads(line) for line in bot.log.read_text().splitlines()]
    about_tasks = [line for line in lines if line["message"].startswith("task ")]
    assert about_tasks
    assert [line for line in about_tasks if not line.keys() >= {*names}] == []


async def states(url: str) -> Counter[State]:
    async with open_database(url) as database:
        return +Counter(await TaskStore(database, clock=SystemClock()).counts())


async def test_an_edit_that_arrives_after_the_result_does_not_stay(
    process: Start, discord_: LocalDiscord, ada: Person, url: str
) -> None:
    gateway, worker = process("--role", "gateway"), process("--role", "worker")
    await gateway.start()
    await worker.launch()
    await animate(ada)
    first = await video(ada)
    await the_task(url, in_state(State.DELIVERED))
    await worker.kill()
    # The gateway's edit "Queued" is still under way when a worker takes and delivers the task.
    arrives = asyncio.Event()
    late = discord_.faults.add(DiscordFault("PATCH", MESSAGE, until=arrives))
    await ada.react(first, "🎲")
    await eventually(lambda: late.hits or None, "the edit of the gateway")
    await worker.launch()
    reroll = await eventually(lambda: second(videos(ada)), "the other video")
    await the_task(url, lambda task: task.parent_id is not None and task.state is State.DELIVERED)
    edits = reroll.edits
    arrives.set()
    await eventually(lambda: reroll.edits > edits or None, "the edit that comes too late")
    await eventually(lambda: is_shown(reroll) or None, "the result, once more")
    assert set(posted(discord_).values()) == {1}


def second(found: list[Message]) -> Message | None:
    return found[1] if len(found) > 1 else None


def is_shown(message: Message) -> bool:
    return bool(message.files) and "Queued" not in message.text


async def test_two_processes_in_the_role_all_share_a_database(
    process: Start, provider: LocalVtrix, ada: Person
) -> None:
    one, other = process("--shards", "0/2"), process("--shards", "1/2")
    await one.start()
    await other.launch()
    await eventually(lambda: "ready as" in other.log.read_text() or None, "the other one")
    for number in range(2):
        await animate(ada, f"wave {number}")
    await eventually(lambda: len(videos(ada)) == 2 or None, "both videos")
    assert len(provider.creates) == 2
    # One of them registered the commands with Discord, which is enough.
    assert "commands with Discord" in one.log.read_text()
    assert "commands with Discord" not in other.log.read_text()


async def test_logins_of_several_processes_keep_discords_distance(
    process: Start, discord_: LocalDiscord
) -> None:
    seen: list[float] = []
    loop = asyncio.get_running_loop()
    discord_.gateway.identifies.max_concurrency = 1
    discord_.gateway.on_identify = lambda: seen.append(loop.time())
    bots = [process("--role", "gateway", "--shards", f"{number}/3") for number in range(3)]
    for bot in bots:
        await bot.launch()
    await eventually(lambda: len(seen) == 3 or None, "three logins")
    assert min(later - sooner for sooner, later in itertools.pairwise(seen)) >= 5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--role", "worker"), "DATABASE_URL=postgresql://"),
        (("--shards", "0-3"), "0-3/16"),
        (("--shards", "4/4"), "0 to 3 exist"),
    ],
)
async def test_impossible_roles_are_refused_in_words(
    bot: BotProcess, arguments: tuple[str, ...], says: str
) -> None:
    code, _, err = await bot.run("run", *arguments)
    assert code != 0
    assert says in err
    assert "Traceback" not in err
