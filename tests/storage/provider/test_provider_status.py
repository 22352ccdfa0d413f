import asyncio
from datetime import timedelta

from bot.domain.models.model import DASHSCOPE, VTRIX
from bot.domain.provider.provider_status import ProviderStatus, RefusedModel
from bot.errors import Closure
from bot.storage.engine.database import Database, open_database
from bot.storage.provider.status import ProviderStatusTable
from tests.factories import NOON


async def test_what_one_process_learned_another_one_reads(any_url: str) -> None:
    full = ProviderStatus(
        closure=Closure.BALANCE_EMPTY,
        refused_models={
            "a-model": RefusedModel(
                probe_at=NOON + timedelta(minutes=2), probe_after=timedelta(minutes=5)
            )
        },
        last_told=Closure.KEY_REFUSED,
        accepted_at=NOON,
        probe_at=NOON + timedelta(minutes=1),
        probe_after=timedelta(minutes=10),
        quiet_until=NOON + timedelta(seconds=3, microseconds=7),
    )
    async with open_database(any_url) as first:
        assert await ProviderStatusTable(first, provider=VTRIX).read() == ProviderStatus()
        assert (
            await ProviderStatusTable(first, provider=VTRIX).change(lambda _: full)
            == ProviderStatus()
        )
    async with open_database(any_url) as second:
        assert await ProviderStatusTable(second, provider=VTRIX).read() == full
        assert await ProviderStatusTable(second, provider=DASHSCOPE).read() == ProviderStatus()


async def test_changes_at_once_come_one_after_the_other(database: Database) -> None:
    table = ProviderStatusTable(database, provider=VTRIX)

    def longer(standing: ProviderStatus) -> ProviderStatus:
        return standing.paused((standing.quiet_until or NOON) + timedelta(seconds=1))

    before = await asyncio.gather(*(table.change(longer) for _ in range(10)))
    assert len({standing.quiet_until for standing in before}) == 10
    assert (await table.read()).quiet_until == NOON + timedelta(seconds=10)
