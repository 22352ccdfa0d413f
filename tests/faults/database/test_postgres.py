"""PostgreSQL is restarted, away for a minute, or cuts off connections, under load."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.discord import LocalDiscord
from sandbox.vtrix import LocalVtrix
from tests.faults.database.postgres_bot import PostgresBot
from tests.faults.fault_scenario import FaultScenario
from tests.faults.invariants import check_ended, ended, tasks
from tests.faults.outcomes import delivered, differences
from tests.flows.harness import eventually, photo
from tests.fork_server import ForkServer
from tests.postgres import Cluster, open_cluster

REFUSED = "wasn't carried out. Nothing was charged"
COMMANDS = 6
"""How many commands come before the fault, as many during it and as many after it."""
# Every nth update of a task ends its connection, at once or at the commit.
CUT_OFF = """
CREATE SEQUENCE changes_so_far;
CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('changes_so_far') % {every} = 0 THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
    END IF;
    RETURN NEW;
END $$;
CREATE CONSTRAINT TRIGGER cut_off AFTER INSERT OR UPDATE ON tasks {when}
    FOR EACH ROW EXECUTE FUNCTION cut_off();
"""
MOMENTS = {
    "in the middle of a transaction": "NOT DEFERRABLE",
    "in a commit": "DEFERRABLE INITIALLY DEFERRED",
}


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A cluster that the test may stop."""
    with open_cluster() as opened:
        yield opened


@pytest.fixture
async def bot(
    tmp_path: Path,
    discord_: LocalDiscord,
    provider: LocalVtrix,
    fork_server: ForkServer,
    own_cluster: Cluster,
) -> AsyncIterator[PostgresBot]:
    process = PostgresBot(tmp_path, discord_, provider, fork_server)
    process.use(own_cluster, own_cluster.new_database())
    yield process
    await process.close()


@pytest.mark.fault(
    "PostgreSQL is restarted, three times",
    where="under load",
    outcome="each command is answered; its task is delivered once and paid once, or nothing was "
    "spent",
)
async def test_postgresql_is_restarted(
    scenario: FaultScenario, bot: PostgresBot, own_cluster: Cluster
) -> None:
    async with _load(scenario):
        for _ in range(3):
            await asyncio.to_thread(own_cluster.stop)
            await asyncio.to_thread(own_cluster.start)
            await eventually(lambda: bot.rows("SELECT 1") or None, "PostgreSQL to be back")
    await _all_is_well(scenario)


@pytest.mark.fault(
    "PostgreSQL is away for a minute of the bot's time (six seconds of the test's)",
    where="under load",
    outcome="commands meanwhile are answered in words, nothing spent; every task is delivered "
    "once, paid once",
)
async def test_postgresql_is_away_for_a_minute(
    scenario: FaultScenario, own_cluster: Cluster
) -> None:
    async with _load(scenario) as prompts:
        await asyncio.to_thread(own_cluster.stop)
        try:
            asked = await _command(scenario, "while it is away")
            scenario.provider.finish()
            # The bot's clock runs ten times as fast.
            await asyncio.sleep(6)
        finally:
            await asyncio.to_thread(own_cluster.start)
        await eventually(lambda: REFUSED in _read_by(scenario, asked) or None, "the refusal")
    await _all_is_well(scenario)
    assert asked not in {task["prompt"] for task in tasks(scenario.bot)}
    assert prompts


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(
            moment,
            marks=pytest.mark.fault(
                "PostgreSQL cuts a connection off",
                where=f"{moment}, every seventh of them, under load",
                outcome="each command is answered; its task is delivered once and paid once, or "
                "nothing was spent",
            ),
        )
        for moment in MOMENTS
    ],
)
async def test_postgresql_cuts_connections_off(
    moment: str, scenario: FaultScenario, bot: PostgresBot, own_cluster: Cluster
) -> None:
    async with _load(scenario):
        database = bot.settings["DATABASE_URL"].partition("@/")[2].partition("?")[0]
        script = CUT_OFF.format(every=7, when=MOMENTS[moment])
        await asyncio.to_thread(own_cluster.run, "psql", "-q", "-d", database, "-c", script)
    await _all_is_well(scenario)
    (changes,) = bot.rows("SELECT last_value FROM changes_so_far")
    assert changes["last_value"] > 7 * COMMANDS


@asynccontextmanager
async def _load(scenario: FaultScenario) -> AsyncIterator[list[str]]:
    """Ask for videos before the block and in it, and check that they are made."""
    await scenario.start()
    scenario.provider.slow = float("inf")
    first = [await _command(scenario, f"before it {number}") for number in range(COMMANDS)]
    await scenario.provider.created(COMMANDS, within=60)
    beside = asyncio.ensure_future(_ask_beside(scenario))
    try:
        yield first
        scenario.provider.slow = 1.0
        scenario.provider.finish()
    finally:
        await beside
    for number in range(COMMANDS):
        await _command(scenario, f"after it {number}")


async def _ask_beside(scenario: FaultScenario) -> None:
    for number in range(COMMANDS):
        await _command(scenario, f"beside it {number}")
        await asyncio.sleep(0.2)


async def _command(scenario: FaultScenario, prompt: str) -> str:
    """Send a command, and wait for its acknowledgment."""
    scenario.shown[prompt] = await scenario.person.command("animate", image=photo(), prompt=prompt)
    return prompt


def _read_by(scenario: FaultScenario, prompt: str) -> str:
    return "\n".join(one.text for one in scenario.shown[prompt].followups)


async def _all_is_well(scenario: FaultScenario) -> None:
    """Check that every command became a delivered task, or was refused at no cost."""
    await eventually(lambda: _all_are_answered(scenario) or None, "an answer to every command")
    await ended(scenario.bot)
    made = {task["prompt"] for task in tasks(scenario.bot)}
    wrong = [line for one in made for line in differences(delivered(), scenario.observed(one))]
    assert wrong == []
    assert len(made) >= COMMANDS
    log = scenario.bot.log.read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:4000]
    await check_ended(scenario.bot)


def _all_are_answered(scenario: FaultScenario) -> bool:
    made = {task["prompt"] for task in tasks(scenario.bot)}
    return all(one in made or REFUSED in _read_by(scenario, one) for one in scenario.shown)
