"""Texts of reports: the form, the card in the log channel, decisions, and the list."""

from collections.abc import Sequence

from bot.domain.guilds.audit import AuditEntry
from bot.domain.report import Report, ReportReason, Verdict
from bot.domain.task import Task
from bot.ui.texts.language import _, _n, marked
from bot.ui.texts.measures import (
    LAYOUT_CHARS,
    clipped,
    clipped_harmless,
    labeled,
    moment,
    sentences,
)

MOST_SHOWN = 5
"""The most reports of one video that a card shows in full."""
_WORDS_CHARS = 500
_LINE_CHARS = 150

_REASONS = {
    ReportReason.PERSON: marked("It shows me or somebody I know"),
    ReportReason.SEXUAL: marked("Sexual content"),
    ReportReason.VIOLENCE: marked("Violence"),
    ReportReason.COPYRIGHT: marked("It uses my picture or work without permission"),
    ReportReason.OTHER: marked("Something else"),
}


def reason(value: ReportReason) -> str:
    """A reason, as people choose it."""
    return _(_REASONS[value])


# --- the form -------------------------------------------------------------------------------


def title() -> str:
    """The title of the form, and the label of the button that opens it."""
    return _("Report video")


def field_reason() -> str:
    """The label of the menu of reasons."""
    return _("What's wrong with this video?")


def field_words() -> str:
    """The label of the words."""
    return _("Anything else they should know? (optional)")


def words_hint() -> str:
    """The description of the words' field."""
    return _("Whoever decides reads this, and never sees your name.")


def arrived(report: Report) -> str:
    """The answer to somebody who reported a video."""
    return sentences(
        _arrived(report), _("The video is hidden until the decision.") if report.hides else ""
    )


def _arrived(report: Report) -> str:
    if report.guild_id is None:
        return _(
            "Thank you. Your report has arrived, and the bot's owner will look at it. "
            "I'll tell you the decision at your next command."
        )
    return _(
        "Thank you. Your report has arrived, and this server's moderators will look at it without "
        "seeing your name. I'll tell you the decision at your next command."
    )


# --- the card -------------------------------------------------------------------------------


def card(reports: Sequence[Report]) -> str:
    """Reports of one video, for those who decide; no word of who made them."""
    first = reports[0]
    head = _n(
        "🚩 **{number} report** of a video that {who} asked for: {link}",
        "🚩 **{number} reports** of a video that {who} asked for: {link}",
        len(reports),
    ).format(number=len(reports), who=_author(first), link=first.link)
    parts = [head, *(_reasons_line(one) for one in reports[:MOST_SHOWN])]
    if len(reports) > MOST_SHOWN:
        parts.append(_("… and {number} more").format(number=len(reports) - MOST_SHOWN))
    if any(one.hides for one in reports):
        parts.append(_("The video is hidden until you decide."))
    parts.append(
        _(
            "-# Report {report}, task `{task}`. *Remove* deletes the video and its picture, and "
            "blocks the picture here. If the authorities may need it, save it first."
        ).format(report=first.id, task=first.task_id)
    )
    return clipped("\n".join(parts), LAYOUT_CHARS)


def _reasons_line(report: Report) -> str:
    line = labeled(moment(report.made_at), f"**{reason(report.reason)}**")
    if report.words:
        line += f"\n> {clipped_harmless(report.words, _WORDS_CHARS)}"
    return line


def _author(report: Report) -> str:
    # Whoever deleted their data has no id any more.
    return f"<@{report.author_id}>" if report.author_id > 0 else _("somebody")


def closed(report: Report) -> str:
    """The card once the report is decided."""
    if report.verdict is Verdict.REMOVED:
        return _("🚩 Report {report}: the video that {who} asked for was **removed**.").format(
            report=report.id, who=_author(report)
        )
    return _("🚩 Report {report} of a video that {who} asked for was **dismissed**.").format(
        report=report.id, who=_author(report)
    )


def remove() -> str:
    """On the button that removes a video."""
    return _("Remove")


def block() -> str:
    """On the button that blocks the person who asked for a video."""
    return _("Block the person")


def dismiss() -> str:
    """On the button that dismisses a report."""
    return _("Dismiss")


def show() -> str:
    """On the button that shows a hidden video to whoever decides."""
    return _("Show the video")


def hidden_file(url: str) -> str:
    """The hidden video, for a moderator alone."""
    return _("[The hidden video]({url}): only you can see this message.").format(url=url)


# --- decisions ------------------------------------------------------------------------------


def removed(rerolls: Sequence[Task], links: Sequence[str | None]) -> str:
    """The answer to whoever removed a video, with the rerolls of it that are left."""
    words = _(
        "Removed. Its message, picture and video are being deleted, and nobody can use this "
        "picture here again. A cropped or changed picture is another one to me."
    )
    if not rerolls:
        return words
    title = _n(
        "{number} video was made from it. Remove it as well?",
        "{number} videos were made from it. Remove them as well?",
        len(rerolls),
    ).format(number=len(rerolls))
    unposted = _("not posted yet")
    lines = [
        f"- {link or unposted} (`{task.id}`)" for task, link in zip(rerolls, links, strict=True)
    ]
    return clipped("\n".join([words, title, *lines]), LAYOUT_CHARS)


def remove_rerolls() -> str:
    """On the button that removes the rerolls of a removed video."""
    return _("Remove these too")


def rerolls_removed(number: int) -> str:
    """The answer to whoever removed the rerolls."""
    return _n(
        "{number} more video is being deleted.", "{number} more videos are being deleted.", number
    ).format(number=number)


def blocked(report: Report) -> str:
    """The answer to whoever blocked the person who asked for a video."""
    return _("{who} is blocked in this server. The report still waits for a decision.").format(
        who=_author(report)
    )


def dismissed() -> str:
    """The answer to whoever dismissed a report."""
    return _("Dismissed. Whoever reported it reads that at their next command.")


def withheld() -> str:
    """In place of a video whose picture was blocked while it was made."""
    return _(
        "I'm not posting this video: moderators have removed or blocked it while it was being made."
    )


def hidden_for_now() -> str:
    """In place of a video that is hidden until the decision."""
    return _("🚩 This video was reported and is hidden until moderators have decided.")


def link_gone() -> str:
    """In a result that was hidden, if the provider's link is no longer known."""
    return _("The link to this video has expired.")


def verdicts(reports: Sequence[Report]) -> str:
    """The decisions that a reporter has not read yet."""
    title = _n("**Your report was decided**", "**Your reports were decided**", len(reports))
    lines = [_verdict(one) for one in reports]
    return clipped("\n- ".join([title, *lines]), LAYOUT_CHARS)


def _verdict(report: Report) -> str:
    if report.verdict is Verdict.REMOVED:
        return _("The video you reported {moment} was removed. Thank you.").format(
            moment=moment(report.made_at)
        )
    return _("The video you reported {moment} stays: {link}").format(
        moment=moment(report.made_at), link=report.link
    )


# --- /quota-admin reports --------------------------------------------------------------------


def open_reports(reports: Sequence[Report]) -> str:
    """The answer of `/quota-admin reports`."""
    if not reports:
        return _("No reports are waiting for a decision.")
    title = _("**Reports** that wait for a decision, oldest first")
    return clipped("\n".join([title, *(f"- {_line(one)}" for one in reports)]), LAYOUT_CHARS)


def _line(report: Report) -> str:
    return _("{report}: {reason}, {moment}, video by {who}: {link}").format(
        report=report.id,
        reason=reason(report.reason),
        moment=moment(report.made_at),
        who=_author(report),
        link=report.link,
    )


def choose() -> str:
    """In the menu of reports, before one is chosen."""
    return _("Choose a report to decide")


def choice(report: Report) -> str:
    """A report in the menu."""
    return clipped(
        _("{report}: {reason}").format(report=report.id, reason=reason(report.reason)), 100
    )


def all_removed(entry: AuditEntry) -> str:
    """The answer of `/quota-admin remove-all`."""
    number = int(str(entry.after.get("removed", 0)))
    who = f"<@{entry.subject_id}>"
    if not number:
        return _("{who} has no videos here from these days that are left to remove.").format(
            who=who
        )
    return _n(
        "{number} video of {who} is being deleted, with its picture.",
        "{number} videos of {who} are being deleted, with their pictures.",
        number,
    ).format(number=number, who=who)


# --- the operator ---------------------------------------------------------------------------


def to_operator(report: Report, *, why: str) -> str:
    """A report that no moderators decide, in English, for the operator.

    Args:
        report: the report.
        why: why it comes to the operator.
    """
    words = f": {clipped_harmless(report.words, _WORDS_CHARS)}" if report.words else ""
    return (
        f"report {report.id} ({report.reason.value}) of a video by person {report.author_id}, "
        f"task {report.task_id}, {report.link}{words}. It comes to you because {why}. Decide it "
        f"with flipbook report resolve {report.id} --remove or --dismiss."
    )
