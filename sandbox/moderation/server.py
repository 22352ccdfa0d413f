"""`POST /v1/moderations` on a port of this machine.

The fields are those of OpenAI's reference:
https://developers.openai.com/api/reference/resources/moderations
"""

import base64
import binascii
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web
from PIL import Image, UnidentifiedImageError

FORBIDDEN = "forbidden"
"""A word that is refused."""
MODEL = "omni-moderation-latest"
_CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit",
    "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent",
    "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip
_MOST_BYTES = 30_000_000

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalModeration:
    """The endpoint. ``answer`` replaces the true answers, for tests."""

    def __init__(self, *, key: str = "test-moderation-key", host: str = "127.0.0.1") -> None:
        self.key = key
        self.answer: Answer | None = None
        self.asked: list[str] = []
        """The texts that were sent."""
        self._host = host
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The address of the endpoint."""
        return f"http://{self._host}:{self._port}/v1/moderations"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MOST_BYTES)
        app.router.add_post("/v1/moderations", self._moderate)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _moderate(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _problem(401, "Incorrect API key provided.")
        try:
            text = _text(await request.json())
        except (ValueError, KeyError, TypeError) as error:
            return _problem(400, f"Invalid request: {error}")
        self.asked.append(text)
        if self.answer is not None:
            return await self.answer(request)
        return web.json_response(verdict("violence" if FORBIDDEN in text.casefold() else None))


def verdict(category: str | None, score: float = 0.97) -> dict[str, Any]:
    """An answer that flags ``category``, or nothing."""
    scores = dict.fromkeys(_CATEGORIES, 0.0001)
    if category is not None:
        scores[category] = score
    return {
        "id": "modr-local",
        "model": MODEL,
        "results": [
            {
                "flagged": category is not None,
                "categories": {name: name == category for name in scores},
                "category_scores": scores,
                "category_applied_input_types": {name: ["text"] for name in scores},
            }
        ],
    }


def _text(body: Any) -> str:
    """Check a request with one text and one image, and return the text."""
    if set(body) != {"model", "input"} or body["model"] != MODEL:
        raise ValueError("model and input, and nothing else")
    text, picture = body["input"]
    if set(text) != {"type", "text"} or text["type"] != "text" or not text["text"]:
        raise ValueError("the first input must be a text")
    if set(picture) != {"type", "image_url"} or picture["type"] != "image_url":
        raise ValueError("the second input must be an image_url")
    if set(picture["image_url"]) != {"url"}:
        raise ValueError("image_url has a url, and nothing else")
    _check_picture(picture["image_url"]["url"])
    return str(text["text"])


def _check_picture(uri: str) -> None:
    head, _, data = uri.partition(";base64,")
    try:
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as picture:
            picture.load()
            if head != f"data:{Image.MIME[picture.format or '']}":
                raise ValueError(f"{head} is a {picture.format}")
    except (binascii.Error, UnidentifiedImageError, OSError) as error:
        raise ValueError("the url must be a data URI of an image") from error


def _problem(status: int, message: str) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return web.Response(
        status=status, text=json.dumps({"error": error}), content_type="application/json"
    )
