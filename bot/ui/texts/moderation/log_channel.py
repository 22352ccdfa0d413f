"""Lines of a server's log channel that are not in the audit log."""

from bot.domain.content_check import ContentFinding
from bot.domain.guilds.default_notice import DefaultNotice
from bot.domain.models.model import Models
from bot.domain.money import ZERO
from bot.domain.quotas.budget import Budget, BudgetWarning
from bot.domain.task import Task
from bot.ui.texts import choices
from bot.ui.texts.language import _, marked
from bot.ui.texts.measures import harmless

_BUDGETS = {
    Budget.PERSON_MONTH: marked("The budget of {who} for this month in this server"),
    Budget.GUILD_DAY: marked("This server's budget for today"),
    Budget.GUILD_MONTH: marked("This server's budget for this month"),
    Budget.OPERATOR_MONTH: marked("The overall budget for this month"),
}


def warning(found: BudgetWarning) -> str:
    """A warning that a budget has reached a level, such as 80%, or had no room for a video."""
    level = found.level
    what = _(_BUDGETS[level.budget]).format(who=f"<@{level.person_id}>")
    if level.limit == ZERO:
        return _("⚠️ {what} is $0, so I refused a video.").format(what=what)
    if level.percent == 100 and level.counted < level.limit:
        return _(
            "⚠️ {what} is nearly used up: {counted} of {limit}. I refused a video that costs "
            "more than what is left."
        ).format(what=what, counted=level.counted, limit=level.limit)
    return _("⚠️ {what} is {percent}% used: {counted} of {limit}.").format(
        what=what, percent=level.percent, counted=level.counted, limit=level.limit
    )


def refused_by_block(person_id: int) -> str:
    """A blocked person asked for a video."""
    return _("{who} is blocked and asked for a video, which I refused.").format(
        who=f"<@{person_id}>"
    )


def new_defaults(notice: DefaultNotice) -> str:
    """An upgrade brought new defaults."""
    return _(
        "**New in version {version}**\n"
        "- Every result says that it is AI-generated, above the video and in its file.\n"
        "- With `/privacy pictures`, members can choose that nobody else uses their pictures.\n"
        "- Blocked words also match if they are inflected or disguised, and no longer in negative "
        "prompts.\n"
        "`/settings show` has what you can change."
    ).format(version=notice.version)


def refused_by_check(person_id: int, finding: ContentFinding) -> str:
    """The operator's check refused a request."""
    return _("I refused a request of {who}: the check found “{category}” ({score} of 1).").format(
        who=f"<@{person_id}>", category=harmless(finding.category), score=f"{finding.score:.2f}"
    )


def unclear(task: Task, models: Models) -> str:
    """A task became unclear. ``models``: what is offered, to name its kind where kinds differ."""
    who, made = f"<@{task.person.id}>", choices.SEPARATOR.join(choices.named(task, models))
    if made:
        return _(
            "A video for {who} ({kind}) is unclear: the video service didn't say whether it "
            "accepted the request. I won't send it again; {estimate} stays reserved "
            "until the bot's owner has looked into it (task `{task}`)."
        ).format(who=who, kind=made, estimate=task.estimate, task=task.id)
    return _(
        "A video for {who} is unclear: the video service didn't say whether it "
        "accepted the request. I won't send it again; {estimate} stays reserved "
        "until the bot's owner has looked into it (task `{task}`)."
    ).format(who=who, estimate=task.estimate, task=task.id)


def trouble(channel_id: int) -> str:
    """The log channel is gone or inaccessible."""
    return _(
        "⚠️ I can't write in the log channel {channel}: it's gone, or I'm missing "
        "View Channel or Send Messages there."
    ).format(channel=f"<#{channel_id}>")
