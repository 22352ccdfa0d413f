"""Who may use somebody's pictures is kept on both engines, whatever else they delete."""

import pytest

from bot.domain.consent import ERASED_OWNER, PictureChoice
from bot.domain.task import State
from bot.errors import PictureNotAllowed
from bot.services.intake.picture_consent import PictureConsent
from bot.storage.engine.database import Database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.maintenance.privacy import PrivacyTable, Rows
from bot.storage.people.picture_choices import PictureChoiceTable
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_person
from tests.services.intake.intake_fixture import submission
from tests.storage.conftest import HandClock
from tests.storage.state_builder import task_in

ADA, GRACE = 77, 78


@pytest.fixture
def choices(database: Database) -> PictureChoiceTable:
    return PictureChoiceTable(database)


async def test_a_choice_can_be_made_twice_and_taken_back(choices: PictureChoiceTable) -> None:
    assert not await choices.refuses([ADA, GRACE])
    for _ in range(2):
        await choices.choose(ADA, PictureChoice.NOBODY)
    assert await choices.refuses([ADA, GRACE])
    assert not await choices.refuses([GRACE])
    for _ in range(2):
        await choices.choose(ADA, PictureChoice.EVERYONE)
    assert not await choices.refuses([ADA])


async def test_it_is_exported_and_the_one_thing_that_deletion_keeps(
    store: TaskStore, database: Database, clock: HandClock, choices: PictureChoiceTable
) -> None:
    privacy = PrivacyTable(database, clock=clock)
    await choices.choose(ADA, PictureChoice.NOBODY)
    await privacy.erase(ADA)
    found = dict[str, Rows]()

    async def each(table: str, rows: Rows) -> None:
        found[table] = rows

    await privacy.export(ADA, each)
    assert found == {"picture_choices": [{"person_id": ADA, "pictures": "nobody"}]}


@pytest.mark.parametrize(("choice", "left"), [("nobody", ERASED_OWNER), ("everyone", None)])
async def test_after_deletion_others_videos_of_the_picture_stay_as_restricted_as_before(
    choice: str,
    left: int | None,
    store: TaskStore,
    database: Database,
    clock: HandClock,
    choices: PictureChoiceTable,
) -> None:
    grace = make_person(id=GRACE)
    await task_in(store, State.DELIVERED, "t1", person=grace, picture_owner_id=ADA)
    await choices.choose(ADA, PictureChoice(choice))
    await PrivacyTable(database, clock=clock).erase(ADA)
    task = await store.get("t1")
    assert task is not None
    assert task.picture_owner_id == left
    assert task.options.prompt
    again = submission(
        person=grace, picture_owner_id=task.picture_owner_id, result_owner_id=task.person.id
    )
    consent = PictureConsent(choices=choices, rules=ModerationStore(database, clock=clock))
    if left is None:
        await consent.check(again)
    else:
        with pytest.raises(PictureNotAllowed):
            await consent.check(again)
