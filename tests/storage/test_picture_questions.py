"""Questions about pictures on both engines: how many, for how long, and what deletion leaves."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.consent import ANSWER_WITHIN, ASK_AGAIN_AFTER, PictureQuestion
from bot.errors import AlreadyAsked, TooManyQuestions
from bot.storage.engine.database import Database
from bot.storage.maintenance.privacy import PrivacyTable, Rows
from bot.storage.people.picture_questions import PictureQuestionTable
from tests.storage.conftest import HandClock

ASKER, OWNER = 78, 77


@pytest.fixture
def questions(database: Database, clock: HandClock) -> PictureQuestionTable:
    return PictureQuestionTable(database, clock=clock)


def about(clock: HandClock, picture: str, **changes: Any) -> PictureQuestion:
    given: dict[str, Any] = {
        "id": f"q{picture}",
        "person_id": ASKER,
        "author_id": OWNER,
        "guild_id": 1,
        "channel_id": 2,
        "picture": picture,
        "request": '{"prompt": "a unicorn"}',
        "made_at": clock.now(),
    }
    return PictureQuestion(**(given | changes))


async def test_of_many_at_once_three_are_open(
    questions: PictureQuestionTable, clock: HandClock
) -> None:
    every = (questions.open(about(clock, str(number))) for number in range(10))
    found = await asyncio.gather(*every, return_exceptions=True)
    assert found.count(None) == 3
    assert sum(isinstance(one, TooManyQuestions) for one in found) == 7
    await questions.open(about(clock, "1", id="of-another", person_id=79))


async def test_a_picture_is_asked_for_once_until_the_question_is_over(
    questions: PictureQuestionTable, clock: HandClock
) -> None:
    await questions.open(about(clock, "1"))
    with pytest.raises(AlreadyAsked):
        await questions.open(about(clock, "1", id="again"))
    clock.forward(hours=1)
    await questions.open(about(clock, "1", id="again"))
    assert await questions.find("q1") is None
    await questions.refuse("again")
    clock.forward(hours=23)
    await questions.sweep()
    with pytest.raises(AlreadyAsked):
        await questions.open(about(clock, "1", id="third"))
    clock.forward(hours=1)
    await questions.open(about(clock, "1", id="third"))


async def test_what_was_asked_for_is_kept_no_longer_than_it_can_be_allowed(
    questions: PictureQuestionTable, clock: HandClock
) -> None:
    await questions.open(about(clock, "1"))
    await questions.open(about(clock, "2"))
    await questions.refuse("q2")
    refused = await questions.find("q2")
    assert refused is not None
    assert refused.request == ""
    assert not refused.is_open(clock.now())
    clock.forward(seconds=ANSWER_WITHIN.total_seconds())
    await questions.sweep()
    assert await questions.find("q1") is None
    assert await questions.find("q2") is not None
    clock.forward(seconds=(ASK_AGAIN_AFTER - ANSWER_WITHIN + timedelta(1)).total_seconds())
    await questions.sweep()
    assert await questions.find("q2") is None


@pytest.mark.parametrize("person_id", [ASKER, OWNER])
async def test_both_people_export_it_and_either_deletes_it(
    person_id: int, questions: PictureQuestionTable, database: Database, clock: HandClock
) -> None:
    privacy = PrivacyTable(database, clock=clock)
    await questions.open(about(clock, "1"))
    found = dict[str, Rows]()

    async def each(table: str, rows: Rows) -> None:
        found[table] = rows

    await privacy.export(person_id, each)
    assert [row["id"] for row in found["picture_questions"]] == ["q1"]
    await privacy.erase(person_id)
    assert await questions.find("q1") is None
