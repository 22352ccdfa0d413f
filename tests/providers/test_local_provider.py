"""The client with the local provider: create, poll and fetch, in every form of a request."""

from pathlib import Path
from typing import get_args

import pytest

from bot.clock import SystemClock
from bot.domain.money import Usd
from bot.domain.provider.job import Job, JobStatus
from bot.errors import BalanceEmpty, JobNotFound, KeyRefused, LinkExpired, RequestRejected
from bot.providers.sessions import Timeouts
from bot.providers.vtrix.client import RequestStyle, VtrixClient
from sandbox.vtrix import LocalVtrix, Style
from tests.factories import make_picture, make_request
from tests.providers.conftest import MakeClient

# The first bytes of an MP4 suffice here; other tests check that real videos play.
VIDEO = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(100_000)
PATIENT = Timeouts()


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    path = tmp_path / "frame.png"
    path.write_bytes(make_picture("PNG", (640, 480)))
    return path


async def finished(client: VtrixClient, job: Job) -> Job:
    while job.status is JobStatus.PENDING:
        await SystemClock().sleep(0.02)
        job = await client.status(job.id)
    return job


def taken(style: str, accepts: str) -> bool:
    return style == "auto" or accepts in ("both", style)


@pytest.mark.parametrize("accepts", ["documented", "wrapped", "both"])
@pytest.mark.parametrize("style", get_args(RequestStyle))
async def test_from_picture_to_video(
    style: str, accepts: str, make_client: MakeClient, frame: Path, tmp_path: Path
) -> None:
    async with (
        LocalVtrix(key="test-key-0123456789", accepts=accepts, video=VIDEO, speed=300) as provider,  # type: ignore[arg-type]
        make_client(provider.base_url, style=style, timeouts=PATIENT) as client,
    ):
        if not taken(style, accepts):
            with pytest.raises(RequestRejected):
                await client.create(make_request(), frame)
            assert provider.creates == []
            return
        first = await client.create(make_request(), frame)
        second = await client.create(make_request(), frame)
        job = await finished(client, first)
        assert job.video_url is not None
        bytes_ = await client.download(job.video_url, tmp_path / "out.mp4")
        one, other = provider.creates
        assert one.request == other.request
    assert first.id != second.id
    assert (job.status, job.cost) == (JobStatus.COMPLETED, Usd.parse("0.20"))
    assert bytes_ == len(VIDEO)


@pytest.mark.parametrize("output", ["list", "object"])
async def test_answers_with_other_status_words(
    output: str, make_client: MakeClient, frame: Path
) -> None:
    style = Style(output=output, error="numeric")  # type: ignore[arg-type]
    async with (
        LocalVtrix(
            key="test-key-0123456789", video=VIDEO, seconds=0, discount="0.05", style=style
        ) as provider,
        make_client(provider.base_url, timeouts=PATIENT) as client,
    ):
        job = await finished(client, await client.create(make_request(), frame))
        provider.fail_next("DataInspectionFailed", "not that")
        failed = await finished(client, await client.create(make_request(), frame))
    assert job.video_url is not None
    assert job.discount is not None
    assert failed.status is JobStatus.FAILED
    assert failed.error_message is not None


async def test_what_the_local_provider_refuses(
    make_client: MakeClient, frame: Path, tmp_path: Path
) -> None:
    async with (
        LocalVtrix(key="test-key-0123456789", video=VIDEO, seconds=0, link_seconds=0) as provider,
        make_client(provider.base_url, timeouts=PATIENT) as client,
    ):
        assert await client.key_works()
        with pytest.raises(JobNotFound):
            await client.status("no-such-job")
        job = await finished(client, await client.create(make_request(), frame))
        with pytest.raises(LinkExpired):
            await client.download(job.video_url or "", tmp_path / "out.mp4")
        provider.balance = "0"
        with pytest.raises(BalanceEmpty):
            await client.create(make_request(), frame)
        provider.key = "another-key"
        with pytest.raises(KeyRefused):
            await client.create(make_request(), frame)
        assert not await client.key_works()
