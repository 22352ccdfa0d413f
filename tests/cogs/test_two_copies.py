"""First responses that are lost on the way, or that another process with the same token gave."""

import asyncio
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.domain.task import State
from bot.errors import Busy
from sandbox.discord import Fault, LocalDiscord, Person
from tests.cogs.test_animate import photo
from tests.ui.client_fixture import CALLBACK, Bot, connected_bot, until

# Discord's error for a second first response.
TAKEN = {"message": "Interaction has already been acknowledged.", "code": 40060}
WARNING = "another copy of this bot is running"


def texts(person: Person, *, ephemeral: bool) -> list[str]:
    return [seen.text for seen in person.sees("general") if seen.ephemeral is ephemeral]


async def settled(*bots: Bot) -> None:
    """Wait until everything that was received has been handled."""
    for bot in bots:
        await bot.answered()
    await asyncio.sleep(0)


async def test_one_of_two_copies_with_one_token_takes_each_command(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    async with (
        LocalDiscord() as local,
        connected_bot(folders[0], local=local) as first,
        connected_bot(folders[1], local=local) as second,
    ):
        ada = local.person("Ada")
        await until(lambda: first.client.is_ready() and second.client.is_ready())
        with caplog.at_level(logging.INFO):
            for number in range(8):
                await ada.command("animate", image=photo(), prompt=f"number {number}")
            await until(lambda: local.count("POST", CALLBACK) == 16, "both to have answered")
            await settled(first, second)
        prompts = [one.options.prompt for bot in (first, second) for one in bot.intake.submissions]
        assert sorted(prompts) == [f"number {number}" for number in range(8)]
        assert len(texts(ada, ephemeral=False)) == 8
        assert texts(ada, ephemeral=True) == []
    warnings = [one for one in caplog.records if WARNING in one.message]
    assert 1 <= len(warnings) <= 2, "a process warned more than once"
    left = [one for one in caplog.records if "left alone, another process" in one.message]
    assert len(left) == 8


@pytest.mark.parametrize("command", ["animate", "quota", "privacy delete", "help", "Animate"])
async def test_an_interaction_that_another_process_answered_is_left_alone(
    bot: Bot, ada: Person, command: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    picture = await ada.say("general", "look", photo()) if command == "Animate" else None
    bot.local.faults.add(Fault("POST", CALLBACK, status=400, body=TAKEN))
    if picture is not None:
        await ada.menu("Animate", picture, wait=False)
    else:
        options: dict[str, Any] = {"image": photo(), "prompt": "x"}
        wanted = options if command == "animate" else {}
        await ada.command(command, wait=False, options=wanted)
    await until(lambda: "left alone, another process" in caplog.text, "it to notice")
    await settled(bot)
    assert bot.intake.submissions == []
    assert bot.local.count("POST", CALLBACK) == 1, "the bot sent a response of its own"
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


async def test_an_unanswered_connection_is_an_attempt_of_its_own(bot: Bot, ada: Person) -> None:
    # The first attempt takes effect, but its response breaks off; the request is not repeated.
    bot.local.faults.add(Fault("POST", CALLBACK, reset="after"))
    await ada.command("animate", image=photo(), prompt="x")
    await settled(bot)
    assert bot.intake.submissions == [], "the message is unknown, so nothing may be spent"


@pytest.mark.parametrize("command", ["quota", "help"])
async def test_a_follow_up_comes_although_the_first_response_was_lost(
    bot: Bot, ada: Person, command: str
) -> None:
    bot.local.faults.add(Fault("POST", CALLBACK, status_after=500))
    await ada.command(command)
    [words] = await until(lambda: texts(ada, ephemeral=True), "the answer")
    assert "wrong" not in words


async def test_a_refusal_is_told_after_an_acknowledgment_whose_response_was_lost(
    bot: Bot, ada: Person
) -> None:
    bot.intake.error = Busy()
    bot.local.faults.add(Fault("POST", CALLBACK, status_after=500))
    await ada.command("animate", image=photo(), prompt="keep these words")
    [words] = await until(lambda: texts(ada, ephemeral=True), "the refusal")
    assert "busy right now" in words
    await until(lambda: not texts(ada, ephemeral=False), "the public message to go")


async def test_an_interaction_that_comes_again_after_10_000_others_makes_nothing(
    bot: Bot, ada: Person
) -> None:
    shown = await ada.command("animate", image=photo(), prompt="x")
    await until(lambda: "task0001" in bot.store.tasks)
    assert shown.message is not None
    bot.store.tasks["task0001"] = await bot.rendered(state=State.RENDERED)
    for number in range(10_000):
        bot.client.context.replies.begins(cast("Any", SimpleNamespace(id=number)))
    bot.local.interactions.send_again(shown)
    await until(lambda: bot.local.count("POST", CALLBACK) == 2)
    await settled(bot)
    assert len(bot.intake.submissions) == 1
