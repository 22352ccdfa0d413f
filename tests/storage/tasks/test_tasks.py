import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.domain.delivery import Delivery, DeliveryMethod
from bot.domain.first_frame import Adjustment
from bot.domain.money import Usd
from bot.domain.provider.job import Job, JobStatus
from bot.domain.quotas.limits import GuildLimits
from bot.domain.quotas.quota import Reason
from bot.domain.task import TRANSITIONS, EntryPoint, State, Task
from bot.errors import (
    IllegalTransition,
    JobTaken,
    NotFound,
    QuotaRefused,
    StaleTask,
    StorageError,
)
from bot.storage.engine.database import Database, open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.provider.charges import KEPT, ChargeTable
from bot.storage.tables import allowance_holds, money_holds
from bot.storage.tasks.tasks import TaskStore
from bot.storage.tasks.transitions import move
from bot.worker.worker import LEASE
from tests.factories import (
    NOON,
    make_limits,
    make_new_task,
    make_options,
    make_person,
    make_place,
    make_request,
)
from tests.storage.conftest import HandClock
from tests.storage.state_builder import ENTER, FAILURE, WIDE, job, queued, task_in

KIND = make_request().kind
ANY_CHARGE = Usd(0), Usd.parse("10000")
PAIRS = [(a, b) for a in State for b in State]
ILLEGAL = [(a, b) for a, b in PAIRS if b not in TRANSITIONS[a]]
LEGAL = [(a, b) for a, b in PAIRS if b in TRANSITIONS[a]]


async def holds(database: Database, task_id: str = "t1") -> tuple[str, str, Usd | None]:
    async def work(connection):  # type: ignore[no-untyped-def]
        a = await connection.scalar(
            select(allowance_holds.c.state).where(allowance_holds.c.task_id == task_id)
        )
        m = (
            await connection.execute(select(money_holds).where(money_holds.c.task_id == task_id))
        ).one()
        return a.value, m.state.value, m.settled

    found: tuple[str, str, Usd | None] = await database.read(work)
    return found


async def test_everything_asked_for_is_kept(store: TaskStore) -> None:
    new = make_new_task(
        request=make_request(
            options=make_options(
                prompt="wellen 🌊 \u202e",
                negative_prompt="fog",
                spoiler=True,
                watermark=True,
                prompt_extend=False,
                resolution="480P",
                seed=2_147_483_647,
            )
        ),
        person=make_person(id=2**63 - 1, role_ids=frozenset({3, 2**60}), locale="de"),
        place=make_place(message_id=None, locale="fr", filesize_limit=100),
        entry_point=EntryPoint.REROLL,
        parent_id="gone",
        mended=(Adjustment.UPRIGHT, Adjustment.SCALED),
    )
    task = await store.reserve(new, WIDE)
    assert task == Task(
        id=new.id,
        state=State.QUEUED,
        request=new.request,
        person=new.person,
        place=new.place,
        entry_point=EntryPoint.REROLL,
        estimate=new.estimate,
        created_at=NOON,
        updated_at=NOON,
        parent_id="gone",
        mended=("upright", "scaled"),
        owner="run-test",
    )
    assert await store.get(task.id) == task
    assert await store.get("nobody") is None


async def test_one_task_to_its_end(store: TaskStore, database: Database, clock: HandClock) -> None:
    task = await store.submitting(await queued(store))
    task = await store.requeued(task, NOON + timedelta(seconds=9))
    assert (task.state, task.submitted_at) == (State.QUEUED, None)
    assert task.not_before == NOON + timedelta(seconds=9)
    clock.forward(seconds=10)
    task = await store.submitting(task)
    assert (task.submitted_at, task.not_before) == (clock.now(), None)
    task = await store.running(task, job())
    assert task.provider_id == "job-1"
    task = await store.told(task, late=True)
    clock.forward(seconds=60)
    done = replace(job("0.0075"), discount=Decimal("0.50"))
    task = await store.rendered(task, done)
    assert (task.cost, task.discount, task.answer) == (Usd(7500), Decimal("0.50"), done.answer)
    assert (task.video_url, task.rendered_at, task.ended_at) == (done.video_url, clock.now(), None)
    delivery = Delivery(method=DeliveryMethod.POST, attempts=2, tried_at=clock.now())
    task = await store.delivering(task, delivery)
    assert task.delivery == delivery
    task = await store.delivered(task, 31, 41)
    task = await store.told(task, announced=True)
    assert (task.result_channel_id, task.result_message_id, task.ended_at) == (31, 41, clock.now())
    assert (task.late_told, task.announced, task.state) == (True, True, State.DELIVERED)
    assert await store.get("t1") == task
    assert await holds(database) == ("used", "settled", Usd(7500))


@pytest.mark.parametrize(("before", "to"), LEGAL)
async def test_every_legal_change(
    store: TaskStore, database: Database, before: State, to: State
) -> None:
    task = await task_in(store, before)
    if before is State.UNKNOWN:
        moved = await store.resolve("t1", created_as="x" if to is State.RUNNING else None)
    else:
        moved = await ENTER[to](store, task)
    assert moved.state is to
    assert await store.get("t1") == moved
    assert await database.read(consistency_findings) == []


@pytest.mark.parametrize(("before", "to"), ILLEGAL)
async def test_every_illegal_change_is_refused(
    store: TaskStore, database: Database, before: State, to: State
) -> None:
    task = await task_in(store, before)
    kept = await holds(database)
    with pytest.raises(IllegalTransition):
        await database.write(lambda connection: move(connection, task, to, now=NOON))
    with pytest.raises((IllegalTransition, StaleTask)):
        await ENTER[to](store, task)
    assert await store.get("t1") == task
    assert await holds(database) == kept


@pytest.mark.parametrize(
    ("state", "held"),
    [
        (State.QUEUED, ("held", "held", None)),
        (State.SUBMITTING, ("held", "held", None)),
        (State.RUNNING, ("held", "held", None)),
        (State.RENDERED, ("used", "settled", Usd.parse("0.25"))),
        (State.DELIVERED, ("used", "settled", Usd.parse("0.25"))),
        (State.UNDELIVERED, ("used", "settled", Usd.parse("0.25"))),
        (State.FAILED, ("returned", "released", None)),
        (State.CANCELLED, ("returned", "released", None)),
        (State.UNKNOWN, ("returned", "held", None)),
    ],
)
async def test_the_holds_of_each_state(
    store: TaskStore, database: Database, state: State, held: tuple[str, str, Usd | None]
) -> None:
    await task_in(store, state)
    assert await holds(database) == held


async def test_a_cost_that_is_not_known_leaves_the_estimate(
    store: TaskStore, database: Database
) -> None:
    task = await store.rendered(await task_in(store, State.RUNNING), job(None))
    assert task.cost is None
    assert await holds(database) == ("used", "settled", Usd.parse("0.20"))
    assert await store.charges(KIND, ANY_CHARGE) == []


@pytest.mark.parametrize(
    ("cost", "may_be_charged", "left"),
    [
        (None, False, ("returned", "released", None)),
        ("0", False, ("returned", "released", None)),
        # Whether it was charged is unknown, so it counts only where that costs nobody a video.
        (None, True, ("day_only", "settled", Usd.parse("0.20"))),
        ("0", True, ("returned", "settled", Usd(0))),
        ("0.1", True, ("used", "settled", Usd.parse("0.1"))),
        ("0.1", False, ("used", "settled", Usd.parse("0.1"))),
    ],
)
async def test_what_a_failure_costs(
    store: TaskStore,
    database: Database,
    cost: str | None,
    may_be_charged: bool,
    left: tuple[str, str, Usd | None],
) -> None:
    task = await task_in(store, State.RUNNING)
    task = await store.failed(task, FAILURE, job=job(cost), may_be_charged=may_be_charged)
    assert (task.failure, task.ended_at) == (FAILURE, NOON)
    assert await holds(database) == left
    assert task.counted == (left[0] == "used")
    assert await store.get(task.id) == task
    assert await store.charges(KIND, ANY_CHARGE) == ([Usd.parse("0.1")] if cost == "0.1" else [])


async def test_a_server_may_not_count_failures_that_were_charged(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    rules = ModerationStore(database, clock=clock)
    own = GuildLimits(count_charged_failures=False)
    await rules.set_guild_limits(make_place().guild_id or 0, own, by_id=1)
    task = await task_in(store, State.RUNNING)
    task = await store.failed(task, FAILURE, job=job("0.1"), may_be_charged=False)
    assert await holds(database) == ("day_only", "settled", Usd.parse("0.1"))
    assert not task.counted
    use = await store.use(task.person.id, task.place.guild_id, WIDE)
    assert (use.used, use.held, use.person_day_videos) == (0, 0, 1)


@pytest.mark.parametrize("charged", ["0.1", None])
async def test_an_unclear_task_that_was_charged_counts_in_the_day(
    store: TaskStore, database: Database, charged: str | None
) -> None:
    task = await task_in(store, State.UNKNOWN)
    amount = None if charged is None else Usd.parse(charged)
    await store.resolve(task.id, charged=amount)
    use = await store.use(task.person.id, task.place.guild_id, WIDE)
    assert (use.used, use.person_day_videos) == (0, 1 if charged else 0)
    assert await database.read(consistency_findings) == []


async def test_the_last_charges_of_a_kind_newest_first(store: TaskStore) -> None:
    for number, cost in enumerate(("0.25", "0.30", "0", "9999", None, "0.26")):
        task = await task_in(store, State.RUNNING, f"t{number}")
        await store.rendered(task, job(cost))
    bounds = Usd.parse("0.05"), Usd.parse("0.80")
    assert await store.charges(KIND, bounds) == [
        Usd.parse("0.26"),
        Usd.parse("0.30"),
        Usd.parse("0.25"),
    ]
    assert (
        await store.charges(make_request(options=make_options(resolution="480P")).kind, ANY_CHARGE)
        == []
    )
    assert (
        await store.charges(make_request(options=make_options(seconds=10)).kind, ANY_CHARGE) == []
    )
    assert await store.charges(make_request(model="another").kind, ANY_CHARGE) == []
    assert (
        await store.charges(make_request(options=make_options(audio=True)).kind, ANY_CHARGE) == []
    )


async def test_few_charges_are_kept_and_all_can_be_forgotten(
    store: TaskStore, database: Database
) -> None:
    table = ChargeTable(database)
    for number in range(KEPT + 3):
        task = await task_in(store, State.RUNNING, f"t{number}")
        await store.rendered(task, job(str(number + 1)))
    kept = (await table.listed())[KIND]
    assert list(kept) == [Usd.parse(number) for number in range(KEPT + 3, 3, -1)]
    assert await table.forget() == KEPT
    assert await table.listed() == {}


@pytest.mark.parametrize(
    "old", [{"epoch": 1}, {"owner": "run-other"}, {"owner": None}, {"state": State.RUNNING}]
)
async def test_an_old_view_changes_nothing(
    store: TaskStore, database: Database, old: dict[str, object]
) -> None:
    task = await task_in(store, State.SUBMITTING)
    stale = replace(task, **old)  # type: ignore[arg-type]
    with pytest.raises(StaleTask):
        await store.failed(stale, FAILURE, job=None, may_be_charged=False)
    with pytest.raises(StaleTask):
        await store.told(stale, late=True)
    assert await store.get("t1") == task
    assert await holds(database) == ("held", "held", None)


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.DELIVERED, State.FAILED])
async def test_a_missing_task_cannot_be_delivered(store: TaskStore, state: State) -> None:
    with pytest.raises(IllegalTransition):
        await store.delivering(await task_in(store, state), Delivery())


async def test_undelivered_is_sent_again(store: TaskStore) -> None:
    task = await task_in(store, State.UNDELIVERED)
    task = await store.delivering(task, Delivery(attempts=1))
    assert (await store.delivered(task, 1, 2)).state is State.DELIVERED


async def test_canceling_a_task(store: TaskStore) -> None:
    task = await queued(store)
    with pytest.raises(NotFound):
        await store.cancel("t1", 999)
    with pytest.raises(NotFound):
        await store.cancel("t2", task.person.id)
    assert (await store.cancel("t1", task.person.id)).state is State.CANCELLED
    with pytest.raises(StaleTask):
        await store.submitting(task)
    with pytest.raises(StaleTask):
        await store.cancel("t1", task.person.id)


async def test_cancel_and_submit_at_once_leave_one_winner(store: TaskStore) -> None:
    for number in range(20):
        task = await queued(store, f"t{number}")
        both = store.cancel(task.id, task.person.id), store.submitting(task)
        ends = await asyncio.gather(*both, return_exceptions=True)
        assert [type(end) for end in ends].count(StaleTask) == 1


async def test_the_same_id_twice(store: TaskStore) -> None:
    task = await queued(store)
    with pytest.raises(StorageError, match="t1 exists already"):
        await queued(store)
    assert await store.counts() == {state: int(state is State.QUEUED) for state in State}
    assert await store.get("t1") == task


async def test_one_of_200_at_once_gets_the_last_place(any_url: str, clock: HandClock) -> None:
    limits = make_limits(
        videos=1, concurrent=500, guild_month_budget=None, operator_month_budget=None
    )
    async with open_database(any_url) as one, open_database(any_url) as other:
        stores = [TaskStore(one, clock=clock), TaskStore(other, clock=clock)]
        asked = [
            stores[number % 2].reserve(make_new_task(id=f"t{number}"), limits)
            for number in range(200)
        ]
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(end, Task) for end in ends) == 1
        refused = [end for end in ends if isinstance(end, QuotaRefused)]
        assert len(refused) == 199
        assert {end.denial.reason for end in refused} == {Reason.ALLOWANCE}
        assert sum((await stores[0].counts()).values()) == 1
        assert await one.read(consistency_findings) == []


async def test_a_canceled_reservation_is_whole_or_absent(
    store: TaskStore, database: Database
) -> None:
    for step in range(0, 120, 3):
        caller = asyncio.create_task(queued(store, f"t{step}"))
        for _ in range(step):
            await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
    await asyncio.wait_for(queued(store, "last"), 30)
    assert await database.read(consistency_findings) == []


async def test_tasks_are_listed(store: TaskStore, clock: HandClock) -> None:
    for number in range(6):
        person = make_person(id=number % 2)
        place = make_place(guild_id=None if number == 5 else 7)
        await store.reserve(make_new_task(id=f"t{number}", person=person, place=place), WIDE)
        clock.forward(minutes=1)
    task = await store.get("t2")
    assert task is not None
    await store.submitting(task)

    async def ids(**what: object) -> list[str]:
        return [task.id for task in await store.listed(**what)]  # type: ignore[arg-type]

    assert await ids() == ["t5", "t4", "t3", "t2", "t1", "t0"]
    assert await ids(limit=2, before=await store.get("t3")) == ["t2", "t1"]
    assert await ids(person_id=0) == ["t4", "t2", "t0"]
    assert await ids(person_id=1, guild_id=7) == ["t3", "t1"]
    assert await ids(states=[State.SUBMITTING]) == ["t2"]


async def test_pages_lose_none_of_those_made_at_the_same_moment(store: TaskStore) -> None:
    for number in range(5):
        await store.reserve(make_new_task(id=f"t{number}"), WIDE)
    seen: list[str] = []
    last = None
    while page := await store.listed(limit=2, before=last):
        seen += [task.id for task in page]
        last = page[-1]
    assert seen == ["t4", "t3", "t2", "t1", "t0"]


async def test_asked_for_twice_it_is_sent_again_once(store: TaskStore, clock: HandClock) -> None:
    task = await task_in(store, State.UNDELIVERED, "t1")
    again = await store.send_again("t1", task.person.id)
    assert (again.owner, again.state, again.delivery.attempts) == (None, State.UNDELIVERED, 0)
    with pytest.raises(StaleTask):
        await store.send_again("t1", task.person.id)
    with pytest.raises(StaleTask):
        await store.delivering(task, Delivery())
    (claimed,) = await store.claim("run-new", only_run=False, lease=LEASE)
    with pytest.raises(StaleTask):
        await store.send_again("t1", task.person.id)
    # If nobody says how that ended, it can be asked for again after a while.
    clock.forward(minutes=11)
    assert (await store.send_again("t1", task.person.id)).epoch == claimed.epoch + 1


async def test_a_video_that_is_sent_again_is_not_told_to_have_failed(
    store: TaskStore, clock: HandClock
) -> None:
    task = await task_in(store, State.UNDELIVERED, "t1")
    await store.register("run-new", LEASE)

    async def untold() -> list[str]:
        found = await store.untold("run-new", since=task.created_at, only_run=False, lease=LEASE)
        return [one.id for one in found]

    # A notice would take the task from the delivery, or overwrite its result.
    await store.send_again("t1", task.person.id)
    assert await untold() == []
    (again,) = await store.claim("run-new", only_run=False, lease=LEASE)
    assert await untold() == []
    failed = await store.still_undelivered(again)
    assert await untold() == ["t1"]
    # Whoever reads that it failed may ask for it at once, and is told again if that fails too.
    await store.told(failed, announced=True)
    await store.send_again("t1", task.person.id)
    (again,) = await store.claim("run-new", only_run=False, lease=LEASE)
    # It is on its way for as long as it is tried.
    clock.forward(minutes=9)
    again = await store.delivering(again, Delivery(attempts=1))
    clock.forward(minutes=9)
    assert await untold() == []
    await store.look_again("t1", timedelta())
    assert await store.to_look_at(most=9) == []
    await store.still_undelivered(again)
    assert await untold() == ["t1"]
    assert [one.id for one in await store.to_look_at(most=9)] == ["t1"]


async def test_a_canceled_task_is_shown_again_unless_its_page_has_shown_it(
    store: TaskStore,
) -> None:
    await store.register("run-test", LEASE)
    for task_id in ("shown", "killed"):
        task = await task_in(store, State.QUEUED, task_id)
        canceled = await store.cancel(task_id, task.person.id)
        if task_id == "shown":
            await store.told(canceled, announced=True)
    found = await store.untold("run-test", since=canceled.created_at, only_run=False, lease=LEASE)
    assert [one.id for one in found] == ["killed"]


async def test_a_killed_process_s_repeated_delivery_is_taken_over(
    store: TaskStore, clock: HandClock
) -> None:
    task = await task_in(store, State.UNDELIVERED, "t1")
    await store.send_again("t1", task.person.id)
    await store.register("run-new", LEASE)
    await store.claim("run-new", only_run=False, lease=LEASE)
    assert await store.claim("run-next", only_run=False, lease=LEASE) == []
    clock.forward(seconds=LEASE.total_seconds())
    # The first look notes that the lease has not moved; the second one sees that it is over.
    taken = await store.claim("run-next", only_run=False, lease=LEASE)
    assert [(one.id, one.state, one.owner) for one in taken] == [
        ("t1", State.UNDELIVERED, "run-next")
    ]


async def test_only_ones_own_undelivered_videos_are_sent_again(store: TaskStore) -> None:
    task = await task_in(store, State.UNDELIVERED, "t1")
    with pytest.raises(NotFound):
        await store.send_again("t1", task.person.id + 1)
    done = await task_in(store, State.DELIVERED, "t2")
    with pytest.raises(StaleTask):
        await store.send_again("t2", done.person.id)
    assert await store.claim("run-new", only_run=False, lease=LEASE) == []


async def test_resolving_an_unknown(store: TaskStore, database: Database) -> None:
    await task_in(store, State.UNKNOWN, "t1")
    task = await store.resolve("t1", created_as="job-9")
    assert (task.state, task.provider_id, task.owner) == (State.RUNNING, "job-9", None)
    assert (task.epoch, task.failure) == (1, None)
    (claimed,) = await store.claim("run-new", only_run=False, lease=LEASE)
    await store.rendered(claimed, job("0.3"))
    assert await holds(database) == ("day_only", "settled", Usd.parse("0.3"))

    await task_in(store, State.UNKNOWN, "t2")
    assert (await store.resolve("t2")).state is State.FAILED
    assert await holds(database, "t2") == ("returned", "released", None)

    await task_in(store, State.UNKNOWN, "t3")
    assert (await store.resolve("t3", charged=Usd(5))).cost == Usd(5)
    assert await holds(database, "t3") == ("day_only", "settled", Usd(5))

    with pytest.raises(NotFound):
        await store.resolve("t4")
    with pytest.raises(StaleTask):
        await store.resolve("t3")
    with pytest.raises(ValueError, match="exclude each other"):
        await store.resolve("t3", created_as="x", charged=Usd(1))
    assert await database.read(consistency_findings) == []


async def test_an_id_of_the_provider_belongs_to_one_task(store: TaskStore) -> None:
    first = await store.submitting(await store.reserve(make_new_task(id="t0000001"), make_limits()))
    second = await store.submitting(
        await store.reserve(make_new_task(id="t0000002"), make_limits())
    )
    job = Job(id="job-1", status=JobStatus.PENDING)
    await store.running(first, job)
    with pytest.raises(JobTaken):
        await store.running(second, job)
    unclear = await store.unknown(second, None)
    with pytest.raises(JobTaken):
        await store.resolve(unclear.id, created_as="job-1")
    assert (await store.resolve(unclear.id, created_as="job-2")).provider_id == "job-2"


async def test_two_providers_may_use_the_same_id(store: TaskStore) -> None:
    models = {
        "t1": "wan22_i2v_flash",
        "t2": "wan2.2-i2v-flash",
        "t3": "wan2.6-i2v-flash",
        # No provider is known for it, so it may be the one.
        "t4": "model-of-a-later-version",
    }
    tasks = {
        name: await store.submitting(
            await store.reserve(
                make_new_task(id=name, request=make_request(model=model)), make_limits(concurrent=9)
            )
        )
        for name, model in models.items()
    }
    job = Job(id="job-1", status=JobStatus.PENDING)
    await store.running(tasks["t1"], job)
    unclear = await store.unknown(tasks["t2"], None)
    assert (await store.resolve(unclear.id, created_as="job-1")).provider_id == "job-1"
    with pytest.raises(JobTaken):
        await store.running(tasks["t3"], job)
    with pytest.raises(JobTaken):
        await store.running(tasks["t4"], job)
    await store.canceled("t2", "job-1")
    first = await store.get("t1")
    assert first is not None
    assert first.state is State.RUNNING
