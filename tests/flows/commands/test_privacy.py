"""`/privacy`: people's own data as a file, and its deletion."""

import json
from pathlib import Path

from sandbox.discord import LocalDiscord, Person
from tests.cogs.results.delivered_video import asked_to_delete, confirms, labels
from tests.flows.harness import BotProcess, animate, eventually, video


def pictures(bot: BotProcess) -> list[Path]:
    """Return the first frames that are kept."""
    return list((bot.folder / "data" / "images").glob("??/*"))


async def test_ones_data_is_handed_over_and_deleted_with_one_button(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    await animate(ada, "a very particular unicorn")
    await video(ada)
    await bot.reaches("delivered")
    shown = await ada.command("privacy export")
    (message,) = await eventually(
        lambda: [one for one in [shown.message, *shown.followups] if one and one.files] or None,
        "the file",
    )
    assert message.ephemeral
    data = json.loads(message.files[0].data)
    assert data["tasks"][0]["prompt"] == "a very particular unicorn"
    asked = await ada.command("privacy delete")
    assert asked.message is not None
    # The button works after a restart.
    await bot.kill()
    await bot.start()
    await ada.press(asked.message, "Delete my data")
    question = asked.message
    await eventually(lambda: "Done" in question.text or None, "the deletion")
    assert bot.rows("SELECT prompt, person_name FROM tasks") == [{"prompt": "", "person_name": ""}]
    assert pictures(bot) == []
    assert "unicorn" not in bot.log.read_text()
    # The video stays where it was, with the one button that still does something.
    posted = await video(ada)
    await eventually(lambda: labels(posted) == ["🗑️"] or None, "no dead buttons")
    assert await eventually(lambda: not posted.reactions or None, "no dead reactions")
    assert posted.files
    olive = discord_.person("Olive")
    question = await asked_to_delete(olive, posted)
    await confirms(olive, question)
    assert posted.deleted


async def test_no_prompt_is_logged_at_any_level(bot: BotProcess, ada: Person) -> None:
    bot.settings["LOG_LEVEL"] = "DEBUG"
    await bot.start()
    await animate(ada, "a very particular unicorn")
    shown = await video(ada)
    await bot.reaches("delivered")
    await ada.react(shown, "🔁")
    await bot.reaches("delivered", "delivered")
    assert await bot.stop() == 0
    log = bot.log.read_text()
    assert "DEBUG" in log
    assert "unicorn" not in log
