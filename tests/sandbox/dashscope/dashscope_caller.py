"""A plain client of the local DashScope's HTTP API."""

import io
import json
from typing import Any

import aiohttp
from yarl import URL

from sandbox.dashscope import LocalDashScope
from tests.sandbox.provider_data import URI

Json = dict[str, Any]


def body(
    model: str = "wan2.6-i2v-flash", *, prompt: object = "waves", img_url: str = URI, **given: Any
) -> Json:
    return {
        "model": model,
        "input": {"prompt": prompt, "img_url": img_url},
        "parameters": {"resolution": "720P", **given},
    }


class Caller:
    """A client with a key; its answers are pairs of status and JSON."""

    def __init__(self, provider: LocalDashScope, session: aiohttp.ClientSession) -> None:
        self.provider = provider
        self.session = session
        self.headers = {
            "Authorization": f"Bearer {provider.key}",
            "X-DashScope-Async": "enable",
            "Content-Type": "application/json",
        }

    async def create(self, asked: object) -> tuple[int, Json]:
        return await self.post(json.dumps(asked).encode())

    async def post(self, content: bytes) -> tuple[int, Json]:
        url = self.provider.base_url + "/services/aigc/video-generation/video-synthesis"
        # Send a file object: aiohttp warns about large bytes.
        data = io.BytesIO(content)
        async with self.session.post(url, data=data, headers=self.headers) as answer:
            return answer.status, await answer.json()

    async def created(self, asked: object) -> str:
        """Create a task, and return its id."""
        status, answer = await self.create(asked)
        assert status == 200, answer
        return str(answer["output"]["task_id"])

    async def status(self, id: str) -> tuple[int, Json]:
        url = f"{self.provider.base_url}/tasks/{id}"
        async with self.session.get(url, headers=self.headers) as answer:
            return answer.status, await answer.json()

    async def output(self, id: str) -> Json:
        status, answer = await self.status(id)
        assert status == 200, answer
        output: Json = answer["output"]
        return output

    async def cancel(self, id: str) -> tuple[int, Json]:
        url = f"{self.provider.base_url}/tasks/{id}/cancel"
        async with self.session.post(url, headers=self.headers) as answer:
            return answer.status, await answer.json()

    async def file(self, url: str) -> tuple[int, bytes]:
        """Fetch a file without the key."""
        async with self.session.get(URL(url, encoded=True)) as answer:
            return answer.status, await answer.read()
