"""What the log channel of a server gets, besides the changes."""

from bot.domain.budget import Budget, BudgetWarning
from bot.domain.task import Task
from bot.ui.texts.language import _, marked

_BUDGETS = {
    Budget.PERSON_MONTH: marked("The budget of {who} for this month in this server"),
    Budget.GUILD_DAY: marked("This server's budget for today"),
    Budget.GUILD_MONTH: marked("This server's budget for this month"),
    Budget.OPERATOR_MONTH: marked("The overall budget for this month"),
}


def warning(found: BudgetWarning) -> str:
    """A budget reached 50, 80 or 100%."""
    level = found.level
    what = _(_BUDGETS[level.budget]).format(who=f"<@{level.person_id}>")
    return _("⚠️ {what} is {percent}% used: {counted} of {limit}.").format(
        what=what, percent=level.percent, counted=level.counted, limit=level.limit
    )


def refused_by_block(person_id: int) -> str:
    """Somebody who is blocked asked for a video."""
    return _("{who} is blocked and asked for a video, which I refused.").format(
        who=f"<@{person_id}>"
    )


def unclear(task: Task) -> str:
    """A task whose fate nobody knows."""
    return _(
        "A video of {who} is unclear: the video service didn't say whether it "
        "accepted the request. I won't send it again; {estimate} stays reserved "
        "until the bot's owner has looked into it (task `{task}`)."
    ).format(who=f"<@{task.person.id}>", estimate=task.estimate, task=task.id)


def trouble(channel_id: int) -> str:
    """The log channel is gone, or out of reach."""
    return _(
        "⚠️ I can't write in the log channel {channel}: it's gone, or I'm missing "
        "View Channel or Send Messages there."
    ).format(channel=f"<#{channel_id}>")
