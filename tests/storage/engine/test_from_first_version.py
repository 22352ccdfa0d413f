"""A database of the first version, with videos in it, keeps its totals when it is migrated."""

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from bot.domain.guilds.default_notice import DefaultNotice
from bot.domain.models.model import DASHSCOPE, VTRIX, VideoKind
from bot.domain.money import Usd
from bot.domain.provider.provider_status import ProviderStatus
from bot.errors import Closure
from bot.storage import schema
from bot.storage.engine.database import open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.provider.charges import ChargeTable
from bot.storage.provider.durations import DurationTable
from bot.storage.provider.status import ProviderStatusTable
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON
from tests.storage.conftest import HandClock
from tests.storage.state_builder import WIDE


def _first_version(connection: Connection) -> None:
    _version(connection, "0001")


def _version(connection: Connection, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _insert(connection: Connection, table: str, **row: Any) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608


def _delivered(connection: Connection, task_id: str, guild_id: int | None, cost: int) -> None:
    at = int(NOON.timestamp()) * 1_000_000
    numbers = ("epoch", "frame_bytes", "frame_width", "frame_height", "seed", "filesize_limit")
    flags = ("prompt_extend", "watermark", "spoiler", "late_told", "announced")
    words = ("model", "frame_digest", "frame_mime", "prompt", "person_name", "person_locale")
    _insert(
        connection,
        "tasks",
        id=task_id,
        state="delivered",
        **dict.fromkeys((*numbers, *flags, "delivery_attempts"), 0),
        **dict.fromkeys((*words, "locale"), "x"),
        delivery_rung=1,
        resolution="720P",
        mended="[]",
        person_role_ids="[]",
        door="slash",
        person_id=1001,
        guild_id=guild_id,
        estimate=200_000,
        cost=cost,
        created_at=at,
        updated_at=at,
    )
    who = {"task_id": task_id, "person_id": 1001, "guild_id": guild_id, "made_at": at}
    _insert(connection, "allowance_holds", **who, state="used")
    money = {"state": "settled", "estimate": 200_000, "settled": cost}
    _insert(connection, "money_holds", **who, **money)


def test_what_was_spent_before_still_counts(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        _first_version(connection)
        _delivered(connection, "a", 2001, 250_001)
        _delivered(connection, "b", 2001, 100_000)
        _delivered(connection, "c", None, 7)
    engine.dispose()
    asyncio.run(_looked_at(path))


def test_servers_of_an_upgrade_are_told_of_new_defaults_once(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        _version(connection, "0015")
        _insert(connection, "guilds", guild_id=1, log_channel_id=11)
        _insert(connection, "guilds", guild_id=2)
    engine.dispose()
    asyncio.run(_told(path))


def test_videos_of_the_last_release_have_five_seconds_and_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        _version(connection, "0017")
        _delivered(connection, "a", 2001, 250_001)
        kind = {"model": "wan22_i2v_flash", "resolution": "720P"}
        _insert(connection, "charges", **kind, cost=250_001, at=0)
        _insert(connection, "durations", **kind, learned="{}")
    engine.dispose()
    asyncio.run(_of_one_kind(path))


async def _of_one_kind(path: Path) -> None:
    kind = VideoKind("wan22_i2v_flash", "720P", 5, audio=False)
    async with open_database(f"sqlite:///{path}") as database:
        task = await TaskStore(database, clock=HandClock(NOON)).get("a")
        assert task is not None
        assert (task.options.seconds, task.options.audio) == (5, False)
        assert (task.cost, task.cost_is_listed) == (Usd(250_001), False)
        assert await ChargeTable(database).listed() == {kind: [Usd(250_001)]}
        assert await DurationTable(database).durations() == {kind: {}}


def test_the_status_before_was_the_first_provider_s(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        _version(connection, "0017")
        _insert(
            connection,
            "provider_standing",
            id=1,
            closure="balance_empty",
            unclear=2,
            probe_after_seconds=600,
        )
    engine.dispose()
    asyncio.run(_of_each_provider(path))


async def _of_each_provider(path: Path) -> None:
    async with open_database(f"sqlite:///{path}") as database:
        status = await ProviderStatusTable(database, provider=VTRIX).read()
        assert (status.closure, status.unclear) == (Closure.BALANCE_EMPTY, 2)
        other = await ProviderStatusTable(database, provider=DASHSCOPE).read()
        assert other == ProviderStatus()


async def _told(path: Path) -> None:
    notice = DefaultNotice(guild_id=1, version="0.1.0")
    for expected in ([notice], []):
        async with open_database(f"sqlite:///{path}") as database:
            rules = ModerationStore(database, clock=HandClock(NOON))
            assert await rules.untold_defaults(9) == expected
            await rules.told_defaults(notice)
            assert await rules.untold_defaults(9) == []


async def _looked_at(path: Path) -> None:
    async with open_database(f"sqlite:///{path}") as database:
        assert await database.read(consistency_findings) == []
        store = TaskStore(database, clock=HandClock(NOON))
        use = await store.use(1001, 2001, WIDE)
        assert (use.guild_spend.settled, use.operator_spend.settled) == (Usd(350_001), Usd(350_008))
        assert (use.used, use.guild_day_spend.settled) == (2, Usd(350_001))
        assert (await store.use(1001, None, WIDE)).person_spend.settled == Usd(7)
