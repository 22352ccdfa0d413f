"""One process with models of two providers: lengths and sound, cancellation, and a kill."""

import math
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from sandbox.dashscope import LocalDashScope
from sandbox.discord import Person
from sandbox.vtrix import LocalVtrix
from tests.faults.invariants import check_ended, ended
from tests.flows.commands.test_tasks import PICK, page
from tests.flows.harness import BotProcess, animate, eventually, reads, told, videos
from tests.flows.second_provider import SECOND, all_charges, all_creates, offer_both


@pytest.fixture
async def dashscope(some_video: bytes) -> AsyncIterator[LocalDashScope]:
    # The bot's clock is faster than this one, so it may ask more often.
    async with LocalDashScope(key="dashscope-key", speed=60, video=some_video, rates=20) as local:
        yield local


@pytest.fixture
def bot(bot: BotProcess, dashscope: LocalDashScope) -> BotProcess:
    """A bot with a model of each provider."""
    bot.settings["QUOTA_CONCURRENT"] = "10"
    offer_both(bot, dashscope)
    return bot


async def _reach(bot: BotProcess, **states: str) -> None:
    """Wait until the tasks with these prompts are in these states."""

    def found() -> dict[str, str]:
        rows = bot.rows("SELECT prompt, state FROM tasks")
        return {row["prompt"]: row["state"] for row in rows}

    await eventually(lambda: states.items() <= found().items() or None, f"tasks {states}")


async def _cancel(bot: BotProcess, person: Person, prompt: str) -> None:
    """Choose a task in `/tasks`, and press Cancel."""
    (row,) = bot.rows("SELECT id FROM tasks WHERE prompt = ?", prompt)
    shown = await person.command("tasks")
    await person.select(page(shown), PICK, [row["id"]])
    await person.press(page(shown), "Cancel")


def _booked(bot: BotProcess) -> dict[str, Decimal]:
    """Return what is settled for each of the providers' jobs, in USD."""
    rows = bot.rows(
        "SELECT provider_id, settled FROM tasks JOIN money_holds ON task_id = id "
        "WHERE settled IS NOT NULL"
    )
    return {row["provider_id"]: Decimal(row["settled"]) / 1_000_000 for row in rows}


async def test_length_and_sound_of_the_second_model_beside_the_first(
    bot: BotProcess, ada: Person, provider: LocalVtrix, dashscope: LocalDashScope
) -> None:
    await bot.start()
    options = {"model": SECOND.id, "duration": 10, "resolution": "720P", "sound": "on"}
    loud = await animate(ada, "loud", **options)
    await animate(ada, "quiet")
    await _reach(bot, loud="delivered", quiet="delivered")
    (asked,) = dashscope.creates
    assert (asked.prompt, asked.model) == ("loud", SECOND.wire_id)
    assert (asked.seconds, asked.sound, asked.resolution) == (10, True, "720P")
    assert [create.prompt for create in provider.creates] == ["quiet"]
    await reads(ada, loud, "$0.50 (by price list)")
    for words in (SECOND.label, "10 s", "sound"):
        assert words in told(ada, loud)
    assert len(videos(ada)) == 2
    # Each provider's own books, to the cent.
    assert _booked(bot) == {
        asked.id: Decimal("0.50"),
        provider.creates[0].id: Decimal("0.20"),
    }
    await check_ended(bot)


async def test_a_waiting_task_is_canceled_and_a_running_one_is_delivered_and_paid(
    bot: BotProcess, ada: Person, dashscope: LocalDashScope
) -> None:
    dashscope.waiting = math.inf
    await bot.start()
    for prompt in ("waiting", "running"):
        await animate(ada, prompt, model=SECOND.id)
    await animate(ada, "elsewhere")
    await _reach(bot, waiting="running", running="running")
    jobs = {create.prompt: create.id for create in dashscope.creates}
    dashscope.slow = math.inf
    dashscope.begin(jobs["running"])
    await _cancel(bot, ada, "waiting")
    await _reach(bot, waiting="cancelled")
    await _cancel(bot, ada, "running")
    await eventually(
        lambda: any("already begun" in seen.text for seen in ada.sees()) or None, "it is too late"
    )
    dashscope.finish(jobs["running"])
    await _reach(bot, waiting="cancelled", running="delivered", elsewhere="delivered")
    assert _booked(bot) == all_charges(bot)
    assert jobs["waiting"] not in all_charges(bot)
    await check_ended(bot)


async def test_a_kill_with_tasks_at_both_providers_loses_and_repeats_none(
    bot: BotProcess, ada: Person, provider: LocalVtrix, dashscope: LocalDashScope
) -> None:
    provider.slow = dashscope.slow = math.inf
    await bot.start()
    for model in (SECOND.id, None):
        for number in range(2):
            await animate(ada, f"{model} {number}", **({"model": model} if model else {}))
    await bot.reaches(*["running"] * 4)
    await bot.kill()
    provider.finish()
    dashscope.finish()
    provider.slow = dashscope.slow = 1.0
    await bot.start()
    await ended(bot)
    assert bot.states() == ["delivered"] * 4
    assert len(all_creates(bot)) == 4
    assert _booked(bot) == all_charges(bot)
    await check_ended(bot)
