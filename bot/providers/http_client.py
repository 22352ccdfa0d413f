"""The base of all providers' clients: sessions, calls, repeated polls, downloads."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from pydantic import SecretStr
from yarl import URL

from bot.clock import Clock
from bot.domain.provider.job import Job
from bot.errors import (
    AccountRefused,
    BalanceEmpty,
    JobNotFound,
    KeyRefused,
    ModelRefused,
    ProviderUnclear,
    ProviderUnreachable,
)
from bot.outbound import DIRECT, Outbound, without_passwords
from bot.providers.download import Downloader
from bot.providers.json_answer import clean
from bot.providers.picture_body import PictureBody
from bot.providers.refusals import parse_retry_after
from bot.providers.sessions import Timeouts, creating_session, reading_session

# Bytes read of an error answer and of any other answer. A completed answer seen in production has
# about 1 kB.
_ERROR_BYTES_MAX = 64_000
ANSWER_BYTES_MAX = 256_000
# A failed poll is repeated once, unless it took longer than this. The poller polls again anyway.
_LOOK_AGAIN_WITHIN_SECONDS = 5.0
_TIMEOUTS = Timeouts()

# If the proxy refuses the connection, nothing was forwarded.
_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer whose body has been read."""

    status: int
    body: bytes
    retry_after: float | None


class ProviderHttpClient(ABC):
    """Base of the clients. Its exceptions and log lines never contain the API key."""

    no_such_job: ClassVar[str]
    """An id that no job can have, to check the key with."""

    def __init__(
        self,
        *,
        base_url: str,
        api_key: SecretStr,
        clock: Clock,
        timeouts: Timeouts = _TIMEOUTS,
        resolver: AbstractResolver | None = None,
        outbound: Outbound = DIRECT,
    ) -> None:
        """
        Args:
            base_url: without the path of a call, but with the API's version if it has one.
            resolver: resolves the hosts of videos, instead of the system's resolver.
            outbound: the proxy, and the networks that are allowed.
        """
        self._base = base_url.rstrip("/")
        self._key = api_key
        self._clock = clock
        self._timeouts = timeouts
        self._downloader = Downloader(
            trusted=URL(self._base),
            attempt_seconds=timeouts.download,
            resolver=resolver,
            outbound=outbound,
        )
        self._proxy = outbound.proxy_for(self._base)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            self._creating = await enter(creating_session(self._timeouts, self._proxy))
            self._reading = await enter(reading_session(self._timeouts, self._proxy))
            await enter(self._downloader)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # --- status and key ---------------------------------------------------------------------

    @abstractmethod
    async def _look(self, job_id: str) -> Job:
        """Poll a job, as ``Provider.status`` does."""

    async def status(self, job_id: str) -> Job:
        begun = self._clock.monotonic()
        try:
            return await self._look(job_id)
        except (ProviderUnreachable, ProviderUnclear):
            if self._clock.monotonic() - begun > _LOOK_AGAIN_WITHIN_SECONDS:
                raise
        await self._clock.sleep(random.uniform(0.2, 0.8))
        return await self._look(job_id)

    async def key_works(self) -> bool:
        try:
            await self.status(self.no_such_job)
        except JobNotFound:
            return True
        except (KeyRefused, AccountRefused):
            return False
        except (BalanceEmpty, ModelRefused):
            # To answer this, the provider must have recognized the key.
            return True
        except ProviderUnclear as unclear:
            # The provider checks the key before the parameters.
            if unclear.status in (400, 422):
                return True
            raise
        return True

    # --- download ---------------------------------------------------------------------------

    async def download(self, url: str, target: Path) -> int:
        return await self._downloader.fetch(url, target)

    # --- calls ------------------------------------------------------------------------------

    async def _post_picture(
        self,
        path: str,
        around: Callable[[], tuple[bytes, bytes]],
        picture: Path,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one POST with a picture, whose text before and after it ``around`` returns.

        Raises:
            ProviderUnreachable: nothing was sent, also because the picture cannot be read.
            ProviderUnclear: something was sent, and no answer came.
        """
        body: PictureBody | None = None
        try:
            body = PictureBody(around(), picture)
            async with self._creating.post(
                URL(self._base + path, encoded=True),
                data=body,
                headers={**self._headers(), **(headers or {})},
                allow_redirects=False,
            ) as response:
                return await self._read(response)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = self._describe(error)
        finally:
            if body is not None:
                body.cut()
        # Raised here, so that its traceback does not include aiohttp's error with the headers.
        begun = body is not None and body.begun
        raise (ProviderUnclear if begun else ProviderUnreachable)(failure)

    async def _call(self, method: Literal["GET", "POST"], path: str) -> Reply:
        """Make a call without a body.

        Raises:
            ProviderUnreachable: there was no connection.
            ProviderUnclear: no answer came.
        """
        try:
            async with self._reading.request(
                method,
                URL(self._base + path, encoded=True),
                headers=self._headers(),
                allow_redirects=False,
            ) as response:
                return await self._read(response)
        except _NO_CONNECTION as error:
            failure: ProviderUnreachable | ProviderUnclear
            failure = ProviderUnreachable(self._describe(error))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = ProviderUnclear(self._describe(error))
        raise failure

    def _headers(self) -> Mapping[str, str]:
        return {
            "Authorization": f"Bearer {self._key.get_secret_value()}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }

    async def _read(self, response: aiohttp.ClientResponse) -> Reply:
        most = ANSWER_BYTES_MAX if response.status < 300 else _ERROR_BYTES_MAX
        body = bytearray()
        try:
            while len(body) < most and (chunk := await response.content.read(most - len(body))):
                body += chunk
        except (aiohttp.ClientError, OSError):
            # The status of a refusal says enough. One that arrives before the whole body was sent
            # often ends in a reset.
            if response.status < 300:
                raise
        retry_after = response.headers.get("Retry-After")
        return Reply(
            response.status, bytes(body), parse_retry_after(retry_after, self._clock.now())
        )

    def _describe(self, error: Exception) -> str:
        key = self._key.get_secret_value()
        words = without_passwords(f"{type(error).__name__}: {error}")
        return clean(words.replace(key, "[key]") if key else words)[:300]
