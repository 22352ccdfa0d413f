"""HTTP client of the Vtrix API: create, status, download."""

import logging
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from aiohttp.abc import AbstractResolver
from pydantic import SecretStr

from bot.clock import Clock
from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job
from bot.domain.task import Request
from bot.errors import RequestRejected
from bot.outbound import DIRECT, Outbound
from bot.providers.http_client import ProviderHttpClient, Reply
from bot.providers.request_fields import written
from bot.providers.sessions import Timeouts
from bot.providers.vtrix.failure_reasons import failure_reason
from bot.providers.vtrix.request_body import Style, around_picture
from bot.providers.vtrix.request_forms import FormMemory, both_refused, is_about_form
from bot.providers.vtrix.response_mapping import created_job, looked_at
from bot.providers.vtrix.schema import ProviderAnswer
from bot.storage.provider.request_forms import RequestFormTable

log = logging.getLogger(__name__)

CREATE_PATH = "/model/v1/generation"
STATUS_PATH = "/model/v1/generation/task/"

RequestStyle = Literal["auto", "documented", "wrapped"]

_TIMEOUTS = Timeouts()


class VtrixClient(ProviderHttpClient):
    """Implements ``bot.services.ports.Provider``. Use it as a context manager."""

    no_such_job = "flipbook-key-check"

    def __init__(
        self,
        *,
        base_url: str,
        api_key: SecretStr,
        clock: Clock,
        style: RequestStyle = "auto",
        timeouts: Timeouts = _TIMEOUTS,
        resolver: AbstractResolver | None = None,
        accepted_forms: RequestFormTable | None = None,
        outbound: Outbound = DIRECT,
    ) -> None:
        """
        Args:
            resolver: resolves the hosts of videos, instead of the system's resolver.
            accepted_forms: stores the form of the first accepted task, for the style `auto`.
            outbound: the proxy, and the networks that are allowed.
        """
        super().__init__(
            base_url=base_url,
            api_key=api_key,
            clock=clock,
            timeouts=timeouts,
            resolver=resolver,
            outbound=outbound,
        )
        self._forms = FormMemory(
            address=self._base,
            fixed=None if style == "auto" else Style(style),
            accepted=accepted_forms,
        )

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
            ProviderError: see ``bot.providers.vtrix.response_mapping``.
        """
        reply = await self._post_picture(
            CREATE_PATH, lambda: around_picture(request, style), picture
        )
        return created_job(
            reply.status, self._answer(reply), reply.retry_after, written=written(request)
        )

    # --- status -----------------------------------------------------------------------------

    async def _look(self, job_id: str) -> Job:
        reply = await self._call("GET", STATUS_PATH + quote(job_id, safe=""))
        return looked_at(reply.status, self._answer(reply), job_id, reply.retry_after)

    async def cancel(self, job_id: str) -> bool:
        """Refuse: the API has no such call."""
        return False

    def failure_reason(self, job: Job, request: Request) -> FailureReason | None:
        return failure_reason(job.error_code, job.error_message, written=written(request))

    def _answer(self, reply: Reply) -> ProviderAnswer:
        return ProviderAnswer(reply.body, secret=self._key.get_secret_value())
