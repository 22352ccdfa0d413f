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
        "**I couldn't tell you at the time how one of your videos ended:**",
        "**I couldn't tell you at the time how some of your videos ended:**",
        len(tasks),
    )
    lines = [first, *(_one(task) for task in tasks[:MOST])]
    if (more := len(tasks) - MOST) > 0:
        lines.append(
            _n("And {more} more: see `/tasks`.", "And {more} more: see `/tasks`.", more).format(
                more=more
            )
        )
    return "\n".join(lines)


def _one(task: Task) -> str:
    prompt = harmless(clipped(task.options.prompt, _PROMPT_CHARS))
    return f"> {prompt}\n{_ending(task)}"


def _ending(task: Task) -> str:
    if task.state is State.UNDELIVERED and task.delivery.attempts:
        could_not = _(
            "It's done, but Discord didn't let me post it where you asked for it or "
            "send it in a direct message. `/tasks` sends it again."
        )
        return sentences(could_not, endings.money(task))
    return sentences(endings.ending(task), endings.money(task))
