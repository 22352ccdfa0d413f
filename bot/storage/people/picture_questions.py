"""Questions to the owners of pictures; they outlive a restart, and each is answered once."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.consent import ANSWER_WITHIN, ASK_AGAIN_AFTER, MOST_QUESTIONS, PictureQuestion
from bot.errors import AlreadyAsked, TooManyQuestions
from bot.storage.engine.database import Database
from bot.storage.engine.postgres import serialize_reservations
from bot.storage.tables import picture_questions

_AT = picture_questions.c


class PictureQuestionTable:
    """Open questions, and refused ones for as long as nobody may ask again."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open(self, question: PictureQuestion) -> None:
        """Store a new question.

        Raises:
            AlreadyAsked: the person has asked for this picture already.
            TooManyQuestions: the most questions of the person are open.
        """
        await self._database.write(lambda on: _open(on, question))

    async def find(self, question_id: str) -> PictureQuestion | None:
        """The question of this id; ``None`` if it was answered long ago, or allowed."""

        async def work(connection: AsyncConnection) -> PictureQuestion | None:
            query = select(picture_questions).where(_AT.id == question_id)
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else PictureQuestion(**row._mapping)

        return await self._database.read(work)

    async def refuse(self, question_id: str) -> None:
        """Forget what was asked for, and remember that it was refused."""
        refused = update(picture_questions).where(_AT.id == question_id).values(request="")
        await self._database.write(lambda on: on.execute(refused))

    async def remove(self, question_id: str) -> None:
        """Delete a question that was allowed, or that could not be posted."""
        gone = delete(picture_questions).where(_AT.id == question_id)
        await self._database.write(lambda on: on.execute(gone))

    async def sweep(self) -> None:
        """Delete the questions that count no more."""
        over = delete(picture_questions).where(~_counts(self._clock.now()))
        await self._database.write(lambda on: on.execute(over))


def _counts(now: datetime) -> ColumnElement[bool]:
    """The condition that a question is open, or was refused lately."""
    return or_(
        and_(_AT.request != "", _AT.made_at > now - ANSWER_WITHIN),
        and_(_AT.request == "", _AT.made_at > now - ASK_AGAIN_AFTER),
    )


async def _open(connection: AsyncConnection, question: PictureQuestion) -> None:
    # Two questions of one person at the same moment would both count the others only.
    await serialize_reservations(connection)
    theirs, now = _AT.person_id == question.person_id, question.made_at
    same = theirs & (_AT.picture == question.picture)
    count = select(func.count()).select_from(picture_questions)
    if await connection.scalar(count.where(same, _counts(now))):
        raise AlreadyAsked(question.picture)
    is_open = and_(theirs, _AT.request != "", _AT.made_at > now - ANSWER_WITHIN)
    if (await connection.scalar(count.where(is_open)) or 0) >= MOST_QUESTIONS:
        raise TooManyQuestions(str(question.person_id))
    await connection.execute(delete(picture_questions).where(same))
    await connection.execute(insert(picture_questions).values(asdict(question)))
