"""Disk: what members could store on it, and how much is the most."""

import asyncio
import os
import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.guilds.guild import BLOCKED_WORD_CHARS, MOST_CHANNELS, GuildSettings
from bot.domain.models.model import PictureRules
from bot.domain.submission import NOBODY, MadeFrame, Sender, Submission
from bot.domain.task import EntryPoint, Failure, FailureKind, Frame, State, Task
from bot.errors import NoRoom, QuotaRefused, Refusal
from bot.services.intake.first_frame_keeper import LOOK_AGAIN_AFTER, FirstFrameKeeper
from bot.services.intake.intake import Intake
from bot.storage.engine.database import Database
from bot.storage.files.images import ImageStore
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.people.picture_choices import PictureChoiceTable
from bot.storage.tasks.tasks import TaskStore
from bot.ui.texts.catalogues import speaking_in
from bot.ui.texts.moderation import audit
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from tests.factories import (
    VARIABLES,
    make_frame,
    make_limits,
    make_options,
    make_person,
    make_place,
    make_providers,
)
from tests.services.intake.intake_fixture import make_intake
from tests.storage.conftest import HandClock
from tests.storage.state_builder import job

MB = 1_000_000
PICTURE = 1 * MB
# The number of such pictures for which there is room.
ROOM = 20
CONTENT = Failure(kind=FailureKind.MODERATED)
UNLIMITED = make_limits(
    videos=-1,
    concurrent=1000,
    person_day_videos=1000,
    guild_month_budget=None,
    operator_month_budget=None,
)


class Attached:
    """A picture attached in Discord: random content, always the same size."""

    name = "picture.jpg"
    announced_bytes = PICTURE

    def __init__(self, content: bytes | None = None) -> None:
        self._content = content or secrets.token_bytes(PICTURE)

    async def read(self) -> Any:
        yield self._content


class AsItIs:
    """A frame maker that returns each picture unchanged."""

    async def make(
        self, source: Path, folder: Path, rules: PictureRules, sender: Sender = NOBODY
    ) -> MadeFrame:
        content = await asyncio.to_thread(source.read_bytes)
        return MadeFrame(path=source, frame=make_frame(content), mended=())


class Bot:
    """Intake with real files and a real database, and a limited number of megabytes."""

    def __init__(
        self, folder: Path, database: Database, store: TaskStore, clock: HandClock, room: int
    ) -> None:
        self.told = list[str]()
        self.folder, self.store, self.clock = folder / "images", store, clock
        self.images = ImageStore(self.folder)
        self.frames = FirstFrameKeeper(
            images=self.images,
            uses=store,
            clock=clock,
            keep=timedelta(days=30),
            most_bytes=room * MB,
            tell_operator=self._tell,
        )
        self.limits = UNLIMITED
        self.incoming = folder / "incoming"
        self.rules = ModerationStore(database, clock=clock)
        self.choices = PictureChoiceTable(database)
        self.breaker = ProviderCircuitBreaker(
            key_works=self._key, tell_operator=self._tell, variables=VARIABLES, clock=clock
        )

    async def _tell(self, text: str) -> None:
        self.told.append(text)

    async def _key(self) -> bool:
        return True

    def intake(self) -> Intake:
        return make_intake(
            self.store,
            self.rules,
            choices=self.choices,
            providers=make_providers(self.breaker),
            clock=self.clock,
            folder=self.incoming.parent,
            limits=self.limits,
            frames=AsItIs(),
            frames_kept=self.frames,
        )

    async def ask(self, picture: Any = None, **changes: Any) -> Task:
        asked = Submission(
            picture=picture or Attached(),
            options=make_options(),
            person=make_person(),
            place=make_place(),
            entry_point=EntryPoint.SLASH,
        )
        return await self.intake().accept(replace(asked, **changes))

    async def refused_for_content(self) -> Task:
        task = await self.store.submitting(await self.ask())
        return await self.store.failed(task, CONTENT, job=None, may_be_charged=False)

    async def paid(self, end: State = State.DELIVERED) -> Task:
        task = await self.store.submitting(await self.ask())
        if end is State.UNKNOWN:
            return await self.store.unknown(task, None)
        task = await self.store.running(task, replace(job(), id=f"job-{task.id}"))
        if end is State.RUNNING:
            return task
        task = await self.store.rendered(task, job("0.20"))
        if end is State.UNDELIVERED:
            return await self.store.undelivered(task)
        return await self.store.delivered(task, 1, 1)

    def used(self) -> int:
        """Return the megabytes of all files in the picture folders."""
        folders = (self.folder, self.incoming)
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files) // MB

    def age(self, seconds: float) -> None:
        """Make the stored pictures older, and move the clock forward as far."""
        self.clock.forward(seconds=seconds)
        for path in self.folder.glob("??/*"):
            then = path.stat().st_mtime - seconds
            os.utime(path, (then, then))

    async def has(self, frame: Frame) -> bool:
        return await self.images.find(frame.digest) is not None


@pytest.fixture
def bot(tmp_path: Path, database: Database, store: TaskStore, clock: HandClock) -> Bot:
    return Bot(tmp_path, database, store, clock, room=ROOM)


async def test_twenty_commands_at_once_leave_only_two_pictures(bot: Bot) -> None:
    bot.limits = make_limits(videos=2, concurrent=20)
    done = await asyncio.gather(*(bot.ask() for _ in range(20)), return_exceptions=True)
    made = [one for one in done if isinstance(one, Task)]
    assert len(made) == 2
    assert all(isinstance(one, QuotaRefused) for one in done if one not in made)
    assert bot.used() == 2
    for task in made:
        assert await bot.has(task.request.frame)


async def test_a_refusal_leaves_a_picture_that_another_task_has(bot: Bot) -> None:
    content = secrets.token_bytes(PICTURE)
    bot.limits = make_limits(videos=1)
    task = await bot.ask(Attached(content))
    for _ in range(3):
        with pytest.raises(QuotaRefused):
            await bot.ask(Attached(content))
    # The same is true of simultaneous commands, whichever comes first.
    again = secrets.token_bytes(PICTURE)
    people = [make_person(id=n) for n in (7, 7, 7, 7, 8)]
    done = await asyncio.gather(
        *(bot.ask(Attached(again), person=person) for person in people), return_exceptions=True
    )
    made = [one for one in done if isinstance(one, Task)]
    assert len(made) == 2
    assert await bot.has(task.request.frame)
    assert await bot.has(made[0].request.frame)
    assert bot.used() == 2


async def test_a_command_refused_after_its_picture_is_made_leaves_nothing(bot: Bot) -> None:
    with pytest.raises(Refusal):
        await bot.ask(digest="0" * 64)
    assert bot.used() == 0


async def test_pictures_of_prompts_refused_for_content_are_deleted_after_a_day(bot: Bot) -> None:
    for _ in range(15):
        await bot.refused_for_content()
    kept = await bot.paid()
    assert bot.used() == 16
    bot.age(23 * 3600)
    assert await bot.frames.sweep() == 0
    bot.age(3601)
    assert await bot.frames.sweep() == 15
    assert await bot.has(kept.request.frame)
    bot.age(29 * 24 * 3600)
    assert await bot.frames.sweep() == 1
    assert bot.used() == 0


async def test_a_failure_that_was_charged_keeps_its_picture(bot: Bot) -> None:
    task = await bot.store.submitting(await bot.ask())
    task = await bot.store.running(task, job())
    await bot.store.failed(task, CONTENT, job=job("0.20"), may_be_charged=False)
    bot.age(3 * 24 * 3600)
    assert await bot.frames.sweep() == 0


async def test_pictures_without_a_task_are_deleted_after_an_hour(bot: Bot) -> None:
    task = await bot.ask()
    left = bot.folder / "ab" / ("ab" * 32)
    left.parent.mkdir(parents=True)
    left.write_bytes(b"a frame of a process that was killed")
    part = left.with_name("half.shared")
    part.write_bytes(b"half")
    bot.age(3500)
    assert await bot.frames.sweep() == 0
    bot.age(101)
    assert await bot.frames.sweep() == 1
    assert not part.exists()
    assert await bot.has(task.request.frame)


async def test_the_disk_is_bounded_and_pictures_of_ended_tasks_are_deleted_first(bot: Bot) -> None:
    running = await bot.paid(State.RUNNING)
    most = 0
    for _ in range(2 * ROOM):
        await bot.refused_for_content()
        bot.age(120)
        most = max(most, bot.used())
    assert most == ROOM
    delivered = await bot.paid()
    assert await bot.has(running.request.frame)
    assert await bot.has(delivered.request.frame)
    assert bot.told == []


@pytest.mark.parametrize("end", [State.RUNNING, State.UNKNOWN, State.UNDELIVERED])
async def test_no_picture_in_use_is_deleted_for_room(bot: Bot, end: State) -> None:
    tasks = [await bot.paid(end) for _ in range(ROOM)]
    bot.age(24 * 3600)
    for _ in range(3):
        with pytest.raises(NoRoom):
            await bot.ask()
    assert bot.used() == ROOM
    assert len(bot.told) == 1
    assert "KEEP_IMAGES_MB" in bot.told[0]
    # The refusal comes before the picture is read, as long as the search for room is not repeated.
    with pytest.raises(NoRoom):
        bot.frames.check_room()
    # A reroll needs no room.
    frame = tasks[0].request.frame
    assert (await bot.ask(frame, entry_point=EntryPoint.REROLL)).request.frame == frame
    for task in tasks:
        assert await bot.has(task.request.frame)


async def test_room_that_comes_back_is_used(bot: Bot) -> None:
    tasks = [await bot.paid(State.RUNNING) for _ in range(ROOM)]
    bot.age(120)
    with pytest.raises(NoRoom):
        await bot.ask()
    await bot.store.failed(tasks[3], CONTENT, job=None, may_be_charged=False)
    bot.age(LOOK_AGAIN_AFTER + 1)
    await bot.ask()
    assert bot.used() == ROOM
    assert not await bot.has(tasks[3].request.frame)


async def test_the_oldest_picture_is_deleted_first(bot: Bot) -> None:
    tasks = []
    for _ in range(ROOM):
        tasks.append(await bot.paid())
        bot.age(120)
    await bot.ask()
    there = [await bot.has(task.request.frame) for task in tasks]
    assert there == sorted(there)
    assert 0.88 * ROOM <= sum(there) < ROOM


async def test_a_first_frame_that_was_just_made_again_is_kept(bot: Bot) -> None:
    old = await bot.paid()
    bot.age(3600)
    others = [await bot.paid() for _ in range(ROOM - 1)]
    bot.age(120)
    assert await bot.frames.renew(old.request.frame.digest)
    await bot.ask()
    assert await bot.has(old.request.frame)
    assert not await bot.has(others[0].request.frame) or bot.used() <= ROOM


# --- the audit log ------------------------------------------------------------------------------


def _settings(number: int) -> GuildSettings:
    """The largest possible settings, different each time."""
    words = tuple(f"{number:03}-{one:03}".ljust(BLOCKED_WORD_CHARS, "語") for one in range(200))
    channels = frozenset(10**18 + number * 1000 + one for one in range(MOST_CHANNELS))
    return GuildSettings(blocked_words=words, channels=channels)


async def test_the_audit_log_grows_little_with_each_command(
    database: Database, clock: HandClock
) -> None:
    rules = ModerationStore(database, clock=clock)
    for number in range(20):
        await rules.set_settings(2001, _settings(number), by_id=42)
    await rules.block(2001, 1001, "x" * 5000, by_id=42)
    sizes = await database.read(_audit_bytes)
    assert len(sizes) == 21
    assert max(sizes) < 4000
    [_, last, *_] = await rules.audit(2001, subject_id=None, before_id=None, limit=99)
    with speaking_in("en-US"):
        text = audit.logged(last)
    assert "100 channels → 100 channels" in text
    assert "200 words → 200 words" in text


async def test_the_audit_of_a_long_list_names_only_additions_and_removals(
    database: Database, clock: HandClock
) -> None:
    rules = ModerationStore(database, clock=clock)
    long = _settings(1)
    await rules.set_settings(2001, long, by_id=42)
    fewer = replace(long, blocked_words=(*long.blocked_words[1:], "new"))
    entry = await rules.set_settings(2001, fewer, by_id=42)
    assert entry.before["blocked_words"] == [long.blocked_words[0]]
    assert entry.after["blocked_words"] == ["new"]
    with speaking_in("en-US"):
        assert "200 words → 200 words" in audit.logged(entry)


async def test_short_lists_are_written_down_whole(database: Database, clock: HandClock) -> None:
    rules = ModerationStore(database, clock=clock)
    entry = await rules.set_settings(2001, GuildSettings(blocked_words=("a", "b")), by_id=42)
    assert entry.after["blocked_words"] == ["a", "b"]


async def test_the_audit_is_trimmed(database: Database, clock: HandClock) -> None:
    rules = ModerationStore(database, clock=clock)
    # There are more entries than one transaction deletes.
    for videos in range(600):
        await rules.set_videos(2001, 1001, videos, by_id=42)
    clock.forward(days=400)
    await rules.set_videos(2001, 1001, 5000, by_id=42)
    assert await rules.trim_audit(timedelta(days=400)) == 0
    clock.forward(seconds=1)
    assert await rules.trim_audit(timedelta(days=400)) == 600
    [left] = await rules.audit(2001, subject_id=None, before_id=None, limit=99)
    assert left.after == {"videos": 5000}


async def _audit_bytes(connection: AsyncConnection) -> list[int]:
    rows = await connection.execute(text("SELECT before, after FROM audit"))
    return [len("".join(map(str, row)).encode()) for row in rows]
