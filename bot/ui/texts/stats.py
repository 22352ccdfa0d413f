"""What `/stats` says beside its picture."""

from bot.domain.statistics import Statistics
from bot.ui.texts.language import _
from bot.ui.texts.limits import videos
from bot.ui.texts.measures import duration


def words(found: Statistics, *, days: int) -> str:
    """All that the picture shows, and more, as text."""
    if not found.videos and not found.missed:
        return _("No videos here in the last {days} days.").format(days=days)
    lines = [
        _("**The last {days} days**: {videos}, {spent}").format(
            days=days, videos=videos(found.videos), spent=found.spent
        ),
        _("Went well: {percent} % ({missed} failed or unclear)").format(
            percent=_percent(found), missed=found.missed
        ),
    ]
    if found.median_seconds is not None and found.p95_seconds is not None:
        lines.append(
            _("Time taken: {median} in the middle, {most} for 95 of 100").format(
                median=duration(found.median_seconds), most=duration(found.p95_seconds)
            )
        )
    for person, count, spent in found.members:
        who = f"<@{person}>" if person > 0 else _("somebody whose data was deleted")
        lines.append(f"{who}: {videos(count)}, {spent}")
    return "\n- ".join(lines)


def _percent(found: Statistics) -> int:
    return round(100 * found.videos / (found.videos + found.missed))


def bars() -> str:
    """What the bars are called."""
    return _("videos a day")


def line() -> str:
    """What the line is called."""
    return _("US dollars a day")
