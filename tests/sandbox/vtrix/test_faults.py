import asyncio
from typing import Any

import aiohttp
import pytest

from sandbox.vtrix import Fault, LocalVtrix
from tests.sandbox.provider_data import CLIP, FRAME, URI, HandClock, data_uri
from tests.sandbox.vtrix.vtrix_caller import Caller, documented, video_url


@pytest.mark.parametrize(("when", "made"), [("early", 0), ("before", 0), ("after", 1)])
async def test_a_reset_of_create_before_and_after_the_effect(
    when: Any, made: int, provider: LocalVtrix, caller: Caller
) -> None:
    fault = provider.faults.add(Fault(operation="create", when=when, reset=True))
    with pytest.raises(aiohttp.ClientOSError):
        await caller.create(documented(data_uri(FRAME.ljust(9_000_000, b"\0"))))
    assert len(await provider.created(made)) == made
    assert fault.met == 1
    assert provider.requests[-1].status is None
    assert (await caller.create(documented(URI)))[0] == 200


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
async def test_another_answer_before_and_after_the_effect(
    when: Any, made: int, provider: LocalVtrix, caller: Caller
) -> None:
    provider.faults.add(
        Fault(
            operation="create",
            when=when,
            status=429,
            body={"error": {"code": "Throttling", "message": "slowly"}},
            headers={"Retry-After": "7"},
        )
    )
    status, answer = await caller.create(documented(URI))
    assert (status, answer["error"]["code"]) == (429, "Throttling")
    assert len(provider.creates) == made


async def test_html_for_ever_until_it_is_cleared(provider: LocalVtrix, caller: Caller) -> None:
    _, created = await caller.create(documented(URI))
    provider.faults.add(Fault(operation="status", status=502, body="<h1>Oh</h1>", times=None))
    for _ in range(3):
        with pytest.raises(aiohttp.ContentTypeError):
            await caller.status(created["id"])
    provider.faults.clear()
    assert (await caller.status(created["id"]))[0] == 200


async def test_a_fault_happens_as_often_as_it_says_and_only_where_it_should(
    provider: LocalVtrix, caller: Caller
) -> None:
    ids = [(await caller.create(documented(URI)))[1]["id"] for _ in range(2)]
    provider.faults.add(
        Fault(
            operation="status",
            status=503,
            body={},
            times=2,
            only=lambda request: request.path.endswith(ids[1]),
        )
    )
    asked = [ids[0], ids[1], ids[1], ids[1]]
    assert [(await caller.status(job))[0] for job in asked] == [200, 503, 503, 200]


async def test_a_file_that_breaks_off(provider: LocalVtrix, caller: Caller) -> None:
    provider.seconds = 0
    _, done = await caller.create(documented(URI))
    provider.faults.add(Fault(operation="file", cut=True))
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.file(video_url(done))
    assert (await caller.file(video_url(done)))[1] == CLIP


async def test_a_create_answer_that_breaks_off_has_its_effect(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.faults.add(Fault(operation="create", cut=True))
    with pytest.raises(aiohttp.ClientError):
        await caller.create(documented(URI))
    assert len(provider.creates) == 1


async def test_a_refusal_before_the_body_is_read_closes_the_connection(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.faults.add(
        Fault(operation="create", when="early", status=401, body={"error": {}}, close=True)
    )
    body = documented(data_uri(FRAME.ljust(9_000_000, b"\0")))
    try:
        status, _ = await caller.create(body)
    except aiohttp.ClientOSError:
        status = 401  # the answer was lost with the connection, as can happen with a real provider
    assert status == 401
    assert provider.creates == []


async def test_a_hang_lasts_until_the_client_or_the_provider_gives_up(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.faults.add(Fault(operation="create", when="after", hang=True))
    create = asyncio.create_task(caller.create(documented(URI)))
    await provider.created(1)
    assert not create.done()
    await provider.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await create


async def test_a_delay_is_the_provider_s_time(
    provider: LocalVtrix, caller: Caller, clock: HandClock
) -> None:
    provider.faults.add(Fault(operation="create", delay=45))
    assert (await caller.create(documented(URI)))[0] == 200
    assert clock.passed == 45


async def test_away_and_back_on_the_same_port(provider: LocalVtrix, caller: Caller) -> None:
    _, created = await caller.create(documented(URI))
    await provider.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await caller.status(created["id"])
    await provider.start()
    assert (await caller.status(created["id"]))[0] == 200


async def test_a_reset_of_a_poll_is_seen_once_the_client_s_own_repeat_failed_too(
    provider: LocalVtrix, caller: Caller
) -> None:
    _, created = await caller.create(documented(URI))
    provider.faults.add(Fault(operation="status", reset=True, times=2))
    with pytest.raises(aiohttp.ClientOSError):
        await caller.status(created["id"])
    assert provider.counts["status"] == 2
    assert (await caller.status(created["id"]))[0] == 200


async def test_a_link_can_lead_elsewhere(provider: LocalVtrix, caller: Caller) -> None:
    provider.seconds = 0
    provider.files_url = "https://files.invalid"
    _, done = await caller.create(documented(URI))
    assert video_url(done).startswith("https://files.invalid/files/job-")


async def test_an_answer_is_changed_and_what_it_says_is_in_the_books(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.faults.add(Fault(operation="create", change=lambda answer: answer | {"id": "other"}))
    status, answer = await caller.create(documented(URI))
    assert (status, answer["id"]) == (200, "other")
    assert provider.creates[0].id != "other"
    assert (await caller.create(documented(URI)))[1]["id"] == provider.creates[1].id


async def test_an_answer_without_end_ends_with_its_reader(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.faults.add(Fault(operation="create", endless=True, body=b"{"))
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{provider.base_url}/model/v1/generation", data=b"{}") as response,
    ):
        assert response.status == 200
        first = await response.content.readexactly(1_000_000)
    assert first == b"{".ljust(1_000_000, b"\0")
    assert (await caller.create(documented(URI)))[0] == 200
