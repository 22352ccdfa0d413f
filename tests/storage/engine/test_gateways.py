"""Interactions make each task once; leases of gateways; copies of the bot elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import DatabaseUnusable, GatewayInUse, InteractionTaken
from bot.roles import Shards
from bot.storage.engine import gateways
from bot.storage.engine.database import Database, open_database
from bot.storage.engine.gateways import GatewayTable, SecondCopyTable
from bot.storage.maintenance import maintenance
from bot.storage.tables import gateways as gateway_rows
from bot.storage.tables import tasks
from bot.storage.tasks.rows import row_of
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON, make_limits, make_new_task
from tests.storage.conftest import HandClock
from tests.storage.state_builder import WIDE

FIRST_HALF, SECOND_HALF = Shards.parse("0-1/4"), Shards.parse("2-3/4")


async def test_an_interaction_makes_its_task_once_whatever_has_become_of_it(
    store: TaskStore,
) -> None:
    task = await store.reserve(make_new_task(id="a", interaction_id=77), WIDE)
    with pytest.raises(InteractionTaken, match="interaction 77 has made task a"):
        await store.reserve(make_new_task(id="b", interaction_id=77), WIDE)
    await store.cancel("a", task.person.id)
    with pytest.raises(InteractionTaken):
        await store.reserve(make_new_task(id="c", interaction_id=77), WIDE)
    assert [one.id for one in await store.listed()] == ["a"]


async def test_fifty_reservations_of_an_interaction_make_one_task_with_one_hold(
    store: TaskStore,
) -> None:
    new = [make_new_task(id=f"t{number}", interaction_id=77) for number in range(50)]
    made = await asyncio.gather(*(store.reserve(one, WIDE) for one in new), return_exceptions=True)
    assert [isinstance(one, InteractionTaken) for one in made].count(False) == 1
    use = await store.use(new[0].person.id, new[0].place.guild_id, WIDE)
    assert use.operator_spend.held == new[0].estimate


async def test_a_taken_interaction_is_known_before_any_limit_is_asked(store: TaskStore) -> None:
    # A refusal over a limit would be shown to the person, under the other process's message.
    await store.reserve(make_new_task(id="a", interaction_id=77), make_limits(videos=1))
    with pytest.raises(InteractionTaken):
        await store.reserve(make_new_task(id="b", interaction_id=77), make_limits(videos=1))


async def test_the_database_itself_refuses_an_interaction_twice(database: Database) -> None:
    async def both(number: int) -> None:
        rows = [
            row_of(make_new_task(id="a", interaction_id=77), NOON),
            row_of(make_new_task(id="b", interaction_id=77, interaction_number=number), NOON),
        ]
        await database.write(lambda on: on.execute(insert(tasks), rows))

    with pytest.raises(DatabaseUnusable, match=r"(?i)unique"):
        await both(0)
    await both(1)


async def test_reactions_and_the_terminal_have_no_interaction(store: TaskStore) -> None:
    for task_id in ("a", "b"):
        assert (await store.reserve(make_new_task(id=task_id), WIDE)).id == task_id


# --- gateways -------------------------------------------------------------------------------


@pytest.fixture
async def other(any_url: str) -> AsyncIterator[Database]:
    """The connections of a second process."""
    async with open_database(any_url) as database:
        yield database


class PatientClock(HandClock):
    """A clock whose holder never renews its lease; sleeping also ages the leases on a server."""

    def __init__(self, database: Database) -> None:
        super().__init__(NOON)
        self._database = database

    async def sleep(self, seconds: float) -> None:
        if seconds == gateways.RENEW_EVERY:
            await asyncio.Event().wait()
        await super().sleep(seconds)
        await self._database.write(lambda on: _age(on, timedelta(seconds=seconds)))


async def _age(connection: AsyncConnection, passed: timedelta) -> None:
    """Make leases older on PostgreSQL, which counts by its own clock."""
    if connection.dialect.name == "postgresql":
        rows = (await connection.execute(select(gateway_rows))).all()
        for row in rows:
            aged = update(gateway_rows).where(gateway_rows.c.owner == row.owner)
            await connection.execute(aged.values(lease_until=row.lease_until - passed))


@pytest.mark.parametrize(
    ("mine", "others"),
    [(None, None), (None, FIRST_HALF), (FIRST_HALF, FIRST_HALF), (FIRST_HALF, Shards.parse("3/8"))],
)
async def test_a_second_gateway_for_the_same_servers_waits_30_s_and_refuses(
    database: Database, other: Database, mine: Shards | None, others: Shards | None
) -> None:
    running = HandClock(NOON)
    async with GatewayTable(database, clock=running).held(mine):
        # The running gateway renews its lease all the time.
        clock = HandClock(NOON - timedelta(seconds=30))
        with pytest.raises(GatewayInUse, match="both would answer each command"):
            async with GatewayTable(other, clock=clock).held(others):
                pass
        assert NOON <= clock.now() <= NOON + timedelta(seconds=2), "the wait was not 30 s"


async def test_gateways_with_other_shards_run_beside_each_other(
    database: Database, other: Database
) -> None:
    clock = PatientClock(other)
    async with (
        GatewayTable(database, clock=clock).held(FIRST_HALF),
        GatewayTable(other, clock=clock).held(SECOND_HALF),
    ):
        pass


async def test_after_a_clean_end_the_next_one_starts_at_once(
    database: Database, other: Database
) -> None:
    clock = PatientClock(other)
    async with GatewayTable(database, clock=clock).held(None):
        pass
    async with GatewayTable(other, clock=clock).held(None):
        assert clock.now() == NOON


async def test_a_killed_gateway_is_waited_for_and_an_awakened_one_ends(
    database: Database, other: Database
) -> None:
    paused, clock = PausedClock(NOON), PatientClock(other)
    body = asyncio.create_task(_hold(GatewayTable(database, clock=paused)))
    await paused.is_paused.wait()
    async with GatewayTable(other, clock=clock).held(None):
        waited = (clock.now() - NOON).total_seconds()
        assert 19 <= waited <= 22, "the wait was not as long as a lease"
        paused.moment = clock.now()
        paused.awake.set()
        with pytest.raises(GatewayInUse):
            await body


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(hours=-1)])
async def test_gateways_whose_wall_clocks_differ_agree_on_who_is_connected(
    postgres_url: str, off: timedelta
) -> None:
    async with open_database(postgres_url) as database, open_database(postgres_url) as other:
        running = HandClock(NOON)
        async with GatewayTable(database, clock=running).held(None):
            with pytest.raises(GatewayInUse):
                async with GatewayTable(other, clock=HandClock(NOON + off)).held(None):
                    pass


class PausedClock(HandClock):
    """The clock of a process that is stopped before it renews its lease."""

    def __init__(self, now: "object") -> None:
        super().__init__(NOON)
        self.is_paused, self.awake = asyncio.Event(), asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.is_paused.set()
        await self.awake.wait()


async def _hold(table: GatewayTable) -> None:
    async with table.held(None):
        await asyncio.Event().wait()


# --- copies of the bot elsewhere ------------------------------------------------------------


async def test_a_copy_elsewhere_is_written_down_and_read_without_changing_anything(
    any_url: str, database: Database, clock: HandClock
) -> None:
    assert await maintenance.second_copy_seen_at(any_url) is None
    await SecondCopyTable(database, clock=clock).note()
    clock.forward(hours=2)
    await SecondCopyTable(database, clock=clock).note()
    assert await maintenance.second_copy_seen_at(any_url) == NOON + timedelta(hours=2)
