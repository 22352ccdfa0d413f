"""Asks a moderation endpoint about a picture and a prompt.

The request is that of OpenAI's `POST /v1/moderations` with an ``input`` of two parts, a text and an
image as a data URI (https://developers.openai.com/api/docs/guides/moderation).
"""

import asyncio
import base64
import io
import json
import logging
from pathlib import Path
from typing import Self

import aiohttp
from PIL import Image
from pydantic import SecretStr

from bot.domain.content_check import ContentFinding
from bot.errors import ContentUnchecked
from bot.outbound import DIRECT, Outbound, without_passwords
from bot.providers.content_check.answer import Thresholds, UnreadableAnswer, finding

log = logging.getLogger(__name__)

# Seconds for one attempt. A person waits for the answer.
ATTEMPT_SECONDS = 5.0
ATTEMPTS = 2
ANSWER_BYTES_MAX = 1_000_000
_MEDIA_TYPES = {b"\x89PNG": "image/png", b"RIFF": "image/webp"}
_MAY_PASS = frozenset({408, 429, *range(500, 600)})


class _Unanswered(Exception):
    """An attempt failed."""

    def __init__(self, why: str, *, may_pass: bool) -> None:
        super().__init__(why)
        self.may_pass = may_pass


class ModerationClient:
    """Implements ``bot.services.ports.ContentCheck``. Use it as a context manager.

    Its exceptions and log lines contain neither the key nor the prompt.
    """

    def __init__(
        self,
        *,
        url: str,
        key: SecretStr | None,
        model: str,
        thresholds: Thresholds,
        allows_unchecked: bool = False,
        attempt_seconds: float = ATTEMPT_SECONDS,
        outbound: Outbound = DIRECT,
    ) -> None:
        """
        Args:
            url: the endpoint itself.
            key: sent as a bearer token; ``None``: the endpoint wants none.
            thresholds: the categories that count; if empty, whatever the service flags.
            allows_unchecked: what to do if the service gives no answer.
        """
        self._url = url
        self._key = key
        self._model = model
        self._thresholds = thresholds
        self._allows_unchecked = allows_unchecked
        self._seconds = attempt_seconds
        self._proxy = outbound.proxy_for(url)
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            trust_env=False, proxy=self._proxy, cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.close()

    async def check(self, prompt: str, picture: Path) -> ContentFinding | None:
        content = await asyncio.to_thread(picture.read_bytes)
        body = await asyncio.to_thread(_body, self._model, prompt, content)
        for left in reversed(range(ATTEMPTS)):
            try:
                return await self._asked(body)
            except _Unanswered as error:
                log.warning("content check: %s", error)
                if left and error.may_pass:
                    continue
                break
        if self._allows_unchecked:
            log.warning("content check: allowed without an answer, MODERATION_ON_FAILURE=allow")
            return None
        raise ContentUnchecked

    async def problem(self) -> str | None:
        """Make one harmless request; return why its answer is of no use, or ``None``."""
        body = _body(self._model, "A sheet of white paper.", _white_picture())
        try:
            await self._asked(body)
        except _Unanswered as error:
            return str(error)
        return None

    async def _asked(self, body: bytes) -> ContentFinding | None:
        """Make one attempt.

        Raises:
            _Unanswered: there was no usable answer.
        """
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._answer(body)
        except TimeoutError as error:
            raise _Unanswered(f"no answer within {self._seconds:g} s", may_pass=True) from error
        except (aiohttp.ClientError, OSError) as error:
            words = without_passwords(str(error)) or type(error).__name__
            raise _Unanswered(f"no answer: {words}", may_pass=True) from error
        try:
            return finding(answer, self._thresholds)
        except UnreadableAnswer as error:
            raise _Unanswered(str(error), may_pass=False) from error

    async def _answer(self, body: bytes) -> bytes:
        if self._http is None:
            raise RuntimeError("the client is not entered")
        headers = {"Content-Type": "application/json"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        async with self._http.post(
            self._url, data=io.BytesIO(body), headers=headers, allow_redirects=False
        ) as response:
            if response.status != 200:
                may_pass = response.status in _MAY_PASS
                raise _Unanswered(f"the endpoint answers {response.status}", may_pass=may_pass)
            return await _read(response)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read the body, and stop where it is too long."""
    read = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        read += chunk
        if len(read) > ANSWER_BYTES_MAX:
            raise _Unanswered("the answer is over 1 MB", may_pass=False)
    return bytes(read)


def _white_picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(written, "PNG")
    return written.getvalue()


def _body(model: str, prompt: str, picture: bytes) -> bytes:
    media_type = _MEDIA_TYPES.get(picture[:4], "image/jpeg")
    uri = f"data:{media_type};base64,{base64.b64encode(picture).decode()}"
    parts = [
        {"type": "text", "text": prompt},
        {"type": "image_url", "image_url": {"url": uri}},
    ]
    return json.dumps({"model": model, "input": parts}).encode()
