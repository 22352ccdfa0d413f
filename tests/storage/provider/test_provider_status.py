import asyncio
from datetime import timedelta

from bot.domain.provider.provider_status import ProviderStatus
from bot.errors import Closure
from bot.storage.engine.database import Database, open_database
from bot.storage.provider.status import ProviderStatusTable
from tests.factories import NOON


async def test_what_one_process_learned_another_one_reads(any_url: str) -> None:
    full = ProviderStatus(
        closure=Closure.BALANCE_EMPTY,
        last_told=Closure.KEY_REFUSED,
        accepted_at=NOON,
        probe_at=NOON + timedelta(minutes=1),
        probe_after=timedelta(minutes=10),
        quiet_until=NOON + timedelta(seconds=3, microseconds=7),
    )
    async with open_database(any_url) as first:
        assert await ProviderStatusTable(first).read() == ProviderStatus()
        assert await ProviderStatusTable(first).change(lambda _: full) == ProviderStatus()
    async with open_database(any_url) as second:
        assert await ProviderStatusTable(second).read() == full


async def test_changes_at_once_come_one_after_the_other(database: Database) -> None:
    table = ProviderStatusTable(database)

    def longer(standing: ProviderStatus) -> ProviderStatus:
        return standing.paused((standing.quiet_until or NOON) + timedelta(seconds=1))

    before = await asyncio.gather(*(table.change(longer) for _ in range(10)))
    assert len({standing.quiet_until for standing in before}) == 10
    assert (await table.read()).quiet_until == NOON + timedelta(seconds=10)
