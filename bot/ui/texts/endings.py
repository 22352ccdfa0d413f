"""What states are called, and how a task can end without a video."""

from bot.domain.money import ZERO
from bot.domain.task import KEEP_UNDELIVERED, FailureKind, State, Task
from bot.ui.texts.language import _, marked
from bot.ui.texts.measures import clipped, harmless

_STATES = {
    State.QUEUED: marked("queued"),
    State.SUBMITTING: marked("sending"),
    State.RUNNING: marked("running"),
    State.RENDERED: marked("rendered"),
    State.DELIVERED: marked("delivered"),
    State.UNDELIVERED: marked("not delivered"),
    State.FAILED: marked("failed"),
    State.CANCELLED: marked("cancelled"),
    State.UNKNOWN: marked("unclear"),
}


def state(value: State) -> str:
    """The word that people read for a state."""
    return _(_STATES[value])


_FAILURES = {
    FailureKind.REJECTED: marked("The video service did not accept this request."),
    FailureKind.MODERATED: marked(
        "The video service refused the picture or the prompt for its content. "
        "Another picture or other words may pass."
    ),
    FailureKind.MODERATED_PICTURE: marked(
        "The video service refused the picture for its content. Another picture may pass."
    ),
    FailureKind.MODERATED_WORDS: marked(
        "The video service refused the prompt for its content. Other words may pass."
    ),
    FailureKind.MODERATED_VIDEO: marked(
        "The video service made this video, and refused it for its content. Another picture or "
        "other words may pass."
    ),
    FailureKind.GENERATION: marked(
        "The video service could not make this video. Trying again often helps."
    ),
    FailureKind.BUSY: marked(
        "The video service was too busy to make this video. Please try again in a few minutes."
    ),
    FailureKind.NO_VIDEO: marked("The video service said it was done, but handed over no video."),
    FailureKind.FORGOTTEN: marked("The video service no longer knows of this video."),
    FailureKind.DEADLINE: marked("The video service did not finish this video in time."),
    FailureKind.KEY_REFUSED: marked(
        "The video service does not accept my key at the moment. Whoever runs me has been told."
    ),
    FailureKind.BALANCE_EMPTY: marked(
        "My account at the video service is empty. Whoever runs me has been told."
    ),
    FailureKind.MODEL_REFUSED: marked(
        "The model that makes my videos is not available at the moment. Whoever runs me has been "
        "told."
    ),
    FailureKind.ACCOUNT_REFUSED: marked(
        "The video service refused to work for my account, and did not say why. Another picture "
        "or other words may pass; if they do not, please try again later."
    ),
    FailureKind.NO_ANSWERS: marked(
        "The video service gives no clear answers at the moment, so I did not send your request. "
        "Please try again later."
    ),
    FailureKind.PICTURE_LOST: marked(
        "Your picture was lost before I could send it. Please attach it again."
    ),
    FailureKind.RESOLVED: marked("This video was called off by whoever runs me."),
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
    """Why a task failed."""
    return _(_FAILURES[kind])


def ending(task: Task) -> str:
    """Why there is no video, without what the provider said in its own words."""
    match task.state:
        case State.UNKNOWN:
            return _(
                "The connection broke while I was sending your request, and nobody can say "
                "whether it arrived. I do not send it twice, so that it is not paid for twice."
            )
        case State.UNDELIVERED if task.delivery.attempts == 0:
            return _(
                "The video service made your video, but its link no longer worked when I wanted "
                "to fetch it."
            )
        case State.UNDELIVERED:
            return _(
                "Your video is done, but Discord let me post it neither here nor in a direct "
                "message. I keep it for {days} days."
            ).format(days=KEEP_UNDELIVERED.days)
        case State.CANCELLED:
            return _("You called this video off.")
        case _:
            return failure(task.failure.kind) if task.failure else _("There will be no video.")


def money(task: Task) -> str:
    """What an ending without a video costs whom; honest where that is not known."""
    if task.state is State.UNDELIVERED and task.cost is None:
        return _("It counts as one of your videos; what it cost was not reported.")
    if task.state is State.UNDELIVERED:
        return _("It counts as one of your videos; it cost {cost}.").format(cost=cost(task))
    if task.state is State.UNKNOWN:
        return _(
            "It does not count as one of your videos. About {estimate} stays set aside until "
            "whoever runs me has looked into it."
        ).format(estimate=task.estimate)
    if task.counted and task.cost is not None:
        return _(
            "The video service charged {cost} all the same, so it counts as one of your videos "
            "and against the budget."
        ).format(cost=task.cost)
    if task.cost is not None and task.cost > ZERO:
        return _(
            "It does not count as one of your videos. The video service charged {cost} all the "
            "same, which counts against the budget."
        ).format(cost=task.cost)
    if task.cost is None and _may_be_charged(task):
        return _(
            "It does not count as one of your videos. Whether the video service charged for it "
            "is not known, so about {estimate} stays counted against the budget."
        ).format(estimate=task.estimate)
    return _("Nothing was charged, and it does not count as one of your videos.")


def _may_be_charged(task: Task) -> bool:
    """A deadline can also pass before a task was ever sent: that cost nothing."""
    if task.failure is None:
        return False
    if task.failure.kind is FailureKind.DEADLINE and task.submitted_at is None:
        return False
    return task.failure.kind in _MAY_BE_CHARGED


def cost(task: Task) -> str:
    """What the provider charged; never 0 where it is not known."""
    return _("not reported") if task.cost is None else str(task.cost)


def provider_words(task: Task) -> str | None:
    """The provider's own words and code; for the person who asked only."""
    if task.failure is None or not (task.failure.message or task.failure.code):
        return None
    # About the operator's account: none of the person's business.
    if task.failure.kind in _OF_ACCOUNT:
        return None
    words = harmless(clipped(task.failure.message or "", 300))
    code = harmless(clipped(task.failure.code or "", 60))
    text = " · ".join(part for part in (words, code) if part)
    return _("It said: {text}").format(text=text)
