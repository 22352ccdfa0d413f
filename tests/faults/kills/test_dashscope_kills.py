"""Kills at the points that are DashScope's own: its create call, its price list, its cancellation.

The other points are the same code for every provider: see `test_crash_points.py`.
"""

import math
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.dashscope import LocalDashScope
from sandbox.discord import Person
from tests.faults.bot_environment import fast_clock
from tests.faults.crash_points import When
from tests.faults.fault_scenario import VIDEO
from tests.faults.invariants import check, check_ended, ended, tasks
from tests.faults.launcher import program
from tests.flows.commands.test_tasks import PICK, page
from tests.flows.harness import BotProcess, eventually, photo
from tests.flows.second_provider import SECOND, offer_both

CLIENT = "bot.providers.dashscope.client:DashScopeClient"
STORE = "bot.storage.tasks.tasks:TaskStore"
PRICE = 125_000
PAID = "delivered once, booked by the price list once"
CANCELED = "canceled, limit and money given back once"


@pytest.fixture
async def dashscope() -> AsyncIterator[LocalDashScope]:
    # The bot's clock is faster than this one, so it may ask more often.
    async with LocalDashScope(key="dashscope-key", speed=60, video=VIDEO, rates=20) as local:
        yield local


@pytest.fixture
def bot(bot: BotProcess, dashscope: LocalDashScope) -> BotProcess:
    """A bot with a model of each provider."""
    offer_both(bot, dashscope)
    return bot


async def _ask(person: Person) -> None:
    """Send a command, without waiting for its answer."""
    options: dict[str, Any] = {"model": SECOND.id, "resolution": "720P", "prompt": "waves"}
    await person.command("animate", image=photo(), wait=False, **options)


@pytest.mark.parametrize(
    ("target", "when", "state", "money", "settled"),
    [
        pytest.param(
            target,
            when,
            *end,
            marks=pytest.mark.fault("SIGKILL", where=f"{when} {words}", outcome=outcome),
            id=f"{target.rpartition('.')[2]}-{when}",
        )
        for target, words, when, end, outcome in (
            (
                f"{CLIENT}.create",
                "the answer to DashScope's create call is read",
                "after",
                ("unknown", "held", None),
                "unclear, money held, never sent again",
            ),
            (
                f"{STORE}.rendered",
                "the commit that books by the price list",
                "before",
                ("delivered", "settled", PRICE),
                PAID,
            ),
            (
                f"{STORE}.rendered",
                "the commit that books by the price list",
                "after",
                ("delivered", "settled", PRICE),
                PAID,
            ),
        )
    ],
)
async def test_killed_there_it_is_made_and_paid_at_most_once(
    bot: BotProcess,
    ada: Person,
    dashscope: LocalDashScope,
    target: str,
    when: When,
    state: str,
    money: str,
    settled: int | None,
) -> None:
    time = fast_clock()
    bot.program = program(target, when, "kill", time)
    await bot.start()
    await _ask(ada)
    assert await bot.died() == -signal.SIGKILL
    await check(bot)
    bot.program = time.program()
    await bot.start()
    await bot.reaches(state)
    await ended(bot)
    await check_ended(bot)
    (task,) = tasks(bot)
    assert (task["money"], task["settled"]) == (money, settled)
    assert len(dashscope.creates) == 1


@pytest.mark.parametrize(
    ("target", "when"),
    [
        pytest.param(
            target,
            when,
            marks=pytest.mark.fault("SIGKILL", where=f"{when} {words}", outcome=CANCELED),
            id=f"{target.rpartition('.')[2]}-{when}",
        )
        for target, words, when in (
            (f"{CLIENT}.cancel", "DashScope's answer to a cancellation is read", "after"),
            (f"{STORE}.canceled", "the commit of a cancellation that it confirmed", "after"),
        )
    ],
)
async def test_killed_while_it_is_canceled_everything_comes_back_once(
    bot: BotProcess, ada: Person, dashscope: LocalDashScope, target: str, when: When
) -> None:
    dashscope.waiting = math.inf
    time = fast_clock()
    bot.program = program(target, when, "kill", time)
    await bot.start()
    await _ask(ada)
    await bot.reaches("running")
    shown = await ada.command("tasks")
    await ada.select(page(shown), PICK, [tasks(bot)[0]["id"]])
    await ada.press(page(shown), "Cancel", wait=False)
    assert await bot.died() == -signal.SIGKILL
    await check(bot)
    bot.program = time.program()
    await bot.start()
    await bot.reaches("cancelled")
    # The page that would have shown it was killed, so the task's own message does.
    [asked] = [one for one in ada.sees() if not one.ephemeral]
    await eventually(lambda: True if "was canceled" in asked.text else None, "its message")
    await check(bot)
    (task,) = tasks(bot)
    assert (task["money"], task["settled"]) == ("released", None)
    assert bot.rows("SELECT state FROM allowance_holds") == [{"state": "returned"}]
    assert dashscope.charges == {}
