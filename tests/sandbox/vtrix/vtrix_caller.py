"""A plain client of the local Vtrix's HTTP API."""

import io
import json
from typing import Any

import aiohttp
from yarl import URL

from sandbox.vtrix import LocalVtrix

Json = dict[str, Any]


def documented(
    img_url: str,
    *,
    model: str = "wan22_i2v_flash",
    prompt: object = "waves",
    **parameters: object,
) -> Json:
    return {
        "model": model,
        "input": {"prompt": prompt, "img_url": img_url},
        "parameters": parameters,
    }


def wrapped(body: Json) -> Json:
    params = {"input": body["input"], "parameters": body["parameters"]}
    return {"model": body["model"], "input": [{"params": params}]}


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
