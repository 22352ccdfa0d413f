"""How many tasks of a model the provider takes: a second, and at a time, over all processes.

A task that is unclear does not count, although the provider may be at work on it: if that makes one
too many, the provider refuses, and the task waits.
"""

from datetime import timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.models.model import MODELS
from bot.domain.task import State
from bot.errors import AccountFull
from bot.storage.engine.postgres import serialize_submissions
from bot.storage.engine.types import one_of
from bot.storage.tables import tasks

SECOND = timedelta(seconds=1.25)
"""A bit more than a second, since requests take differently long to arrive."""
CHECK_AGAIN = timedelta(seconds=1)
"""After this time it is worth looking whether a task has ended."""

_IN_PROGRESS = select(func.count()).where(
    one_of(tasks.c.state, State.SUBMITTING, State.RUNNING), tasks.c.model == bindparam("model")
)
# Clocks of machines differ. A time that lies further ahead than this is one of a wrong clock.
_SUBMITTED = (
    select(tasks.c.submitted_at)
    .where(
        tasks.c.model == bindparam("model"),
        tasks.c.submitted_at > bindparam("since"),
        tasks.c.submitted_at < bindparam("until"),
    )
    .order_by(tasks.c.submitted_at.desc())
)


async def check_room(connection: AsyncConnection, model_id: str, clock: Clock) -> None:
    """Check that another task of a model may be sent now. The answer holds until the transaction
    ends.

    Raises:
        AccountFull: it may not; the error says after how long to check again.
    """
    model = MODELS.get(model_id)
    if model is None or model.concurrent is None or model.submits_per_second is None:
        return
    await serialize_submissions(connection)
    which = {"model": model_id}
    if (await connection.scalar(_IN_PROGRESS, which) or 0) >= model.concurrent:
        raise AccountFull(CHECK_AGAIN)
    now = clock.now()
    span = {"since": now - SECOND, "until": now + SECOND}
    recent = (await connection.scalars(_SUBMITTED, which | span)).all()
    if len(recent) >= model.submits_per_second:
        # The newest ones fill the second; there is room when the last of them has left it.
        raise AccountFull(recent[model.submits_per_second - 1] + SECOND - now)
