"""Money: what a member, or a wrong number from the provider, could spend at most."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.money import Usd
from bot.domain.quotas.limits import GuildLimits, Limits
from bot.domain.quotas.quota import Reason
from bot.domain.task import State, Task
from bot.errors import QuotaRefused
from bot.services.allowances import Allowances
from bot.storage.engine.database import Database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.tasks.tasks import TaskStore
from tests.attacks.members import HERE, MEMBER, THERE, VICTIM, WIDE
from tests.factories import (
    make_new_task,
    make_person,
    make_place,
    make_prices,
    make_request,
)
from tests.storage.conftest import HandClock
from tests.storage.state_builder import FAILURE, job

MODEL = make_request().model
PRICE = Usd.parse("0.20")


class Bot:
    """Reservations as the intake makes them, with the estimate of the moment."""

    def __init__(self, store: TaskStore, limits: Limits) -> None:
        self.store = store
        self.allowances = Allowances(tasks=store, default=limits, prices=make_prices())
        self.asked = 0

    async def ask(self, who: int = MEMBER, guild: int = HERE) -> Task:
        self.asked += 1
        new = make_new_task(
            id=f"t{self.asked}",
            person=make_person(id=who),
            place=make_place(guild_id=guild),
            estimate=await self.estimate(),
        )
        return await self.store.reserve(new, self.allowances.default(guild))

    async def estimate(self) -> Usd:
        return await self.allowances.estimate(make_request().kind)

    async def sent(self, **who: Any) -> Task:
        task = await self.store.submitting(await self.ask(**who))
        return await self.store.running(task, replace(job(), id=f"job-{task.id}"))

    async def rendered(self, cost: str, **who: Any) -> Task:
        return await self.store.rendered(await self.sent(**who), job(cost))

    async def failed(self, cost: str, **who: Any) -> Task:
        task = await self.sent(**who)
        return await self.store.failed(task, FAILURE, job=job(cost), may_be_charged=False)

    async def in_flight_until_refused(self, **who: Any) -> tuple[int, Reason]:
        for made in range(100):
            try:
                await self.ask(**who)
            except QuotaRefused as refused:
                return made, refused.denial.reason
        raise AssertionError("no limit held")


async def _failures(bot: Bot, attempts: int) -> tuple[int, Reason | None]:
    """Return how many failures were charged, and which limit refused the rest."""
    charged, reason = 0, None
    for _ in range(attempts):
        try:
            await bot.failed("0.20")
            charged += 1
        except QuotaRefused as refused:
            reason = refused.denial.reason
    return charged, reason


async def test_failures_that_are_charged_count_in_the_limit(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    limits = replace(WIDE, videos=3)
    assert await _failures(Bot(store, limits), 15) == (3, Reason.ALLOWANCE)
    assert (await store.use(MEMBER, HERE, limits)).operator_spend.settled == Usd.parse("0.60")
    assert await database.read(consistency_findings) == []
    # The videos leave the window one day later.
    clock.forward(days=1)
    again = Bot(store, limits)
    again.asked = 100
    assert await _failures(again, 15) == (3, Reason.ALLOWANCE)


async def test_failures_that_a_server_does_not_count_still_count_in_a_persons_day(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    own = GuildLimits(count_charged_failures=False)
    await ModerationStore(database, clock=clock).set_guild_limits(HERE, own, by_id=1)
    bot = Bot(store, replace(WIDE, videos=3, person_day_videos=5))
    assert await _failures(bot, 15) == (5, Reason.PERSON_DAY_VIDEOS)
    # The member is refused in another server too, although that server counts failures.
    with pytest.raises(QuotaRefused):
        await bot.failed("0.20", guild=THERE)
    # Nobody else is affected.
    assert (await bot.rendered("0.20", who=VICTIM)).state is State.RENDERED


async def test_charged_failures_use_up_a_bonus(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    rules = ModerationStore(database, clock=clock)
    await rules.grant(HERE, MEMBER, 2, keep=None, by_id=1)
    bot = Bot(store, replace(WIDE, videos=1))
    assert await _failures(bot, 15) == (3, Reason.ALLOWANCE)
    assert (await store.use(MEMBER, HERE, replace(WIDE, videos=1))).bonus == 0


@pytest.mark.parametrize("cost", ["9999", "0.81"])
async def test_one_charge_that_is_far_too_high_does_not_close_the_bot(
    store: TaskStore, clock: HandClock, cost: str
) -> None:
    limits = replace(WIDE, operator_month_budget=Usd.parse("50"))
    bot = Bot(store, limits)
    await bot.rendered(cost)
    assert await bot.estimate() == PRICE
    # The charge is booked as it is: it may use up this month's money, but not next month's.
    assert (await store.use(MEMBER, HERE, limits)).operator_spend.settled == Usd.parse(cost)
    clock.forward(days=31)
    for _ in range(20):
        await bot.ask()


async def test_a_budget_of_none_is_not_closed_by_one_high_charge(store: TaskStore) -> None:
    bot = Bot(store, replace(WIDE, guild_month_budget=Usd.parse("2")))
    await bot.rendered("9999", guild=THERE)
    assert await bot.in_flight_until_refused(guild=HERE) == (10, Reason.GUILD_MONTH_BUDGET)


@pytest.mark.parametrize("times", [1, 5, 30])
async def test_charges_of_next_to_nothing_do_not_open_a_budget(
    store: TaskStore, database: Database, times: int
) -> None:
    bot = Bot(store, replace(WIDE, operator_month_budget=Usd.parse("1")))
    for _ in range(times):
        await bot.rendered("0.000001")
    made, reason = await bot.in_flight_until_refused()
    assert (made, reason) == (4, Reason.OPERATOR_MONTH_BUDGET)
    assert await database.read(consistency_findings) == []


async def test_the_cheapest_charges_that_count_hold_a_quarter_of_the_price(
    store: TaskStore,
) -> None:
    bot = Bot(store, replace(WIDE, operator_month_budget=Usd.parse("1")))
    for _ in range(9):
        await bot.rendered("0.05")
    assert await bot.estimate() == Usd.parse("0.05")
    assert await bot.in_flight_until_refused() == (11, Reason.OPERATOR_MONTH_BUDGET)


async def test_one_odd_charge_among_five_moves_the_estimate_little(store: TaskStore) -> None:
    bot = Bot(store, WIDE)
    for cost in ("0.20", "0.21", "0.80", "0.20", "0.05"):
        await bot.rendered(cost)
    assert await bot.estimate() == Usd.parse("0.20")
