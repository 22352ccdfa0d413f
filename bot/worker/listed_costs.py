"""Books the operator's price list where a provider names no cost."""

import logging
from dataclasses import replace

from bot.domain.models.model import Model
from bot.domain.models.prices import PriceList
from bot.domain.provider.job import Job
from bot.domain.task import Task

log = logging.getLogger(__name__)


def with_listed_cost(job: Job, task: Task, *, model: Model, prices: PriceList) -> Job:
    """The completed job of a task with its listed price, if its provider names no cost.

    The price is that of the video that the provider says it made. The provider bills that one, not
    the one that was asked for: Model Studio's cost of a video is its seconds (`usage.duration`)
    times the price of a second. Budgets count what is paid, so booking what was asked for would
    make them too small or too large. Where the provider does not say what it made, it is what was
    asked for.
    """
    if model.reports_cost or job.cost is not None:
        return job
    asked = task.request.kind
    made = job.made.kind(asked)
    cost = prices.find(asked) or task.estimate
    if made != asked:
        cost = prices.by_the_second(made) or cost
        log.warning(
            "task %s: the provider made another video than was asked for and bills that one: %s "
            "instead of %s; %s is booked by the price list",
            task.id,
            made,
            asked,
            cost,
            extra={"task": task.id},
        )
    return replace(job, cost=cost, cost_is_listed=True)
