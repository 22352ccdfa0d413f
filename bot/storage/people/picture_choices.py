"""Who may use a person's pictures and videos, as that person chose it for all servers."""

from collections.abc import Collection

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.consent import PictureChoice
from bot.storage.engine.database import Database
from bot.storage.engine.upsert import upsert
from bot.storage.tables import picture_choices


class PictureChoiceTable:
    """Choices other than the default, a row for each person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def choose(self, person_id: int, choice: PictureChoice) -> None:
        """Store what a person chose; the default leaves nothing behind."""

        async def work(connection: AsyncConnection) -> None:
            key = {"person_id": person_id}
            if choice is PictureChoice.EVERYONE:
                theirs = picture_choices.c.person_id == person_id
                await connection.execute(delete(picture_choices).where(theirs))
            else:
                await upsert(connection, picture_choices, key, {"pictures": choice})

        await self._database.write(work)

    async def refuses(self, people: Collection[int]) -> bool:
        """Whether one of these people lets nobody use their pictures."""
        return await self._database.read(lambda on: refuses(on, people))


async def refuses(connection: AsyncConnection, people: Collection[int]) -> bool:
    """Whether one of these people lets nobody use their pictures."""
    at = picture_choices.c
    found = exists().where(at.person_id.in_(people), at.pictures == PictureChoice.NOBODY)
    return bool(await connection.scalar(select(found)))
