"""Requests to the local Discord without a client library, and a check of its refusals."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from sandbox.discord import LocalDiscord


class Wire:
    """The HTTP API without a client library."""

    def __init__(self, local: LocalDiscord, session: aiohttp.ClientSession) -> None:
        self.local = local
        self._session = session

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request with JSON, and return the status and the answer."""
        return await self.send(method, path, json=body)

    async def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **given: Any
    ) -> tuple[int, Any]:
        """Send any request, and return the status and the answer."""
        with_token = {"Authorization": f"Bot {self.local.token}"} | dict(headers or {})
        url = self.local.api_url + path
        async with self._session.request(method, url, headers=with_token, **given) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None

    @property
    def channel(self) -> str:
        return f"/channels/{self.local.world.channel('general').id}"

    @property
    def commands(self) -> str:
        return f"/applications/{self.local.world.application_id}/commands"


def check_refused(answer: tuple[int, Any], path: str) -> None:
    """Check that the answer is error 50035 and names this field."""
    status, refused = answer
    assert (status, refused["code"], refused["message"]) == (400, 50035, "Invalid Form Body")
    node = refused["errors"]
    for step in path.split("."):
        assert step in node, f"{step} is not in {node}"
        node = node[step]
    assert node["_errors"][0]["code"]
