"""Waiting: how long one member's pictures can hold up everybody else at most."""

import asyncio
import io
import os
import signal
import struct
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.domain.models.model import PictureRules
from bot.domain.quotas.quota import Limits, Usage
from bot.domain.submission import NOBODY, MadeFrame, Sender, Submission
from bot.domain.task import EntryPoint, Task
from bot.errors import (
    Busy,
    PictureProblem,
    PictureRefused,
    PicturesFailed,
    PicturesWaiting,
    QuotaRefused,
)
from bot.imaging.pool.pool import open_frame_maker
from bot.services.allowances import Allowances
from bot.services.fair_queue import FairQueue
from bot.storage.engine.database import Database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.people.picture_choices import PictureChoiceTable
from bot.storage.tasks.tasks import TaskStore
from tests.attacks.members import HERE, MEMBER, THERE, VICTIM, WIDE
from tests.factories import (
    make_frame,
    make_options,
    make_person,
    make_picture,
    make_place,
    make_prices,
    make_providers,
)
from tests.imaging.pictures import chunk, saved
from tests.services.intake.intake_fixture import make_breaker, make_intake
from tests.storage.conftest import HandClock

SMALL = make_picture("PNG", (360, 360))


# --- pictures that are expensive to decode and cheap to send -------------------------------


def many_scans(count: int, size: tuple[int, int] = (4000, 3000)) -> bytes:
    """A progressive JPEG that repeats its last refinement scan."""
    out = io.BytesIO()
    Image.new("RGB", size, (100, 50, 20)).save(out, "JPEG", progressive=True)
    whole = out.getvalue()[:-2]
    start = whole.rindex(b"\xff\xc4")
    scans = whole.count(b"\xff\xda")
    return whole + whole[start:] * (count - scans) + b"\xff\xd9"


def many_chunks(count: int) -> bytes:
    """A valid PNG with empty chunks before its pixels."""
    return SMALL[:33] + chunk(b"IDAT", b"") * count + SMALL[33:]


def many_segments(count: int) -> bytes:
    whole = make_picture("JPEG")
    return whole[:2] + b"\xff\xfe\x00\x02" * count + whole[2:]


def many_frames(count: int) -> bytes:
    whole = make_picture("WEBP", lossless=True)
    body = whole[12:] + b"ANMF\x00\x00\x00\x00" * count
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


@pytest.mark.parametrize(
    ("build", "count", "most_bytes"),
    [
        (many_scans, 400, 100_000),
        (many_chunks, 4_000_000, 50_000_000),
        (many_segments, 10_000_000, 50_000_000),
        (many_frames, 5_000_000, 50_000_000),
    ],
    ids=["400 scans", "4 million chunks", "10 million segments", "5 million frames"],
)
async def test_pictures_of_too_many_parts_are_refused_before_a_worker_sees_them(
    build: Callable[[int], bytes], count: int, most_bytes: int, tmp_path: Path
) -> None:
    data = build(count)
    assert len(data) <= most_bytes
    source = tmp_path / "source"
    source.write_bytes(data)
    async with open_frame_maker(workers=1) as maker:
        for pid in maker.pids:  # type: ignore[attr-defined]
            os.kill(pid, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(PictureRefused) as caught:
            await maker.make(source, tmp_path, MODEL)
        took = time.monotonic() - started
    assert caught.value.problem is PictureProblem.TOO_MANY_PARTS
    assert took < 2.0


@pytest.mark.parametrize(
    ("build", "count"),
    [(many_scans, 10), (many_chunks, 20_000), (many_segments, 2_000)],
    ids=["10 scans", "20,000 chunks", "2,000 segments"],
)
async def test_many_parts_as_programs_write_them_are_accepted(
    build: Callable[[int], bytes], count: int, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(build(count))
    async with open_frame_maker(workers=1) as maker:
        assert (await maker.make(source, tmp_path, MODEL)).frame.width <= 2000


async def test_the_victims_waiting_time_at_the_workers(tmp_path: Path) -> None:
    """Measure the wait of one person behind twelve of the slowest valid pictures of six others."""
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    slow.write_bytes(saved(Image.new("RGB", (10_000, 9_000), "red")))
    quick.write_bytes(SMALL)
    async with open_frame_maker(workers=1) as maker:
        await maker.make(quick, tmp_path, MODEL)
        started = time.monotonic()
        await maker.make(slow, tmp_path, MODEL)
        one = time.monotonic() - started
        frames = [
            asyncio.create_task(
                maker.make(slow, tmp_path, MODEL, Sender(server=HERE, person=number % 6))
            )
            for number in range(12)
        ]
        await asyncio.sleep(one / 4)
        started = time.monotonic()
        await maker.make(quick, tmp_path, MODEL, Sender(server=THERE, person=VICTIM))
        waited = time.monotonic() - started
        for task in frames:
            task.cancel()
        await asyncio.gather(*frames, return_exceptions=True)
    # The bound covers only the picture that a worker has in hand; a plain queue would wait for
    # twelve.
    assert waited < 2.5 * one + 0.5


# --- turns in the queue --------------------------------------------------------------------


class Order:
    """A fair queue whose turns end when the test says so; records the order in which they began."""

    def __init__(self, clock: HandClock, **bounds: Any) -> None:
        self.clock = clock
        self.turns = FairQueue(monotonic=clock.monotonic, **bounds)
        self.begun: list[tuple[int, int]] = []
        self.ends: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(self, server: int, person: int) -> None:
        self.tasks.append(asyncio.create_task(self._turn(Sender(server=server, person=person))))
        await self.settled()

    async def _turn(self, sender: Sender) -> None:
        async with self.turns.turn(sender):
            self.begun.append((sender.server, sender.person))
            end = asyncio.Event()
            self.ends.append(end)
            await end.wait()

    async def end(self, number: int, after: float) -> None:
        self.clock.forward(seconds=after)
        self.ends[number].set()
        await self.settled()

    async def settled(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


async def test_turns_go_by_server_and_then_by_person(clock: HandClock) -> None:
    order = Order(clock, capacity=1)
    for person in (1, 1, 1, 2):
        await order.ask(HERE, person)
    await order.ask(THERE, VICTIM)
    for number in range(5):
        await order.end(number, after=1)
    assert order.begun == [(HERE, 1), (THERE, VICTIM), (HERE, 2), (HERE, 1), (HERE, 1)]


async def test_the_time_a_turn_took_is_charged_to_the_next(clock: HandClock) -> None:
    order = Order(clock, capacity=1)
    await order.ask(HERE, MEMBER)
    await order.ask(THERE, VICTIM)
    await order.end(0, after=20)
    # Both come back repeatedly, the other one with quick pictures: 20 s of those go first.
    for number in range(1, 8):
        await order.ask(HERE, MEMBER)
        await order.ask(THERE, VICTIM)
        await order.end(number, after=2)
    assert order.begun[1:] == [(THERE, VICTIM)] * 8
    for number in range(8, 13):
        await order.end(number, after=2)
        await order.ask(THERE, VICTIM)
    assert (HERE, MEMBER) in order.begun[1:]


async def test_turns_at_once_are_limited_per_person_and_per_server(clock: HandClock) -> None:
    order = Order(clock, capacity=16, running_of_person=2, running_of_server=6)
    for _ in range(3):
        await order.ask(HERE, MEMBER)
        await order.ask(THERE, MEMBER)
    assert len(order.begun) == 2
    for person in range(10, 20):
        await order.ask(HERE, person)
    assert sum(server == HERE for server, _person in order.begun) == 6
    await order.ask(THERE, VICTIM)
    assert order.begun[-1] == (THERE, VICTIM)


@pytest.mark.parametrize("first", [0, 1], ids=["whose turn it is", "who waits"])
async def test_people_who_give_up_leave_no_gap(clock: HandClock, first: int) -> None:
    order = Order(clock, capacity=1)
    for person in (1, 2, 3):
        await order.ask(HERE, person)
    order.tasks[first].cancel()
    order.tasks[1 - first].cancel()
    await order.settled()
    assert order.begun == [(HERE, 1), (HERE, 3)]
    await order.end(1, after=1)
    await order.ask(HERE, 4)
    assert order.begun[-1] == (HERE, 4)


# --- the intake ------------------------------------------------------------------------------


class Picture:
    """A picture that counts how often it is read."""

    name, announced_bytes = "picture.png", None

    def __init__(self) -> None:
        self.reads = 0

    async def read(self) -> AsyncIterator[bytes]:
        self.reads += 1
        yield b"picture"


class Maker:
    """A frame maker that waits for the test, and then makes the frame or refuses."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.refuses = False
        self.inside: list[Sender] = []

    async def make(
        self, source: Path, folder: Path, rules: PictureRules, sender: Sender = NOBODY
    ) -> MadeFrame:
        self.inside.append(sender)
        try:
            await self.go.wait()
        finally:
            self.inside.remove(sender)
        if self.refuses:
            raise PictureRefused(PictureProblem.DAMAGED)
        return MadeFrame(path=source, frame=make_frame(), mended=())


class CountingStore(TaskStore):
    """A task store that counts how often a person's usage is read."""

    uses = 0

    async def use(self, *args: Any) -> Usage:
        use = await super().use(*args)
        self.uses += 1
        return use


class House:
    """An intake in which only the pictures are fake."""

    def __init__(
        self,
        store: TaskStore,
        database: Database,
        clock: HandClock,
        folder: Path,
        limits: Limits = WIDE,
    ) -> None:
        self.maker = Maker()
        self.store = CountingStore(database, clock=clock)
        self.intake = make_intake(
            self.store,
            ModerationStore(database, clock=clock),
            choices=PictureChoiceTable(database),
            providers=make_providers(make_breaker(clock)),
            clock=clock,
            folder=folder,
            allowances=Allowances(tasks=store, default=limits, prices=make_prices()),
            frames=self.maker,
            owner=None,
        )
        self.tasks: list[asyncio.Task[Task]] = []

    async def ask(
        self, person: int = MEMBER, server: int | None = HERE, picture: Picture | None = None
    ) -> Task:
        submission = Submission(
            picture=picture or Picture(),
            options=make_options(),
            person=make_person(id=person),
            place=make_place(guild_id=server),
            entry_point=EntryPoint.SLASH,
        )
        await self.intake.check(submission)
        return await self.intake.accept(submission)

    def begin(self, person: int = MEMBER, server: int | None = HERE) -> None:
        self.tasks.append(asyncio.create_task(self.ask(person, server)))

    async def inside(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.maker.inside) < count:  # noqa: ASYNC110, no event for this
                await asyncio.sleep(0.001)

    async def refused(self, count: int = 0) -> list[BaseException]:
        """Wait until this many have been answered, and return the refusals."""
        async with asyncio.timeout(30):
            while sum(task.done() for task in self.tasks) < count:  # noqa: ASYNC110, none either
                await asyncio.sleep(0.001)
        return [error for task in self.tasks if task.done() and (error := task.exception())]

    async def close(self) -> None:
        self.maker.go.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def house(
    store: TaskStore, database: Database, clock: HandClock, tmp_path: Path
) -> AsyncIterator[House]:
    made = House(store, database, clock, tmp_path)
    yield made
    await made.close()


async def test_two_hundred_pictures_of_one_member_leave_room_for_everybody(house: House) -> None:
    for _ in range(205):
        house.begin()
    await house.inside(2)
    told = await house.refused(195)
    assert {type(error) for error in told} == {PicturesWaiting}
    # Two are read and eight wait. The others have been refused, and take up no place.
    assert len(told) == 195
    assert house.maker.inside == [Sender(server=HERE, person=MEMBER)] * 2
    house.begin(person=VICTIM)
    house.begin(person=VICTIM, server=THERE)
    await house.inside(4)
    await house.close()
    assert not [error for error in await house.refused() if error not in told]


async def test_a_whole_server_leaves_room_for_the_others(house: House) -> None:
    for number in range(205):
        house.begin(person=100 + number)
    await house.inside(6)
    told = await house.refused(105)
    assert {type(error) for error in told} == {Busy}
    assert len(told) == 105
    assert len(house.maker.inside) == 6
    house.begin(person=VICTIM, server=THERE)
    house.begin(person=VICTIM + 1, server=None)
    await house.inside(8)
    assert set(house.maker.inside[-2:]) == {
        Sender(server=THERE, person=VICTIM),
        Sender(server=VICTIM + 1, person=VICTIM + 1),
    }


async def test_failed_pictures_have_a_rate_limit_of_their_own(
    house: House, clock: HandClock
) -> None:
    house.maker.go.set()
    house.maker.refuses = True
    for _ in range(5):
        with pytest.raises(PictureRefused):
            await house.ask()
        clock.forward(seconds=5)
    picture = Picture()
    # The refusal holds in every server, and no picture is read.
    for server in (HERE, THERE, None):
        with pytest.raises(PicturesFailed) as caught:
            await house.ask(server=server, picture=picture)
        assert (caught.value.count, caught.value.retry_after) == (5, 35.0)
    assert picture.reads == 0
    # Nobody else is affected, and it is over after a minute.
    house.maker.refuses = False
    await house.ask(person=VICTIM)
    clock.forward(seconds=36)
    await house.ask()


async def test_pictures_that_wait_meanwhile_are_not_read(house: House) -> None:
    house.maker.refuses = True
    for _ in range(10):
        house.begin()
    await house.inside(2)
    house.maker.go.set()
    await asyncio.gather(*house.tasks, return_exceptions=True)
    told = [type(error) for error in await house.refused()]
    assert len(told) == 10
    assert 5 <= told.count(PictureRefused) <= 6
    assert told.count(PicturesFailed) == 10 - told.count(PictureRefused)


async def test_pictures_refused_for_quota_count_as_failed_too(
    store: TaskStore, database: Database, clock: HandClock, tmp_path: Path
) -> None:
    house = House(store, database, clock, tmp_path, limits=replace(WIDE, videos=2))
    for _ in range(10):
        house.begin()
    # All ten have been let in while two videos were free; then the first two use those up. Each
    # reads the usage once before its picture is read, and once more when it is let in.
    async with asyncio.timeout(20):
        while house.store.uses < 20:  # noqa: ASYNC110, no event for this
            await asyncio.sleep(0.001)
    house.maker.go.set()
    await asyncio.gather(*house.tasks, return_exceptions=True)
    told = [type(error) for error in await house.refused()]
    assert len(told) == 8
    assert 5 <= told.count(QuotaRefused) <= 6
    assert told.count(PicturesFailed) == 8 - told.count(QuotaRefused)
