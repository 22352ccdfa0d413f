"""The names of states, and the ways a task can end without a video."""

from collections.abc import Sequence

from bot.domain.money import ZERO
from bot.domain.task import KEEP_UNDELIVERED, FailureKind, State, Task
from bot.ui.texts.language import _, _n, marked
from bot.ui.texts.measures import clipped, harmless, sentences

_STATES = {
    State.QUEUED: marked("queued"),
    State.SUBMITTING: marked("sending"),
    State.RUNNING: marked("running"),
    State.RENDERED: marked("rendered"),
    State.DELIVERED: marked("delivered"),
    State.UNDELIVERED: marked("not delivered"),
    State.FAILED: marked("failed"),
    State.CANCELLED: marked("canceled"),
    State.UNKNOWN: marked("unclear"),
}


def state(value: State) -> str:
    """The name of a state for people."""
    return _(_STATES[value])


def how_far(task: Task) -> str:
    """The word for a task's state, which also says that its video was deleted since."""
    return _("deleted") if task.is_deleted else state(task.state)


_FAILURES = {
    FailureKind.REJECTED: marked("The video service didn't accept this request."),
    FailureKind.MODERATED: marked(
        "The video service rejected the picture or the prompt because of its "
        "content. Try another picture or different words."
    ),
    FailureKind.MODERATED_PICTURE: marked(
        "The video service rejected the picture because of its content. Try another picture."
    ),
    FailureKind.MODERATED_WORDS: marked(
        "The video service rejected the prompt because of its content. Try different words."
    ),
    FailureKind.MODERATED_VIDEO: marked(
        "The video service made this video but rejected it because of its content. "
        "Try another picture or different words."
    ),
    FailureKind.GENERATION: marked(
        "The video service couldn't make this video. Trying again often helps."
    ),
    FailureKind.BUSY: marked(
        "The video service was too busy to make this video. Please try again in a few minutes."
    ),
    FailureKind.NO_VIDEO: marked("The video service said it was done but didn't provide a video."),
    FailureKind.FORGOTTEN: marked("The video service no longer has any record of this video."),
    FailureKind.DEADLINE: marked("The video service didn't finish this video in time."),
    FailureKind.KEY_REFUSED: marked(
        "The video service isn't accepting my key right now. The bot's owner has been notified."
    ),
    FailureKind.BALANCE_EMPTY: marked(
        "My account with the video service is out of credit. The bot's owner has been notified."
    ),
    FailureKind.MODEL_REFUSED: marked(
        "The model that makes my videos isn't available right now. The bot's owner "
        "has been notified."
    ),
    FailureKind.ACCOUNT_REFUSED: marked(
        "The video service refused my account without saying why. Try another "
        "picture or different words; if that doesn't help, please try again later."
    ),
    FailureKind.NO_ANSWERS: marked(
        "The video service isn't giving clear answers right now, so I didn't send "
        "your request. Please try again later."
    ),
    FailureKind.PICTURE_LOST: marked(
        "Your picture was lost before I could send it. Please attach it again."
    ),
    FailureKind.RESOLVED: marked("The bot's owner canceled this video."),
}

_IN_SHORT = {
    FailureKind.REJECTED: marked("the video service didn't accept the request"),
    FailureKind.MODERATED: marked("the video service's content rules don't allow it"),
    FailureKind.MODERATED_PICTURE: marked("the video service's content rules don't allow it"),
    FailureKind.MODERATED_WORDS: marked("the video service's content rules don't allow it"),
    FailureKind.MODERATED_VIDEO: marked("the video service's content rules don't allow it"),
    FailureKind.GENERATION: marked("the video service couldn't make it"),
    FailureKind.BUSY: marked("the video service was too busy"),
    FailureKind.NO_VIDEO: marked("the video service provided no video"),
    FailureKind.FORGOTTEN: marked("the video service lost track of it"),
    FailureKind.DEADLINE: marked("the video service didn't finish it in time"),
    FailureKind.KEY_REFUSED: marked("the video service isn't available to me right now"),
    FailureKind.BALANCE_EMPTY: marked("the video service isn't available to me right now"),
    FailureKind.MODEL_REFUSED: marked("the video service isn't available to me right now"),
    FailureKind.ACCOUNT_REFUSED: marked("the video service isn't available to me right now"),
    FailureKind.NO_ANSWERS: marked("the video service isn't giving clear answers right now"),
    FailureKind.PICTURE_LOST: marked("the picture was lost before I could send it"),
    FailureKind.RESOLVED: marked("the bot's owner canceled it"),
}

_OF_ACCOUNT = frozenset(
    {
        FailureKind.KEY_REFUSED,
        FailureKind.BALANCE_EMPTY,
        FailureKind.MODEL_REFUSED,
        FailureKind.ACCOUNT_REFUSED,
    }
)
# The provider may have charged although there is no video.
_MAY_BE_CHARGED = frozenset({FailureKind.NO_VIDEO, FailureKind.FORGOTTEN, FailureKind.DEADLINE})


def failure(kind: FailureKind) -> str:
    """The reason for a failure."""
    return _(_FAILURES[kind])


def ending(task: Task) -> str:
    """Why there is no video, without the provider's own words."""
    match task.state:
        case State.UNKNOWN:
            return _(
                "The connection broke while I was sending your request, so I can't "
                "tell whether it arrived. I won't send it again, because it might "
                "be charged twice."
            )
        case State.UNDELIVERED if task.delivery.attempts == 0:
            return _(
                "The video service made your video, but its link had stopped "
                "working before I could download it."
            )
        case State.UNDELIVERED:
            return _(
                "Your video is done, but Discord didn't let me post it here or send "
                "it in a direct message. I'll keep it for {days} days."
            ).format(days=KEEP_UNDELIVERED.days)
        case State.CANCELLED:
            return _("You canceled this video.")
        case _:
            return failure(task.failure.kind) if task.failure else _("No video was made.")


def in_short(task: Task) -> str:
    """Why there is no video, as the end of a sentence that everybody may read."""
    match task.state:
        case State.UNKNOWN:
            return _("the connection broke while I was sending the request")
        case State.UNDELIVERED if task.delivery.attempts == 0:
            return _("its link stopped working before I could download it")
        case State.UNDELIVERED:
            return _("Discord didn't let me post it")
        case State.CANCELLED:
            return _("it was canceled")
        case _:
            kind = task.failure.kind if task.failure else FailureKind.GENERATION
            return _(_IN_SHORT[kind])


def money(task: Task) -> str:
    """What an ending without a video costs, and whether it counts; says so if that is unknown."""
    if task.state is State.UNDELIVERED and task.cost is None:
        return _("It counts towards your limit; its cost wasn't reported.")
    if task.state is State.UNDELIVERED:
        return _("It counts towards your limit and cost {cost}.").format(cost=cost(task))
    if task.state is State.UNKNOWN:
        return _(
            "It doesn't count towards your limit. About {estimate} stays reserved "
            "until the bot's owner has looked into it."
        ).format(estimate=task.estimate)
    return _money_of_failure(task)


def _money_of_failure(task: Task) -> str:
    if task.counted and task.cost is not None:
        return _(
            "The video service charged {cost} anyway, so it counts towards your "
            "limit and the budget."
        ).format(cost=task.cost)
    if task.cost is not None and task.cost > ZERO:
        return _(
            "It doesn't count towards your limit. The video service charged {cost} "
            "anyway, which counts towards the budget."
        ).format(cost=task.cost)
    if task.cost is None and _may_be_charged(task):
        return _(
            "It doesn't count towards your limit. I can't tell whether the video "
            "service charged for it, so about {estimate} stays counted towards the "
            "budget."
        ).format(estimate=task.estimate)
    return _("Nothing was charged, and it doesn't count towards your limit.")


def _may_be_charged(task: Task) -> bool:
    """Whether the provider may have charged, which it cannot for a task that was never sent."""
    if task.failure is None:
        return False
    if task.failure.kind is FailureKind.DEADLINE and task.submitted_at is None:
        return False
    return task.failure.kind in _MAY_BE_CHARGED


def cost(task: Task) -> str:
    """What the provider charged; an unknown cost is "not reported", and never 0."""
    return _("not reported") if task.cost is None else str(task.cost)


def provider_words(task: Task) -> str | None:
    """The provider's own words and code, for the person who asked only."""
    if task.failure is None or not (task.failure.message or task.failure.code):
        return None
    # These are about the operator's account and do not concern the person.
    if task.failure.kind in _OF_ACCOUNT:
        return None
    words = harmless(clipped(task.failure.message or "", 300))
    code = harmless(clipped(task.failure.code or "", 60))
    text = " · ".join(part for part in (words, code) if part)
    return _("The video service said: {text}").format(text=text)


# --- told later ---------------------------------------------------------------------------

MOST_NOTICES = 4
"""The most tasks that are told in full."""
_PROMPT_CHARS = 70


def pending_notices(tasks: Sequence[Task]) -> str:
    """How tasks ended whose person could not be told at the time, oldest first."""
    first = _n(
        "**I couldn't tell you at the time how one of your videos ended:**",
        "**I couldn't tell you at the time how some of your videos ended:**",
        len(tasks),
    )
    lines = [first, *(_one(task) for task in tasks[:MOST_NOTICES])]
    if (more := len(tasks) - MOST_NOTICES) > 0:
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
        return sentences(could_not, money(task))
    return sentences(ending(task), money(task))
