"""The restore drill of docs/operator.md: a copy made under load is inspected and installed."""

import asyncio
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from sandbox.discord import Person
from sandbox.vtrix import LocalVtrix
from tests.faults.invariants import leaks
from tests.flows.harness import BotProcess, animate, eventually

BEFORE, AFTER = 4, 4


async def test_a_copy_made_under_load_is_whole_and_goes_on(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    bot.settings |= {"QUOTA_VIDEOS": "-1", "QUOTA_CONCURRENT": "100"}
    bot.discord.rates.scale = 100.0
    provider.video = b"\0\0\0\x18ftypmp42" + bytes(1000)
    provider.slow = 20  # some seconds, so that there are tasks in every state
    await bot.start()
    for number in range(BEFORE):
        await animate(ada, f"before {number}")
    await eventually(lambda: _are_taken(bot.states()), "the first ones are taken, and one runs")
    asked = asyncio.gather(*(animate(ada, f"meanwhile {number}") for number in range(AFTER)))
    code, output, wrong = await bot.run("db", "backup", "copy.db")
    assert (code, wrong) == (0, "")
    assert "copy.db" in output
    await asked
    provider.slow = 1
    provider.finish()
    await bot.reaches(*["delivered"] * (BEFORE + AFTER))
    assert await bot.stop() == 0
    made = Counter(create.prompt for create in provider.creates)
    assert set(made.values()) == {1}
    assert leaks(bot) == [], "the copy contains a secret"

    copied = _restore(bot)
    for command in (("db", "check"), ("task", "list")):
        code, _, wrong = await bot.run(*command)
        assert (code, wrong) == (0, ""), command
    assert len(copied) >= BEFORE
    await bot.start()
    await animate(ada, "afterwards")
    # If the copy has a task that was being sent, nobody can know whether the provider has it.
    unclear = [prompt for prompt, state in copied if state == "submitting"]
    ends = ["unknown" if state == "submitting" else "delivered" for _, state in copied]
    await bot.reaches(*ends, "delivered")
    # As the page says, tasks that are queued in the copy are sent, and no other is paid again.
    again = Counter(create.prompt for create in provider.creates) - made
    queued = [prompt for prompt, state in copied if state == "queued"]
    assert again == Counter(queued) + Counter(["afterwards"])
    assert not again.keys() & set(unclear)
    code, _, _ = await bot.run("db", "check")
    assert code == 0
    assert await bot.stop() == 0


def _are_taken(states: list[str]) -> bool | None:
    return (len(states) == BEFORE and "running" in states) or None


def _restore(bot: BotProcess) -> list[tuple[str, str]]:
    """Follow the page's steps, and return the prompts and states in the copy, oldest first."""
    aside = bot.folder / "aside"
    aside.mkdir()
    for left in Path(bot.database.parent).glob("flipbook.db*"):
        shutil.move(left, aside)
    shutil.copy(bot.folder / "copy.db", bot.database)
    with closing(sqlite3.connect(bot.database)) as database:
        return database.execute("SELECT prompt, state FROM tasks ORDER BY created_at").fetchall()
