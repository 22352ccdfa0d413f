"""The client of a moderation endpoint: what it asks, what it reads, and what cannot harm it."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.domain.content_check import ContentFinding
from bot.errors import ContentUnchecked
from bot.providers.content_check.answer import UnreadableAnswer, finding
from bot.providers.content_check.client import ModerationClient
from sandbox.moderation import LocalModeration
from sandbox.moderation.server import verdict
from tests.factories import make_picture

PROMPT = "a very private prompt"


@pytest.fixture
async def endpoint() -> AsyncIterator[LocalModeration]:
    async with LocalModeration() as local:
        yield local


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "frame"
    path.write_bytes(make_picture("JPEG"))
    return path


def client(endpoint: LocalModeration, **changes: Any) -> ModerationClient:
    given: dict[str, Any] = {
        "url": endpoint.url,
        "key": SecretStr(endpoint.key),
        "model": "omni-moderation-latest",
        "thresholds": {},
    }
    return ModerationClient(**(given | changes))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
async def test_text_and_picture_are_sent_as_documented(
    endpoint: LocalModeration, tmp_path: Path, format: str
) -> None:
    picture = tmp_path / "frame"
    picture.write_bytes(make_picture(format))
    async with client(endpoint) as check:
        assert await check.check("a forbidden dance", picture) == ContentFinding(
            category="violence", score=0.97
        )
        assert await check.check("a dance", picture) is None
    assert endpoint.asked == ["a forbidden dance", "a dance"]


@pytest.mark.parametrize(
    ("thresholds", "category", "score", "refused"),
    [
        ({}, "sexual", 0.2, True),
        ({"violence": None}, "sexual", 0.9, False),
        ({"sexual": None}, "sexual", 0.1, True),
        ({"sexual": 0.5}, "sexual", 0.5, True),
        ({"sexual": 0.5}, "sexual", 0.49, False),
    ],
)
def test_which_categories_count_is_the_operator_s_choice(
    thresholds: dict[str, float | None], category: str, score: float, refused: bool
) -> None:
    found = finding(json.dumps(verdict(category, score)).encode(), thresholds)
    assert (found is not None) == refused
    assert not refused or found == ContentFinding(category=category, score=score)


def test_of_several_categories_the_highest_score_is_named() -> None:
    answer = verdict("violence", 0.7)
    answer["results"][0]["categories"]["sexual"] = True
    answer["results"][0]["category_scores"]["sexual"] = 0.9
    found = finding(json.dumps(answer).encode(), {})
    assert found is not None
    assert found.category == "sexual"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"results": []}',
        b'{"results": [1]}',
        b'{"results": [{"flagged": true}]}',
        b'{"results": [{"flagged": "no", "categories": {}, "category_scores": {}}]}',
        b'{"results": [{"flagged": true, "categories": {}, "category_scores": {}}]}',
        b'{"results": [{"flagged": true, "categories": {"a": true}, "category_scores": {}}]}',
        b'{"results":[{"flagged":true,"categories":{"a":true},"category_scores":{"a":NaN}}]}',
        b"[" * 100_000,
    ],
)
def test_an_answer_that_cannot_be_read_allows_nothing(body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        finding(body, {})


def test_a_category_that_the_service_does_not_know_allows_nothing() -> None:
    with pytest.raises(UnreadableAnswer, match="no category 'unheard'"):
        finding(json.dumps(verdict(None)).encode(), {"unheard": 0.5})


def test_a_category_that_nobody_asked_about_is_read_over() -> None:
    answer = verdict("violence")
    answer["results"][0]["categories"]["new"] = True
    assert finding(json.dumps(answer).encode(), {"sexual": 0.5}) is None


async def _slow(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    raise AssertionError


async def _busy(request: web.Request) -> web.StreamResponse:
    return web.Response(status=429, headers={"Retry-After": "1000"})


async def _broken(request: web.Request) -> web.StreamResponse:
    return web.Response(status=503)


async def _html(request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>a login page</html>", content_type="text/html")


async def _redirect(request: web.Request) -> web.StreamResponse:
    return web.Response(status=307, headers={"Location": "/v1/moderations"})


async def _large(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(30):
        await response.write(b" " * 1_000_000)
    return response


@pytest.mark.parametrize(
    ("answer", "times", "says"),
    [
        (_slow, 2, "no answer within 0.3 s"),
        (_busy, 2, "answers 429"),
        (_broken, 2, "answers 503"),
        (_html, 1, "not JSON"),
        (_redirect, 1, "answers 307"),
        (_large, 1, "over 1 MB"),
    ],
    ids=["slow", "429", "503", "HTML", "redirect", "30 MB"],
)
async def test_without_a_usable_answer_nothing_is_allowed_unless_the_operator_wants_it(
    endpoint: LocalModeration,
    picture: Path,
    caplog: pytest.LogCaptureFixture,
    answer: Any,
    times: int,
    says: str,
) -> None:
    endpoint.answer = answer
    began = time.monotonic()
    with caplog.at_level(logging.DEBUG):
        async with client(endpoint, attempt_seconds=0.3) as check:
            with pytest.raises(ContentUnchecked):
                await check.check(PROMPT, picture)
        async with client(endpoint, attempt_seconds=0.3, allows_unchecked=True) as lenient:
            assert await lenient.check(PROMPT, picture) is None
    assert len(endpoint.asked) == 2 * times
    assert says in caplog.text
    assert PROMPT not in caplog.text
    assert endpoint.key not in caplog.text
    assert time.monotonic() - began < 20


async def test_a_service_that_is_down_allows_nothing(picture: Path) -> None:
    async with LocalModeration() as gone:
        pass
    async with client(gone) as check:
        with pytest.raises(ContentUnchecked):
            await check.check(PROMPT, picture)


async def test_a_refused_key_is_told_without_the_key(
    endpoint: LocalModeration, picture: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with client(endpoint, key=SecretStr("wrong-secret-key")) as check:
        with pytest.raises(ContentUnchecked):
            await check.check(PROMPT, picture)
    assert "answers 401" in caplog.text
    assert "wrong-secret-key" not in caplog.text


async def test_one_failure_is_tried_again(endpoint: LocalModeration, picture: Path) -> None:
    async def once(request: web.Request) -> web.StreamResponse:
        endpoint.answer = None
        return web.Response(status=500)

    endpoint.answer = once
    async with client(endpoint) as check:
        assert await check.check(PROMPT, picture) is None
    assert len(endpoint.asked) == 2
