"""ℹ️: details of a result, for anybody; the reason for a failure, only for the person who asked."""

from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import Failure, FailureKind, State
from sandbox.discord import Message
from tests.ui.client_fixture import Bot, connected_bot


async def _result(bot: Bot) -> Message:
    task = bot.task_of(await bot.local.person("Ada").say("general", "x"))
    await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=False)
    return bot.local.person("Ada").sees("general")[-1]


async def test_about_a_result_is_told_to_whoever_asks_and_only_to_them(bot: Bot) -> None:
    message = await _result(bot)
    shown = await bot.local.person("Grace").press(message, "ℹ️")
    assert shown.ephemeral
    assert shown.message is not None
    assert "**Seed**: `7`" in shown.message.text
    assert "**Task**: `t0000001`" in shown.message.text


async def test_it_works_after_a_restart(bot: Bot, tmp_path: Path) -> None:
    message = await _result(bot)
    tasks = bot.store.tasks
    await bot.client.close()
    async with connected_bot(tmp_path, local=bot.local) as again:
        again.store.tasks = tasks
        shown = await bot.local.person("Ada").press(message, "ℹ️")
        assert shown.message is not None
        assert "**Prompt**: waves roll in" in shown.message.text


async def test_why_there_is_no_video_is_for_the_person_who_asked(bot: Bot) -> None:
    ada = bot.local.person("Ada")
    message = await _result(bot)
    failure = Failure(kind=FailureKind.MODERATED)
    place = bot.store.tasks["t0000001"].place
    task = bot.task_of(message, state=State.FAILED, failure=failure)
    task = bot.store.tasks[task.id] = type(task)(
        **{name: getattr(task, name) for name in task.__slots__}
        | {"person": type(task.person)(id=ada.id, name="Ada"), "place": place}
    )
    mine = await ada.press(message, "ℹ️")
    theirs = await bot.local.person("Grace").press(message, "ℹ️")
    assert mine.message is not None
    assert theirs.message is not None
    assert "because of its content" in mine.message.text
    assert theirs.message.text == f"Only <@{ada.id}> can see why."


async def test_errors_are_told_as_anywhere_else(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    message = await _result(bot)
    bot.store.tasks = None  # type: ignore[assignment]  # the store is broken
    shown = await bot.local.person("Ada").press(message, "ℹ️")
    assert shown.message is not None
    assert "Something went wrong on my side" in shown.message.text
    assert "AttributeError" in caplog.text
