"""The body of a create call, byte by byte."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.models.model import MODELS, WAN25_I2V_PREVIEW_VTRIX
from bot.domain.task import Request
from bot.errors import RequestRejected
from bot.providers.picture_body import PIECE, PictureBody
from bot.providers.vtrix.request_body import Style, around_picture
from tests.factories import make_frame, make_options, make_request


class Collecting:
    """A writer that collects a body, in place of aiohttp's."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    async def write(self, chunk: bytes) -> None:
        self.written.append(chunk)


async def sent(request: Request, picture: Path, style: Style) -> bytes:
    body = PictureBody(around_picture(request, style), picture)
    writer = Collecting()
    await body.write(writer)  # type: ignore[arg-type]
    everything = b"".join(writer.written)
    assert body.size == len(everything)
    return everything


def expected_core(request: Request, content: bytes) -> dict[str, Any]:
    options = request.options
    fields = {"prompt": options.prompt}
    if options.negative_prompt is not None:
        fields["negative_prompt"] = options.negative_prompt
    encoded = base64.b64encode(content).decode()
    return {
        "input": fields | {"img_url": f"data:{request.frame.mime};base64,{encoded}"},
        "parameters": {
            "resolution": options.resolution,
            "duration": 5,
            "prompt_extend": options.prompt_extend,
            "watermark": options.watermark,
            "seed": options.seed,
        },
    }


def test_a_model_gets_its_own_name_and_the_options_that_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = replace(
        WAN25_I2V_PREVIEW_VTRIX, wire_id="wan25_wire", takes_watermark=False, takes_seed=False
    )
    monkeypatch.setitem(MODELS, model.id, model)
    options = make_options(seconds=10, audio=True, resolution="1080P")
    request = make_request(model=model.id, options=options)
    before, after = around_picture(request, Style.DOCUMENTED)
    body = json.loads(before + after)
    assert body["model"] == "wan25_wire"
    assert body["parameters"] == {
        "resolution": "1080P",
        "duration": 10,
        "prompt_extend": True,
        "audio": True,
    }


@pytest.mark.parametrize("size", [1, 2, 3, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 2])
async def test_any_size_of_picture_arrives_as_it_is(size: int, tmp_path: Path) -> None:
    content = bytes(i * 7 % 251 for i in range(size))
    picture = tmp_path / "frame.png"
    picture.write_bytes(content)
    request = make_request()
    core = expected_core(request, content)

    documented = json.loads(await sent(request, picture, Style.DOCUMENTED))
    wrapped = json.loads(await sent(request, picture, Style.WRAPPED))

    assert documented == {"model": "wan22_i2v_flash"} | core
    assert wrapped == {"model": "wan22_i2v_flash", "input": [{"params": core}]}


texts = st.text(st.characters(codec=None, exclude_categories=()), min_size=1)


@given(prompt=texts, negative=st.none() | texts, mime=texts, style=st.sampled_from(Style))
def test_any_text_arrives_as_it_is(
    prompt: str, negative: str | None, mime: str, style: Style
) -> None:
    options = make_options(prompt=prompt, negative_prompt=negative, watermark=True)
    request = make_request(options=options, frame=make_frame(mime=mime))
    before, after = around_picture(request, style)

    body = json.loads(before + after)

    core = body if style is Style.DOCUMENTED else body["input"][0]["params"]
    assert core["input"]["prompt"] == prompt
    assert core["input"].get("negative_prompt") == negative
    assert core["input"]["img_url"] == f"data:{mime};base64,"
    assert core["parameters"]["watermark"] is True


async def test_equal_requests_are_equal_on_the_wire(picture: Path) -> None:
    first = await sent(make_request(), picture, Style.WRAPPED)
    assert first == await sent(make_request(), picture, Style.WRAPPED)


def test_a_model_that_is_not_known_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(RequestRejected, match="no_such_model"):
        around_picture(make_request(model="no_such_model"), Style.DOCUMENTED)


async def test_a_picture_that_grows_while_it_is_sent_is_noticed(picture: Path) -> None:
    body = PictureBody(around_picture(make_request(), Style.DOCUMENTED), picture)
    with picture.open("ab") as file:
        file.write(b"more than before")
    with pytest.raises(OSError, match="changed"):
        await body.write(Collecting())  # type: ignore[arg-type]
