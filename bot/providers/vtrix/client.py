"""HTTP client of the video API: create, status, download."""

import logging
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractResolver
from pydantic import SecretStr
from yarl import URL

from bot.clock import Clock
from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job
from bot.domain.task import Request
from bot.errors import (
    AccountRefused,
    BalanceEmpty,
    JobNotFound,
    KeyRefused,
    ModelRefused,
    ProviderError,
    ProviderUnclear,
    ProviderUnreachable,
    RequestRejected,
)
from bot.outbound import DIRECT, Outbound, without_passwords
from bot.providers.download import Downloader
from bot.providers.vtrix.failure_reasons import failure_reason
from bot.providers.vtrix.request_body import PictureBody, Style
from bot.providers.vtrix.request_forms import AcceptedForms, FormMemory, both_refused, is_about_form
from bot.providers.vtrix.response_mapping import created_job, looked_at, parse_retry_after
from bot.providers.vtrix.schema import ProviderAnswer, clean
from bot.providers.vtrix.sessions import Timeouts, creating_session, reading_session

log = logging.getLogger(__name__)

CREATE_PATH = "/model/v1/generation"
STATUS_PATH = "/model/v1/generation/task/"
# Bytes read of an error answer and of any other answer. A completed answer seen in production has
# about 1 kB.
_ERROR_BYTES_MAX = 64_000
ANSWER_BYTES_MAX = 256_000
_NO_SUCH_JOB = "flipbook-key-check"
# A failed poll is repeated once, unless it took longer than this. The poller polls again anyway.
_LOOK_AGAIN_WITHIN_SECONDS = 5.0

RequestStyle = Literal["auto", "documented", "wrapped"]


_TIMEOUTS = Timeouts()

# If the proxy refuses the connection, nothing was forwarded.
_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)


@dataclass(frozen=True, slots=True)
class _Reply:
    """An HTTP answer whose body has been read."""

    status: int
    answer: ProviderAnswer
    retry_after: float | None


class VtrixClient:
    """Implements ``bot.services.ports.Provider``. Use it as a context manager.

    Its exceptions and log lines never contain the API key.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: SecretStr,
        clock: Clock,
        style: RequestStyle = "auto",
        timeouts: Timeouts = _TIMEOUTS,
        resolver: AbstractResolver | None = None,
        accepted_forms: AcceptedForms | None = None,
        outbound: Outbound = DIRECT,
    ) -> None:
        """
        Args:
            resolver: resolves the hosts of videos, instead of the system's resolver.
            accepted_forms: stores the form of the first accepted task, for the style `auto`.
            outbound: the proxy, and the networks that are allowed.
        """
        self._base = base_url.rstrip("/")
        self._key = api_key
        self._clock = clock
        self._timeouts = timeouts
        self._forms = FormMemory(
            address=self._base,
            fixed=None if style == "auto" else Style(style),
            accepted=accepted_forms,
        )
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

    # --- create -----------------------------------------------------------------------------

    async def create(self, request: Request, picture: Path) -> Job:
        known = await self._forms.known(request.model)
        first = known or Style.WRAPPED
        try:
            job = await self._post(request, picture, first)
        except RequestRejected as rejection:
            if known is not None or not is_about_form(rejection):
                raise
            refusal = rejection
        else:
            await self._forms.accept(request.model, first)
            return job
        return await self._post_other_form(request, picture, first.other, refusal)

    async def _post_other_form(
        self, request: Request, picture: Path, style: Style, refusal: RequestRejected
    ) -> Job:
        """Post once more in the other form, after the first attempt certainly created nothing."""
        if await self._forms.known(request.model) is style.other:
            # Another task was accepted in that form meanwhile, so the content is at fault.
            raise refusal
        log.info("the provider refuses the %s form: %s", style.other, refusal)
        try:
            job = await self._post(request, picture, style)
        except RequestRejected as rejection:
            both = both_refused(style.other, refusal, rejection)
        else:
            await self._forms.accept(request.model, style)
            return job
        raise both

    async def _post(self, request: Request, picture: Path, style: Style) -> Job:
        """Send one POST.

        Raises:
            ProviderError: see ``bot.providers.vtrix.response_mapping``. ``ProviderUnreachable``
            also
                if the picture cannot be read, since nothing was sent then.
        """
        body: PictureBody | None = None
        try:
            body = PictureBody(request, picture, style)
            async with self._creating.post(
                URL(self._base + CREATE_PATH, encoded=True),
                data=body,
                headers=self._headers(),
                allow_redirects=False,
            ) as response:
                reply = await self._read(response)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = self._describe(error)
        else:
            return created_job(
                reply.status, reply.answer, reply.retry_after, written=_written(request)
            )
        finally:
            if body is not None:
                body.cut()
        # Raised here, so that its traceback does not include aiohttp's error with the headers.
        begun = body is not None and body.begun
        raise (ProviderUnclear if begun else ProviderUnreachable)(failure)

    # --- status -----------------------------------------------------------------------------

    async def status(self, job_id: str) -> Job:
        begun = self._clock.monotonic()
        try:
            return await self._look(job_id)
        except (ProviderUnreachable, ProviderUnclear):
            if self._clock.monotonic() - begun > _LOOK_AGAIN_WITHIN_SECONDS:
                raise
        await self._clock.sleep(random.uniform(0.2, 0.8))
        return await self._look(job_id)

    async def _look(self, job_id: str) -> Job:
        try:
            async with self._reading.get(
                URL(self._base + STATUS_PATH + quote(job_id, safe=""), encoded=True),
                headers=self._headers(),
                allow_redirects=False,
            ) as response:
                reply = await self._read(response)
        except _NO_CONNECTION as error:
            failure: ProviderError = ProviderUnreachable(self._describe(error))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = ProviderUnclear(self._describe(error))
        else:
            return looked_at(reply.status, reply.answer, job_id, reply.retry_after)
        raise failure

    def failure_reason(self, job: Job, request: Request) -> FailureReason | None:
        return failure_reason(job.error_code, job.error_message, written=_written(request))

    async def key_works(self) -> bool:
        try:
            await self.status(_NO_SUCH_JOB)
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

    # --- shared -----------------------------------------------------------------------------

    def _headers(self) -> Mapping[str, str]:
        return {
            "Authorization": f"Bearer {self._key.get_secret_value()}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }

    async def _read(self, response: aiohttp.ClientResponse) -> _Reply:
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
        return _Reply(
            response.status,
            ProviderAnswer(bytes(body), secret=self._key.get_secret_value()),
            parse_retry_after(response.headers.get("Retry-After"), self._clock.now()),
        )

    def _describe(self, error: Exception) -> str:
        key = self._key.get_secret_value()
        words = without_passwords(f"{type(error).__name__}: {error}")
        return clean(words.replace(key, "[key]") if key else words)[:300]


def _written(request: Request) -> str:
    return f"{request.options.prompt}\n{request.options.negative_prompt or ''}"
