"""Pictures that Apps › Animate found in a message, shared by all processes."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.task import FoundPicture
from bot.storage.engine.database import Database
from bot.storage.engine.upsert import upsert
from bot.storage.tables import menu_forms

KEEP = timedelta(days=1)
"""About as long as Discord's attachment URLs are valid."""
MOST_OF_PERSON = 20


class MenuFormTable:
    """The forms of Apps › Animate that are open, each with the pictures that it is about."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, message_id: int, person_id: int, pictures: Sequence[FoundPicture]) -> None:
        """Store what was found; only each person's latest few forms are kept.

        Raises:
            StorageError: the database cannot be written now.
        """
        text = json.dumps([asdict(picture) for picture in pictures], ensure_ascii=False)
        key = {"message_id": message_id, "person_id": person_id}
        theirs = menu_forms.c.person_id == person_id

        async def work(connection: AsyncConnection) -> None:
            values = {"pictures": text, "made_at": self._clock.now()}
            await upsert(connection, menu_forms, key, values)
            latest = select(menu_forms.c.message_id).where(theirs)
            latest = latest.order_by(menu_forms.c.made_at.desc()).limit(MOST_OF_PERSON)
            older = theirs & menu_forms.c.message_id.not_in(latest)
            await connection.execute(delete(menu_forms).where(older))

        await self._database.write(work)

    async def find(self, message_id: int, person_id: int) -> Sequence[FoundPicture] | None:
        """Return what was found in that message for that person; ``None`` if it is no longer known.

        Raises:
            StorageError: the database cannot be read now.
        """

        async def work(connection: AsyncConnection) -> str | None:
            query = select(menu_forms.c.pictures)
            query = query.filter_by(message_id=message_id, person_id=person_id)
            text: str | None = await connection.scalar(query)
            return text

        text = await self._database.read(work)
        return None if text is None else [FoundPicture(**one) for one in json.loads(text)]

    async def sweep(self) -> None:
        """Delete the pictures of forms that are too old to be sent."""
        over = menu_forms.c.made_at < self._clock.now() - KEEP
        await self._database.write(lambda on: on.execute(delete(menu_forms).where(over)))
