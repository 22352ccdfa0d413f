import asyncio
import io
import math
from decimal import Decimal
from pathlib import Path

import aiohttp
import av
import pytest

from sandbox.vtrix import STYLES, LocalVtrix
from tests.sandbox.provider_data import CLIP, URI, HandClock
from tests.sandbox.vtrix.vtrix_caller import Caller, documented, video_url

# --- one video ----------------------------------------------------------------------------


async def test_a_job_from_create_to_file(
    provider: LocalVtrix, caller: Caller, clock: HandClock
) -> None:
    _, created = await caller.create(documented(URI, resolution="480P", seed=7))
    assert created["status"] == "pending"
    assert created["created_at"] == int(clock.now().timestamp())

    clock.passed = 16.5
    _, running = await caller.status(created["id"])
    assert (running["status"], running["progress"]) == ("in_progress", 0.5)
    assert "output" not in running
    assert "usage" not in running

    clock.passed = 30
    status, done = await caller.status(created["id"])
    assert (status, done["status"]) == (200, "completed")
    assert done["usage"] == {"cost": "0.10", "discount": 0}
    entry = done["output"][0]["content"][0]
    assert entry["type"] == "video"
    assert entry["jobId"]
    assert await caller.file(entry["url"]) == (200, CLIP, "video/mp4", len(CLIP))


async def test_the_video_is_made_from_the_frame_and_the_same_order_gives_the_same() -> None:
    async with LocalVtrix(seconds=0) as local, aiohttp.ClientSession() as session:
        caller = Caller(local, session)
        films = []
        for seed in (1, 1, 2):
            _, done = await caller.create(documented(URI, resolution="480P", seed=seed))
            films.append((await caller.file(video_url(done)))[1])
    assert films[0][4:8] == b"ftyp"
    assert films[0] == films[1] != films[2]


async def test_a_video_has_the_length_the_size_and_the_sound_that_were_asked_for() -> None:
    async with LocalVtrix(seconds=0) as local, aiohttp.ClientSession() as session:
        caller = Caller(local, session)
        for seconds, resolution, audio, height in (
            (10, "720P", True, 832),
            (5, "1080P", False, 1248),
        ):
            asked = {"duration": seconds, "resolution": resolution, "audio": audio, "seed": 1}
            _, done = await caller.create(documented(URI, model="wan25_i2v_preview", **asked))
            _, content, _, _ = await caller.file(video_url(done))
            with av.open(io.BytesIO(content), "r") as container:
                assert container.duration == seconds * 1_000_000
                assert bool(container.streams.audio) is audio
                assert container.streams.video[0].height == height


async def test_a_longer_video_costs_by_the_second(provider: LocalVtrix, caller: Caller) -> None:
    provider.seconds = 0
    provider.style = STYLES["the vendor's clients'"]
    asked = documented(URI, model="wan25_i2v_preview", duration=10, resolution="1080P")
    _, done = await caller.create(asked)
    assert done["usage"]["cost"] == "1.50"
    assert (done["usage"]["quantity"], done["usage"]["unit_price"]) == (10, "0.15")
    assert done["output"][0]["content"][0]["duration"] == "10"
    assert provider.charges == {done["id"]: Decimal("1.50")}
    assert provider.balance == Decimal("8.50")


async def test_speed_shortens_a_job(clock: HandClock) -> None:
    async with (
        LocalVtrix(clock=clock, seconds=60, speed=10, video=CLIP) as local,
        aiohttp.ClientSession() as session,
    ):
        caller = Caller(local, session)
        _, created = await caller.create(documented(URI))
        clock.passed = 5.9
        assert (await caller.status(created["id"]))[1]["status"] == "in_progress"
        clock.passed = 6
        assert (await caller.status(created["id"]))[1]["status"] == "completed"


async def test_a_video_can_come_from_a_file(
    provider: LocalVtrix, caller: Caller, tmp_path: Path
) -> None:
    provider.video = tmp_path / "long.mp4"
    provider.video.write_bytes(CLIP)
    provider.seconds = 0
    _, done = await caller.create(documented(URI))
    assert await caller.file(video_url(done)) == (200, CLIP, "video/mp4", len(CLIP))


# --- key and money ------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["another-key", ""])
async def test_a_wrong_key(key: str, provider: LocalVtrix, caller: Caller) -> None:
    caller.key = key
    assert (await caller.create(documented(URI)))[0] == 401
    status, answer = await caller.status("any")
    assert (status, answer["error"]["code"]) == (401, "InvalidApiKey")
    assert provider.creates == []


async def test_an_unknown_task(provider: LocalVtrix, caller: Caller) -> None:
    assert (await caller.status("task-none"))[0] == 404
    _, created = await caller.create(documented(URI))
    provider.forget(created["id"])
    assert (await caller.status(created["id"]))[0] == 404


async def test_each_completed_job_takes_its_cost_exactly(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.balance = "0.50"
    await caller.create(documented(URI))
    await caller.create(documented(URI))
    assert provider.balance == Decimal("0.50")
    refused, answer = await caller.create(documented(URI))
    assert (refused, answer["error"]["code"]) == (403, "InsufficientBalance")
    provider.finish()
    assert provider.balance == Decimal("0.10")
    assert (await caller.create(documented(URI, resolution="480P")))[0] == 200


async def test_a_failed_job_costs_nothing(provider: LocalVtrix, caller: Caller) -> None:
    provider.fail_next("DataInspectionFailed", "the input may be inappropriate")
    _, created = await caller.create(documented(URI))
    provider.finish(created["id"])
    _, failed = await caller.status(created["id"])
    assert failed["status"] == "failed"
    assert failed["error"] == {
        "code": "DataInspectionFailed",
        "message": "the input may be inappropriate",
    }
    assert "output" not in failed
    assert provider.balance == Decimal(10)
    await caller.create(documented(URI))
    provider.finish()
    assert provider.balance == Decimal("9.80")


# --- how long jobs take, and how long links work --------------------------------------------


async def test_slow_jobs_and_endless_ones(
    provider: LocalVtrix, caller: Caller, clock: HandClock
) -> None:
    provider.slow = 40
    _, slow = await caller.create(documented(URI))
    provider.slow = math.inf
    _, endless = await caller.create(documented(URI))
    clock.passed = 1199
    assert (await caller.status(slow["id"]))[1]["status"] == "in_progress"
    clock.passed = 200_000
    assert (await caller.status(slow["id"]))[1]["status"] == "completed"
    assert (await caller.status(endless["id"]))[1]["status"] == "in_progress"
    provider.finish(endless["id"])
    assert (await caller.status(endless["id"]))[1]["status"] == "completed"


async def test_links_expire(provider: LocalVtrix, caller: Caller, clock: HandClock) -> None:
    provider.link_seconds = 60
    _, created = await caller.create(documented(URI))
    clock.passed = 30
    _, done = await caller.status(created["id"])
    link = video_url(done)
    clock.passed = 89
    assert (await caller.file(link))[0] == 200
    clock.passed = 90
    assert (await caller.file(link))[0] == 403


async def test_only_its_own_links_work(provider: LocalVtrix, caller: Caller) -> None:
    provider.seconds = 0
    _, done = await caller.create(documented(URI))
    link = video_url(done)
    assert (await caller.file(link[:-4] + "0000"))[0] == 403
    assert (await caller.file(link.replace("expires=", "expires=9")))[0] == 403
    assert (await caller.file(link.partition("?")[0]))[0] == 403


# --- the request log ------------------------------------------------------------------------


async def test_the_log_knows_neither_keys_nor_pictures(
    provider: LocalVtrix, caller: Caller
) -> None:
    await caller.create(documented(URI, seed=7))
    await caller.create(documented(URI, seed=-7))
    log = [repr(exchange) for exchange in provider.requests]
    assert provider.requests[0].operation == "create"
    assert [exchange.status for exchange in provider.requests] == [200, 400]
    for line in log:
        assert URI[100:200] not in line
        assert provider.key not in line
    assert "sha256:" in log[0]


async def test_requests_are_counted_and_can_be_waited_for(
    provider: LocalVtrix, caller: Caller
) -> None:
    waiting = asyncio.create_task(provider.asked("status", 2))
    await caller.status("one")
    assert not waiting.done()
    await caller.status("two")
    await waiting
    assert provider.counts == {"status": 2}


async def test_unknown_paths_and_methods_are_answered_in_json(
    provider: LocalVtrix, caller: Caller
) -> None:
    for path, status in (("/", 404), ("/model/v1/generation", 405)):
        async with caller.session.get(provider.base_url + path) as answer:
            assert answer.status == status
            assert "code" in (await answer.json())["error"]
