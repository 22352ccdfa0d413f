"""The client with the local DashScope, from picture to video."""

import math
from pathlib import Path

import pytest

from bot.domain.models.model import DASHSCOPE, MODELS
from bot.domain.provider.job import JobStatus
from bot.errors import (
    BalanceEmpty,
    DownloadRefused,
    JobNotFound,
    KeyRefused,
    LinkExpired,
    ModelRefused,
    ProviderUnclear,
    RateLimited,
    RequestRejected,
)
from bot.providers.sessions import Timeouts
from sandbox.dashscope import STYLES, Fault, LocalDashScope
from tests.factories import make_options, make_picture, make_request
from tests.providers.conftest import KEY
from tests.providers.dashscope.conftest import MakeClient

# The first bytes of an MP4 suffice here; other tests check that real videos play.
VIDEO = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(100_000)
PATIENT = Timeouts()
WAN26 = "wan2.6-i2v-flash"
OURS = [model for model in MODELS.values() if model.provider == DASHSCOPE]


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    path = tmp_path / "frame.png"
    path.write_bytes(make_picture("PNG", (640, 480)))
    return path


@pytest.mark.parametrize("model", OURS, ids=[model.id for model in OURS])
async def test_every_kind_of_video_of_every_model(
    model: object, make_client: MakeClient, frame: Path, tmp_path: Path
) -> None:
    (chosen,) = [one for one in OURS if one is model]
    async with (
        LocalDashScope(key=KEY, video=VIDEO, seconds=0, rates=1000) as provider,
        make_client(provider.base_url, timeouts=PATIENT) as client,
    ):
        for kind in chosen.kinds():
            options = make_options(
                resolution=kind.resolution,
                seconds=kind.seconds,
                audio=kind.audio,
                negative_prompt="rain",
            )
            created = await client.create(make_request(model=kind.model, options=options), frame)
            job = await client.status(created.id)
            assert job.status is JobStatus.COMPLETED
            made = provider.creates[-1]
            assert (made.model, made.resolution, made.seconds) == kind[:3]
            assert made.sound is kind.audio
            assert made.negative_prompt == "rain"
        assert job.video_url is not None
        assert await client.download(job.video_url, tmp_path / "out.mp4") == len(VIDEO)


@pytest.mark.parametrize("style", STYLES)
async def test_every_style_of_answers(style: str, make_client: MakeClient, frame: Path) -> None:
    async with (
        LocalDashScope(key=KEY, video=VIDEO, waiting=0, style=STYLES[style]) as provider,
        make_client(provider.base_url, timeouts=PATIENT) as client,
    ):
        created = await client.create(make_request(model=WAN26), frame)
        assert (await client.status(created.id)).status is JobStatus.PENDING
        provider.finish()
        done = await client.status(created.id)
        assert (done.status, done.cost) == (JobStatus.COMPLETED, None)
        assert (done.video_url is None) is (style == "succeeded without a video")
        provider.failing = ("DataInspectionFailed", "not that")
        provider.seconds = 0
        failed = await client.status((await client.create(make_request(model=WAN26), frame)).id)
    assert failed.status is JobStatus.FAILED
    assert (failed.error_code is None) is (style == "failed without a reason")


async def test_a_task_is_canceled_while_it_waits_and_not_later(
    make_client: MakeClient, frame: Path
) -> None:
    async with (
        LocalDashScope(key=KEY, waiting=math.inf) as provider,
        make_client(provider.base_url, timeouts=PATIENT) as client,
    ):
        first, second = [await client.create(make_request(model=WAN26), frame) for _ in range(2)]
        assert await client.cancel(first.id)
        assert (await client.status(first.id)).error_code == "CANCELED"
        assert not await client.cancel(first.id)
        provider.begin()
        assert not await client.cancel(second.id)
        assert not await client.cancel("00000000-no-such-task")
        provider.waiting = math.inf
        third = await client.create(make_request(model=WAN26), frame)
        provider.faults.add(Fault(operation="cancel", when="after", reset=True))
        with pytest.raises(ProviderUnclear):
            await client.cancel(third.id)
        # Whether it was canceled can be asked for.
        assert (await client.status(third.id)).error_code == "CANCELED"
        assert provider.counts["cancel"] == 5


async def test_what_the_local_provider_refuses(
    make_client: MakeClient, frame: Path, tmp_path: Path
) -> None:
    request = make_request(model="wan2.2-i2v-flash")
    async with (
        LocalDashScope(key=KEY, video=VIDEO, seconds=0) as provider,
        make_client(provider.base_url, timeouts=PATIENT) as client,
    ):
        assert await client.key_works()
        with pytest.raises(JobNotFound):
            await client.status("no-such-task")
        for _ in range(2):
            job = await client.create(request, frame)
        with pytest.raises(RateLimited):
            await client.create(request, frame)
        provider.rates = 100
        provider.link_seconds = 0
        url = (await client.status(job.id)).video_url
        with pytest.raises(LinkExpired):
            await client.download(url or "", tmp_path / "out.mp4")
        too_long = make_request(model=request.model, options=make_options(seconds=10))
        with pytest.raises(RequestRejected, match="must be one of 5"):
            await client.create(too_long, frame)
        provider.denied.add(request.model)
        with pytest.raises(ModelRefused):
            await client.create(request, frame)
        provider.in_arrears = True
        with pytest.raises(BalanceEmpty):
            await client.create(request, frame)
        provider.key = "sk-of-another-region"
        with pytest.raises(KeyRefused, match="one region only"):
            await client.create(request, frame)
        assert not await client.key_works()


async def test_a_video_comes_from_public_addresses_or_the_providers_own(
    make_client: MakeClient, frame: Path, tmp_path: Path
) -> None:
    async with (
        LocalDashScope(key=KEY, video=VIDEO, seconds=0) as provider,
        LocalDashScope(video=VIDEO) as other,
        make_client(provider.base_url, timeouts=PATIENT) as client,
    ):
        for origin in (other.origin, "https://10.0.0.1", "http://files.example"):
            provider.files_url = origin
            job = await client.status((await client.create(make_request(model=WAN26), frame)).id)
            assert job.video_url is not None
            assert job.video_url.startswith(origin)
            with pytest.raises(DownloadRefused):
                await client.download(job.video_url, tmp_path / "out.mp4")
        assert other.counts["file"] == 0
    assert not (tmp_path / "out.mp4").exists()
