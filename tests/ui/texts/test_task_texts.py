"""What `/tasks` says about a task."""

from bot.domain.task import State, Task
from bot.ui.texts import tasks as texts
from tests.factories import make_task

LINK = "https://discord.com/channels/1/2/3"


def everywhere(task: Task) -> list[str]:
    """The list, the menu, and the task by itself."""
    return [texts.page([task], [None]), texts.label(task), texts.one(task, None)]


def test_a_video_that_was_deleted_is_called_so_and_one_that_is_there_is_not() -> None:
    there = make_task(state=State.DELIVERED, result_channel_id=2, result_message_id=3)
    assert all("delivered" in words for words in everywhere(there))
    gone = make_task(state=State.DELIVERED)
    for words in everywhere(gone):
        assert "deleted" in words
        assert "delivered" not in words
