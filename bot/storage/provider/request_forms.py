"""Stores which form of a create call the provider accepted, for each address and model."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engine.database import Database
from bot.storage.engine.upsert import insert_if_absent
from bot.storage.tables import request_forms


class RequestFormTable:
    """Accepted forms, shared by all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, address: str, model: str) -> str | None:
        """Return the accepted form, or ``None`` while nothing has been accepted.

        Raises:
            StorageError: the database cannot be read now.
        """

        async def work(connection: AsyncConnection) -> str | None:
            query = select(request_forms.c.form).filter_by(address=address, model=model)
            form: str | None = await connection.scalar(query)
            return form

        return await self._database.read(work)

    async def keep(self, address: str, model: str, form: str) -> None:
        """Store the accepted form, unless one is stored already.

        Raises:
            StorageError: the database cannot be written now.
        """

        async def work(connection: AsyncConnection) -> None:
            key = {"address": address, "model": model}
            await insert_if_absent(connection, request_forms, key, {"form": form})

        await self._database.write(work)
