"""The numbers of `/stats`, in both databases: summed up, and without those of other servers."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.guilds.statistics import Day
from bot.domain.money import ZERO, Usd
from bot.domain.task import State
from bot.storage.engine.database import Database
from bot.storage.tasks.statistics import StatisticsTable
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON, make_options, make_person, make_place, make_request
from tests.storage.conftest import HandClock
from tests.storage.state_builder import ENTER, PATHS, WIDE, job, task_in


async def test_a_server_s_videos_are_summed_up_by_day_and_person(
    database: Database, store: TaskStore, clock: HandClock
) -> None:
    for number, (person, seconds) in enumerate([(1, 10), (1, 20), (2, 40)]):
        task = await task_in(store, State.RUNNING, f"t{number}", person=make_person(id=person))
        clock.forward(seconds=seconds)
        for step in PATHS[State.DELIVERED][2:]:
            task = await ENTER[step](store, task)
    clock.moment = NOON + timedelta(days=1)
    for number, state in enumerate([State.DELIVERED, State.FAILED, State.UNKNOWN, State.QUEUED]):
        await task_in(store, state, f"u{number}", person=make_person(id=2))
    elsewhere = make_place(guild_id=7)
    await task_in(store, State.DELIVERED, "v1", person=make_person(id=3), place=elsewhere)

    made = await StatisticsTable(database).made(make_place().guild_id or 0, NOON)
    one = Usd.parse("0.25").micros
    assert sorted(made.days, key=lambda day: day.day) == [
        Day(day=NOON.date(), videos=3, spent=Usd(3 * one)),
        Day(day=clock.moment.date(), videos=1, spent=Usd(one)),
    ]
    assert made.members == [(1, 2, Usd(2 * one)), (2, 2, Usd(2 * one))]
    assert made.kinds == [(make_request().kind, 4, Usd(4 * one))]
    assert made.missed == 2
    assert (made.took.median, made.took.p95) == (20.0, 40.0)


async def test_two_providers_videos_are_summed_up_together_and_listed_costs_apart(
    database: Database, store: TaskStore
) -> None:
    dear = make_request(
        model="wan2.6-i2v-flash", options=make_options(resolution="1080P", seconds=10, audio=True)
    )
    listed = replace(job("1.25"), cost_is_listed=True)
    for name, request, charged in (
        ("t1", make_request(), job("0.2")),
        ("t2", dear, listed),
        ("t3", dear, listed),
    ):
        running = await task_in(store, State.RUNNING, name, request=request)
        rendered = await store.rendered(running, charged)
        await store.delivered(rendered, 3, 4)
    made = await StatisticsTable(database).made(make_place().guild_id or 0, NOON)
    assert made.kinds == [
        (dear.kind, 2, Usd.parse("2.5")),
        (make_request().kind, 1, Usd.parse("0.2")),
    ]
    assert made.listed == Usd.parse("2.5")
    assert made.members == [(make_person().id, 3, Usd.parse("2.7"))]
    assert [day.spent for day in made.days] == [Usd.parse("2.7")]
    # The budgets have the same sum.
    use = await store.use(make_person().id, make_place().guild_id, WIDE)
    sums = (use.person_spend, use.guild_day_spend, use.guild_spend, use.operator_spend)
    assert {one.settled for one in sums} == {Usd.parse("2.7")}
    assert {one.held for one in sums} == {ZERO}
    assert use.used == 3


async def test_a_server_without_videos_has_no_numbers(database: Database) -> None:
    made = await StatisticsTable(database).made(7, NOON)
    assert (made.days, made.members, made.missed) == ([], [], 0)
    assert made.took.median is None
