"""Several processes edit one message, which shows the end of the task in the end."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import Delivery, DeliveryMethod
from bot.domain.task import State, Task
from bot.errors import DeliveryRefused
from bot.ui.delivery.messenger import DiscordMessenger
from bot.ui.delivery.requests.interaction_tokens import InteractionTokens
from sandbox.discord import Fault, Message, Person, Upload
from tests.factories import make_picture
from tests.ui.client_fixture import MESSAGE, Bot, is_at_work, messenger_of, until


@pytest.fixture
async def other(bot: Bot) -> AsyncIterator[DiscordMessenger]:
    """The messenger of another process, which knows nothing of the first one's edits."""
    messenger = messenger_of(
        bot.client,
        store=bot.store,
        folder=bot.folder,
        clock=bot.clock,
        tokens=InteractionTokens(clock=bot.clock),
        log_channel=bot.client.context.log_channel,
    )
    yield messenger
    await messenger.aclose()


async def _asked(bot: Bot) -> tuple[Task, Message]:
    ada: Person = bot.local.person("Ada")
    picture = Upload("photo.png", make_picture("PNG"))
    shown = await ada.command("animate", image=picture, prompt="waves roll in")
    assert shown.message is not None
    await until(lambda: "Queued" in shown.message.text, "queued")
    [task] = bot.store.tasks.values()
    return task, shown.message


async def _delivered(bot: Bot, method: DeliveryMethod = DeliveryMethod.EDIT) -> Task:
    task = await bot.rendered(delivery=Delivery(method=method, attempts=1))
    posted = await bot.messenger.deliver(task, method, bot.video(), search=False)
    return bot.becomes(
        task,
        state=State.DELIVERED,
        result_channel_id=posted.channel_id,
        result_message_id=posted.message_id,
    )


async def _late(bot: Bot, other: DiscordMessenger, task: Task, *, after: Any) -> Any:
    """Let an edit of the other process take effect after some work."""
    slow = bot.local.faults.add(Fault("PATCH", MESSAGE, delay=1.0))
    await other.show(bot.becomes(task, state=State.RUNNING, progress=0.5))
    await until(lambda: slow.hits, "the edit is on its way")
    done = await after()
    await until(lambda: bot.store.looked_again, "a check of the message to be stored")
    return done


def _is_shown(message: Message) -> bool:
    gallery = [part for part in message.every_component() if part["type"] == 12]
    return bool(message.files and gallery) and "Making your video" not in message.text


async def _video(bot: Bot) -> Path:
    return bot.video()


async def test_an_edit_that_goes_back_is_not_sent(bot: Bot, other: DiscordMessenger) -> None:
    task, message = await _asked(bot)
    await _delivered(bot)
    edits = bot.local.count("PATCH", MESSAGE)
    await other.show(task)
    bot.clock.skip(seconds=10)
    await until(lambda: not is_at_work("Progress"), "its turn has passed")
    assert bot.local.count("PATCH", MESSAGE) == edits
    assert _is_shown(message)


async def test_a_result_that_was_taken_away_is_put_back(bot: Bot, other: DiscordMessenger) -> None:
    task, message = await _asked(bot)
    delivered = await _late(bot, other, task, after=lambda: _delivered(bot))
    assert "Making your video" in message.text
    assert message.files == []
    await bot.messenger.put_right(delivered, lambda: _video(bot))
    assert _is_shown(message)


async def test_a_result_that_is_still_there_is_only_checked(bot: Bot) -> None:
    await _asked(bot)
    delivered = await _delivered(bot)
    edits = bot.local.count("PATCH", MESSAGE)

    async def no_video() -> Path | None:
        raise AssertionError("nobody needs it")

    await bot.messenger.put_right(delivered, no_video)
    assert bot.local.count("PATCH", MESSAGE) == edits


async def test_an_overwritten_end_is_told_again(bot: Bot, other: DiscordMessenger) -> None:
    task, message = await _asked(bot)

    async def fails() -> Task:
        ended = bot.becomes(task, state=State.FAILED, cost=None)
        await bot.messenger.tell_ended(ended)
        return ended

    ended = await _late(bot, other, task, after=fails)
    assert "Making your video" in message.text
    await bot.messenger.put_right(ended, lambda: _video(bot))
    assert "No video for" in message.text


async def test_a_result_in_direct_messages_is_told_again(bot: Bot, other: DiscordMessenger) -> None:
    task, message = await _asked(bot)
    delivered = await _late(bot, other, task, after=lambda: _delivered(bot, DeliveryMethod.DIRECT))
    await bot.messenger.put_right(delivered, lambda: _video(bot))
    assert "direct message" in message.text


async def test_a_message_that_somebody_deleted_stays_deleted(bot: Bot) -> None:
    _, message = await _asked(bot)
    delivered = await _delivered(bot)
    bot.local.messages.delete(message)
    with pytest.raises(DeliveryRefused):
        await bot.messenger.put_right(delivered, lambda: _video(bot))
    assert bot.local.person("Ada").sees("general") == []


async def test_an_edit_without_an_answer_is_checked_too(bot: Bot, other: DiscordMessenger) -> None:
    task, _ = await _asked(bot)
    bot.local.faults.add(Fault("PATCH", MESSAGE, reset="after", times=9))
    await other.show(bot.becomes(task, state=State.RUNNING, progress=0.5))
    await until(lambda: bot.store.looked_again, "a check of the message to be stored")
