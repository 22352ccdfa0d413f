"""A removal that was decided is finished by whoever starts next, and nothing is left of it."""

import asyncio
from pathlib import Path

import pytest

from sandbox.discord import Fault as DiscordFault
from sandbox.discord import Message, Person
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, reads, video, videos

DELETE = ("DELETE", "/channels/{channel_id}/messages/{message_id}")


async def _reported(ada: Person, grace: Person, bot: BotProcess) -> Message:
    """Make a video that somebody reports, without a log channel."""
    await animate(ada)
    message = await video(ada)
    opened = await grace.menu("Report video", message)
    await grace.submit_modal(opened, {"reason": ["sexual"]})
    await eventually(lambda: bot.rows("SELECT id FROM reports") or None, "the report is stored")
    return message


def _frames(bot: BotProcess) -> list[Path]:
    return [path for path in (bot.folder / "data" / "images").glob("??/*") if path.is_file()]


@pytest.fixture
def grace(bot: BotProcess) -> Person:
    return bot.discord.person("Grace")


@pytest.mark.parametrize("deleted", [False, True], ids=["before the deletion", "in the middle"])
async def test_killed_between_decision_and_deletion_the_next_start_finishes(
    deleted: bool, bot: BotProcess, ada: Person, grace: Person
) -> None:
    await bot.start()
    message = await _reported(ada, grace, bot)
    assert _frames(bot)
    # The process dies with the decision stored: Discord answers no deletion, or has deleted the
    # message and answers with an error only, so that the frame stays.
    hangs = DiscordFault(*DELETE, until=asyncio.Event())
    lost = DiscordFault(*DELETE, times=99, status_after=500)
    fault = bot.discord.faults.add(lost if deleted else hangs)
    code, out, err = await bot.run("report", "resolve", "1", "--remove")
    assert (code, err) == (0, "")
    assert "report 1: removed" in out
    await eventually(lambda: fault.hits or None, "the deletion begins")
    await bot.kill()
    assert (message in ada.sees()) is not deleted
    assert _frames(bot)
    bot.discord.faults.clear()
    await bot.start()
    await eventually(lambda: message not in ada.sees() or None, "the message is gone")
    await eventually(lambda: not _frames(bot) or None, "the frame is gone")
    await eventually(
        lambda: bot.rows("SELECT 1 FROM removals WHERE done_at IS NOT NULL") or None, "it is done"
    )
    await reads(ada, await animate(ada), "moderators have blocked this picture")


async def test_a_reroll_of_a_removed_video_is_not_posted_when_it_is_done(
    bot: BotProcess, ada: Person, grace: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    message = await _reported(ada, grace, bot)
    provider.slow = 1000
    await ada.press(message, "🔁")
    await eventually(
        lambda: bot.rows("SELECT 1 FROM tasks WHERE state = 'running'") or None, "the reroll runs"
    )
    code, out, _ = await bot.run("report", "resolve", "1", "--remove")
    assert code == 0
    assert "other videos of the picture" in out
    provider.slow = 1
    provider.finish()
    await eventually(
        lambda: any("I'm not posting this video" in one.text for one in ada.sees()) or None,
        "the words in its place",
    )
    assert videos(ada) == []
    code, _, err = await bot.run("report", "resolve", "1", "--dismiss")
    assert code == 1
    assert "decided already: removed" in err
