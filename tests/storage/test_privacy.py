from pathlib import Path
from typing import Any

from bot.domain.task import State
from bot.storage.database import Database
from bot.storage.ledger import ledger_findings
from bot.storage.privacy import PrivacyTable
from bot.storage.tasks import TaskStore
from tests.factories import make_frame, make_limits, make_options, make_person, make_request
from tests.storage.conftest import HandClock
from tests.storage.walk import FAILURE, task_in

PROMPT = "a very particular unicorn"


def of_somebody(content: bytes = b"frame") -> dict[str, Any]:
    request = make_request(options=make_options(prompt=PROMPT), frame=make_frame(content))
    return {"request": request, "person": make_person(id=77, name="Somebody Special")}


async def test_what_is_exported_is_all_of_one_person_and_nothing_of_others(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    await task_in(store, State.DELIVERED, "t1", **of_somebody())
    await task_in(store, State.DELIVERED, "t2")
    found = await PrivacyTable(database, clock=clock).export(77)
    assert [task["prompt"] for task in found["tasks"]] == [PROMPT]
    assert len(found["money_holds"]) == 1
    assert "t2" not in str(found)


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
    assert await database.read(ledger_findings) == []
    assert (await privacy.export(77))["allowance_holds"] == []
    left = await store.listed(person_id=77)
    assert [task.id for task in left] == ["t3"]
    # What one does not see, somebody with the file could: it is not in free pages either.
    if any_url.startswith("sqlite"):
        await store.failed(left[0], FAILURE, job=None, may_be_charged=False)
        await privacy.erase(77)
        assert PROMPT.encode() not in everything(Path(any_url.removeprefix("sqlite:///")))
        assert b"Somebody Special" not in everything(Path(any_url.removeprefix("sqlite:///")))


def everything(path: Path) -> bytes:
    """The database's files, with its log."""
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))


async def test_a_limit_is_not_got_round_by_deleting(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    await task_in(store, State.DELIVERED, "t1", **of_somebody())
    before = await store.use(77, 2001, make_limits())
    await PrivacyTable(database, clock=clock).erase(77)
    after = await store.use(77, 2001, make_limits())
    assert (after.used, after.person) == (before.used, before.person)
    assert before.used == 1


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
