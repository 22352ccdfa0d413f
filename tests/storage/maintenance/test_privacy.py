import io
import json
import random
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Column, String, Table, Text, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import Usd
from bot.domain.task import FoundPicture, Source, State
from bot.services.privacy.privacy import Privacy
from bot.storage.engine.database import Database
from bot.storage.engine.types import Details, Ids, Moment, Money, Word, Words
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.maintenance.privacy import PrivacyTable, Rows
from bot.storage.tables import metadata, tasks
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON, make_frame, make_limits, make_options, make_person, make_request
from tests.storage.conftest import HandClock
from tests.storage.state_builder import FAILURE, task_in

PROMPT = "a very particular unicorn"
PICTURE = "my-unicorn.png"


async def exported(privacy: PrivacyTable) -> dict[str, list[Any]]:
    found = defaultdict[str, list[Any]](list)

    async def each(table: str, rows: Rows) -> None:
        found[table] += rows

    await privacy.export(77, each)
    return {**found}


def of_somebody(content: bytes = b"frame") -> dict[str, Any]:
    request = make_request(options=make_options(prompt=PROMPT), frame=make_frame(content))
    found = FoundPicture(url=f"https://cdn.discordapp.com/{PICTURE}?ex=1", name=PICTURE, bytes=7)
    source = Source(channel_id=1, message_id=2, number=0, picture=found)
    return {
        "request": request,
        "person": make_person(id=77, name="Somebody Special"),
        "source": source,
    }


async def test_what_is_exported_is_all_of_one_person_and_nothing_of_others(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    await task_in(store, State.DELIVERED, "t1", **of_somebody())
    await task_in(store, State.DELIVERED, "t2")
    found = await exported(PrivacyTable(database, clock=clock))
    assert [task["prompt"] for task in found["tasks"]] == [PROMPT]
    assert [task["source_name"] for task in found["tasks"]] == [PICTURE]
    assert len(found["money_holds"]) == 1
    assert "t2" not in str(found)
    # The total for the month, as budgets count it.
    (spent,) = found["spent"]
    assert spent["settled"] == str(Usd.parse("0.25"))


async def test_every_table_about_people_is_exported(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    tables = {table.name for table in metadata.sorted_tables if "person_id" in table.c}
    asked = set[str]()

    async def each(table: str, rows: Rows) -> None:
        asked.add(table)

    await database.write(_one_row_each)
    await PrivacyTable(database, clock=clock).export(77, each)
    assert asked >= tables
    assert "audit" in asked


async def _one_row_each(connection: AsyncConnection) -> None:
    """Insert a row for a person into each table that names people."""
    for table in metadata.sorted_tables:
        if {"person_id", "subject_id"} & {*table.c.keys()}:
            await connection.execute(insert(table).values(_some_values(table)))


def _some_values(table: Table) -> dict[str, Any]:
    return {
        column.name: _some_value(column)
        for column in table.c
        if not column.nullable and column.server_default is None
    } | {name: 77 for name in ("person_id", "subject_id") if name in table.c}


def _some_value(column: Column[Any]) -> Any:
    kind = column.type
    if column.foreign_keys:
        return "x"
    match kind:
        case Word():
            return next(iter(cast("Any", kind.words)))
        case Moment():
            return NOON
        case Money():
            return Usd.parse("1")
        case Details():
            return {}
        case Words() | Ids():
            return ()
        case String() | Text():
            return "x"
        case _:
            return 1


async def test_a_great_deal_is_exported_in_files_that_discord_takes(
    database: Database, clock: HandClock, tmp_path: Path
) -> None:
    """2,500 prompts of the longest kind, in letters of four bytes."""
    await database.write(_many_tasks)
    table = PrivacyTable(database, clock=clock)
    nothing = cast("Any", None)
    privacy = Privacy(stored=table, choices=nothing, frames=nothing, videos=tmp_path, shared=None)
    limit = 1_000_000
    files = await privacy.export(77, most_bytes=limit)
    assert len(files) > 1
    assert max(len(file.content) for file in files) <= limit
    found = list[dict[str, Any]]()
    for file in files:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            for name in archive.namelist():
                found += json.loads(archive.read(name))
    assert {one["id"] for one in found} == {f"t{number}" for number in range(2500)}
    assert all(len(one["prompt"]) == 800 for one in found)
    (whole,) = await privacy.export(77, most_bytes=50_000_000)
    assert len(json.loads(whole.content)["tasks"]) == 2500


async def _many_tasks(connection: AsyncConnection) -> None:
    # Random letters, as hard to compress as possible.
    rng = random.Random(1)
    letters = [chr(0x20000 + number) for number in range(40_000)]
    values = _some_values(tasks)
    rows = [
        {**values, "id": f"t{number}", "prompt": "".join(rng.choices(letters, k=800))}
        for number in range(2500)
    ]
    for start in range(0, 2500, 100):
        await connection.execute(insert(tasks).values(rows[start : start + 100]))


async def test_what_is_deleted_is_gone_and_the_sums_stay(
    store: TaskStore, database: Database, clock: HandClock, any_url: str
) -> None:
    privacy = PrivacyTable(database, clock=clock)
    await task_in(store, State.DELIVERED, "t1", **of_somebody(b"theirs"))
    await task_in(store, State.FAILED, "t2", **of_somebody(b"shared"))
    await task_in(store, State.RUNNING, "t3", **of_somebody(b"running"))
    await task_in(store, State.DELIVERED, "t4", request=make_request(frame=make_frame(b"shared")))
    clock.forward(days=62)
    erased = await privacy.erase(77)
    assert sorted(erased.tasks) == ["t1", "t2"]
    assert erased.left == 1
    assert erased.frames == (make_frame(b"theirs").digest,)
    assert await database.read(consistency_findings) == []
    assert "allowance_holds" not in await exported(privacy)
    left = await store.listed(person_id=77)
    assert [task.id for task in left] == ["t3"]
    # What users do not see may still be in the file, so free pages are checked too.
    if any_url.startswith("sqlite"):
        await store.failed(left[0], FAILURE, job=None, may_be_charged=False)
        await privacy.erase(77)
        assert PROMPT.encode() not in everything(Path(any_url.removeprefix("sqlite:///")))
        assert PICTURE.encode() not in everything(Path(any_url.removeprefix("sqlite:///")))
        assert b"Somebody Special" not in everything(Path(any_url.removeprefix("sqlite:///")))


def everything(path: Path) -> bytes:
    """Return the content of the database's files, including its log."""
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))


async def test_deleting_data_does_not_lift_a_limit(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    await task_in(store, State.DELIVERED, "t1", **of_somebody())
    before = await store.use(77, 2001, make_limits())
    await PrivacyTable(database, clock=clock).erase(77)
    after = await store.use(77, 2001, make_limits())
    assert (after.used, after.person_spend) == (before.used, before.person_spend)
    assert before.used == 1


async def test_what_limits_needed_loses_its_person_by_itself(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    privacy = PrivacyTable(database, clock=clock)
    await task_in(store, State.DELIVERED, "t1", **of_somebody())
    await task_in(store, State.DELIVERED, "t2", **of_somebody())
    await privacy.erase(77)
    # They come back, in the same month, without deleting that.
    await task_in(store, State.DELIVERED, "t3", **of_somebody())
    await privacy.sweep()
    assert len((await exported(privacy))["allowance_holds"]) == 3
    clock.forward(days=62)
    await privacy.sweep()
    left = await exported(privacy)
    assert [hold["task_id"] for hold in left["allowance_holds"]] == ["t3"]
    assert [hold["task_id"] for hold in left["money_holds"]] == ["t3"]
    (spent,) = left["spent"]
    assert spent["settled"] == str(Usd.parse("0.25"))
    assert await database.read(consistency_findings) == []
    await privacy.erase(77)
    assert await exported(privacy) == {}
    assert await database.read(consistency_findings) == []


async def test_others_rerolls_stay_theirs_without_the_link(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    await task_in(store, State.DELIVERED, "t1", **of_somebody())
    await task_in(store, State.DELIVERED, "t2", parent_id="t1")
    await PrivacyTable(database, clock=clock).erase(77)
    reroll = await store.get("t2")
    assert reroll is not None
    assert reroll.parent_id is None
    assert reroll.options.prompt != ""
