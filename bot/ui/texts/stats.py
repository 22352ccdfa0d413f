"""What `/stats` says beside its picture."""

from bot.domain.statistics import Statistics
from bot.ui.texts import cards
from bot.ui.texts.language import _
from bot.ui.texts.limits import videos
from bot.ui.texts.measures import duration, labelled, listed


def words(found: Statistics, *, days: int) -> str:
    """All that the picture shows, and more, as text."""
    if not found.videos and not found.missed:
        return _("No videos here in the last {days} days.").format(days=days)
    lines = [
        _("**The last {days} days**: {videos}, {spent}").format(
            days=days, videos=videos(found.videos), spent=found.spent
        ),
        _("Succeeded: {percent}% ({missed} failed or unclear)").format(
            percent=_percent(found), missed=found.missed
        ),
    ]
    if found.median_seconds is not None and found.p95_seconds is not None:
        lines.append(
            _("Time taken: median {median}, 95% within {most}").format(
                median=duration(found.median_seconds), most=duration(found.p95_seconds)
            )
        )
    for person, count, spent in found.members:
        who = cards.person(person)
        lines.append(labelled(who, listed([videos(count), str(spent)])))
    return "\n- ".join(lines)


def _percent(found: Statistics) -> int:
    return round(100 * found.videos / (found.videos + found.missed))


def legend() -> str:
    """What is what in the picture."""
    return _("-# Upper bars: videos per day. Lower bars: US dollars per day.")
