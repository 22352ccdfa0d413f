"""A video that moderators remove while its file is being downloaded is not posted."""

import asyncio
from pathlib import Path

import pytest

from bot.domain.task import State, Task
from bot.storage.tasks.tasks import TaskStore
from tests.clock import VirtualClock
from tests.factories import make_limits, make_new_task
from tests.simulation.fake_world import Script
from tests.simulation.scripted_site import ScriptedSite

HOUR = 3600.0


@pytest.mark.parametrize("is_removed", [True, False])
async def test_a_video_that_is_removed_during_its_download_is_not_posted(
    is_removed: bool,
    tmp_path: Path,
    store: TaskStore,
    clock: VirtualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = await store.reserve(make_new_task(), make_limits())
    site = ScriptedSite(tmp_path, store, clock, Script())
    site.videos.mkdir()
    removed: set[str] = set()

    async def download(url: str, target: Path) -> int:
        if is_removed:
            removed.add(task.id)
        return await asyncio.to_thread(target.write_bytes, b"video")

    async def withholds(task: Task) -> bool:
        return task.id in removed

    monkeypatch.setattr(site.provider, "download", download)
    async with site.new_worker(withholds=withholds) as worker:
        worker.take(task)
        await clock.until(lambda: site.stored(task.id).state is State.DELIVERED, within=HOUR)
    assert (site.stored(task.id).result_message_id is None) is is_removed
