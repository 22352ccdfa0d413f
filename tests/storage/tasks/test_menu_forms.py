"""Pictures that menus found: kept per person, for a day, and only a few."""

from bot.domain.task import FoundPicture
from bot.storage.engine.database import Database, open_database
from bot.storage.maintenance.privacy import PrivacyTable
from bot.storage.tasks.menu_forms import MOST_OF_PERSON, MenuFormTable
from tests.storage.conftest import HandClock

CAT = FoundPicture(url="https://cdn.discordapp.com/1/cat.png?ex=1", name="猫.png", bytes=5)
HIDDEN = FoundPicture(url="https://media.discordapp.net/x", name="x", is_spoiler=True)


async def test_a_form_is_kept_for_its_person_over_a_restart(any_url: str, clock: HandClock) -> None:
    async with open_database(any_url) as database:
        await MenuFormTable(database, clock=clock).keep(1, 77, [CAT, HIDDEN])
    async with open_database(any_url) as database:
        forms = MenuFormTable(database, clock=clock)
        assert await forms.find(1, 77) == [CAT, HIDDEN]
        assert await forms.find(1, 78) is None
        assert await forms.find(2, 77) is None


async def test_a_menu_that_is_used_again_has_what_was_found_last(
    database: Database, clock: HandClock
) -> None:
    forms = MenuFormTable(database, clock=clock)
    await forms.keep(1, 77, [CAT])
    await forms.keep(1, 77, [HIDDEN])
    assert await forms.find(1, 77) == [HIDDEN]


async def test_only_the_latest_forms_of_a_person_are_kept(
    database: Database, clock: HandClock
) -> None:
    forms = MenuFormTable(database, clock=clock)
    await forms.keep(1, 78, [CAT])
    for message_id in range(MOST_OF_PERSON + 2):
        clock.forward(seconds=1)
        await forms.keep(message_id, 77, [CAT])
    found = [await forms.find(number, 77) for number in range(MOST_OF_PERSON + 2)]
    assert found == [None, None, *[[CAT]] * MOST_OF_PERSON]
    assert await forms.find(1, 78) == [CAT]


async def test_a_form_is_forgotten_after_a_day(database: Database, clock: HandClock) -> None:
    forms = MenuFormTable(database, clock=clock)
    await forms.keep(1, 77, [CAT])
    clock.forward(days=1, minutes=-1)
    await forms.keep(2, 77, [CAT])
    await forms.sweep()
    assert await forms.find(1, 77) == [CAT]
    clock.forward(minutes=2)
    await forms.sweep()
    assert await forms.find(1, 77) is None
    assert await forms.find(2, 77) == [CAT]


async def test_deleting_ones_data_deletes_the_forms(database: Database, clock: HandClock) -> None:
    forms = MenuFormTable(database, clock=clock)
    await forms.keep(1, 77, [CAT])
    await forms.keep(1, 78, [CAT])
    await PrivacyTable(database, clock=clock).erase(77)
    assert await forms.find(1, 77) is None
    assert await forms.find(1, 78) == [CAT]
