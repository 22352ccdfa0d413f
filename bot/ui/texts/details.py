"""The ephemeral answers of ℹ️: how a video was made."""

from bot.domain.task import State, Task
from bot.ui.texts import cards, endings, rerolls
from bot.ui.texts.language import _
from bot.ui.texts.measures import clipped_harmless, duration, harmless, megabytes, moment

# Room for any prompt with all its characters escaped, and for most negative prompts.
_PROMPT_CHARS, _NEGATIVE_CHARS = 1_600, 600


def about(task: Task, *, chain: str = "", service: str = "") -> str:
    """Everything about a result, for ℹ️.

    Args:
        task: whose result it is.
        chain: the earlier videos that it was made from, as text.
        service: the name of the video service that got the picture and the prompt.
    """
    options = task.options
    pairs = [
        (_("Prompt"), clipped_harmless(options.prompt, _PROMPT_CHARS)),
        (_("Negative prompt"), clipped_harmless(options.negative_prompt or "", _NEGATIVE_CHARS)),
        (_("Resolution"), options.resolution),
        (_("Length"), duration(options.seconds)),
        (_("Sound"), _yes(options.audio)),
        (_("Seed"), f"`{options.seed}`"),
        (_("Prompt expanded"), _yes(options.prompt_extend)),
        (_("Watermark"), _yes(options.watermark)),
        (_("Model"), harmless(task.request.model)),
        (_("Video service"), harmless(service)),
        (_("First frame"), _frame(task)),
        (_("State"), endings.how_far(task)),
        (_("Requested by"), cards.person(task.person.id)),
        (_("Requested"), moment(task.created_at)),
        (_("Time taken"), cards.taken(task)),
        (_("Cost"), cards.charge(task)),
        (_("Task"), f"`{task.id}`"),
        (_("Made from"), chain),
    ]
    lines = [
        _("**{name}**: {value}").format(name=name, value=value) for name, value in pairs if value
    ]
    return "\n".join([*lines, rerolls.reproducible()])


def _frame(task: Task) -> str:
    frame = task.request.frame
    size = f"{frame.width}×{frame.height}, {megabytes(frame.bytes)}"
    adjustments = cards.mended(task.mended)
    return (
        _("{size}. {adjustments}").format(size=size, adjustments=adjustments)
        if adjustments
        else size
    )


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def about_ended(task: Task, *, is_theirs: bool) -> str:
    """The answer of ℹ️ without a video; only the person who asked sees the reason."""
    if is_theirs:
        return cards.ended_in_full(task)
    return _("Only {person} can see why.").format(person=cards.person(task.person.id))


def has_video(task: Task) -> bool:
    """Whether the task has a video, rather than an ending without one."""
    return task.state in (State.RENDERED, State.DELIVERED)
