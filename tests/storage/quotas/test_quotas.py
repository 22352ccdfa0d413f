import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import Usd
from bot.domain.quotas.holds import AllowanceEnd, HoldsEnd, MoneyEnd
from bot.domain.quotas.quota import Reason, Spend, Window
from bot.domain.task import State, Task
from bot.errors import QuotaRefused, StorageError
from bot.storage.engine.database import Database
from bot.storage.quotas.holds import end_holds
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON, make_limits, make_new_task, make_person, make_place
from tests.storage.conftest import HandClock
from tests.storage.state_builder import WIDE, job, task_in

ME, HERE = 1001, 2001


async def ask(store: TaskStore, task_id: str, guild: int | None = HERE, **limits: Any) -> Task:
    place = make_place(guild_id=guild)
    return await store.reserve(make_new_task(id=task_id, place=place), make_limits(**limits))


async def refusal(store: TaskStore, **limits: Any) -> QuotaRefused:
    with pytest.raises(QuotaRefused) as refused:
        await ask(store, "refused", **limits)
    assert await store.get("refused") is None
    return refused.value


@pytest.mark.parametrize("window", list(Window))
async def test_a_place_frees_up_when_the_oldest_leaves_the_window(
    store: TaskStore, clock: HandClock, window: Window
) -> None:
    limits: dict[str, Any] = {"videos": 2, "window": window, "concurrent": 9}
    await ask(store, "a", **limits)
    clock.forward(minutes=10)
    await ask(store, "b", **limits)
    denial = (await refusal(store, **limits)).denial
    assert (denial.reason, denial.frees_at) == (Reason.ALLOWANCE, NOON + window.length)
    clock.moment = NOON + window.length - timedelta(microseconds=1)
    await refusal(store, **limits)
    clock.forward(microseconds=1)
    await ask(store, "c", **limits)
    assert (await store.use(ME, HERE, make_limits(**limits))).frees_at == (
        NOON + timedelta(minutes=10) + window.length
    )


async def test_places_do_not_share_their_allowance_but_a_day_does(store: TaskStore) -> None:
    limits: dict[str, Any] = {"videos": 1, "concurrent": 9}
    await ask(store, "a", HERE, **limits)
    await ask(store, "b", 5, **limits)
    await ask(store, "c", None, **limits)
    assert (await refusal(store, guild=None, **limits)).denial.reason is Reason.ALLOWANCE
    denial = (await refusal(store, videos=-1, concurrent=9, person_day_videos=3)).denial
    assert (denial.reason, denial.used) == (Reason.PERSON_DAY_VIDEOS, 3)
    assert denial.frees_at == NOON + timedelta(days=1)


async def test_failed_and_canceled_tasks_do_not_count(store: TaskStore) -> None:
    for number, state in enumerate(State):
        await task_in(store, state, f"t{number}")
    use = await store.use(ME, HERE, WIDE)
    # An unclear task counts as in progress for an hour.
    assert (use.held, use.used, use.in_flight, use.person_day_videos) == (3, 3, 4, 6)
    assert use.unclear == 1
    # Three were rendered at 0.25; queued, submitting, running and unknown ones are held at 0.20.
    spend = Spend(settled=Usd.parse("0.75"), held=Usd.parse("0.80"))
    assert use.guild_spend == use.operator_spend == use.person_spend == spend


async def test_usage_is_separate_for_people_and_places(store: TaskStore) -> None:
    await task_in(store, State.RENDERED, "a")
    await store.reserve(make_new_task(id="b", person=make_person(id=2)), WIDE)
    await store.reserve(make_new_task(id="c", place=make_place(guild_id=None)), WIDE)
    use = await store.use(2, HERE, WIDE)
    assert (use.held, use.used, use.in_flight) == (1, 0, 1)
    assert use.person_spend == Spend(held=Usd.parse("0.20"))
    assert use.guild_spend == Spend(settled=Usd.parse("0.25"), held=Usd.parse("0.20"))
    assert use.operator_spend == Spend(settled=Usd.parse("0.25"), held=Usd.parse("0.40"))
    direct = await store.use(ME, None, WIDE)
    assert direct.guild_spend == Spend()
    assert direct.person_spend == Spend(held=Usd.parse("0.20"))


async def test_concurrency_is_counted_over_all_places(store: TaskStore) -> None:
    await ask(store, "a", HERE)
    await ask(store, "b", None)
    assert (await refusal(store)).denial.reason is Reason.CONCURRENT


async def test_a_budget_is_exact_to_the_millionth(store: TaskStore) -> None:
    for number in range(9):
        await ask(store, f"t{number}", videos=-1, concurrent=99)
    wide: dict[str, Any] = {"videos": -1, "concurrent": 99}
    denial = (await refusal(store, **wide, guild_month_budget=Usd(1_999_999))).denial
    assert (denial.reason, denial.held) == (Reason.GUILD_MONTH_BUDGET, Usd.parse("1.80"))
    denial = (await refusal(store, **wide, operator_month_budget=Usd(1_999_999))).denial
    assert denial.reason is Reason.OPERATOR_MONTH_BUDGET
    await ask(store, "last", **wide, operator_month_budget=Usd(2_000_000))


@pytest.mark.parametrize(
    ("made", "counts"),
    [
        (datetime(2026, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC), False),
        (datetime(2026, 11, 1, tzinfo=UTC), True),
    ],
)
async def test_a_month_begins_at_midnight_utc_and_held_money_has_no_month(
    store: TaskStore, clock: HandClock, made: datetime, counts: bool
) -> None:
    clock.moment = made
    await task_in(store, State.DELIVERED, "a")
    await task_in(store, State.UNKNOWN, "b")
    clock.moment = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    use = await store.use(ME, HERE, WIDE)
    assert use.operator_spend.settled == Usd.parse("0.25" if counts else "0")
    assert use.operator_spend.held == Usd.parse("0.20")


async def test_sums_of_many_small_amounts_are_exact(store: TaskStore) -> None:
    for number in range(30):
        task = await task_in(store, State.RUNNING, f"t{number}")
        await store.rendered(task, job("0.000001"))
    assert (await store.use(ME, HERE, WIDE)).operator_spend == Spend(settled=Usd(30))


@pytest.mark.parametrize("any_url", ["sqlite"], indirect=True)
async def test_every_sum_is_read_from_an_index(store: TaskStore, database: Database) -> None:
    statements: list[tuple[str, Any]] = []

    def listen(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        statements.append((statement, values))

    event.listen(Engine, "before_cursor_execute", listen)
    await store.use(ME, HERE, WIDE)
    event.remove(Engine, "before_cursor_execute", listen)
    ((query, values),) = [one for one in statements if "SELECT" in one[0]]

    async def work(connection: AsyncConnection) -> list[str]:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)
        return [str(row[-1]) for row in plan]

    reads = [line for line in await database.read(work) if re.search(r"\b(SCAN|SEARCH)\b", line)]
    tables = ("tasks", "allowance_holds", "money_holds", "grants", "spent")
    stored = [line for line in reads if line.split()[1] in tables]
    # The window, tasks in progress, held money, four sums, grants, and the holds of each (twice).
    assert len(stored) == 10
    assert all("SEARCH" in line and "INDEX" in line for line in stored)
    holds = [line for line in stored if line.split()[1].endswith("_holds")]
    assert all("COVERING INDEX" in line for line in holds)


async def test_a_hold_ends_once_whoever_asks(store: TaskStore, database: Database) -> None:
    task = await task_in(store, State.RENDERED)
    for ends in (HoldsEnd(money=MoneyEnd.SETTLED), HoldsEnd(AllowanceEnd.RETURNED)):
        again = partial(end_holds, task=task, ends=ends, cost=Usd(1), now=NOON)
        with pytest.raises(StorageError):
            await database.write(again)
    use = await store.use(ME, HERE, WIDE)
    assert (use.used, use.operator_spend) == (1, Spend(settled=Usd.parse("0.25")))
