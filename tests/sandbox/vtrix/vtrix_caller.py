"""A plain client of the provider's HTTP API, and a clock that is moved by hand."""

import asyncio
import base64
import io
import json
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from yarl import URL

from sandbox.vtrix import LocalVtrix
from tests.factories import NOON, make_picture

Json = dict[str, Any]


class HandClock:
    """A clock that stands still until it is moved, or sleeps by it."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)


def data_uri(picture: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(picture).decode()}"


def documented(img_url: str, *, prompt: object = "waves", **parameters: object) -> Json:
    return {
        "model": "wan22_i2v_flash",
        "input": {"prompt": prompt, "img_url": img_url},
        "parameters": parameters,
    }


def wrapped(body: Json) -> Json:
    params = {"input": body["input"], "parameters": body["parameters"]}
    return {"model": body["model"], "input": [{"params": params}]}


FRAME = make_picture("PNG", (640, 480))
URI = data_uri(FRAME)
CLIP = b"\0\0\0\x18ftypisom" + bytes(100_000)


class Caller:
    """A client with a key; its answers are pairs of status and JSON."""

    def __init__(self, provider: LocalVtrix, session: aiohttp.ClientSession) -> None:
        self.provider = provider
        self.session = session
        self.key = provider.key

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    async def create(self, body: object) -> tuple[int, Json]:
        url = f"{self.provider.base_url}/model/v1/generation"
        # Send a file object: aiohttp warns about large bytes.
        data = io.BytesIO(json.dumps(body).encode())
        headers = self._headers | {"Content-Type": "application/json"}
        async with self.session.post(url, data=data, headers=headers) as answer:
            return answer.status, await answer.json()

    async def status(self, id: str) -> tuple[int, Json]:
        url = f"{self.provider.base_url}/model/v1/generation/task/{id}"
        async with self.session.get(url, headers=self._headers) as answer:
            return answer.status, await answer.json()

    async def file(self, url: str) -> tuple[int, bytes, str, int | None]:
        """Fetch a file without the key: its status, bytes, content type and announced length."""
        async with self.session.get(URL(url, encoded=True)) as answer:
            return answer.status, await answer.read(), answer.content_type, answer.content_length


def video_url(answer: Json) -> str:
    return str(answer["output"][0]["content"][0]["url"])
