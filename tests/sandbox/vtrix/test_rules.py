import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from bot.domain.models import model
from sandbox import samples
from sandbox.vtrix import LocalVtrix
from sandbox.vtrix.models import MODELS
from tests.factories import make_picture
from tests.sandbox.provider_data import FRAME, URI, data_uri
from tests.sandbox.vtrix.vtrix_caller import Caller, documented, wrapped

WAN25 = "wan25_i2v_preview"

# --- the rules ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_both_sides_read_the_reference_alike(name: str) -> None:
    ours, theirs = model.MODELS[name], MODELS[name]
    assert (ours.provider, ours.wire_id) == (model.VTRIX, name)
    assert ours.prompt_chars == theirs.prompt_chars
    assert ours.negative_prompt_chars == theirs.negative_prompt_chars
    assert set(ours.resolutions) == set(theirs.resolutions)
    assert set(ours.durations) == set(theirs.seconds)
    assert ours.takes_audio is theirs.takes_audio
    assert ours.seed_max == theirs.seed_max
    limits = theirs.picture
    assert (ours.side_min, ours.side_max) == (limits.side_min, limits.side_max)
    assert ours.picture_bytes == limits.bytes_max


def _with(**changes: Any) -> dict[str, Any]:
    return documented(URI) | changes


def _input(**changes: Any) -> dict[str, Any]:
    return _with(input={"prompt": "waves", "img_url": URI} | changes)


REFUSED: dict[str, tuple[object, str]] = {
    "no object": ([], "the body: must be an object"),
    "unknown field": (_with(webhook="x"), "the body: unknown field 'webhook'"),
    "no input": (_with(input=None), "input: must be an object"),
    "unknown input": (_input(image="x"), "input: unknown field 'image'"),
    "prompt": (_input(prompt=5), "input.prompt: must be a string"),
    "negative prompt": (_input(negative_prompt=None), "input.negative_prompt: must be a string"),
    "no picture": (_with(input={"prompt": "waves"}), "input.img_url: is required"),
    "parameters": (_with(parameters=[]), "parameters: must be an object"),
    "unknown parameter": (documented(URI, fps=24), "unknown field 'fps'"),
    "resolution": (documented(URI, resolution="720p"), "resolution: must be one of 480P, 720P"),
    "duration": (documented(URI, duration=6), "parameters.duration: must be one of 5"),
    "duration as text": (documented(URI, duration="5"), "parameters.duration: must be one of 5"),
    "prompt_extend": (documented(URI, prompt_extend="yes"), "prompt_extend: must be true or false"),
    "watermark": (documented(URI, watermark=1), "parameters.watermark: must be true or false"),
    "1080P of 2.2": (documented(URI, resolution="1080P"), "must be one of 480P, 720P"),
    "sound of 2.2": (documented(URI, audio=True), "unknown field 'audio'"),
    "480P of 2.5": (documented(URI, model=WAN25, resolution="480P"), "must be one of 720P, 1080P"),
    "7 s of 2.5": (documented(URI, model=WAN25, duration=7), "duration: must be one of 5, 10"),
    "15 s of 2.5": (documented(URI, model=WAN25, duration=15), "duration: must be one of 5, 10"),
    "sound as a text": (documented(URI, model=WAN25, audio="yes"), "audio: must be true or false"),
    "audio of one's own": (_input(audio_url="http://127.0.0.1/a.mp3"), "'audio_url'"),
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


@pytest.mark.parametrize("body", [_with(model="wan21"), {"input": {"img_url": URI}}])
async def test_a_model_that_is_not_served_is_not_found(
    body: object, provider: LocalVtrix, caller: Caller
) -> None:
    status, answer = await caller.create(body)
    assert (status, answer["error"]["code"]) == (404, "ModelNotFound")
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


def in_pieces(content: bytes) -> Handler:
    """Send content in pieces, as a network does."""

    async def send(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for start in range(0, len(content), 50_000):
            await answer.write(content[start : start + 50_000])
            await asyncio.sleep(0)
        return answer

    return send


@pytest.mark.parametrize(
    ("bytes_", "taken"), [(929_000, True), (10_000_000, True), (10_000_001, False)]
)
async def test_a_picture_by_address_may_come_in_pieces_and_has_the_same_limit(
    bytes_: int, taken: bool, provider: LocalVtrix, caller: Caller
) -> None:
    # Most decoders stop at the end of the picture, so anything may come after it.
    picture = make_picture("JPEG", (1280, 960)).ljust(bytes_, b"\0")
    app = web.Application()
    app.router.add_get("/a.jpg", in_pieces(picture))
    async with TestServer(app) as server:
        status, answer = await caller.create(documented(str(server.make_url("/a.jpg"))))
    if taken:
        assert status == 200
        assert provider.creates[0].still.bytes == bytes_
    else:
        assert status == 400
        assert "larger than 10000000 bytes" in answer["error"]["message"]


async def test_long_prompts_are_cut_without_a_word(provider: LocalVtrix, caller: Caller) -> None:
    body = documented(URI, prompt="浪" * 801)
    body["input"]["negative_prompt"] = "b" * 501
    status, _ = await caller.create(body)
    assert status == 200
    assert provider.creates[0].prompt == "浪" * 800
    assert provider.creates[0].negative_prompt == "b" * 500
    assert provider.creates[0].request["input"]["prompt"] == "浪" * 801


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({}, ("1080P", 5, True)),
        ({"resolution": "720P", "duration": 10, "audio": True}, ("720P", 10, True)),
        ({"resolution": "1080P", "duration": 5, "audio": False}, ("1080P", 5, False)),
    ],
)
async def test_what_the_longer_model_takes(
    given: dict[str, Any], made: object, provider: LocalVtrix, caller: Caller
) -> None:
    for body in (documented(URI, model=WAN25, **given), wrapped(documented(URI, model=WAN25))):
        assert (await caller.create(body))[0] == 200
    create = provider.creates[0]
    assert (create.resolution, create.seconds, create.sound) == made


async def test_a_seed_left_out_is_drawn_and_not_told(provider: LocalVtrix, caller: Caller) -> None:
    _, answer = await caller.create(documented(URI))
    await caller.create(documented(URI))
    assert "seed" not in json.dumps(answer)
    assert provider.creates[0].seed != provider.creates[1].seed


# --- envelopes ----------------------------------------------------------------------------


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
