"""The ephemeral answers of `/tasks`."""

from collections.abc import Sequence

from bot.domain.models.model import Model, Models
from bot.domain.task import IN_FLIGHT_STATES, State, Task
from bot.ui.texts import cards, choices, endings
from bot.ui.texts.language import _
from bot.ui.texts.measures import clipped, clipped_harmless, harmless, moment

_PROMPT_CHARS = 70
_LABEL_CHARS = 100


def page(tasks: Sequence[Task], links: Sequence[str | None], models: Models) -> str:
    """A page of somebody's tasks, newest first, with the links to their results.

    ``models``: what is offered, to name the model, length and sound where they can differ.
    """
    if not tasks:
        return _("You haven't made a video yet. Use `/animate` to make one.")
    lines = [_line(task, link, models) for task, link in zip(tasks, links, strict=True)]
    return "\n".join([_("**Your videos**, newest first"), *lines])


def _line(task: Task, link: str | None, models: Models) -> str:
    prompt = harmless(clipped(task.options.prompt, _PROMPT_CHARS)) or _("(no longer stored)")
    made = choices.named(task, models)
    parts = [f"**{_state(task)}**", moment(task.created_at), *made, _cost(task), prompt]
    text = " · ".join(part for part in parts if part)
    # Outside the f-string, since gettext's extraction does not look into its braces.
    show = _("show")
    return f"- {text} [{show}]({link})" if link else f"- {text}"


def _state(task: Task) -> str:
    word = endings.how_far(task)
    if task.state is State.RUNNING and task.progress is not None:
        return f"{word} {round(task.progress * 100)}%"
    return word


def _cost(task: Task) -> str:
    if task.state in (State.RENDERED, State.DELIVERED, State.UNDELIVERED):
        return cards.charge(task)
    return ""


def label(task: Task) -> str:
    """A task in the menu."""
    prompt = " ".join(task.options.prompt.split()) or task.id
    words = _("{state}: {prompt}").format(state=endings.how_far(task), prompt=prompt)
    return clipped(words, _LABEL_CHARS)


def made_with(task: Task, models: Models) -> str | None:
    """What is below a task in the menu: its model, length and sound, where they can differ."""
    return choices.SEPARATOR.join(choices.named(task, models)) or None


def choose() -> str:
    """The placeholder of the menu."""
    return _("Choose a video to see or manage it")


def one(task: Task, model: Model | None = None, models: Models | None = None) -> str:
    """The details of one task.

    Args:
        task: whose person reads it.
        model: what makes it, to say how far it is.
        models: what is offered, to name the model, length and sound where they can differ.
    """
    lines = [
        # ℹ️ below the video has all of it.
        f"> {clipped_harmless(task.options.prompt, cards.CARD_PROMPT_CHARS)}",
        " · ".join(
            [
                f"**{_state(task)}**",
                moment(task.created_at),
                *(choices.named(task, models) if models else []),
                f"{task.options.resolution} · ",
            ]
        )
        + _("seed {seed}").format(seed=f"`{task.options.seed}`")
        + f" · `{task.id}`",
    ]
    if task.state in (State.UNKNOWN, State.UNDELIVERED, State.FAILED, State.CANCELLED):
        lines += [endings.ending(task), endings.money(task)]
        provider_words = endings.provider_words(task)
        if provider_words:
            lines.append(provider_words)
    elif task.state is State.QUEUED:
        lines.append(_("It's waiting to be sent; until then you can cancel it at no cost."))
    elif task.state in IN_FLIGHT_STATES:
        if model is not None:
            lines.append(cards.step(task, model))
        lines.append(_sent(model))
    elif task.cost is not None:
        lines.append(cards.charge(task))
    return "\n".join(lines)


def _sent(model: Model | None) -> str:
    if model is not None and model.cancels:
        return _("It has been sent. You can cancel it as long as the video service hasn't begun.")
    return _("It has already been sent, and the video service can't cancel it, so neither can I.")


def cancel() -> str:
    """The label of the button that cancels a task."""
    return _("Cancel")


def send_again() -> str:
    """The label of the button that delivers a task again."""
    return _("Send again")


def refresh() -> str:
    """The label of the button that shows what has changed since."""
    return _("Refresh")


def to_message() -> str:
    """The label of the button that leads to a video, or to the message that shows how far it is."""
    return _("Go to its message")


def back() -> str:
    """The label of the button to the first page."""
    return _("All videos")


def older() -> str:
    """The label of the button to the next page."""
    return _("Older")


def too_late(model: Model) -> str:
    """The answer if a task could not be canceled any more."""
    if model.cancels:
        return _("Too late: the video service has already begun to make it.")
    return _("Too late: it has already been sent, and the video service can't cancel it.")


def cancel_unclear() -> str:
    """The answer if the video service did not say whether it canceled a task."""
    return _(
        "The video service didn't say whether it canceled this video. "
        "I'll show here how it ended as soon as I know."
    )


def on_its_way() -> str:
    """The answer if a task is being delivered again."""
    return _("I'm trying to post it again; it will be here in a moment if Discord lets me.")


def not_again() -> str:
    """The answer if there is nothing to deliver again."""
    return _("It's already on its way, or has arrived.")
