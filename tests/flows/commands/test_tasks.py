"""`/tasks`: the state of one's own videos, canceling one, and having one sent again."""

import asyncio
import math
import time

from bot.domain.models.model import WAN22_I2V_FLASH_DASHSCOPE
from sandbox.dashscope import LocalDashScope
from sandbox.discord import Fault, Interaction, LocalDiscord, Message, Person
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, video, videos

NO = {"message": "Missing Access", "code": 50001}
MESSAGES = "/channels/{channel_id}/messages"
ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
PICK = "flipbook:tasks:pick"


def page(shown: Interaction) -> Message:
    """Return the ephemeral answer to a command."""
    assert shown.message is not None
    assert shown.message.ephemeral
    return shown.message


async def says(shown: Interaction, words: str) -> None:
    """Wait until an answer contains these words."""

    def look() -> bool | None:
        messages = [one for one in [shown.message, *shown.followups] if one is not None]
        return any(words in one.text for one in messages) or None

    await eventually(look, f"“{words}”")


def only_id(bot: BotProcess) -> str:
    (row,) = bot.rows("SELECT id FROM tasks")
    return str(row["id"])


async def opened(bot: BotProcess, person: Person) -> Message:
    """Send `/tasks`, and choose the only task."""
    shown = await person.command("tasks")
    await person.select(page(shown), PICK, [only_id(bot)])
    return page(shown)


async def cancel(bot: BotProcess, person: Person, shown: Message, asked: Interaction) -> None:
    """Press *Cancel* below the chosen task, and wait until everything says so."""
    await person.press(shown, "Cancel")
    await eventually(lambda: "You canceled this video." in shown.text or None, "the page says so")
    await bot.reaches("cancelled")
    assert bot.rows("SELECT state FROM money_holds") == [{"state": "released"}]
    assert bot.rows("SELECT state FROM allowance_holds") == [{"state": "returned"}]
    await says(asked, "canceled")


async def test_a_page_shows_only_ones_own_with_state_cost_and_link(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    assert "/animate" in page(await ada.command("tasks")).text
    await animate(ada, "waves *roll* in")
    result = await video(ada)
    await bot.reaches("delivered")
    text = page(await ada.command("tasks")).text
    assert "delivered" in text
    assert "$0.20" in text
    assert f"/{result.id})" in text
    assert "\\*roll\\*" in text
    assert "waves" not in page(await discord_.person("Grace").command("tasks")).text
    one = await opened(bot, ada)
    assert "seed" in one.text
    link, back = one.buttons
    assert link["url"].endswith(f"/{result.id}")
    assert (link["label"], back["label"]) == ("Go to its message", "All videos")


async def waits(bot: BotProcess) -> None:
    """Wait until the only task will not be tried again for more than a second.

    Before that, it would be too late to cancel it. The bot runs on the machine's own clock for
    this.
    """

    def look() -> bool | None:
        (row,) = bot.rows("SELECT state, not_before FROM tasks")
        later = (row["not_before"] or 0) > (time.time() + 1) * 1_000_000
        return True if row["state"] == "queued" and later else None

    await eventually(look, "the task waits")


async def test_a_queued_task_is_canceled_and_costs_nothing(
    bot: BotProcess, provider: LocalVtrix, ada: Person
) -> None:
    bot.program = ("bot",)
    await provider.stop()
    await bot.start()
    card = await animate(ada)
    await bot.reaches("queued")
    await waits(bot)
    one = await opened(bot, ada)
    # The buttons work after a restart.
    await bot.kill()
    await bot.start()
    await waits(bot)
    await cancel(bot, ada, one, card)
    # The page has said it, and nothing says it again.
    assert [seen.text for seen in ada.sees() if seen.ephemeral] == [one.text]
    await provider.start()
    await asyncio.sleep(1)
    assert provider.creates == []


async def start_with(bot: BotProcess, dashscope: LocalDashScope) -> None:
    """Start the bot with a model of the second provider only."""
    model = WAN22_I2V_FLASH_DASHSCOPE
    bot.settings |= {
        "MODELS": model.id,
        "PRICES": ",".join(f"{model.id}:{one}:5=0.20" for one in model.resolutions),
        "DASHSCOPE_API_KEY": dashscope.key,
        "DASHSCOPE_BASE_URL": dashscope.base_url,
    }
    await bot.start()


async def test_a_task_is_canceled_at_a_provider_that_has_not_begun(
    bot: BotProcess, ada: Person
) -> None:
    async with LocalDashScope(video=b"") as dashscope:
        dashscope.waiting = math.inf
        await start_with(bot, dashscope)
        card = await animate(ada)
        await bot.reaches("running")
        one = await opened(bot, ada)
        assert "as long as the video service hasn't begun" in one.text
        await cancel(bot, ada, one, card)


async def test_a_task_that_the_provider_has_begun_is_not_canceled(
    bot: BotProcess, ada: Person
) -> None:
    async with LocalDashScope(video=b"") as dashscope:
        dashscope.waiting, dashscope.slow = 0.0, math.inf
        await start_with(bot, dashscope)
        await animate(ada)
        await bot.reaches("running")
        shown = await ada.command("tasks")
        await ada.select(page(shown), PICK, [only_id(bot)])
        await ada.press(page(shown), "Cancel")
        await eventually(
            lambda: any("already begun" in seen.text for seen in ada.sees()) or None,
            "it is too late",
        )
        assert bot.rows("SELECT state FROM money_holds") == [{"state": "held"}]


async def test_nobody_cancels_another_persons_task(
    bot: BotProcess, provider: LocalVtrix, discord_: LocalDiscord, ada: Person
) -> None:
    bot.program = ("bot",)
    await provider.stop()
    await bot.start()
    await animate(ada)
    await bot.reaches("queued")
    await waits(bot)
    one = await opened(bot, ada)
    grace = discord_.person("Grace")
    # The press is forged, as Discord's client would not show Grace the button.
    one.seen_only_by = grace.id
    await says(await grace.press(one, "Cancel"), "couldn't find that video")
    assert bot.states() == ["queued"]


async def undelivered(bot: BotProcess, discord_: LocalDiscord, person: Person) -> None:
    """Have a video made that Discord lets nobody post, until it is undelivered."""
    for method, route in [
        ("PATCH", f"{MESSAGES}/{{message_id}}"),
        ("PATCH", ORIGINAL),
        ("POST", MESSAGES),
    ]:
        discord_.faults.add(Fault(method, route, times=1000, status=403, body=NO))
    await animate(person)
    await bot.reaches("undelivered")
    discord_.faults.clear()


async def test_an_undelivered_video_is_sent_again_once(
    bot: BotProcess, provider: LocalVtrix, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    await undelivered(bot, discord_, ada)
    assert videos(ada) == []
    one = await opened(bot, ada)
    first, second = await asyncio.gather(ada.press(one, "Send again"), ada.press(one, "Send again"))
    await bot.reaches("delivered")
    answers = [
        answer.text
        for press in (first, second)
        for answer in (press.message, *press.followups)
        if answer is not None
    ]
    assert sum("trying to post it again" in text for text in answers) == 1
    assert sum("already on its way" in text for text in answers) == 1
    # A notice that was on its way may have arrived after the result; then the result is restored.
    await video(ada)
    assert len(videos(ada)) == 1
    assert len(provider.creates) == 1


async def test_a_video_that_was_posted_without_an_answer_is_found_when_it_is_sent_again(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    discord_.faults.add(Fault("POST", MESSAGES, reset="after"))
    await undelivered(bot, discord_, ada)
    [posted] = videos(ada)
    one = await opened(bot, ada)
    await ada.press(one, "Send again")
    await bot.reaches("delivered")
    assert [shown.id for shown in videos(ada)] == [posted.id]
    assert bot.rows("SELECT result_message_id FROM tasks") == [{"result_message_id": posted.id}]


async def test_the_page_knows_how_far_a_video_is(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    provider.slow = 30
    await bot.start()
    await animate(ada)
    far = "SELECT progress FROM tasks WHERE progress >= 0.1"
    await eventually(lambda: bot.rows(far) or None, "the task to make progress")
    text = page(await ada.command("tasks")).text
    assert "running" in text
    assert " 0%" not in text
    assert "%" in text
    [waiting] = [one for one in ada.sees() if not one.ephemeral]
    assert f"/{waiting.id})" in text
    one = await opened(bot, ada)
    assert one.buttons[0]["url"].endswith(f"/{waiting.id}")
    assert "▰" in one.text
    assert "the video service can't cancel it" in one.text
    before = one.text
    later = "SELECT progress FROM tasks WHERE progress >= 0.25"
    await eventually(lambda: bot.rows(later) or None, "more progress")
    await ada.press(one, "Refresh")
    await eventually(lambda: one.text != before or None, "the page as it is now")
