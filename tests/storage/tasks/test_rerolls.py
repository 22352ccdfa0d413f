"""Rerolls in the database: one of a kind at a time, and the task that a result belongs to."""

import asyncio

import pytest

from bot.domain.task import EntryPoint, FoundPicture, Source, State
from bot.errors import AlreadyAgain
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_new_task, make_person, make_place
from tests.storage.state_builder import ENTER, PATHS, WIDE, task_in


async def again(
    store: TaskStore,
    task_id: str,
    *,
    person: int = 1,
    parent: str = "p",
    entry_point: EntryPoint = EntryPoint.REROLL,
) -> str | None:
    new = make_new_task(
        id=task_id,
        person=make_person(id=person),
        parent_id=parent,
        entry_point=entry_point,
        owner="run-test",
    )
    try:
        return (await store.reserve(new, WIDE)).id
    except AlreadyAgain:
        return None


async def test_one_of_fifty_rerolls_at_once_goes_through(store: TaskStore) -> None:
    results = await asyncio.gather(*(again(store, f"t{number}") for number in range(50)))
    assert len([one for one in results if one]) == 1


async def test_another_person_result_or_kind_is_another_reroll(store: TaskStore) -> None:
    assert await again(store, "a")
    assert await again(store, "b", person=2)
    assert await again(store, "c", parent="q")
    assert await again(store, "d", entry_point=EntryPoint.NEW_SEED)
    assert await again(store, "e", entry_point=EntryPoint.EDIT)
    assert await again(store, "f") is None


async def test_the_same_again_is_possible_once_it_has_ended(store: TaskStore) -> None:
    await again(store, "a")
    assert await again(store, "b") is None
    await store.cancel("a", 1)
    assert await again(store, "b")


async def test_new_videos_are_no_rerolls_of_each_other(store: TaskStore) -> None:
    for task_id in ("a", "b"):
        assert (await store.reserve(make_new_task(id=task_id), WIDE)).id == task_id


async def test_a_result_is_found_by_its_message_until_it_is_taken_away(store: TaskStore) -> None:
    task = await task_in(store, State.DELIVERED)
    assert task.result_message_id is not None
    found = await store.of_result(task.result_message_id)
    assert found is not None
    assert found.id == task.id
    await store.taken_away(task.id)
    assert await store.of_result(task.result_message_id) is None
    kept = await store.get(task.id)
    assert kept is not None
    assert (kept.result_channel_id, kept.result_message_id) == (None, None)


@pytest.mark.parametrize("state", [State.SUBMITTING, State.RUNNING, State.RENDERED])
async def test_an_undelivered_reroll_is_in_progress(store: TaskStore, state: State) -> None:
    new = make_new_task(id="t1", parent_id="p", entry_point=EntryPoint.REROLL)
    task = await store.reserve(new, WIDE)
    for step in PATHS[state]:
        task = await ENTER[step](store, task)
    assert await again(store, "t2", person=new.person.id) is None


async def test_the_source_and_the_restriction_of_a_picture_are_kept(
    store: TaskStore,
) -> None:
    found = FoundPicture(url="https://cdn.discordapp.com/a.png?ex=1", name="a.png", bytes=7)
    source = Source(channel_id=3, message_id=4, number=1, picture=found)
    new = make_new_task(id="a", source=source, place=make_place(age_restricted=True))
    await store.reserve(new, WIDE)
    plain = await store.reserve(make_new_task(id="b"), WIDE)
    kept = await store.get("a")
    assert kept is not None
    assert (kept.source, kept.place.age_restricted) == (source, True)
    assert (plain.source, plain.place.age_restricted) == (None, False)
