"""What `/tasks` says about a task."""

from dataclasses import replace

from bot.domain.models.model import WAN22_I2V_FLASH, Models
from bot.domain.operator_info import OperatorInfo
from bot.domain.task import State, Task
from bot.ui.texts import cards, guide, privacy
from bot.ui.texts import tasks as texts
from bot.ui.texts.catalogues import speaking_in
from tests.factories import NOON, make_options, make_request, make_task

ONE = Models(default=WAN22_I2V_FLASH)


def everywhere(task: Task) -> list[str]:
    """The list, the menu, and the task by itself."""
    return [texts.page([task], [None], ONE), texts.label(task), texts.one(task)]


def test_a_video_that_was_deleted_is_called_so_and_one_that_is_there_is_not() -> None:
    there = make_task(state=State.DELIVERED, result_channel_id=2, result_message_id=3)
    assert all("delivered" in words for words in everywhere(there))
    gone = make_task(state=State.DELIVERED)
    for words in everywhere(gone):
        assert "deleted" in words
        assert "delivered" not in words


def test_a_running_task_says_how_far_it_is_and_why_it_cannot_be_canceled() -> None:
    task = make_task(state=State.RUNNING, progress=0.5, submitted_at=NOON)
    words = texts.one(task, WAN22_I2V_FLASH)
    assert cards.bar(0.5) in words
    assert "the video service can't cancel it" in words
    unknown = texts.one(replace(task, progress=None), WAN22_I2V_FLASH)
    assert "it usually takes" in unknown
    queued = texts.one(replace(task, state=State.QUEUED), WAN22_I2V_FLASH)
    assert "you can cancel it" in queued
    assert "can't cancel" not in queued


def test_a_long_prompt_is_shortened() -> None:
    prompt = "a very long prompt " * 40
    task = make_task(request=make_request(options=make_options(prompt=prompt)))
    first, *_ = texts.one(task).splitlines()
    assert len(first) <= cards.CARD_PROMPT_CHARS + len("> ")
    assert first.endswith("…")


def test_in_chinese_no_space_follows_a_full_stop() -> None:
    operator = OperatorInfo(provider="Vtrix", content_check="check.example")
    with speaking_in("zh-CN"):
        words = [
            privacy.deleted(2, 1),
            guide.how_to(WAN22_I2V_FLASH, keep_days=30, operator=operator, missing=None),
            texts.label(make_task()),
        ]
    for text in words:
        assert "。 " not in text
        assert ": " not in text
