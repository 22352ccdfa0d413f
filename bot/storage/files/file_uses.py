"""Which tasks still need a file: a first frame or a video."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.kept_frames import FrameUse
from bot.domain.task import KEEP_UNDELIVERED, OPEN_STATES, State
from bot.storage.maintenance.forgetting import NOBODY
from bot.storage.tables import MoneyState, money_holds, tasks

# An unclear task may go on, until the operator has resolved it.
_IN_HAND = [*OPEN_STATES, State.UNKNOWN]
_NO_VIDEO = (State.DELIVERED, State.FAILED, State.CANCELLED)
_AT_ONCE = 500


async def frame_uses(
    connection: AsyncConnection, digests: Collection[str], now: datetime
) -> Mapping[str, FrameUse]:
    """Return the uses of first frames by digest; a frame without a task is left out."""
    return {
        row.frame_digest: FrameUse(
            in_hand=bool(row.in_hand), paid_at=row.paid_at, unpaid_at=row.unpaid_at
        )
        for row in await connection.execute(_uses(digests, now))
    }


def _uses(digests: Collection[str], now: datetime) -> Select[Any]:
    """A row for each digest, over all its tasks."""
    at = tasks.c
    sent_again = and_(at.state == State.UNDELIVERED, at.ended_at > now - KEEP_UNDELIVERED)
    unpaid = money_holds.c.state == MoneyState.RELEASED
    return (
        select(
            at.frame_digest,
            func.max(case((or_(at.state.in_(_IN_HAND), sent_again), 1), else_=0)).label("in_hand"),
            func.max(case((unpaid, None), else_=at.created_at), type_=at.created_at.type).label(
                "paid_at"
            ),
            func.max(
                case((unpaid, func.coalesce(at.ended_at, at.updated_at))),
                type_=at.ended_at.type,
            ).label("unpaid_at"),
        )
        .select_from(tasks.outerjoin(money_holds, money_holds.c.task_id == at.id))
        .where(at.frame_digest.in_(digests))
        .group_by(at.frame_digest)
    )


async def videos_over(connection: AsyncConnection, task_ids: Sequence[str]) -> set[str]:
    """Return those of these tasks whose video is not needed: they are over, or were erased."""
    at, found = tasks.c, set[str]()
    is_over = or_(at.state.in_(_NO_VIDEO), at.person_id == NOBODY)
    for start in range(0, len(task_ids), _AT_ONCE):
        some = task_ids[start : start + _AT_ONCE]
        found.update(await connection.scalars(select(at.id).where(at.id.in_(some), is_over)))
    return found
