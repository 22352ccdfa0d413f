"""Quotas in any order of events: a real database agrees with a plain second count."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import ZERO, Usd
from bot.domain.provider.job import Job, JobStatus
from bot.domain.quotas.limits import DAY, UNLIMITED, GuildLimits, Limits, applying
from bot.domain.task import State, Task
from bot.errors import QuotaRefused
from bot.storage.engine.database import open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.quotas.spend_totals import ALL
from bot.storage.tables import spent
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON, make_limits, make_new_task, make_person, make_place
from tests.storage.conftest import HandClock
from tests.storage.state_builder import FAILURE

HERE, MOD, ROLE = 2001, 42, 77
CEILINGS = make_limits(
    videos=2,
    concurrent=3,
    person_day_videos=5,
    guild_month_budget=Usd.parse("1.5"),
    operator_month_budget=Usd.parse("2"),
)
DIRECT = replace(CEILINGS, guild_month_budget=None)
ESTIMATE = Usd.parse("0.2")

asking = st.tuples(
    st.just("ask"),
    st.sampled_from([1, 2]),
    st.sampled_from([HERE, HERE, None]),
    st.booleans(),
)
costs = st.integers(0, 200_000).map(Usd) | st.none()
ending = st.tuples(
    st.sampled_from(["render", "fail", "cancel", "unknown", "charge", "resolve"]),
    st.integers(0, 30),
    costs,
)
ruling = st.one_of(
    st.tuples(st.just("grant"), st.sampled_from([1, 2]), st.integers(1, 2), st.booleans()),
    st.tuples(st.just("reset"), st.sampled_from([1, 2])),
    st.tuples(st.just("own"), st.sampled_from([1, 2]), st.sampled_from([None, -1, 0, 1, 3])),
    st.tuples(st.just("role"), st.sampled_from([None, -1, 1, 4])),
    st.tuples(st.just("server"), st.sampled_from([None, 1, 3]), st.integers(2, 20), st.booleans()),
    st.tuples(st.just("block"), st.sampled_from([1, 2]), st.booleans()),
    st.tuples(st.just("pass"), st.integers(1, 60 * 40)),
)
steps = st.lists(asking | asking | ending | ruling, max_size=40)


@dataclass
class Entry:
    """A task in the second count, which knows nothing of tables."""

    task: Task
    made_at: datetime
    person: int
    guild: int | None
    bonus: bool
    counts: bool = True
    """Whether it counts against the allowance."""
    today: bool = True
    """Whether it counts against the person's day over all places."""
    settled: Usd | None = None
    held: bool = True


@dataclass
class World:
    store: TaskStore
    rules: ModerationStore
    clock: HandClock
    entries: list[Entry] = field(default_factory=list)
    resets: dict[int, datetime] = field(default_factory=dict)
    granted: dict[int, int] = field(default_factory=dict)
    counts_failures: bool = True
    """Whether charged failures count in this server."""

    # --- asking for videos --------------------------------------------------------------------

    async def ask(self, who: int, guild: int | None, has_role: bool) -> None:
        person = make_person(id=who, role_ids=frozenset({ROLE} if has_role else ()))
        limits = DIRECT
        if guild is not None:
            limits = applying(CEILINGS, await self.store.rules(guild, person), person.role_ids)
        bonus = (await self.store.use(who, guild, limits)).bonus
        place = make_place(guild_id=guild)
        new = make_new_task(
            id=f"t{len(self.entries)}", person=person, place=place, estimate=ESTIMATE
        )
        try:
            task = await self.store.reserve(new, DIRECT if guild is None else CEILINGS)
        except QuotaRefused:
            return
        left = (await self.store.use(who, guild, limits)).bonus
        self.entries.append(Entry(task, self.clock.now(), who, guild, bonus=left < bonus))
        self.check(who, guild, limits)

    def check(self, who: int, guild: int | None, limits: Limits) -> None:
        """Check that what is settled and held, with the newest task, stays within the limits."""
        now = self.clock.now()
        everywhere = [one for one in self.entries if one.person == who and one.today]
        assert sum(one.made_at > now - DAY for one in everywhere) <= limits.person_day_videos
        theirs = [one for one in self.entries if one.person == who and one.counts]
        since = now - limits.window.length
        if guild is not None:
            since = max(since, self.resets.get(who, since))
        window = [one for one in theirs if one.guild == guild and one.made_at > since]
        if limits.videos != UNLIMITED and not self.entries[-1].bonus:
            assert sum(not one.bonus for one in window) <= limits.videos
        granted = sum(one.bonus for one in theirs)
        assert granted <= self.granted.get(who, 0)
        assert self.counted(self.entries) <= (limits.operator_month_budget or ZERO)
        if limits.guild_month_budget is not None:
            here = [one for one in self.entries if one.guild == guild]
            assert self.counted(here) <= limits.guild_month_budget

    def counted(self, entries: list[Entry]) -> Usd:
        """Return this month's settled money plus everything held."""
        total = ZERO
        for one in entries:
            if one.held:
                total += ESTIMATE
            elif one.settled is not None and one.made_at.month == self.clock.now().month:
                total += one.settled
        return total

    # --- the ends of tasks ----------------------------------------------------------------------

    async def end(self, how: str, which: int, cost: Usd | None) -> None:
        entry = self.entries[which % len(self.entries)]
        task = await self.store.get(entry.task.id)
        assert task is not None
        if how == "resolve" and task.state is State.UNKNOWN:
            await self.store.resolve(task.id, charged=cost)
            entry.held, entry.settled, entry.today = False, cost, bool(cost and cost > ZERO)
        elif task.state is not State.QUEUED:
            return
        elif how == "cancel":
            await self.store.cancel(task.id, entry.person)
            entry.held, entry.counts, entry.today = False, False, False
        else:
            await self._sent(how, entry, await self.store.submitting(task), cost)

    async def _sent(self, how: str, entry: Entry, task: Task, cost: Usd | None) -> None:
        if how == "unknown":
            await self.store.unknown(task, FAILURE)
            entry.counts = entry.today = False
            return
        job = Job(id=task.id, status=JobStatus.COMPLETED, video_url="https://v", cost=cost)
        task = await self.store.running(task, job)
        entry.held = False
        if how in ("fail", "charge"):
            may = how == "charge"
            await self.store.failed(task, FAILURE, job=job, may_be_charged=may)
            charged = cost is not None and cost > ZERO
            entry.counts = charged and (entry.guild is None or self.counts_failures)
            entry.today = charged or (may and cost is None)
            entry.settled = (ESTIMATE if cost is None else cost) if may or charged else None
        else:
            await self.store.rendered(task, job)
            entry.settled = ESTIMATE if cost is None else cost

    # --- moderators' rules ----------------------------------------------------------------------

    async def rule(self, what: str, *how: Any) -> None:
        match what, how:
            case "grant", (who, videos, ends):
                keep = timedelta(hours=5) if ends else None
                self.granted[who] = self.granted.get(who, 0) + videos
                await self.rules.grant(HERE, who, videos, keep=keep, by_id=MOD)
            case "reset", (who,):
                await self.rules.reset(HERE, who, CEILINGS, by_id=MOD)
                self.resets[who] = self.clock.now()
                self.clock.forward(microseconds=1)
            case "own", (who, videos):
                await self.rules.set_videos(HERE, who, videos, by_id=MOD)
            case "role", (videos,):
                await self.rules.set_role_videos(HERE, ROLE, videos, by_id=MOD)
            case "server", (videos, dimes, self.counts_failures):
                own = GuildLimits(
                    videos=videos,
                    budget_month=Usd(dimes * 100_000),
                    count_charged_failures=self.counts_failures,
                )
                await self.rules.set_guild_limits(HERE, own, by_id=MOD)
            case "block", (who, is_on):
                await self.rules.block(HERE, who, None, by_id=MOD)
                if not is_on:
                    await self.rules.unblock(HERE, who, by_id=MOD)

    async def step(self, step: tuple[Any, ...]) -> None:
        what, *how = step
        if what == "ask":
            await self.ask(*how)
        elif what in ("render", "fail", "cancel", "unknown", "charge", "resolve"):
            if self.entries:
                await self.end(what, *how)
        elif what == "pass":
            self.clock.forward(minutes=how[0])
        else:
            await self.rule(what, *how)


async def _play(path: Path, played: list[tuple[Any, ...]]) -> None:
    clock = HandClock(NOON)
    async with open_database(f"sqlite:///{path}") as database:
        world = World(
            TaskStore(database, clock=clock), ModerationStore(database, clock=clock), clock
        )
        for step in played:
            await world.step(step)
        assert await database.read(consistency_findings) == []
        # To the last millionth, the bot's total is what the provider charged.
        settled = await database.read(_settled)
        assert settled == sum(one.settled.micros for one in world.entries if one.settled)


async def _settled(connection: AsyncConnection) -> int:
    everything = spent.c.guild_id == ALL
    months = select(func.sum(spent.c.settled)).where(everything)
    found: Usd | None = await connection.scalar(months)
    return 0 if found is None else found.micros


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(played=steps)
def test_any_order_stays_within_what_was_allowed(
    template: Path, played: list[tuple[Any, ...]]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "flipbook.db"
        copy(template, path)
        asyncio.run(_play(path, played))
