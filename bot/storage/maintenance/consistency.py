"""Checks that tasks and holds agree, over the whole database."""

from collections import Counter

from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import Usd
from bot.domain.task import State
from bot.storage.quotas import spend_totals
from bot.storage.tables import AllowanceState, MoneyState, allowance_holds, money_holds, tasks
from bot.storage.tables import spent as spent_sums

_A = AllowanceState
_M = MoneyState

# Hold states that a task's state allows. The allowance of a task that was `unknown` once stays
# returned however the task goes on, or counts for the person's day only.
_ALLOWANCE = {
    State.QUEUED: {_A.HELD},
    State.SUBMITTING: {_A.HELD},
    State.RUNNING: {_A.HELD, _A.RETURNED},
    State.RENDERED: {_A.USED, _A.DAY_ONLY, _A.RETURNED},
    State.DELIVERED: {_A.USED, _A.DAY_ONLY, _A.RETURNED},
    State.UNDELIVERED: {_A.USED, _A.DAY_ONLY, _A.RETURNED},
    State.FAILED: {_A.USED, _A.DAY_ONLY, _A.RETURNED},
    State.CANCELLED: {_A.RETURNED},
    State.UNKNOWN: {_A.RETURNED},
}
_MONEY = {
    State.QUEUED: {_M.HELD},
    State.SUBMITTING: {_M.HELD},
    State.RUNNING: {_M.HELD},
    State.RENDERED: {_M.SETTLED},
    State.DELIVERED: {_M.SETTLED},
    State.UNDELIVERED: {_M.SETTLED},
    State.FAILED: {_M.SETTLED, _M.RELEASED},
    State.CANCELLED: {_M.RELEASED},
    State.UNKNOWN: {_M.HELD},
}


_hold = money_holds.c
_KINDS = (tasks.c.state, allowance_holds.c.state, _hold.state)
_PAIRS = (
    select(*_KINDS, func.count(), func.min(tasks.c.id))
    .select_from(tasks.outerjoin(allowance_holds).outerjoin(money_holds))
    .group_by(*_KINDS)
)
_is_settled = _hold.state == MoneyState.SETTLED
_due = func.coalesce(tasks.c.cost, _hold.estimate)
_WRONG = (
    select(_hold.task_id)
    .select_from(money_holds.join(tasks))
    .where(
        or_(
            _hold.estimate != tasks.c.estimate,
            and_(_is_settled, or_(_hold.settled.is_(None), _hold.settled != _due)),
            and_(not_(_is_settled), _hold.settled.is_not(None)),
        )
    )
    .order_by(_hold.task_id)
    .limit(20)
)
_SETTLED = select(_hold.made_at, _hold.guild_id, _hold.person_id, _hold.settled).where(
    _is_settled, _hold.settled.is_not(None)
)
_SUMS = select(spent_sums)


async def consistency_findings(connection: AsyncConnection) -> list[str]:
    """Return a line for each disagreement between tasks and holds; empty if there is none."""
    return [
        *await _mismatches(connection),
        *await _wrong_amounts(connection),
        *await _wrong_sums(connection),
    ]


async def _mismatches(connection: AsyncConnection) -> list[str]:
    """Find holds that are missing, or did not end as their task did."""
    lines = []
    for state, allowance, money, count, example in await connection.execute(_PAIRS):
        # What cost nothing is not used up: failures in earlier versions returned the allowance.
        is_paid = allowance not in (_A.USED, _A.DAY_ONLY) or money is not _M.RELEASED
        if allowance in _ALLOWANCE[state] and money in _MONEY[state] and is_paid:
            continue
        lines.append(
            f"{count} tasks are {state.value} with allowance {_word(allowance)} "
            f"and money {_word(money)}, such as {example}"
        )
    return lines


def _word(state: AllowanceState | MoneyState | None) -> str:
    return "missing" if state is None else state.value


async def _wrong_amounts(connection: AsyncConnection) -> list[str]:
    """Find settled amounts that are neither the cost nor, if it is unknown, the estimate."""
    found = (await connection.scalars(_WRONG)).all()
    return [f"task {task_id}: its money hold has another amount" for task_id in found]


async def _wrong_sums(connection: AsyncConnection) -> list[str]:
    """Find totals of a calendar period that differ from what was settled in it."""
    due: Counter[spend_totals.Key] = Counter()
    for made_at, guild_id, person_id, amount in await connection.execute(_SETTLED):
        for key in spend_totals.keys(made_at, guild_id, person_id):
            due[key] += amount.micros
    for period, guild_id, person_id, amount in await connection.execute(_SUMS):
        due[period, guild_id, person_id] -= amount.micros
    wrong = sorted(key for key, difference in due.items() if difference)
    return [
        f"{period}, server {guild_id}, person {person_id}: the sum is {Usd(-due[key])} off"
        for key in wrong[:20]
        for period, guild_id, person_id in [key]
    ]
