"""A video's file is labeled between its download and its delivery, whatever comes in between."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import DeliveryMethod, Posted
from bot.domain.task import State, Task
from bot.services.metrics_sink import MetricsSink
from bot.storage.tasks.tasks import TaskStore
from bot.video.labeler import VideoLabeler
from bot.video.survey import TRAINED_ALGORITHMIC_MEDIA
from tests.clock import VirtualClock
from tests.factories import make_limits, make_new_task
from tests.simulation.fake_world import Script
from tests.simulation.scripted_site import ScriptedSite

HOUR = 3600.0
MP4 = b"\0\0\0\x10ftypisom\0\0\2\0" + b"\0\0\x03\xe8mdat" + bytes(992)
CUT = MP4[:-1]
LABEL = TRAINED_ALGORITHMIC_MEDIA.encode()


class CountingSink(MetricsSink):
    """Counts the videos that were delivered without a label."""

    def __init__(self) -> None:
        self.without_label = 0

    def unlabeled(self) -> None:
        self.without_label += 1


class FullDisk(VideoLabeler):
    """A labeler whose disk is full for some attempts."""

    def __init__(self, attempts: int) -> None:
        super().__init__()
        self.attempts = attempts

    async def label(self, video: Path, task: Task) -> None:
        self.attempts -= 1
        if self.attempts >= 0:
            raise OSError(28, "No space left on device")
        await super().label(video, task)


class Site(ScriptedSite):
    """A provider with this video, and a channel that keeps what is posted there."""

    content = MP4

    def __init__(self, folder: Path, store: TaskStore, clock: VirtualClock, script: Script) -> None:
        super().__init__(folder, store, clock, script)
        self.metrics = CountingSink()
        self.posted: list[bytes] = []
        self.downloads = 0

    @property
    def video(self) -> Path:
        return self.videos / "t0000001.mp4"

    async def download(self, url: str, target: Path) -> int:
        self.downloads += 1
        self.put_video(self.content)
        return len(self.content)

    def put_video(self, content: bytes) -> None:
        """Make this the file of the task's video."""
        self.video.write_bytes(content)

    def keep(self, video: Path | None) -> None:
        """Remember what a file held when it was posted."""
        if video is not None:
            self.posted.append(video.read_bytes())

    async def reach(self, state: State) -> None:
        await self.clock.until(lambda: self.stored("t0000001").state is state, within=HOUR)


Start = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
def start(
    tmp_path: Path, store: TaskStore, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> Start:

    @asynccontextmanager
    async def site(
        content: bytes = MP4, labeler: VideoLabeler | None = None, **faults: list[str | None]
    ) -> AsyncIterator[Site]:
        task = await store.reserve(make_new_task(), make_limits())
        site = Site(tmp_path, store, clock, Script(**faults))
        site.content = content
        site.videos.mkdir()
        monkeypatch.setattr(site.provider, "download", site.download)
        deliver = site.messenger.deliver

        async def kept(task: Task, method: DeliveryMethod, *given: Any, **more: Any) -> Posted:
            site.keep(*given)
            return await deliver(task, method, *given, **more)

        monkeypatch.setattr(site.messenger, "deliver", kept)
        async with site.new_worker(labeler=labeler, metrics=site.metrics) as worker:
            worker.take(task)
            yield site

    return site


async def test_what_is_posted_carries_the_label_once(start: Start) -> None:
    async with start(deliver=["unclear before"] * 3) as site:
        await site.reach(State.DELIVERED)
    assert [posted.count(LABEL) for posted in site.posted] == [1] * 4
    assert site.downloads == 1
    assert site.metrics.without_label == 0


async def test_what_is_kept_undelivered_carries_the_label(start: Start) -> None:
    async with start(deliver=["refused"] * 4) as site:
        await site.reach(State.UNDELIVERED)
    assert site.video.read_bytes().count(LABEL) == 1


async def test_a_video_kept_by_an_older_version_is_labeled_when_it_is_posted(start: Start) -> None:
    async with start() as site:
        await site.reach(State.RUNNING)
        site.put_video(MP4)
        await site.reach(State.DELIVERED)
    assert site.downloads == 0
    assert [posted.count(LABEL) for posted in site.posted] == [1]


async def test_a_file_that_takes_no_label_is_posted_as_it_is_and_counted(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    async with start(content=CUT) as site:
        await site.reach(State.DELIVERED)
    assert site.posted == [CUT]
    assert site.metrics.without_label == 1
    assert "task t0000001: its file carries no label" in caplog.text
    assert "not labeled yet" not in caplog.text


async def test_a_full_disk_is_waited_for(start: Start) -> None:
    async with start(labeler=FullDisk(attempts=5)) as site:
        await site.reach(State.DELIVERED)
    assert [posted.count(LABEL) for posted in site.posted] == [1]
    assert site.metrics.without_label == 0


async def test_a_disk_that_stays_full_keeps_the_video_from_nobody(start: Start) -> None:
    async with start(labeler=FullDisk(attempts=1000)) as site:
        await site.reach(State.DELIVERED)
        assert site.clock.passed < HOUR / 3
    assert site.posted == [MP4]
    assert site.metrics.without_label == 1
