"""What a create call may contain."""

from typing import Any

import pytest

from bot.domain.models import model
from sandbox.dashscope import LocalDashScope
from sandbox.dashscope.models import MODELS
from tests.factories import make_picture
from tests.sandbox.dashscope.dashscope_caller import Caller, body
from tests.sandbox.provider_data import FRAME, URI, data_uri

WAN22 = "wan2.2-i2v-flash"
WAN22_PLUS = "wan2.2-i2v-plus"
WAN25 = "wan2.5-i2v-preview"
WAN26 = "wan2.6-i2v-flash"


@pytest.mark.parametrize("name", MODELS)
def test_both_sides_read_the_reference_alike(name: str) -> None:
    ours, theirs = model.MODELS[name], MODELS[name]
    assert (ours.provider, ours.wire_id) == (model.DASHSCOPE, name)
    assert ours.prompt_chars == theirs.prompt_chars
    assert ours.negative_prompt_chars == theirs.negative_prompt_chars
    assert ours.seed_max == theirs.seed_max
    assert set(ours.resolutions) == set(theirs.resolutions)
    assert set(ours.durations) == set(theirs.seconds)
    assert ours.takes_audio is theirs.takes_audio
    assert (ours.submits_per_second, ours.concurrent) == (theirs.submits_per_second, theirs.tasks)
    # The bot's pictures keep to the narrower limits of other references as well.
    limits = theirs.picture
    assert limits.side_min <= ours.side_min < ours.side_max <= limits.side_max
    assert ours.picture_bytes <= limits.bytes_max


def _input(**given: object) -> dict[str, Any]:
    return {"model": WAN26, "input": {"prompt": "waves", "img_url": URI} | given}


def _small(side: int) -> str:
    return data_uri(make_picture("PNG", (side, 400)))


REFUSED: dict[str, tuple[object, str]] = {
    "no object": ([], "json format"),
    "no model": ({"input": {}}, '"model" missing'),
    "no input": ({"model": WAN26}, "input parameter missing"),
    "another field": (body() | {"webhook": "x"}, "unknown field 'webhook'"),
    "a last frame": (_input(last_frame_url=URI), "unknown field 'last_frame_url'"),
    "audio of one's own": (_input(audio_url="http://127.0.0.1/a.mp3"), "'audio_url'"),
    "prompt": (_input(prompt=5), "input.prompt: must be a string"),
    "no picture": ({"model": WAN26, "input": {"prompt": "waves"}}, "input.img_url: is required"),
    "the SDK's name for another service": (_input(function="x"), "input.function"),
    "damaged base64": (_input(img_url="data:image/png;base64,#"), "the base64 is damaged"),
    "a picture that is too small": (_input(img_url=_small(239)), "239 px is not 240 to 8000"),
    "another type": (_input(img_url=URI.replace("png", "jpeg", 1)), "said to be image/jpeg"),
    "480P of 2.6": (body(WAN26, resolution="480P"), "must be one of 720P, 1080P"),
    "720P of 2.2 plus": (body(WAN22_PLUS), "must be one of 480P, 1080P"),
    "4K": (body(WAN25, resolution="4K"), "must be one of 480P, 720P, 1080P"),
    "10 s of 2.2": (body(WAN22, duration=10), "parameters.duration: must be one of 5"),
    "7 s of 2.5": (body(WAN25, duration=7), "must be one of 5, 10"),
    "16 s of 2.6": (body(WAN26, duration=16), "parameters.duration"),
    "a second of 2.6": (body(WAN26, duration=1), "parameters.duration"),
    "seconds as a text": (body(WAN26, duration="5"), "parameters.duration"),
    "sound of 2.2": (body(WAN22, audio=True), "unknown field 'audio'"),
    "sound as a text": (body(WAN26, audio="yes"), "parameters.audio: must be true or false"),
    "seed": (body(seed=2**31), "parameters.seed"),
    "watermark": (body(watermark=1), "parameters.watermark"),
    "wan 2.7's size": (body(size="1280*720"), "unknown field 'size'"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_refused(case: str, provider: LocalDashScope, caller: Caller) -> None:
    asked, words = REFUSED[case]
    status, answer = await caller.create(asked)
    assert status == 400
    assert words in answer["message"]
    assert answer["code"].startswith(("InvalidParameter", "BadRequest"))
    assert provider.creates == []


async def test_a_model_that_is_not_there(caller: Caller) -> None:
    status, answer = await caller.create(body("wan9.9-i2v"))
    assert (status, answer["code"]) == (404, "ModelNotFound")


async def test_a_call_must_be_asynchronous_and_json(caller: Caller) -> None:
    status, answer = await caller.post(b"{")
    assert (status, answer["code"]) == (400, "BadRequest.IllegalInput")
    del caller.headers["X-DashScope-Async"]
    status, answer = await caller.create(body())
    assert (status, answer["code"]) == (403, "AccessDenied")
    assert "does not support synchronous calls" in answer["message"]


ACCEPTED = [
    (WAN22, {"resolution": "480P", "duration": 5}, ("480P", 5, False)),
    (WAN22, {"resolution": "1080P"}, ("1080P", 5, False)),
    (WAN22_PLUS, {"resolution": "1080P"}, ("1080P", 5, False)),
    (WAN25, {"resolution": "480P", "duration": 10}, ("480P", 10, True)),
    (WAN25, {"audio": False}, ("720P", 5, False)),
    (WAN26, {"duration": 2, "audio": False}, ("720P", 2, False)),
    (WAN26, {"duration": 15, "audio": True}, ("720P", 15, True)),
    (WAN26, {}, ("720P", 5, True)),
]


@pytest.mark.parametrize(("model", "given", "made"), ACCEPTED)
async def test_accepted(
    model: str, given: dict[str, Any], made: object, provider: LocalDashScope, caller: Caller
) -> None:
    await caller.created(body(model, **given))
    (create,) = provider.creates
    assert (create.resolution, create.seconds, create.sound) == made


@pytest.mark.parametrize(("model", "resolution"), [(WAN22, "720P"), (WAN25, "1080P")])
async def test_a_resolution_left_out_is_the_model_s_own(
    model: str, resolution: str, provider: LocalDashScope, caller: Caller
) -> None:
    await caller.created({"model": model, "input": {"img_url": URI}})
    assert provider.creates[0].resolution == resolution


@pytest.mark.parametrize(
    ("model", "bytes_", "status"),
    [(WAN22, 10_000_000, 200), (WAN22, 10_000_001, 400), (WAN25, 20_000_000, 200)],
)
async def test_the_size_of_a_picture(model: str, bytes_: int, status: int, caller: Caller) -> None:
    picture = data_uri(FRAME.ljust(bytes_, b"\0"))
    assert (await caller.create(body(model, img_url=picture)))[0] == status


@pytest.mark.parametrize(("model", "chars"), [(WAN22, 800), (WAN26, 1500)])
async def test_long_prompts_are_cut_without_a_word(
    model: str, chars: int, provider: LocalDashScope, caller: Caller
) -> None:
    await caller.created(body(model, prompt="浪" * 1501))
    assert provider.creates[0].prompt == "浪" * chars
