"""What one machine deletes is also deleted from the disks of the others."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.submission import MadeFrame
from bot.domain.task import State, Task
from bot.services.intake.first_frame_keeper import FirstFrameKeeper
from bot.services.privacy.privacy import Privacy
from bot.services.privacy.retention import sweep_videos
from bot.storage.engine.database import Database
from bot.storage.files.images import ImageStore
from bot.storage.files.object_store import SharedFiles, open_shared_files
from bot.storage.maintenance.privacy import PrivacyTable
from bot.storage.people.picture_choices import PictureChoiceTable
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_frame, make_person, make_request
from tests.storage.conftest import HandClock
from tests.storage.state_builder import task_in


async def _nobody(text: str) -> None:
    raise AssertionError(text)


class Machine:
    """The disk of one machine."""

    def __init__(
        self, folder: Path, store: TaskStore, clock: HandClock, shared: SharedFiles
    ) -> None:
        self.clock = clock
        self.folder, self.store, self.shared = folder, store, shared
        self.images = ImageStore(folder / "images", shared=shared)
        self.videos = folder / "videos"
        self.videos.mkdir(parents=True)

    async def keep(self, content: bytes) -> None:
        source = self.folder / "source"
        source.write_bytes(content)
        await self.images.keep(MadeFrame(path=source, frame=make_frame(content), mended=()))

    async def keep_video(self, task: Task) -> None:
        path = self.videos / f"{task.id}.mp4"
        path.write_bytes(b"video")
        await self.shared.put(f"videos/{task.id}.mp4", path)

    async def fetch(self, task: Task) -> None:
        """Fetch a frame, as a machine does that takes a task over."""
        assert await self.images.find(task.request.frame.digest)
        await self.shared.get(f"videos/{task.id}.mp4", self.videos / f"{task.id}.mp4")

    async def sweep(self) -> None:
        keeper = FirstFrameKeeper(
            images=self.images,
            uses=self.store,
            clock=self.clock,
            keep=timedelta(days=30),
            most_bytes=10**9,
            tell_operator=_nobody,
        )
        await keeper.sweep()
        await sweep_videos(self.videos, self.store, self.shared)

    def files(self) -> list[str]:
        return names(self.folder)

    def age(self, hours: float) -> None:
        make_old(self.folder, hours)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def make_old(folder: Path, hours: float) -> None:
    for path in folder.rglob("*"):
        then = path.stat().st_mtime - 3600 * hours
        os.utime(path, (then, then))


def theirs(content: bytes) -> dict[str, Any]:
    return {"person": make_person(id=77), "request": make_request(frame=make_frame(content))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shared"


async def test_what_a_person_deletes_is_gone_from_every_disk(
    tmp_path: Path, folder: Path, store: TaskStore, database: Database, clock: HandClock
) -> None:
    shared = open_shared_files(f"file://{folder}")
    gateway = Machine(tmp_path / "gateway", store, clock, shared)
    worker = Machine(tmp_path / "worker", store, clock, shared)
    await gateway.keep(b"theirs")
    await gateway.keep(b"others'")
    task = await task_in(store, State.UNDELIVERED, "theirs", **theirs(b"theirs"))
    other = await task_in(
        store, State.UNDELIVERED, "others", request=make_request(frame=make_frame(b"others'"))
    )
    for one in (task, other):
        await worker.fetch(one)
        await worker.keep_video(one)
    privacy = Privacy(
        stored=PrivacyTable(database, clock=clock),
        choices=PictureChoiceTable(database),
        frames=gateway.images,
        videos=gateway.videos,
        shared=shared,
    )
    await privacy.erase(77)
    left = [other.request.frame.digest, "others.mp4"]
    assert names(folder) == sorted(left)
    # The other machine learns of it in its next sweep.
    worker.age(hours=1.1)
    await worker.sweep()
    assert worker.files() == sorted(left)
    await gateway.sweep()
    assert gateway.files() == left[:1]


async def test_delivered_videos_are_deleted_from_the_machine_that_lost_the_task(
    tmp_path: Path, folder: Path, store: TaskStore, clock: HandClock
) -> None:
    shared = open_shared_files(f"file://{folder}")
    machine = Machine(tmp_path / "worker", store, clock, shared)
    states = (State.DELIVERED, State.RENDERED, State.UNDELIVERED)
    for state in states:
        await machine.keep_video(await task_in(store, state, state.value))
    for age in (0.0, 1.1):
        machine.age(age)
        await machine.sweep()
        kept = states if age == 0.0 else states[1:]
        assert machine.files() == sorted(f"{state.value}.mp4" for state in kept)
    machine.age(7 * 24)
    await machine.sweep()
    assert machine.files() == []


async def test_frames_that_nobody_needs_are_deleted_from_the_shared_store(
    tmp_path: Path, folder: Path, store: TaskStore, clock: HandClock
) -> None:
    machine = Machine(tmp_path / "gateway", store, clock, open_shared_files(f"file://{folder}"))
    for content in (b"unpaid", b"paid"):
        await machine.keep(content)
    await task_in(store, State.FAILED, "unpaid", **theirs(b"unpaid"))
    await task_in(store, State.DELIVERED, "paid", **theirs(b"paid"))
    make_old(folder, hours=2)
    machine.age(hours=2)
    clock.forward(days=1)
    await machine.sweep()
    paid = make_frame(b"paid").digest
    assert machine.files() == [paid]
    assert names(folder) == [paid]
