"""Texts about limits: numbers, windows, and why somebody cannot make a video now."""

from collections.abc import Callable

from bot.domain.money import ZERO, Usd
from bot.domain.quotas.limits import UNLIMITED
from bot.domain.quotas.quota import BUDGETS, Denial, Offer, Reason, Window
from bot.ui.texts import choices
from bot.ui.texts.language import _, _n, marked
from bot.ui.texts.measures import harmless, listed, moment, sentences

_WINDOWS = {
    Window.HOUR: marked("per hour"),
    Window.DAY: marked("per 24 hours"),
    Window.WEEK: marked("per 7 days"),
    Window.MONTH: marked("per 30 days"),
}
_LAST = {
    Window.HOUR: marked("in the last hour"),
    Window.DAY: marked("in the last 24 hours"),
    Window.WEEK: marked("in the last 7 days"),
    Window.MONTH: marked("in the last 30 days"),
}


def window(value: Window) -> str:
    """A rolling window, to go after a limit: "5 videos per 24 hours"."""
    return _(_WINDOWS[value])


def last(value: Window) -> str:
    """The rolling window that ends now, to go after a count: "5 videos in the last 24 hours"."""
    return _(_LAST[value])


def videos(number: int) -> str:
    """A number of videos: "1 video", "5 videos"."""
    return _n("{number} video", "{number} videos", number).format(number=number)


def number(videos_: object) -> str:
    """A stored limit: ``None`` means not set, -1 unlimited."""
    if videos_ is None:
        return _("not set")
    if videos_ == UNLIMITED:
        return _("unlimited")
    return videos(int(str(videos_)))


def budget(limit: Usd) -> str:
    """A budget as it is written down: one of nothing allows no videos."""
    return _("$0 (no videos)") if limit == ZERO else str(limit)


def denied(denial: Denial) -> str:
    """Why somebody cannot make a video now, and until when."""
    return _DENIED[denial.reason](denial)


def refused(denial: Denial) -> str:
    """``denied`` with a pointer to `/quota`, for people who asked for a video.

    A moderator's block is not a limit, so it has no pointer.
    """
    if denial.block is not None:
        return denied(denial)
    return sentences(denied(denial), _("`/quota` shows your limits."))


def _blocked(denial: Denial) -> str:
    if denial.block is None:
        return _("Your limit here is 0 videos, so you can't make any.")
    text = _("A moderator has blocked you from using Flipbook here.")
    reason = denial.block.reason
    why = _("Reason: {reason}").format(reason=harmless(reason)) if reason else ""
    return sentences(text, why)


def _concurrent(denial: Denial) -> str:
    in_progress = _int(denial.held)
    if denial.unclear and denial.frees_at is not None:
        return _n(
            "You already have {number} video in progress or unclear, the maximum. "
            "An unclear one counts for an hour; try again {moment}.",
            "You already have {number} videos in progress or unclear, the maximum. "
            "An unclear one counts for an hour; try again {moment}.",
            in_progress,
        ).format(number=in_progress, moment=moment(denial.frees_at))
    return _n(
        "You already have {number} video in progress, the maximum. Try again when it's done.",
        "You already have {number} videos in progress, the maximum. Try again when one is done.",
        in_progress,
    ).format(number=in_progress)


def _allowance(denial: Denial) -> str:
    text = _("You've reached your limit of {videos} {window}.").format(
        videos=videos(_int(denial.limit)), window=window(denial.window or Window.DAY)
    )
    return sentences(text, _next_one(denial))


def _person_day_videos(denial: Denial) -> str:
    text = _("You've made {videos} in 24 hours, the limit across all servers.").format(
        videos=videos(_int(denial.used))
    )
    return sentences(text, _next_one(denial))


# Of each budget: that it is used up, that it is zero, and what it is called in a sentence.
_USED_UP = {
    Reason.PERSON_MONTH_BUDGET: marked(
        "You've reached your budget limit of {limit} for this month in this server."
    ),
    Reason.GUILD_DAY_BUDGET: marked(
        "This server has reached its budget limit of {limit} for today."
    ),
    Reason.GUILD_MONTH_BUDGET: marked(
        "This server has reached its budget limit of {limit} for this month."
    ),
    Reason.OPERATOR_MONTH_BUDGET: marked("I've reached my budget limit for this month."),
}
_ZERO = {
    Reason.PERSON_MONTH_BUDGET: marked(
        "The budget limit per person in this server is $0, so nobody can make videos here."
    ),
    Reason.GUILD_DAY_BUDGET: marked(
        "The daily budget limit of this server is $0, so nobody can make videos here."
    ),
    Reason.GUILD_MONTH_BUDGET: marked(
        "The monthly budget limit of this server is $0, so nobody can make videos here."
    ),
    Reason.OPERATOR_MONTH_BUDGET: marked("My budget limit is $0, so I can't make videos."),
}
_NAMES = {
    Reason.PERSON_MONTH_BUDGET: marked(
        "your budget limit of {limit} for this month in this server"
    ),
    Reason.GUILD_DAY_BUDGET: marked("this server's budget limit of {limit} for today"),
    Reason.GUILD_MONTH_BUDGET: marked("this server's budget limit of {limit} for this month"),
    Reason.OPERATOR_MONTH_BUDGET: marked("my budget limit for this month"),
}


def _budget(denial: Denial) -> str:
    if denial.limit == ZERO:
        return _(_ZERO[denial.reason])
    anew = _anew(denial)
    if denial.left == ZERO or denial.asked is None:
        return sentences(_(_USED_UP[denial.reason]).format(limit=denial.limit), anew)
    return sentences(_costs_too_much(denial, denial.asked), _fitting(denial), anew)


def _costs_too_much(denial: Denial, asked: Offer) -> str:
    name = _(_NAMES[denial.reason]).format(limit=denial.limit)
    if denial.names_kinds:
        text = _("A video ({kind}) costs about {estimate}, but only {left} of {budget} is left.")
    else:
        text = _(
            "A {resolution} video costs about {estimate}, but only {left} of {budget} is left."
        )
    return text.format(
        kind=choices.kind(asked.kind),
        resolution=asked.kind.resolution,
        estimate=asked.estimate,
        left=denial.left,
        budget=name,
    )


def _fitting(denial: Denial) -> str:
    if not denial.fits:
        return ""
    offers = [
        _("{resolution} (about {estimate})").format(
            resolution=one.kind.resolution, estimate=one.estimate
        )
        for one in denial.fits
    ]
    return _n("{offers} still fits.", "{offers} still fit.", len(offers)).format(
        offers=listed(offers)
    )


def _next_one(denial: Denial) -> str:
    if denial.frees_at is None:
        return _("Videos in progress count as well; try again when one is done.")
    return _("The next one frees up {moment}.").format(moment=moment(denial.frees_at))


def _anew(denial: Denial) -> str:
    if denial.frees_at is None:
        return _("Please try again next month.")
    return _("The budget resets {moment}.").format(moment=moment(denial.frees_at))


def _int(amount: object) -> int:
    return amount if isinstance(amount, int) else 0


_DENIED: dict[Reason, Callable[[Denial], str]] = {
    Reason.BLOCKED: _blocked,
    Reason.CONCURRENT: _concurrent,
    Reason.ALLOWANCE: _allowance,
    Reason.PERSON_DAY_VIDEOS: _person_day_videos,
    **dict.fromkeys(BUDGETS, _budget),
}
