"""Two workers on one database, and a clock that is changed while one of them holds a lease."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sandbox.discord import LocalDiscord, Person
from sandbox.vtrix import Fault, LocalVtrix
from tests.faults.bot_environment import BotEnvironment
from tests.faults.database.postgres_bot import PostgresBot
from tests.faults.fault_scenario import CLOCK
from tests.faults.invariants import check_ended, ended
from tests.faults.outcomes import advance_clock, delivered, differences, observe
from tests.flows.harness import animate, eventually
from tests.fork_server import ForkServer
from tests.postgres import Cluster

HOUR = 3600.0
# How fast the bots' clocks run.
SPEED = 10.0
# How often each worker meanwhile renews its lease and looks for tasks of dead processes.
RENEWALS = 2

Start = Callable[..., PostgresBot]


@pytest.fixture
async def process(
    tmp_path: Path,
    discord_: LocalDiscord,
    provider: LocalVtrix,
    fork_server: ForkServer,
    cluster: Cluster,
) -> AsyncIterator[Start]:
    """A factory for processes of one bot, each with its own clock."""
    database = cluster.new_database()
    made: list[PostgresBot] = []

    def make(role: str) -> PostgresBot:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        bot = PostgresBot(folder, discord_, provider, fork_server)
        bot.use(cluster, database)
        bot.settings["DATA_DIR"] = str(tmp_path / "data")
        bot.arguments = ("--role", role)
        bot.program = BotEnvironment(speed=SPEED, clock=CLOCK).program()
        made.append(bot)
        return bot

    yield make
    for bot in made:
        await bot.close()


@pytest.mark.parametrize(
    "whose",
    [
        pytest.param(
            whose,
            marks=pytest.mark.fault(
                f"the clock of {whose} is set an hour forward, then two back",
                where="while a worker holds its lease, in the middle of a create call",
                outcome="its tasks stay with it; each is delivered once, paid once",
            ),
        )
        for whose in ("the worker that has the tasks", "another worker")
    ],
)
async def test_a_clock_that_is_set_while_a_lease_is_held(
    whose: str, process: Start, provider: LocalVtrix, ada: Person
) -> None:
    gateway, holder, other = process("gateway"), process("worker"), process("worker")
    await gateway.start()
    await _works(holder)
    provider.seconds = 100_000.0
    shown = {"running": await animate(ada, "running")}
    await gateway.reaches("running")
    is_set = asyncio.Event()
    late = provider.faults.add(Fault(operation="create", when="after", until=is_set))
    shown["being sent"] = await animate(ada, "being sent")
    await eventually(lambda: late.met or None, "the create call")
    await _works(other)
    theirs = holder if whose == "the worker that has the tasks" else other
    for wall in (HOUR, -2 * HOUR):
        advance_clock(theirs.folder / CLOCK, 0, wall=wall)
        await _renewed(gateway)
    is_set.set()
    provider.finish()
    await ended(gateway)
    wrong = [
        line
        for one in shown
        for line in differences(delivered(), observe(gateway, shown[one], one))
    ]
    assert wrong == []
    assert "took over" not in other.log.read_text()
    assert list(await asyncio.gather(holder.stop(), other.stop(), gateway.stop())) == [0, 0, 0]
    await check_ended(gateway)


async def _works(worker: PostgresBot) -> None:
    """Start a worker, and wait until it takes tasks."""
    await worker.launch()
    await eventually(
        lambda: "working as" in worker.log.read_text() or None, "the worker to take tasks"
    )


async def _renewed(bot: PostgresBot) -> None:
    """Wait until both workers have renewed their leases this often."""
    query = "SELECT owner, lease_until FROM processes"
    for _ in range(RENEWALS):
        before = {row["owner"]: row["lease_until"] for row in bot.rows(query)}
        assert len(before) == 2

        def are_renewed(before: dict[str, object] = before) -> bool | None:
            now = {row["owner"]: row["lease_until"] for row in bot.rows(query)}
            return all(now[one] != until for one, until in before.items()) or None

        await eventually(are_renewed, "both leases are renewed")
