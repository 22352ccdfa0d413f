"""Rerolls from end to end: identical requests, other people's quotas, restarts."""

import asyncio
import json
from pathlib import Path

from sandbox.discord import LocalDiscord, Message, Person
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, is_video, photo, video, videos


async def second_video(person: Person) -> Message:
    """Wait for the video that is a reply."""

    def reply() -> Message | None:
        return next((one for one in videos(person) if one.reply_to is not None), None)

    return await eventually(reply, "a video as a reply")


async def test_a_second_member_reacts_and_the_same_request_goes_out_byte_for_byte(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    grace = discord_.person("Grace")
    await bot.start()
    await animate(ada, "the waves roll in", negative_prompt="rain", seed=41, resolution="480P")
    first = await video(ada)
    await eventually(lambda: list(first.reactions) == ["🔁", "🎲"] or None, "the invitation")
    # The bot is killed in between, so the result is older than the process.
    await bot.kill()
    await bot.start()
    await grace.react(first, "🔁")
    again = await second_video(grace)
    assert again.reply_to == first.id
    assert "same seed" in again.text
    assert "seed 41" in again.text
    assert f"<@{grace.id}>" in again.text
    one, two = provider.creates
    # The bytes are compared, with the order of fields and the digest of the picture.
    assert json.dumps(one.request) == json.dumps(two.request)
    assert one.envelope == two.envelope
    assert is_video(again.files[0].data)
    await bot.reaches("delivered", "delivered")
    used = bot.rows("SELECT person_id, state FROM allowance_holds ORDER BY made_at")
    assert [(row["person_id"], row["state"]) for row in used] == [
        (ada.id, "used"),
        (grace.id, "used"),
    ]
    assert await bot.stop() == 0


async def test_two_rerolls_at_once_of_one_person_are_one(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    await animate(ada)
    first = await video(ada)
    provider.slow = 1000
    await asyncio.gather(ada.press(first, "🔁"), ada.press(first, "🔁"))
    await bot.reaches("delivered", "running")
    refused = await ada.press(first, "🔁")
    assert refused.ephemeral
    assert refused.message is not None
    assert "already making this one again" in refused.message.text
    # A reroll of another kind is another video.
    other = await ada.press(first, "🎲")
    assert not other.ephemeral
    await bot.reaches("delivered", "running", "running")
    assert len(provider.creates) == 3


async def test_a_frame_that_is_no_longer_kept_is_told_and_nothing_is_spent(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    await animate(ada)
    first = await video(ada)
    await bot.reaches("delivered")
    for frame in _frames(bot.folder):
        frame.unlink()
    await ada.press(first, "🔁")
    told = await eventually(
        lambda: _told(ada, "no longer have this video's picture"), "the refusal"
    )
    assert "attach it again" in told
    assert len(provider.creates) == 1
    assert bot.states() == ["delivered"]


async def test_an_edited_reroll_has_another_prompt_with_the_same_seed_and_picture(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    await animate(ada, "the waves roll in", seed=41)
    first = await video(ada)
    opened = await ada.press(first, "✏️")
    await bot.kill()
    await bot.start()
    await ada.submit_modal(opened, {"prompt": "the tide goes out"})
    again = await second_video(ada)
    assert "✏️ Changed from" in again.text
    one, two = provider.creates
    assert (two.prompt, two.seed, two.still) == ("the tide goes out", 41, one.still)


async def test_the_form_of_the_menu_makes_its_video_after_a_restart(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    message = await discord_.person("Grace").say("general", "look", photo())
    opened = await ada.menu("Animate", message)
    await eventually(lambda: bot.rows("SELECT * FROM menu_forms") or None, "the form is kept")
    await bot.kill()
    await bot.start()
    await ada.submit_modal(opened, {"prompt": "waves roll in", "seed": "41"})
    assert is_video((await video(ada)).files[0].data)
    [sent] = provider.creates
    assert (sent.prompt, sent.seed) == ("waves roll in", 41)
    assert bot.rows("SELECT source_name FROM tasks") == [{"source_name": "photo.jpeg"}]


async def test_a_menus_frame_that_is_gone_is_read_again_as_long_as_its_link_is_good(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    message = await ada.say("general", "look", photo())
    await ada.submit_modal(await ada.menu("Animate", message), {"prompt": "x", "seed": "41"})
    first = await video(ada)
    await bot.reaches("delivered")
    for frame in _frames(bot.folder):
        frame.unlink()
    await ada.press(first, "🔁")
    await second_video(ada)
    # While it is in progress, an identical reroll would be refused for that reason.
    await bot.reaches("delivered", "delivered")
    one, two = provider.creates
    assert json.dumps(one.request) == json.dumps(two.request)
    # The link leads to another picture by now, which would be no reroll of this video.
    for frame in _frames(bot.folder):
        frame.unlink()
    message.files[0].data = photo((500, 400)).data
    await ada.press(first, "🔁")
    await eventually(lambda: _told(ada, "no longer have this video's picture"), "the refusal")
    assert len(provider.creates) == 2


async def test_a_menus_frame_that_is_gone_with_its_link_is_told_and_the_menu_makes_a_new_one(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    message = await ada.say("general", "look", photo())
    await ada.submit_modal(await ada.menu("Animate", message), {"prompt": "x"})
    first = await video(ada)
    await bot.reaches("delivered")
    for frame in _frames(bot.folder):
        frame.unlink()
    assert await bot.stop() == 0
    # The link looks as it would a day later.
    bot.write("UPDATE tasks SET source_url = replace(source_url, '?ex=', '?ex=1&was=')")
    await bot.start()
    await ada.press(first, "🔁")
    await eventually(lambda: _told(ada, "link to it has expired"), "🔁 is refused in words")
    opened = await ada.press(first, "✏️")
    await ada.submit_modal(opened, {"prompt": "the tide goes out"})
    told = await eventually(lambda: _told(ada, "the tide goes out"), "✏️ is refused in words")
    assert "link to it has expired" in told
    assert len(provider.creates) == 1
    assert bot.states() == ["delivered"]
    await ada.submit_modal(await ada.menu("Animate", message), {"prompt": "x"})
    await bot.reaches("delivered", "delivered")


def _frames(folder: Path) -> list[Path]:
    found = [path for path in (folder / "data" / "images").glob("??/*") if path.is_file()]
    assert found
    return found


def _told(person: Person, words: str) -> str | None:
    texts = (seen.text for seen in person.sees("general") if seen.ephemeral)
    return next((text for text in texts if words in text), None)
