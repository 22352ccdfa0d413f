import asyncio
import json
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.model import WAN22_I2V_FLASH
from sandbox import samples
from sandbox.vtrix import Fault, LocalVtrix, Style, pictures, rules
from tests.factories import make_picture
from tests.sandbox.vtrix_caller import Caller, HandClock, data_uri, documented, video_url, wrapped

FRAME = make_picture("PNG", (640, 480))
URI = data_uri(FRAME)
CLIP = b"\0\0\0\x18ftypisom" + bytes(100_000)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def provider(clock: HandClock) -> AsyncIterator[LocalVtrix]:
    async with LocalVtrix(clock=clock, video=CLIP) as local:
        yield local


@pytest.fixture
async def caller(provider: LocalVtrix) -> AsyncIterator[Caller]:
    # A connection for each request: aiohttp would repeat a GET that broke on an old one.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Caller(provider, session)


# --- one video ----------------------------------------------------------------------------


async def test_a_job_from_its_order_to_its_file(
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


# --- the rules ------------------------------------------------------------------------------


def test_both_sides_read_the_reference_alike() -> None:
    model = WAN22_I2V_FLASH
    assert (
        model.prompt_chars,
        model.negative_prompt_chars,
    ) == (rules.PROMPT_CHARS, rules.NEGATIVE_PROMPT_CHARS)
    assert (model.resolutions, model.seconds) == (rules.RESOLUTIONS, rules.SECONDS)
    assert model.seed_max == rules.SEED_MAX
    assert (model.side_min, model.side_max) == (pictures.SIDE_MIN, pictures.SIDE_MAX)
    assert model.picture_bytes == pictures.BYTES_MAX


def _with(**changes: Any) -> dict[str, Any]:
    return documented(URI) | changes


def _input(**changes: Any) -> dict[str, Any]:
    return _with(input={"prompt": "waves", "img_url": URI} | changes)


REFUSED: dict[str, tuple[object, str]] = {
    "no object": ([], "the body: must be an object"),
    "no model": ({"input": {"img_url": URI}}, "model: None is not served here"),
    "another model": (_with(model="wan21"), "model: 'wan21' is not served here"),
    "unknown field": (_with(webhook="x"), "the body: unknown field 'webhook'"),
    "no input": (_with(input=None), "input: must be an object"),
    "unknown input": (_input(image="x"), "input: unknown field 'image'"),
    "prompt": (_input(prompt=5), "input.prompt: must be a string"),
    "negative prompt": (_input(negative_prompt=None), "input.negative_prompt: must be a string"),
    "no picture": (_with(input={"prompt": "waves"}), "input.img_url: is required"),
    "parameters": (_with(parameters=[]), "parameters: must be an object"),
    "unknown parameter": (documented(URI, fps=24), "parameters: unknown field 'fps'"),
    "resolution": (documented(URI, resolution="720p"), "resolution: must be one of 480P, 720P"),
    "duration": (documented(URI, duration=6), "parameters.duration: is fixed at 5"),
    "duration as text": (documented(URI, duration="5"), "parameters.duration: is fixed at 5"),
    "prompt_extend": (documented(URI, prompt_extend="yes"), "prompt_extend: must be true or false"),
    "watermark": (documented(URI, watermark=1), "parameters.watermark: must be true or false"),
    "seed below": (documented(URI, seed=-1), "seed: must be an integer from 0 to 2147483647"),
    "seed above": (documented(URI, seed=2**31), "seed: must be an integer from 0 to 2147483647"),
    "seed true": (documented(URI, seed=True), "seed: must be an integer"),
    "two items": (_with(input=[{}, {}]), "an array of exactly one item"),
    "wrapped, parameters outside": (_with(input=[{}]), "parameters inside it"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_rule_that_is_broken_is_named(
    case: str, provider: LocalVtrix, caller: Caller
) -> None:
    body, words = REFUSED[case]
    status, answer = await caller.create(body)
    assert status == 400
    assert words in answer["error"]["message"]
    assert provider.creates == []


REFUSED_PICTURES: dict[str, tuple[str, str]] = {
    "no URI": ("picture.png", "must be an HTTP(S) URL or data:"),
    "damaged base64": ("data:image/png;base64,@@@@", "the base64 is damaged"),
    "GIF": (data_uri(make_picture("GIF"), "image/gif"), "GIF is not supported"),
    "words": (data_uri(b"words"), "cannot be decoded"),
    "truncated": (data_uri(samples.broken(), "image/jpeg"), "cannot be decoded"),
    "alpha": (data_uri(samples.transparent()), "must not have an alpha channel"),
    "low": (data_uri(samples.too_small()), "the height of 359 px is not 360 to 2000"),
    "wide": (data_uri(make_picture(size=(2001, 500))), "the width of 2001 px"),
    "another type": (data_uri(FRAME, "image/jpeg"), "said to be image/jpeg, but it is image/png"),
    "10,000,001 bytes": (data_uri(FRAME.ljust(10_000_001, b"\0")), "larger than 10000000 bytes"),
    "elsewhere": ("https://pictures.invalid/a.png", "reads from this machine only"),
}


@pytest.mark.parametrize("case", REFUSED_PICTURES)
async def test_a_picture_that_breaks_a_rule_is_refused(
    case: str, provider: LocalVtrix, caller: Caller
) -> None:
    img_url, words = REFUSED_PICTURES[case]
    status, answer = await caller.create(documented(img_url))
    assert status == 400
    assert words in answer["error"]["message"]
    assert provider.creates == []


@pytest.mark.parametrize(
    ("format", "size"),
    [("JPEG", (360, 2000)), ("PNG", (2000, 360)), ("BMP", (640, 480)), ("WEBP", (640, 480))],
)
async def test_what_the_reference_allows_is_taken(
    format: str, size: tuple[int, int], provider: LocalVtrix, caller: Caller
) -> None:
    uri = data_uri(make_picture(format, size), f"image/{format.lower()}")
    status, _ = await caller.create(documented(uri))
    assert status == 200
    still = provider.creates[0].still
    assert (still.mime, still.width, still.height) == (f"image/{format.lower()}", *size)


async def test_exactly_10_million_bytes_are_taken(provider: LocalVtrix, caller: Caller) -> None:
    status, _ = await caller.create(documented(data_uri(FRAME.ljust(10_000_000, b"\0"))))
    assert status == 200
    assert provider.creates[0].still.bytes == 10_000_000


async def test_a_picture_can_be_an_address_on_this_machine(
    provider: LocalVtrix, caller: Caller
) -> None:
    async def picture(request: web.Request) -> web.Response:
        return web.Response(body=FRAME)

    app = web.Application()
    app.router.add_get("/a.png", picture)
    async with TestServer(app) as server:
        found, _ = await caller.create(documented(str(server.make_url("/a.png"))))
        missing, answer = await caller.create(documented(str(server.make_url("/b.png"))))
    assert (found, missing) == (200, 400)
    assert "it answers 404" in answer["error"]["message"]
    assert provider.creates[0].still.bytes == len(FRAME)


async def test_long_prompts_are_cut_without_a_word(provider: LocalVtrix, caller: Caller) -> None:
    body = documented(URI, prompt="浪" * 801)
    body["input"]["negative_prompt"] = "b" * 501
    status, _ = await caller.create(body)
    assert status == 200
    assert provider.creates[0].prompt == "浪" * 800
    assert provider.creates[0].negative_prompt == "b" * 500
    assert provider.creates[0].request["input"]["prompt"] == "浪" * 801


async def test_a_seed_left_out_is_drawn_and_not_told(provider: LocalVtrix, caller: Caller) -> None:
    _, answer = await caller.create(documented(URI))
    await caller.create(documented(URI))
    assert "seed" not in json.dumps(answer)
    assert provider.creates[0].seed != provider.creates[1].seed


# --- envelopes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepts", "plain", "packed"),
    [("documented", 200, 400), ("wrapped", 400, 200), ("both", 200, 200)],
)
async def test_envelopes(
    accepts: Any, plain: int, packed: int, provider: LocalVtrix, caller: Caller
) -> None:
    provider.accepts = accepts
    body = documented(URI, seed=7)
    assert (await caller.create(body))[0] == plain
    assert (await caller.create(wrapped(body)))[0] == packed


async def test_requests_compare_in_every_field_but_the_envelope(
    provider: LocalVtrix, caller: Caller
) -> None:
    body = documented(URI, seed=7)
    for sent in (body, wrapped(body), documented(URI, seed=8), documented(URI, seed=7, prompt="w")):
        await caller.create(sent)
    first, same, other_seed, other_prompt = [record.request for record in provider.creates]
    assert first == same
    assert other_seed != first != other_prompt


# --- key and money --------------------------------------------------------------------------


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


# --- how long, and how long links work ------------------------------------------------------


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


# --- variants of answers --------------------------------------------------------------------

VARIANTS: dict[str, tuple[Style, Any]] = {
    "done": (Style(completed="done"), lambda answer: answer["status"] == "done"),
    "object": (Style(output="object"), lambda answer: answer["output"]["content"][0]["url"]),
    "video_url": (
        Style(video_type="video_url"),
        lambda answer: answer["output"][0]["content"][0]["type"] == "video_url",
    ),
    "extras": (
        Style(extras=True),
        lambda answer: (
            answer["output"][0]["content"][0]["duration"] == "5"
            and answer["usage"]["unit_price"] == "0.04"
        ),
    ),
    "no video": (Style(video=False), lambda answer: answer["output"] == [{"content": []}]),
    "cost as a number": (Style(cost="number"), lambda answer: answer["usage"]["cost"] == 0.2),
    "no cost": (Style(cost="missing"), lambda answer: "cost" not in answer["usage"]),
    "odd cost": (Style(cost="unreadable"), lambda answer: answer["usage"]["cost"] == "n/a"),
    "no usage": (Style(usage=False), lambda answer: "usage" not in answer),
    "no progress": (Style(progress=False), lambda answer: "progress" not in answer),
}


@pytest.mark.parametrize("case", VARIANTS)
async def test_a_completed_job_at_once_in_every_form(
    case: str, provider: LocalVtrix, caller: Caller
) -> None:
    style, holds = VARIANTS[case]
    provider.style = replace(style, at_once=True)
    status, answer = await caller.create(documented(URI))
    assert status == 200
    assert holds(answer)


ERRORS: dict[str, tuple[Style, object]] = {
    "object": (Style(), {"error": {"code": "002014001", "message": "no"}}),
    "numeric": (Style(error="numeric"), {"error": {"code": 2014001, "message": "no"}}),
    "error_message": (Style(error="error_message"), {"error_message": "no"}),
    "string": (Style(error="string"), {"error": "no"}),
}


@pytest.mark.parametrize("case", ERRORS)
async def test_a_failed_job_at_once_in_every_form(
    case: str, provider: LocalVtrix, caller: Caller
) -> None:
    style, error = ERRORS[case]
    provider.style = replace(style, at_once=True)
    provider.fail_next("002014001", "no")
    status, answer = await caller.create(documented(URI))
    assert (status, answer["status"]) == (200, "failed")
    assert {key: answer[key] for key in answer if key.startswith("error")} == error


async def test_status_words_before_the_end(
    provider: LocalVtrix, caller: Caller, clock: HandClock
) -> None:
    provider.style = Style(pending="in_queue", running="processing")
    _, created = await caller.create(documented(URI))
    clock.passed = 10
    _, running = await caller.status(created["id"])
    assert (created["status"], running["status"]) == ("in_queue", "processing")


@pytest.mark.parametrize("refusal", [200, 422])
async def test_a_malformed_request_can_be_refused_otherwise(
    refusal: int, provider: LocalVtrix, caller: Caller
) -> None:
    provider.style = Style(refusal_status=refusal, error="numeric")
    status, answer = await caller.create({})
    assert status == refusal
    assert answer["error"]["code"] == refusal
    assert "id" not in answer


# --- faults ---------------------------------------------------------------------------------


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
        status = 401  # the answer was lost with the connection, as it is in the wild
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


# --- what it remembers ----------------------------------------------------------------------


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
