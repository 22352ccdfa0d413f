"""What somebody is told at their next command, as it could be said nowhere before."""

from collections.abc import Sequence

from bot.domain.task import State, Task
from bot.ui.texts import endings
from bot.ui.texts.language import _, _n
from bot.ui.texts.measures import clipped, harmless, sentences

MOST = 4
"""Told in full."""
_PROMPT_CHARS = 70


def pending_notices(tasks: Sequence[Task]) -> str:
    """How they ended, oldest first."""
    first = _n(
        "**I could not tell you before how a video of yours ended:**",
        "**I could not tell you before how some videos of yours ended:**",
        len(tasks),
    )
    lines = [first, *(_one(task) for task in tasks[:MOST])]
    if (more := len(tasks) - MOST) > 0:
        lines.append(
            _n(
                "And {more} more: `/tasks` lists it.", "And {more} more: `/tasks` lists them.", more
            ).format(more=more)
        )
    return "\n".join(lines)


def _one(task: Task) -> str:
    prompt = harmless(clipped(task.options.prompt, _PROMPT_CHARS))
    return f"> {prompt}\n{_ending(task)}"


def _ending(task: Task) -> str:
    if task.state is State.UNDELIVERED and task.delivery.attempts:
        could_not = _(
            "It is done, but Discord let me post it neither where you asked for it nor in a "
            "direct message. `/tasks` sends it again."
        )
        return sentences(could_not, endings.money(task))
    return sentences(endings.ending(task), endings.money(task))
