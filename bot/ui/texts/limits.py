"""Limits in words: how many videos, in which window, and why there are no more now."""

from collections.abc import Callable

from bot.domain.limits import UNLIMITED
from bot.domain.quota import Denial, Reason, Window
from bot.ui.texts.language import _, _n, marked
from bot.ui.texts.measures import harmless, moment, sentences

_WINDOWS = {
    Window.HOUR: marked("in an hour"),
    Window.DAY: marked("in 24 hours"),
    Window.WEEK: marked("in 7 days"),
    Window.MONTH: marked("in 30 days"),
}


def window(value: Window) -> str:
    """A rolling window, to go after a number: "5 videos in 24 hours"."""
    return _(_WINDOWS[value])


def videos(number: int) -> str:
    """1 video, 5 videos."""
    return _n("{number} video", "{number} videos", number).format(number=number)


def number(videos_: object) -> str:
    """A limit as it is written down: ``None`` is none of its own, -1 unlimited."""
    if videos_ is None:
        return _("none of its own")
    if videos_ == UNLIMITED:
        return _("unlimited")
    return videos(int(str(videos_)))


def denied(denial: Denial) -> str:
    """Why somebody can make no video now, and until when."""
    return _DENIED[denial.reason](denial)


def _blocked(denial: Denial) -> str:
    if denial.block is None:
        return _(
            "You cannot make videos here at the moment. The moderators of this server decide that."
        )
    text = _("A moderator has switched me off for you in this server.")
    reason = denial.block.reason
    why = _("Reason: {reason}").format(reason=harmless(reason)) if reason else ""
    return sentences(text, why)


def _concurrent(denial: Denial) -> str:
    in_the_making = _int(denial.held)
    if denial.unclear and denial.frees_at is not None:
        return _n(
            "{number} of your videos is in the making or unclear, and that is the most at once. "
            "Unclear ones count for an hour; try again {moment}.",
            "{number} of your videos are in the making or unclear, and that is the most at once. "
            "Unclear ones count for an hour; try again {moment}.",
            in_the_making,
        ).format(number=in_the_making, moment=moment(denial.frees_at))
    return _n(
        "{number} of your videos is still in the making, and that is the most at once. "
        "Try again when it is done.",
        "{number} of your videos are still in the making, and that is the most at once. "
        "Try again when one is done.",
        in_the_making,
    ).format(number=in_the_making)


def _allowance(denial: Denial) -> str:
    text = _("You can make {videos} {window}, and you have.").format(
        videos=videos(_int(denial.limit)), window=window(denial.window or Window.DAY)
    )
    return sentences(text, _next_one(denial))


def _person_day(denial: Denial) -> str:
    text = _("You have made {videos} in 24 hours, which is the most over all servers.").format(
        videos=videos(_int(denial.used))
    )
    return sentences(text, _next_one(denial))


def _person_budget(denial: Denial) -> str:
    text = _("Your share of this server's budget, {limit} a month, is used up.").format(
        limit=denial.limit
    )
    return sentences(text, _anew(denial))


def _guild_day(denial: Denial) -> str:
    text = _("This server's budget of {limit} for the day is used up.").format(limit=denial.limit)
    return sentences(text, _anew(denial))


def _guild_budget(denial: Denial) -> str:
    text = _("This server's budget of {limit} for the month is used up.").format(limit=denial.limit)
    return sentences(text, _anew(denial))


def _operator_budget(denial: Denial) -> str:
    return sentences(_("My budget for the month is used up."), _anew(denial))


def _next_one(denial: Denial) -> str:
    if denial.frees_at is None:
        return _("Those in the making count as well; try again when one is done.")
    return _("The next one is possible {moment}.").format(moment=moment(denial.frees_at))


def _anew(denial: Denial) -> str:
    if denial.frees_at is None:
        return _("Please try again next month.")
    return _("It starts anew {moment}.").format(moment=moment(denial.frees_at))


def _int(amount: object) -> int:
    return amount if isinstance(amount, int) else 0


_DENIED: dict[Reason, Callable[[Denial], str]] = {
    Reason.BLOCKED: _blocked,
    Reason.CONCURRENT: _concurrent,
    Reason.ALLOWANCE: _allowance,
    Reason.PERSON_DAY: _person_day,
    Reason.PERSON_BUDGET: _person_budget,
    Reason.GUILD_DAY: _guild_day,
    Reason.GUILD_BUDGET: _guild_budget,
    Reason.OPERATOR_BUDGET: _operator_budget,
}
