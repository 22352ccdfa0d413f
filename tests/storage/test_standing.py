import asyncio
from datetime import timedelta

from bot.domain.provider_status import Standing
from bot.errors import Closure
from bot.storage.engine.database import Database, open_database
from bot.storage.provider.status import StandingTable
from tests.factories import NOON


async def test_what_one_process_learned_another_one_reads(any_url: str) -> None:
    full = Standing(
        closure=Closure.BALANCE_EMPTY,
        said=Closure.KEY_REFUSED,
        accepted_at=NOON,
        probe_at=NOON + timedelta(minutes=1),
        probe_after=timedelta(minutes=10),
        quiet_until=NOON + timedelta(seconds=3, microseconds=7),
    )
    async with open_database(any_url) as first:
        assert await StandingTable(first).read() == Standing()
        assert await StandingTable(first).change(lambda _: full) == Standing()
    async with open_database(any_url) as second:
        assert await StandingTable(second).read() == full


async def test_changes_at_once_come_one_after_the_other(database: Database) -> None:
    table = StandingTable(database)

    def longer(standing: Standing) -> Standing:
        return standing.paused((standing.quiet_until or NOON) + timedelta(seconds=1))

    before = await asyncio.gather(*(table.change(longer) for _ in range(10)))
    assert len({standing.quiet_until for standing in before}) == 10
    assert (await table.read()).quiet_until == NOON + timedelta(seconds=10)
