"""The video API: create, status, download."""

import logging
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
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
from bot.providers.download import ATTEMPT_SECONDS, Downloader
from bot.providers.vtrix.failure_reasons import failure_reason
from bot.providers.vtrix.request_body import PictureBody, Style
from bot.providers.vtrix.request_forms import AcceptedForms, FormMemory
from bot.providers.vtrix.response_mapping import created_job, looked_at, parse_retry_after
from bot.providers.vtrix.schema import ProviderAnswer, clean

log = logging.getLogger(__name__)

CREATE_PATH = "/model/v1/generation"
STATUS_PATH = "/model/v1/generation/task/"
# Bytes that are read of an answer: of an error, and of anything else. A completed answer
# seen in the wild has about 1 kB.
_ERROR_BYTES_MAX = 64_000
ANSWER_BYTES_MAX = 256_000
_NO_SUCH_JOB = "flipbook-key-check"
# One more look, soon; not after a long silence. The poller looks again anyway.
_LOOK_AGAIN_WITHIN_SECONDS = 5.0

RequestStyle = Literal["auto", "documented", "wrapped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. 60 and 30 are what the vendor's own clients wait."""

    connect: float = 15.0
    create: float = 60.0
    """Silence after the body of a create call was sent."""
    send: float = 240.0
    """A create call as a whole: 13 MB take 104 s at 1 Mbit/s."""
    status: float = 30.0
    download: float = ATTEMPT_SECONDS


_TIMEOUTS = Timeouts()

# A proxy that does not let it through has sent nothing on.
_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)


@dataclass(frozen=True, slots=True)
class _Reply:
    """An HTTP answer, read."""

    status: int
    answer: ProviderAnswer
    retry_after: float | None


class VtrixClient:
    """Fulfils ``bot.services.ports.Provider``. To be used as a context manager.

    No exception that leaves it, nor anything it logs or keeps, holds the key.
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
            resolver: looks up the names that videos are fetched from, instead of the system.
            accepted_forms: where `auto` keeps the form of the first accepted task.
            outbound: the proxy, and what is allowed of networks.
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
        limits = self._timeouts
        # A kept connection that went stale would make a create call's end unknowable, so
        # each has one of its own.
        creating = aiohttp.ClientTimeout(
            total=limits.send, connect=limits.connect, sock_read=limits.create
        )
        reading = aiohttp.ClientTimeout(total=limits.status, connect=limits.connect)
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            self._creating = await enter(_session(creating, force_close=True, proxy=self._proxy))
            self._reading = await enter(_session(reading, force_close=False, proxy=self._proxy))
            await enter(self._downloader)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    # --- create -----------------------------------------------------------------------------

    async def create(self, request: Request, picture: Path) -> Job:
        known = await self._forms.known(request.model)
        first = known or Style.WRAPPED
        try:
            job = await self._post(request, picture, first)
        except RequestRejected as rejection:
            if known is not None or not _is_about_form(rejection):
                raise
            refusal = rejection
        else:
            await self._forms.accept(request.model, first)
            return job
        return await self._post_other_form(request, picture, first.other, refusal)

    async def _post_other_form(
        self, request: Request, picture: Path, style: Style, refusal: RequestRejected
    ) -> Job:
        """Post once more, in the other form: the first attempt certainly created nothing."""
        if await self._forms.known(request.model) is style.other:
            raise refusal  # Another task was accepted in that form meanwhile: it is the content.
        log.info("the provider does not take the %s form: %s", style.other, refusal)
        try:
            job = await self._post(request, picture, style)
        except RequestRejected as rejection:
            both = _both(style.other, refusal, rejection)
        else:
            await self._forms.accept(request.model, style)
            return job
        raise both

    async def _post(self, request: Request, picture: Path, style: Style) -> Job:
        """One POST.

        Raises:
            ProviderError: see ``bot.providers.vtrix.response_mapping``; ``ProviderUnreachable``
                also when the picture cannot be read, as then nothing was sent either.
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
        # Raised out here, so that no traceback leads to aiohttp's error and its headers.
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
            # It knows whose key that is.
            return True
        except ProviderUnclear as unclear:
            # Parameters are looked at only after the key.
            if unclear.status in (400, 422):
                return True
            raise
        return True

    # --- download ---------------------------------------------------------------------------

    async def download(self, url: str, target: Path) -> int:
        return await self._downloader.fetch(url, target)

    # --- what they share --------------------------------------------------------------------

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
            # Of a refusal the status says enough; one that comes before the whole body was
            # sent often ends in a reset.
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


def _session(
    timeout: aiohttp.ClientTimeout, *, force_close: bool, proxy: str | None
) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=force_close, limit=0 if force_close else 100),
        timeout=timeout,
        trust_env=False,
        proxy=proxy,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def _is_about_form(rejection: RequestRejected) -> bool:
    """Whether a request may have been refused for its form: 400, 422, or 200 with an error."""
    is_form = rejection.reason in (None, FailureReason.PARAMETER)
    return rejection.status in (200, 400, 422) and is_form


def _both(style: Style, first: RequestRejected, second: RequestRejected) -> RequestRejected:
    """Combine two rejections: nobody knows which of the forms the gateway meant to take."""
    return RequestRejected(
        f"{style} form: {str(first)[:240]}; {style.other} form: {str(second)[:240]}",
        code=second.code if second.moderated else first.code or second.code,
        status=second.status or first.status,
        reason=second.reason if second.moderated else first.reason or second.reason,
    )


def _written(request: Request) -> str:
    return f"{request.options.prompt}\n{request.options.negative_prompt or ''}"
