"""Faults of the process itself: its clock, its signals, its decoder processes."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from sandbox.discord import Person
from sandbox.vtrix import Fault
from tests.faults.bot_environment import fast_clock
from tests.faults.fault_scenario import CLOCK, FaultScenario
from tests.faults.invariants import check_ended, ended
from tests.faults.launcher import program
from tests.faults.outcomes import advance_clock, delivered, differences
from tests.flows.harness import BotProcess, animate, eventually, open_watcher
from tests.requirements import need_linux

HOUR = 3600.0


@pytest.mark.parametrize(
    "off",
    [
        pytest.param(
            seconds,
            id=words,
            marks=pytest.mark.fault(
                f"a clock that is an hour {words}",
                where="after a restart, with tasks in progress",
                outcome="each is delivered once, paid once",
            ),
        )
        for seconds, words in ((-HOUR, "slow"), (HOUR, "fast"))
    ],
)
async def test_a_clock_that_is_an_hour_off(scenario: FaultScenario, off: float) -> None:
    bot, provider = scenario.bot, scenario.provider
    provider.slow = float("inf")
    await scenario.start()
    await scenario.ask("running")
    await bot.reaches("running")
    await provider.stop()
    await scenario.ask("queued")
    query = "SELECT 1 FROM tasks WHERE not_before IS NOT NULL"
    await eventually(lambda: bot.rows(query) or None, "a waiting task")
    assert await bot.stop() == 0
    await provider.start()
    provider.slow = 1.0
    provider.finish()
    await scenario.start(wall=off)
    await scenario.ask("asked later")
    await _each(scenario, "running", "queued", "asked later")


@pytest.mark.fault(
    "a clock that is set an hour forward, then two back",
    where="while tasks are in progress",
    outcome="each is delivered once, paid once, and none waits an hour",
)
async def test_a_clock_that_is_set_while_it_runs(scenario: FaultScenario) -> None:
    provider, clock = scenario.provider, scenario.bot.folder / CLOCK
    provider.slow = float("inf")
    await scenario.start()
    await scenario.ask("running")
    await scenario.bot.reaches("running")
    advance_clock(clock, 0, wall=HOUR)
    await provider.stop()
    await scenario.ask("waiting")
    query = "SELECT 1 FROM tasks WHERE not_before IS NOT NULL"
    await eventually(lambda: scenario.bot.rows(query) or None, "a waiting task")
    advance_clock(clock, 0, wall=-2 * HOUR)
    await provider.start()
    await provider.created(2, within=60)
    provider.finish()
    await _each(scenario, "running", "waiting")


@pytest.mark.fault(
    "SIGTERM twice",
    where="in the middle of a create call",
    outcome="waits for the answer and exits 0; delivered after the next start",
)
async def test_stopped_twice_in_a_create_call(scenario: FaultScenario) -> None:
    bot = scenario.bot
    slow = scenario.provider.faults.add(Fault(operation="create", when="after", delay=1.0))
    await scenario.start()
    await scenario.ask("in the middle")
    await eventually(lambda: slow.met or None, "the create call")
    bot.send(signal.SIGTERM)
    await eventually(lambda: "stopping" in bot.log.read_text() or None, "the first signal")
    bot.send(signal.SIGTERM)
    assert await bot.died() == 0
    assert bot.states() == ["running"]
    await scenario.start()
    await _each(scenario, "in the middle")


@pytest.mark.fault(
    "SIGKILL of a process that decodes pictures",
    where="while idle, and while it decodes a picture",
    outcome="another process makes the picture; delivered once, paid once",
)
async def test_a_helper_that_is_killed(scenario: FaultScenario) -> None:
    await scenario.start()
    for helper in _helpers(scenario.bot):
        os.kill(helper, signal.SIGKILL)
    await scenario.ask("after idle ones died")
    # Whichever decoder gets the next picture keeps it until it is killed.
    stopped = _helpers(scenario.bot)
    for helper in stopped:
        os.kill(helper, signal.SIGSTOP)
    asking = asyncio.ensure_future(scenario.ask("while one was killed"))
    await eventually(lambda: _incoming(scenario.bot) or None, "while the picture is read")
    for helper in stopped:
        os.kill(helper, signal.SIGKILL)
    await asking
    await _each(scenario, "after idle ones died", "while one was killed")


@pytest.mark.fault(
    "SIGKILL of the bot",
    where="with processes that decode pictures",
    outcome="they end within seconds",
)
async def test_helpers_of_a_killed_bot_go_away(bot: BotProcess) -> None:
    await bot.start()
    helpers = _helpers(bot)
    assert helpers
    await bot.kill()
    await eventually(
        lambda: not any(_runs(one) for one in helpers) or None, "every decoder to end", 10.0
    )


@pytest.mark.fault(
    "a mistake ends a loop of the worker",
    where="while a task runs",
    outcome="`/readyz` answers 503 and `worker: false`, the log says which; after a restart the "
    "video is delivered once, paid once",
)
async def test_ready_says_that_the_worker_is_dead(bot: BotProcess, ada: Person) -> None:
    time = fast_clock()
    bot.program = program(
        "bot.worker.polling.timer_queue:TimerQueue.until_due", "after", "raise", time
    )
    bot.provider.slow = float("inf")
    async with open_watcher(bot) as watcher:
        await bot.start()
        await watcher.until(200, worker=True)
        await animate(ada)
        await watcher.until(503, worker=False, discord=True, database=True)
        assert (await watcher.ask("healthz"))[0] == 200
        assert "the worker is dead, its loop 'watching'" in bot.log.read_text()
        assert await bot.stop() == 0
        bot.program = time.program()
        await bot.start()
        await watcher.until(200)
    bot.provider.slow = 1.0
    bot.provider.finish()
    await ended(bot)
    assert bot.states() == ["delivered"]
    await check_ended(bot)


def _helpers(bot: BotProcess) -> list[int]:
    """Return the ids of the processes that the bot started."""
    need_linux("the children of a process")
    children = Path(f"/proc/{bot.pid}/task").glob("*/children")
    return [int(one) for path in children for one in path.read_text().split()]


def _incoming(bot: BotProcess) -> list[Path]:
    """Return the pictures that are being read."""
    return list((bot.database.parent / "incoming").glob("*/source"))


def _runs(process: int) -> bool:
    """Return whether a process runs, as opposed to waiting to be reaped."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def _each(scenario: FaultScenario, *prompts: str) -> None:
    """Check that these videos are delivered, and that the invariants hold."""
    await ended(scenario.bot)
    wrong = [line for one in prompts for line in differences(delivered(), scenario.observed(one))]
    assert wrong == []
    await check_ended(scenario.bot)
