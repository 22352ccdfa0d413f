"""Maps HTTP answers to jobs and errors, above all to whether a task may have been created."""

from dataclasses import dataclass

from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job, JobStatus
from bot.errors import JobNotFound, KeyRefused, ProviderError, ProviderUnclear
from bot.providers.alibaba_codes import failure_reason
from bot.providers.dashscope.schema import DashScopeAnswer
from bot.providers.json_answer import Problem
from bot.providers.refusals import account_error, create_error, in_words

# The answer to a wrong key does not say so, but this is its usual cause: keys belong to one region.
_REGION = (
    "the key is not accepted at this address; a key works in one region only, so check that "
    "DASHSCOPE_BASE_URL is that of the region in which DASHSCOPE_API_KEY was made"
)
# "Failed to cancel the task, please confirm if the task is in PENDING status."
_NOT_PENDING = "UnsupportedOperation"


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP answer, parsed."""

    status: int
    answer: DashScopeAnswer
    retry_after: float | None


def created_job(answered: Answered, *, written: str = "") -> Job:
    """Return the job that a create call made. ``written``: the prompts, which it may repeat.

    Raises:
        ProviderError: its ``created`` says whether a job may exist all the same.
    """
    status, answer = answered.status, answered.answer
    if 200 <= status < 300 and answer.task_id is not None:
        return answer.job(answer.task_id)
    problem = answer.problem
    reason = failure_reason(problem.code, problem.message, written=written)
    if 200 <= status < 300:
        if problem.code is None or reason is FailureReason.SERVICE:
            # A failure of the service can come after the task was made.
            raise ProviderUnclear(f"HTTP {status} without a task: {problem}", status=status)
        status = 200
    error = create_error(
        status,
        problem,
        reason,
        retry_after=answered.retry_after,
        address_variable="DASHSCOPE_BASE_URL",
    )
    raise _with_region(error, problem)


def looked_at(answered: Answered, job_id: str) -> Job:
    """Return the job from the answer to a status call.

    Raises:
        ProviderError: the answer says nothing about the job.
    """
    if answered.status == 200 and answered.answer.has_status:
        if answered.answer.is_unknown:
            words = "the provider does not know the task, or its 24 hours are over"
            raise JobNotFound(words, status=answered.status)
        if answered.answer.task_id not in (None, job_id):
            # Somebody would get another person's video.
            raise ProviderUnclear("the answer is about another task", status=answered.status)
        return answered.answer.job(job_id)
    if answered.status == 404:
        problem = answered.answer.problem
        raise JobNotFound(in_words(404, problem), code=problem.code, status=404)
    raise _unanswered(answered)


def took_cancel(answered: Answered) -> bool:
    """Return whether the provider took a cancellation; ``False``: it refused it.

    That is no confirmation. The answer has only the id of the request: the page "Asynchronous task
    management" gives it no other field, and says "canceled" only of the status CANCELED. The SDK
    (`VideoSynthesis.cancel`) returns the answer as it is.

    Raises:
        ProviderError: the answer says nothing about it.
    """
    if answered.status == 200 and answered.answer.takes_cancel:
        return True
    if answered.status == 400 and answered.answer.problem.code == _NOT_PENDING:
        return False
    raise _unanswered(answered)


def is_canceled(answered: Answered, job_id: str) -> bool:
    """Return whether a task is canceled, from the answer to a status call after a cancellation.

    ``False``: it had begun, so it goes on, and is paid for.

    Raises:
        ProviderError: the answer does not tell; later ones will.
    """
    job = looked_at(answered, job_id)
    if job.status is JobStatus.PENDING and not answered.answer.has_begun:
        words = "the cancellation was taken, but the task still waits"
        raise ProviderUnclear(words, status=answered.status)
    return job.status is JobStatus.CANCELED


def _unanswered(answered: Answered) -> ProviderError:
    """Return the error for an answer that says nothing about the task."""
    status, problem = answered.status, answered.answer.problem
    error = None
    if status < 500:
        reason = failure_reason(problem.code, problem.message)
        error = account_error(status, problem, reason, answered.retry_after)
    if error is None:
        return ProviderUnclear(in_words(status, problem), code=problem.code, status=status)
    return _with_region(error, problem)


def _with_region(error: ProviderError, problem: Problem) -> ProviderError:
    """Add to a refused key that it may belong to another region."""
    if not isinstance(error, KeyRefused):
        return error
    return KeyRefused(f"{error}; {_REGION}", code=problem.code, status=error.status)
