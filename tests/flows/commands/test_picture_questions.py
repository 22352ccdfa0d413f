"""A question to the owner of a picture, from end to end: kills, two presses, and what is stored."""

import asyncio

from sandbox.discord import LocalDiscord, Message, Person, Upload
from sandbox.vtrix import LocalVtrix
from tests.factories import make_picture
from tests.flows.harness import BotProcess, eventually, reads, video

STORED = "SELECT * FROM picture_questions"


async def asked(discord_: LocalDiscord, ada: Person, grace: Person) -> Message:
    """Let Grace ask for Ada's picture in a server where people are asked."""
    shown = await discord_.person("Mona").command("settings set", others_pictures="ask")
    await reads(discord_.person("Mona"), shown, "others' if they allow it")
    message = await ada.say("general", "look", Upload("boat.png", make_picture("PNG")))
    opened = await grace.menu("Animate", message)
    await grace.submit_modal(opened, {"prompt": "a very particular unicorn"})

    def question() -> Message | None:
        return next((one for one in ada.sees("general") if "would like" in one.text), None)

    return await eventually(question, "the question")


async def test_killed_between_question_and_answer_nothing_is_lost_or_spent_twice(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    grace = discord_.person("Grace")
    await bot.start()
    question = await asked(discord_, ada, grace)
    assert bot.rows("SELECT id FROM tasks") == []
    assert bot.rows("SELECT * FROM allowance_holds") == []
    assert list((bot.folder / "data" / "images").glob("??/*")) == []
    await bot.kill()
    await bot.start()
    await asyncio.gather(ada.press(question, "Allow"), ada.press(question, "Allow"))
    await video(grace)
    await bot.reaches("delivered")
    await eventually(lambda: "allows" in question.text or None, "the question says so")
    assert len(provider.creates) == 1
    held = bot.rows("SELECT person_id, state FROM allowance_holds")
    assert held == [{"person_id": grace.id, "state": "used"}]
    assert bot.rows(STORED) == []
    assert bot.rows("SELECT picture_owner_id FROM tasks") == [{"picture_owner_id": ada.id}]


async def test_refused_nothing_was_read_or_spent_and_the_prompt_is_forgotten(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    question = await asked(discord_, ada, discord_.person("Grace"))
    assert "unicorn" in str(bot.rows(STORED))
    await bot.kill()
    await bot.start()
    await ada.press(question, "Refuse")
    await eventually(lambda: "doesn't want" in question.text or None, "the answer")
    assert "unicorn" not in question.text
    assert "unicorn" not in str(bot.rows(STORED))
    assert bot.rows("SELECT id FROM tasks") == []
    assert provider.creates == []
    assert await bot.stop() == 0
    assert "unicorn" not in bot.log.read_text()
