"""Several models of two providers on the command line, with two local providers."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.dashscope import LocalDashScope
from sandbox.moderation import LocalModeration
from sandbox.vtrix import LocalVtrix
from tests.cli.test_animate import VIDEO, Terminal
from tests.factories import make_picture

PRICES = (
    "wan2.6-i2v-flash:720P=0.025/s, wan2.6-i2v-flash:720P:sound=0.05/s,"
    "wan2.6-i2v-flash:1080P=0.0375/s, wan2.6-i2v-flash:1080P:sound=0.075/s"
)


class TwoProviders(Terminal):
    """A shell with the keys of two providers."""

    dashscope: LocalDashScope

    async def run(self, *arguments: str, **settings: str) -> tuple[int, str, str]:
        given = {
            "MODELS": "wan22_i2v_flash,wan2.6-i2v-flash",
            "PRICES": PRICES,
            "DASHSCOPE_API_KEY": self.dashscope.key,
            "DASHSCOPE_BASE_URL": self.dashscope.base_url,
            **settings,
        }
        process = await self.start(*arguments, **given)
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[TwoProviders]:
    (tmp_path / "photo.png").write_bytes(make_picture())
    async with (
        LocalVtrix(seconds=0.1, video=VIDEO) as vtrix,
        LocalDashScope(seconds=0.1, video=VIDEO) as dashscope,
    ):
        found = TwoProviders(tmp_path, vtrix)
        found.dashscope = dashscope
        yield found


async def test_a_video_with_sound_from_the_second_provider(terminal: TwoProviders) -> None:
    wanted = ("--model", "Wan 2.6 flash", "--seconds", "10", "--sound")
    code, out, err = await terminal.run("animate", "photo.png", "--prompt", "waves", *wanted)
    assert (code, err) == (0, "")
    assert "720P, 10 s, with sound, wan2.6-i2v-flash" in out
    (create,) = terminal.dashscope.creates
    assert (create.model, create.seconds, create.sound) == ("wan2.6-i2v-flash", 10, True)
    assert not terminal.provider.requests, "the other provider was asked"
    code, out, _ = await terminal.run("task", "list")
    assert "wan2.6-i2v-flash 720P 10 s sound" in out
    _, out, _ = await terminal.run("prices", "show", "--model", "wan2.6-i2v-flash", "--json")
    assert {one["model"] for one in json.loads(out)} == {"wan2.6-i2v-flash"}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (("--seconds", "10"), ["5", "It works with: Wan 2.6 flash."]),
        (("--sound",), ["can't make sound", "It works with: Wan 2.6 flash."]),
        (("--model", "sora"), ["no model “sora”", "wan22_i2v_flash", "wan2.6-i2v-flash"]),
    ],
)
async def test_what_a_model_does_not_take_is_refused_with_what_there_is(
    terminal: TwoProviders, wanted: tuple[str, ...], words: list[str]
) -> None:
    code, out, err = await terminal.run("animate", "photo.png", "--prompt", "waves", *wanted)
    assert (code, out) == (1, "")
    assert all(one in err for one in words), err
    assert not terminal.provider.requests
    assert not terminal.dashscope.requests


async def test_models_names_each_offer_with_its_prices_and_whether_its_key_works(
    terminal: TwoProviders,
) -> None:
    code, out, err = await terminal.run("models")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()[1:]]
    assert lines[0] == "wan22_i2v_flash Wan 2.2 flash Vtrix 5 480P - $0.10 works"
    assert [line.split()[0] for line in lines] == ["wan22_i2v_flash"] * 2 + ["wan2.6-i2v-flash"] * 4
    assert lines[3].endswith(" 2-15 720P yes $0.05/s works")
    code, out, err = await terminal.run("models", "--json", DASHSCOPE_API_KEY="of-another-region")
    assert code == 1
    assert [one["key_works"] for one in json.loads(out)] == [True, False]
    assert "DASHSCOPE_BASE_URL must be that of the region" in err
    assert "of-another-region" not in out + err
    assert not terminal.dashscope.creates


async def test_check_asks_each_provider_and_the_content_check(terminal: TwoProviders) -> None:
    async with LocalModeration() as moderation:
        settings = {"MODERATION_URL": moderation.url, "MODERATION_KEY": moderation.key}
        _, out, _ = await terminal.run("check", **settings, DASHSCOPE_API_KEY="of-another-region")
        _, wrong, _ = await terminal.run("check", MODERATION_URL=moderation.url)
    lines = [line.split(maxsplit=2) for line in out.splitlines()]
    found = [(level, says) for level, what, says in lines if what == "provider"]
    assert [level for level, _ in found] == ["ok", "FAIL"]
    assert "a key works in one region only" in found[1][1]
    (asked,) = [(level, says) for level, what, says in lines if what == "moderation"]
    assert asked == ("ok", "MODERATION_URL: reached, and its answer can be read")
    assert "FAIL  moderation  MODERATION_URL: the endpoint answers 401" in wrong
