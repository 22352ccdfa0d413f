"""Moderators' rules in a real database take effect at the next reservation."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.consent import OthersPictures
from bot.domain.guilds.audit import Action
from bot.domain.guilds.guild import GuildSettings
from bot.domain.money import Usd
from bot.domain.quotas.limits import GuildLimits, Limits, Window
from bot.domain.quotas.quota import Reason
from bot.domain.task import State, Task
from bot.errors import QuotaRefused, WordBlocked
from bot.storage.engine.database import Database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON, make_limits, make_new_task, make_person, make_place
from tests.storage.conftest import HandClock
from tests.storage.state_builder import ENTER, PATHS, job

ME, HERE, MOD, ROLE = 1001, 2001, 42, 77
DEFAULT = make_limits(videos=1, concurrent=9)


@pytest.fixture
def rules(database: Database, clock: HandClock) -> ModerationStore:
    return ModerationStore(database, clock=clock)


async def ask(
    store: TaskStore,
    task_id: str,
    *,
    default: Limits = DEFAULT,
    roles: frozenset[int] = frozenset(),
    guild: int | None = HERE,
    person: int = ME,
) -> Task:
    new = make_new_task(
        id=task_id,
        person=make_person(id=person, role_ids=roles),
        place=make_place(guild_id=guild),
    )
    return await store.reserve(new, default)


async def refused(store: TaskStore, **how: Any) -> QuotaRefused:
    with pytest.raises(QuotaRefused) as caught:
        await ask(store, "refused", **how)
    assert await store.get("refused") is None
    return caught.value


async def through(store: TaskStore, task: Task, to: State) -> Task:
    for step in PATHS[to]:
        task = await ENTER[step](store, task)
    return task


async def test_limits_take_effect_at_the_next_reservation(
    store: TaskStore, rules: ModerationStore
) -> None:
    await ask(store, "a")
    await refused(store)
    await rules.set_guild_limits(HERE, GuildLimits(videos=2), by_id=MOD)
    await ask(store, "b")
    await refused(store)
    await rules.set_role_videos(HERE, ROLE, 3, by_id=MOD)
    await refused(store)
    await ask(store, "c", roles=frozenset({ROLE}))
    await refused(store, roles=frozenset({ROLE}))
    await rules.set_videos(HERE, ME, 4, by_id=MOD)
    await ask(store, "d")
    assert (await refused(store)).denial.limit == 4
    await rules.set_videos(HERE, ME, None, by_id=MOD)
    assert (await refused(store)).denial.limit == 2


async def test_a_role_that_comes_and_goes_gains_nothing(
    store: TaskStore, rules: ModerationStore
) -> None:
    with_it = frozenset({ROLE})
    await rules.set_role_videos(HERE, ROLE, 2, by_id=MOD)
    await ask(store, "a", roles=with_it)
    for _ in range(3):
        await refused(store)
    await ask(store, "b", roles=with_it)
    await refused(store)
    assert (await refused(store, roles=with_it)).denial.held == 2


async def test_another_server_knows_nothing_of_these_rules_but_the_ceilings_hold(
    store: TaskStore, rules: ModerationStore
) -> None:
    mine = 666
    await rules.set_guild_limits(mine, GuildLimits(videos=-1), by_id=ME)
    await rules.grant(mine, ME, 1000, keep=None, by_id=ME)
    wide = make_limits(videos=1, concurrent=9, person_day_videos=3)
    await ask(store, "a", default=wide)
    await ask(store, "b", default=wide, guild=mine)
    await ask(store, "c", default=wide, guild=None)
    for guild in (mine, HERE, None):
        denial = (await refused(store, default=wide, guild=guild)).denial
        assert denial.reason in (Reason.PERSON_DAY_VIDEOS, Reason.ALLOWANCE)
    assert (
        await refused(store, default=wide, guild=mine)
    ).denial.reason is Reason.PERSON_DAY_VIDEOS
    little = make_limits(videos=1, concurrent=9, guild_month_budget=Usd.parse("0.30"))
    denial = (await refused(store, default=little, guild=mine, person=5)).denial
    assert denial.reason is Reason.GUILD_MONTH_BUDGET


async def test_a_bonus_comes_after_the_allowance_and_goes_back_where_it_came_from(
    store: TaskStore, rules: ModerationStore, clock: HandClock
) -> None:
    await rules.grant(HERE, ME, 1, keep=None, by_id=MOD)
    await rules.grant(HERE, ME, 1, keep=timedelta(days=3), by_id=MOD)
    await ask(store, "own")
    use = await store.use(ME, HERE, DEFAULT)
    assert (use.held, use.bonus, use.bonus_expires_at) == (1, 2, NOON + timedelta(days=3))
    # The grant that expires first is used first.
    first = await ask(store, "first")
    use = await store.use(ME, HERE, DEFAULT)
    assert (use.held, use.bonus, use.bonus_expires_at) == (1, 1, None)
    await through(store, first, State.FAILED)
    assert (await store.use(ME, HERE, DEFAULT)).bonus == 2
    await through(store, await ask(store, "used"), State.RENDERED)
    use = await store.use(ME, HERE, DEFAULT)
    assert (use.used, use.held, use.bonus, use.person_day_videos) == (0, 1, 1, 2)
    await ask(store, "last")
    assert (await refused(store)).denial.reason is Reason.ALLOWANCE
    # The video counts against its grant for good, and not in the next window.
    clock.forward(days=1)
    use = await store.use(ME, HERE, DEFAULT)
    assert (use.used, use.held, use.bonus) == (0, 0, 0)


async def test_a_bonus_expires_and_belongs_to_one_person_in_one_server(
    store: TaskStore, rules: ModerationStore, clock: HandClock
) -> None:
    await rules.grant(HERE, ME, 2, keep=timedelta(hours=1), by_id=MOD)
    assert (await store.use(2, HERE, DEFAULT)).bonus == 0
    assert (await store.use(ME, 5, DEFAULT)).bonus == 0
    assert (await store.use(ME, None, DEFAULT)).bonus == 0
    clock.forward(hours=1)
    assert (await store.use(ME, HERE, DEFAULT)).bonus == 0
    await ask(store, "a")
    await refused(store)


async def test_a_reset_forgets_the_window_only(
    store: TaskStore, rules: ModerationStore, clock: HandClock
) -> None:
    default = make_limits(
        videos=1, concurrent=9, person_day_videos=2, operator_month_budget=Usd.parse("0.45")
    )
    await through(store, await ask(store, "a", default=default), State.DELIVERED)
    clock.forward(minutes=1)
    entry = await rules.reset(HERE, ME, default, by_id=MOD)
    assert (entry.before, entry.after) == ({"used": 1, "held": 0}, {"used": 0, "held": 0})
    clock.forward(minutes=1)
    new = make_person(id=ME)
    await ask(store, "b", default=make_limits(videos=1, concurrent=9, person_day_videos=2))
    assert (await refused(store, default=default)).denial.reason is Reason.ALLOWANCE
    await rules.reset(HERE, ME, default, by_id=MOD)
    clock.forward(minutes=1)
    assert (await refused(store, default=default)).denial.reason is Reason.PERSON_DAY_VIDEOS
    default = make_limits(videos=1, concurrent=9, operator_month_budget=Usd.parse("0.45"))
    denial = (await refused(store, default=default)).denial
    assert (denial.reason, denial.used) == (Reason.OPERATOR_MONTH_BUDGET, Usd.parse("0.25"))
    assert (await store.rules(HERE, new)).reset_at == NOON + timedelta(minutes=2)


async def test_a_block_says_why_and_ends(store: TaskStore, rules: ModerationStore) -> None:
    await rules.grant(HERE, ME, 5, keep=None, by_id=MOD)
    await rules.block(HERE, ME, "spam", by_id=MOD)
    denial = (await refused(store)).denial
    assert denial.reason is Reason.BLOCKED
    assert denial.block is not None
    assert (denial.block.reason, denial.block.by_id, denial.block.at) == ("spam", MOD, NOON)
    await ask(store, "elsewhere", guild=5)
    await ask(store, "other", person=2)
    await rules.unblock(HERE, ME, by_id=MOD)
    await ask(store, "again")


async def test_a_servers_budgets(
    store: TaskStore, rules: ModerationStore, clock: HandClock
) -> None:
    default = make_limits(videos=-1, concurrent=9)
    own = GuildLimits(budget_day=Usd.parse("0.40"), budget_person_month=Usd.parse("0.70"))
    await rules.set_guild_limits(HERE, own, by_id=MOD)
    await through(store, await ask(store, "a", default=default), State.DELIVERED)
    denial = (await refused(store, default=default, person=2)).denial
    assert (denial.reason, denial.limit, denial.used) == (
        Reason.GUILD_DAY_BUDGET,
        Usd.parse("0.40"),
        Usd.parse("0.25"),
    )
    assert denial.frees_at == NOON + timedelta(hours=12)
    clock.forward(hours=12)
    await through(store, await ask(store, "b", default=default), State.DELIVERED)
    clock.forward(days=1)
    await ask(store, "c", default=default)
    clock.forward(days=1)
    assert (await refused(store, default=default)).denial.reason is Reason.PERSON_MONTH_BUDGET
    await ask(store, "d", default=default, person=2)
    own = GuildLimits(budget_month=Usd.parse("0.9"))
    await rules.set_guild_limits(HERE, own, by_id=MOD)
    denial = (await refused(store, default=default)).denial
    assert (denial.reason, denial.limit) == (Reason.GUILD_MONTH_BUDGET, Usd.parse("0.9"))
    # More than the operator allows has no effect.
    await rules.set_guild_limits(HERE, GuildLimits(budget_month=Usd.parse("999")), by_id=MOD)
    little = make_limits(videos=-1, concurrent=9, guild_month_budget=Usd.parse("0.9"))
    assert (await refused(store, default=little)).denial.limit == Usd.parse("0.9")


async def test_warnings_come_at_half_four_fifths_and_full_once_in_each_period(
    store: TaskStore, rules: ModerationStore, clock: HandClock
) -> None:
    default = make_limits(videos=-1, concurrent=99, operator_month_budget=None)
    own = GuildLimits(budget_month=Usd.parse("2"))
    await rules.set_guild_limits(HERE, own, by_id=MOD)

    async def noted() -> list[int]:
        warnings = await rules.untold_warnings(9)
        for one in warnings:
            assert one.level.guild_id == HERE
            await rules.told_warning(one.id)
        return [one.level.percent for one in warnings]

    seen = []
    for number in range(10):
        await ask(store, f"t{number}", default=default)
        seen.append(await noted())
    assert seen == [[], [], [], [], [50], [], [], [80], [], [100]]
    await refused(store, default=default)
    assert await noted() == []
    # Warnings that were not sent yet remain to be sent; a month later they start over.
    for number in range(10):
        task = await store.get(f"t{number}")
        assert task is not None
        await through(store, task, State.FAILED)
    clock.forward(days=10)
    for number in range(5):
        await ask(store, f"u{number}", default=default)
    warnings = await rules.untold_warnings(9)
    assert [one.level.percent for one in warnings] == [50]
    assert warnings == await rules.untold_warnings(9)


async def test_a_budget_that_takes_no_more_is_full_although_a_rest_is_left(
    store: TaskStore, rules: ModerationStore
) -> None:
    default = make_limits(videos=-1, concurrent=99, operator_month_budget=Usd.parse("0.30"))
    await ask(store, "a", default=default)
    (half,) = await rules.untold_warnings(9)
    assert (half.level.percent, half.level.guild_id) == (50, None)
    await refused(store, default=default)
    half, full = await rules.untold_warnings(9)
    assert (full.level.percent, full.level.counted) == (100, Usd.parse("0.20"))


async def test_every_change_is_written_down_with_before_and_after(
    rules: ModerationStore, clock: HandClock
) -> None:
    await rules.set_videos(HERE, ME, 5, by_id=MOD)
    clock.forward(seconds=1)
    await rules.set_videos(HERE, ME, -1, by_id=MOD + 1)
    same = await rules.set_videos(HERE, ME, -1, by_id=MOD)
    assert (same.id, same.is_change) == (0, False)
    await rules.set_role_videos(HERE, ROLE, 3, by_id=MOD)
    await rules.set_role_videos(HERE, ROLE, None, by_id=MOD)
    own = GuildLimits(window=Window.WEEK, budget_day=Usd.parse("1.005"))
    await rules.set_guild_limits(HERE, own, by_id=MOD)
    await rules.grant(HERE, ME, 2, keep=timedelta(days=1), by_id=MOD)
    await rules.block(HERE, ME, "spam", by_id=MOD)
    await rules.unblock(HERE, ME, by_id=MOD)
    await rules.set_settings(HERE, GuildSettings(channels=frozenset({7, 3})), by_id=MOD)
    await rules.set_videos(5, ME, 1, by_id=MOD)
    entries = await rules.audit(HERE, subject_id=None, before_id=None, limit=99)
    found = [(one.action, one.before, one.after) for one in reversed(entries)]
    expires = int((NOON + timedelta(days=1, seconds=1)).timestamp())
    assert found == [
        (Action.SET, {"videos": None}, {"videos": 5}),
        (Action.SET, {"videos": 5}, {"videos": -1}),
        (Action.ROLE, {"videos": None}, {"videos": 3}),
        (Action.ROLE, {"videos": 3}, {"videos": None}),
        (
            Action.SERVER,
            {"window": None, "budget_usd_day": None},
            {"window": "week", "budget_usd_day": "1.005"},
        ),
        (Action.GRANT, {"bonus": 0}, {"bonus": 2, "granted": 2, "expires_at": expires}),
        (Action.BLOCK, {"blocked": False, "reason": None}, {"blocked": True, "reason": "spam"}),
        (Action.UNBLOCK, {"blocked": True, "reason": "spam"}, {"blocked": False, "reason": None}),
        (Action.SETTINGS, {"channels": []}, {"channels": [3, 7]}),
    ]
    second = entries[-2]
    assert (second.at, second.by_id, second.subject_id) == (
        NOON + timedelta(seconds=1),
        MOD + 1,
        ME,
    )
    mine = await rules.audit(HERE, subject_id=ME, before_id=second.id, limit=1)
    assert list(mine) == [entries[-1]]


async def test_settings_come_back_as_they_were_set(rules: ModerationStore) -> None:
    assert await rules.settings(HERE) == GuildSettings()
    chosen = GuildSettings(
        channels=frozenset({3}),
        resolution="480P",
        models=("wan22_i2v_flash", "wan2.6-i2v-flash"),
        model="wan2.6-i2v-flash",
        highest_price=Usd.parse("0.3"),
        watermark=True,
        spoiler=True,
        moderator_role_id=ROLE,
        log_channel_id=9,
        blocked_words=("gun", "手枪"),
        announce=False,
        language="de",
    )
    await rules.set_guild_limits(HERE, GuildLimits(videos=3), by_id=MOD)
    assert await rules.settings(HERE) == GuildSettings()
    await rules.set_settings(HERE, chosen, by_id=MOD)
    assert await rules.settings(HERE) == chosen
    assert await rules.guild_limits(HERE) == GuildLimits(videos=3)
    await rules.set_settings(HERE, GuildSettings(), by_id=MOD)
    assert await rules.settings(HERE) == GuildSettings()


async def test_two_moderators_at_once_do_not_undo_each_others_changes(
    rules: ModerationStore,
) -> None:
    found, own = await rules.settings(HERE), await rules.guild_limits(HERE)
    asking = replace(found, others_pictures=OthersPictures.ASK)
    await rules.set_settings(HERE, asking, found=found, by_id=MOD)
    await rules.set_settings(HERE, replace(found, language="de"), found=found, by_id=MOD)
    assert await rules.settings(HERE) == replace(asking, language="de")
    await rules.set_guild_limits(HERE, replace(own, videos=3), found=own, by_id=MOD)
    daily = replace(own, budget_day=Usd.parse(5))
    entry = await rules.set_guild_limits(HERE, daily, found=own, by_id=MOD)
    assert await rules.guild_limits(HERE) == replace(daily, videos=3)
    assert list(entry.after) == ["budget_usd_day"]


async def test_a_roles_models_are_set_and_taken_back(rules: ModerationStore) -> None:
    more = ("wan2.6-i2v-flash",)
    await rules.set_settings(HERE, GuildSettings(models=("wan22_i2v_flash",)), by_id=MOD)
    entry = await rules.set_role_models(HERE, ROLE, more, by_id=MOD)
    assert (entry.action, entry.subject_id) == (Action.ROLE, ROLE)
    assert (entry.before, entry.after) == ({"models": []}, {"models": [*more]})
    assert (await rules.model_rules(HERE, frozenset({1, ROLE}))).of_roles == frozenset(more)
    assert (await rules.model_rules(HERE, frozenset({1}))).of_roles == frozenset()
    assert (await rules.model_rules(5, frozenset({ROLE}))).of_roles == frozenset()
    await rules.set_role_models(HERE, ROLE, (), by_id=MOD)
    assert await rules.role_models(HERE) == {}


async def test_settings_are_checked_in_the_transaction_that_writes_them(
    rules: ModerationStore,
) -> None:
    found = await rules.settings(HERE)
    seen = list[tuple[GuildSettings, GuildSettings]]()

    def check(settings: GuildSettings, before: GuildSettings) -> None:
        seen.append((settings, before))
        if settings.watermark and settings.spoiler:
            raise WordBlocked

    async def change(**values: Any) -> None:
        wanted = replace(found, **values)
        await rules.set_settings(HERE, wanted, found=found, check=check, by_id=MOD)

    both = await asyncio.gather(
        change(watermark=True), change(spoiler=True), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["NoneType", "WordBlocked"]
    stored = await rules.settings(HERE)
    assert [before for _, before in seen] == [found, stored]
    assert stored.watermark is not stored.spoiler


async def test_a_lowered_limit_says_when_one_fits_again(
    store: TaskStore, rules: ModerationStore, clock: HandClock
) -> None:
    default = make_limits(videos=4, concurrent=9)
    for number in range(4):
        await ask(store, f"t{number}", default=default)
        clock.forward(hours=1)
    await rules.set_videos(HERE, ME, 2, by_id=MOD)
    denial = (await refused(store, default=default)).denial
    # Three videos have to leave the window before one fits.
    assert denial.frees_at == NOON + timedelta(hours=2, days=1)
    clock.moment = denial.frees_at
    await ask(store, "again", default=default)


async def test_two_hundred_at_once_for_the_last_of_a_bonus(
    store: TaskStore, rules: ModerationStore
) -> None:
    await rules.grant(HERE, ME, 1, keep=None, by_id=MOD)
    default = make_limits(videos=1, concurrent=500)
    await ask(store, "own", default=default)
    asked = [ask(store, f"t{number}", default=default) for number in range(200)]
    ends = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(end, Task) for end in ends) == 1
    assert sum(isinstance(end, QuotaRefused) for end in ends) == 199
    assert (await store.use(ME, HERE, default)).bonus == 0


async def test_a_bonus_returned_for_an_unknown_task_stays_returned(
    store: TaskStore, rules: ModerationStore
) -> None:
    await rules.grant(HERE, ME, 1, keep=None, by_id=MOD)
    await through(store, await ask(store, "own"), State.UNKNOWN)
    task = await ask(store, "instead")
    assert (await store.use(ME, HERE, DEFAULT)).held == 1
    resolved = await store.resolve("own", created_as="job-9")
    await store.rendered(resolved, job("0.18"))
    use = await store.use(ME, HERE, DEFAULT)
    assert (use.used, use.held, use.bonus) == (0, 1, 1)
    assert use.operator_spend.settled == Usd.parse("0.18")
    assert task.state is State.QUEUED
