"""HTTP client of DashScope: create, status, cancel, download."""

from pathlib import Path
from urllib.parse import quote

from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job
from bot.domain.task import Request
from bot.providers.alibaba_codes import failure_reason
from bot.providers.dashscope.request_body import around_picture
from bot.providers.dashscope.response_mapping import (
    Answered,
    created_job,
    is_canceled,
    looked_at,
    took_cancel,
)
from bot.providers.dashscope.schema import DashScopeAnswer
from bot.providers.http_client import ProviderHttpClient, Reply
from bot.providers.request_fields import written

CREATE_PATH = "/services/aigc/video-generation/video-synthesis"
TASKS_PATH = "/tasks/"
# Without it, the provider answers that it "does not support synchronous calls".
_ASYNCHRONOUS = {"X-DashScope-Async": "enable"}


class DashScopeClient(ProviderHttpClient):
    """Implements ``bot.services.ports.Provider``. Use it as a context manager."""

    no_such_job = "00000000-0000-0000-0000-000000000000"

    async def create(self, request: Request, picture: Path) -> Job:
        reply = await self._post_picture(
            CREATE_PATH, lambda: around_picture(request), picture, headers=_ASYNCHRONOUS
        )
        return created_job(self._answered(reply), written=written(request))

    async def _look(self, job_id: str) -> Job:
        reply = await self._call("GET", TASKS_PATH + quote(job_id, safe=""))
        return looked_at(self._answered(reply), job_id)

    async def cancel(self, job_id: str) -> bool:
        path = TASKS_PATH + quote(job_id, safe="")
        if not took_cancel(self._answered(await self._call("POST", f"{path}/cancel"))):
            return False
        return is_canceled(self._answered(await self._call("GET", path)), job_id)

    def failure_reason(self, job: Job, request: Request) -> FailureReason | None:
        return failure_reason(job.error_code, job.error_message, written=written(request))

    def _answered(self, reply: Reply) -> Answered:
        answer = DashScopeAnswer(reply.body, secret=self._key.get_secret_value())
        return Answered(reply.status, answer, reply.retry_after)
