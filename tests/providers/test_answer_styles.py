"""The client with the local provider, from create to video, in every style of answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.domain.money import Usd
from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job, JobStatus
from bot.errors import (
    BalanceEmpty,
    JobNotFound,
    KeyRefused,
    ModelRefused,
    ProviderError,
    RequestRejected,
)
from bot.providers.sessions import Timeouts
from bot.providers.vtrix.client import VtrixClient
from sandbox.vtrix import STYLES, LocalVtrix
from tests.factories import make_options, make_picture, make_request
from tests.providers.conftest import KEY, MakeClient

VIDEO = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(1_000)
# The words of the model's vendor, which some styles pass on without the code.
CONTENT = ("DataInspectionFailed", "Output data may contain inappropriate content.")
FAILURES = {
    CONTENT: FailureReason.CONTENT_VIDEO,
    ("Arrearage", "Access denied, please make sure your account is in good standing."): (
        FailureReason.BALANCE
    ),
    ("Model.AccessDenied", "Model access denied."): FailureReason.MODEL,
    ("Throttling.RateQuota", "Requests rate limit exceeded, please try again later."): (
        FailureReason.BUSY
    ),
    (
        "InternalError.Algo",
        "An internal error has occured during execution.",
    ): FailureReason.SERVICE,
    ("002014001", "generation failed"): None,
}

pytestmark = pytest.mark.parametrize("name", STYLES)


@pytest.fixture
async def provider(name: str) -> AsyncIterator[LocalVtrix]:
    style = STYLES[name]
    async with LocalVtrix(key=KEY, video=VIDEO, speed=300, style=style) as local:
        yield local


@pytest.fixture
async def client(provider: LocalVtrix, make_client: MakeClient) -> AsyncIterator[VtrixClient]:
    async with make_client(provider.base_url, timeouts=Timeouts()) as opened:
        yield opened


@pytest.fixture
def create(client: VtrixClient, tmp_path: Path) -> Callable[[], Awaitable[Job]]:
    frame = tmp_path / "frame.png"
    frame.write_bytes(make_picture("PNG", (640, 480)))
    return lambda: client.create(make_request(), frame)


async def finished(client: VtrixClient, job: Job) -> Job:
    while job.status is JobStatus.PENDING:
        await SystemClock().sleep(0.02)
        job = await client.status(job.id)
    return job


async def refused(created: Awaitable[Job]) -> type[ProviderError]:
    with pytest.raises(ProviderError) as caught:
        await created
    return type(caught.value)


async def test_from_picture_to_video(
    name: str,
    provider: LocalVtrix,
    client: VtrixClient,
    create: Callable[[], Awaitable[Job]],
    tmp_path: Path,
) -> None:
    job = await finished(client, await create())
    assert job.status is JobStatus.COMPLETED
    assert job.cost == (Usd.parse("0.20") if STYLES[name].usage else None)
    assert job.error_code is job.error_message is job.odd_word is None
    assert job.video_url is not None
    assert await client.download(job.video_url, tmp_path / "out.mp4") == len(VIDEO)
    assert [one.id for one in provider.creates] == [job.id]


async def test_a_failed_task_says_why(
    name: str, provider: LocalVtrix, client: VtrixClient, create: Callable[[], Awaitable[Job]]
) -> None:
    for (code, message), reason in FAILURES.items():
        provider.fail_next(code, message)
        job = await finished(client, await create())
        assert (job.status, job.video_url) == (JobStatus.FAILED, None)
        assert job.error_message is not None
        assert message in job.error_message
        found = client.failure_reason(job, make_request())
        # A numeric code distinguishes a failure of the service from a failure of unknown kind.
        assert found is reason or (reason, found) == (None, FailureReason.SERVICE)


async def test_a_prompt_repeated_in_a_failure_is_no_reason(
    name: str, provider: LocalVtrix, client: VtrixClient, create: Callable[[], Awaitable[Job]]
) -> None:
    provider.fail_next("Odd", "cannot draw: insufficient balance")
    job = await finished(client, await create())
    written = make_request(options=make_options(prompt="a sign: INSUFFICIENT BALANCE"))
    assert client.failure_reason(job, written) is None
    assert client.failure_reason(job, make_request()) is FailureReason.BALANCE


async def test_each_refusal_is_told_by_its_reason(
    name: str, provider: LocalVtrix, client: VtrixClient, create: Callable[[], Awaitable[Job]]
) -> None:
    provider.balance = "0"
    assert await refused(create()) is BalanceEmpty
    provider.balance = "10"
    provider.not_served.add("wan22_i2v_flash")
    assert await refused(create()) is ModelRefused
    provider.key = "another-key"
    assert await refused(create()) is KeyRefused
    assert not await client.key_works()
    assert provider.creates == []


@pytest.mark.parametrize("accepts", ["documented", "wrapped"])
async def test_the_form_that_is_taken_is_found(
    name: str, accepts: str, provider: LocalVtrix, create: Callable[[], Awaitable[Job]]
) -> None:
    provider.accepts = accepts  # type: ignore[assignment]
    await create()
    await create()
    assert {one.envelope for one in provider.creates} == {accepts}
    assert provider.counts["create"] == (3 if accepts == "documented" else 2)


async def test_a_picture_that_is_refused_is_told_in_the_providers_words(
    name: str, client: VtrixClient, tmp_path: Path
) -> None:
    small = tmp_path / "small.png"
    small.write_bytes(make_picture("PNG", (300, 480)))
    with pytest.raises(RequestRejected, match="the width of 300 px"):
        await client.create(make_request(), small)


async def test_a_task_that_is_forgotten_is_not_found(
    name: str, provider: LocalVtrix, client: VtrixClient, create: Callable[[], Awaitable[Job]]
) -> None:
    job = await create()
    provider.forget(job.id)
    with pytest.raises(JobNotFound):
        await client.status(job.id)
