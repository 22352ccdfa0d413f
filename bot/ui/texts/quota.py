"""The answer of `/quota`."""

from bot.domain.money import ZERO
from bot.domain.quotas.limits import UNLIMITED, Limits, LimitSource, Origin
from bot.domain.quotas.quota import Denial, Reason, Usage, takes_bonus
from bot.ui.texts.language import _, _n
from bot.ui.texts.measures import moment, sentences
from bot.ui.texts.refusals.limits import denied, last, videos, window


def quota(limits: Limits, use: Usage, denial: Denial | None = None) -> str:
    """The answer of `/quota`.

    Args:
        limits: the limits that apply to the person.
        use: their usage.
        denial: why they cannot make a video now; ``None`` if they can.
    """
    if limits.block is not None and denial is not None:
        return "\n".join([denied(denial), _spent(limits, use)])
    lines = [
        # What keeps somebody from making a video comes before how many are left.
        _closed(denial),
        _left(limits, use),
        _origin(limits.origin),
        _bonus(use),
        _in_progress(limits, use),
        _spent(limits, use),
    ]
    return "\n".join(line for line in lines if line)


# Reasons that the lines about videos left and in progress explain already.
_EXPLAINED_ABOVE = frozenset({Reason.BLOCKED, Reason.ALLOWANCE, Reason.CONCURRENT})


def _closed(denial: Denial | None) -> str:
    return denied(denial) if denial is not None and denial.reason not in _EXPLAINED_ABOVE else ""


def _origin(origin: Origin) -> str:
    match origin.source:
        case LimitSource.PERSON:
            return _("A moderator set this limit for you.")
        case LimitSource.ROLE:
            return _("Your limit comes from the role {role}.").format(role=f"<@&{origin.role_id}>")
        case LimitSource.GUILD:
            return _("This limit applies to everyone in this server.")
        case LimitSource.DEFAULT:
            return ""


def _bonus(use: Usage) -> str:
    if not use.bonus:
        return ""
    text = _n(
        "You also have **{number} bonus video**.",
        "You also have **{number} bonus videos**.",
        use.bonus,
    ).format(number=use.bonus)
    if use.bonus_expires_at is None:
        return text
    expires = _("The first expires {moment}.").format(moment=moment(use.bonus_expires_at))
    return sentences(text, expires)


def _left(limits: Limits, use: Usage) -> str:
    if limits.videos == UNLIMITED:
        return _("**No limit for you here.** You've made {used} {window}.").format(
            used=videos(use.used), window=last(limits.window)
        )
    if limits.videos == 0 and not takes_bonus(limits, use):
        return _("**Your limit here is 0 videos, so you can't make any.**")
    left = max(0, limits.videos - use.used - use.held)
    first = _n("**{left} video left**", "**{left} videos left**", left).format(left=left)
    rest = _("of {videos} {window}. {used} used, {held} in progress.").format(
        videos=limits.videos, window=window(limits.window), used=use.used, held=use.held
    )
    frees = (
        _("The next one frees up {moment}.").format(moment=moment(use.frees_at))
        if use.frees_at
        else ""
    )
    return sentences(first, rest, frees)


def _in_progress(limits: Limits, use: Usage) -> str:
    if not use.in_flight:
        return ""
    text = _("In progress: {number} of {most} allowed at once.").format(
        number=use.in_flight, most=limits.concurrent
    )
    if not use.unclear or use.unclear_frees_at is None:
        return text
    unclear = _n(
        "{number} of them is unclear and stops counting {moment}.",
        "{number} of them are unclear; the first stops counting {moment}.",
        use.unclear,
    ).format(number=use.unclear, moment=moment(use.unclear_frees_at))
    return sentences(text, unclear)


def _spent(limits: Limits, use: Usage) -> str:
    settled, held = use.person_spend.settled, use.person_spend.held
    if held == ZERO:
        text = _("Your videos here have cost {settled} this month.").format(settled=settled)
    else:
        text = _(
            "Your videos here have cost {settled} this month, plus about {held} reserved."
        ).format(settled=settled, held=held)
    if limits.person_month_budget is None:
        return text
    most = _("Each person can spend up to {limit} a month here; you have {left} left.").format(
        limit=limits.person_month_budget,
        left=max(limits.person_month_budget - use.person_spend.counted, ZERO),
    )
    return sentences(text, most)
