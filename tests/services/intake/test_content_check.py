"""The operator's check holds at every entry point, before anything is reserved."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.content_check import ContentFinding
from bot.domain.task import EntryPoint
from bot.errors import ContentRefused, ContentUnchecked, QuotaRefused
from tests.factories import make_limits, make_options
from tests.services.intake.intake_fixture import Frames, open_intake, submission

FOUND = ContentFinding(category="violence", score=0.97)


class Check:
    """A check that answers or raises as it is told."""

    def __init__(self, answer: ContentFinding | Exception | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def check(self, prompt: str, picture: Path) -> ContentFinding | None:
        self.asked.append(prompt)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def rows(folder: Path) -> int:
    """Return how many rows there are about tasks and about what they hold."""
    with closing(sqlite3.connect(folder / "x.db")) as database:
        queries = (
            "SELECT count(*) FROM tasks",
            "SELECT count(*) FROM allowance_holds",
            "SELECT count(*) FROM money_holds",
        )
        return sum(database.execute(query).fetchone()[0] for query in queries)


@pytest.mark.parametrize("entry_point", list(EntryPoint))
async def test_what_the_check_refuses_reserves_nothing_at_any_entry_point(
    entry_point: EntryPoint, tmp_path: Path
) -> None:
    check = Check(FOUND)
    options = make_options(prompt="short", negative_prompt="blood")
    async with open_intake(tmp_path, Frames(), content_check=check) as intake:
        with pytest.raises(ContentRefused) as refused:
            await intake.accept(submission(entry_point=entry_point, options=options))
        assert refused.value.finding == FOUND
        assert check.asked == ["short"], "a negative prompt says what somebody does not want"
        assert rows(tmp_path) == 0
        check.answer = ContentUnchecked()
        with pytest.raises(ContentUnchecked):
            await intake.accept(submission(entry_point=entry_point, options=options))
        assert rows(tmp_path) == 0
        check.answer = None
        await intake.accept(submission(entry_point=entry_point, options=options))
        assert rows(tmp_path) == 3


async def test_what_a_limit_refuses_is_sent_to_no_check(tmp_path: Path) -> None:
    check = Check(None)
    limits = make_limits(videos=0)
    async with open_intake(tmp_path, Frames(), limits=limits, content_check=check) as intake:
        with pytest.raises(QuotaRefused):
            await intake.accept(submission())
    assert check.asked == []
