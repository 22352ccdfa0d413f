"""Maps the gateway's HTTP answers to jobs and errors."""

from bot.domain.provider.job import Job
from bot.errors import JobNotFound, ProviderError, ProviderUnclear
from bot.providers.json_answer import Problem
from bot.providers.refusals import account_error, create_error, in_words
from bot.providers.vtrix.failure_reasons import failure_reason
from bot.providers.vtrix.schema import ProviderAnswer


def created_job(
    status: int, answer: ProviderAnswer, retry_after: float | None, *, written: str = ""
) -> Job:
    """Return the job that a create call made. ``written``: the prompts, which it may repeat.

    Raises:
        ProviderError: its ``created`` says whether a job may exist all the same.
    """
    if not 200 <= status < 300:
        raise refused_create(status, answer.refusal, retry_after, written=written)
    if answer.id is not None:
        return answer.job(answer.id)
    if answer.problem is None:
        what = "without id or error" if answer.is_object else "that is not a JSON object"
        raise ProviderUnclear(f"HTTP {status} with an answer {what}", status=status)
    # Nothing was created, unless the error stands for a 5xx status.
    as_status = answer.error_status or 200
    raise refused_create(as_status, answer.problem, retry_after, written=written)


def refused_create(
    status: int, problem: Problem, retry_after: float | None, *, written: str = ""
) -> ProviderError:
    """Return the error for a create call that got anything but 2xx and an id."""
    reason = failure_reason(problem.code, problem.message, written=written)
    return create_error(
        status, problem, reason, retry_after=retry_after, address_variable="VTRIX_BASE_URL"
    )


def looked_at(status: int, answer: ProviderAnswer, job_id: str, retry_after: float | None) -> Job:
    """Return the job from the answer to a status call.

    Raises:
        ProviderError: the answer says nothing about the job.
    """
    problem = answer.refusal
    if status == 200 and answer.is_object and (answer.status or answer.id):
        if answer.is_forgotten:
            raise JobNotFound(f"the job's status is unknown: {problem}".rstrip(": "), status=status)
        return answer.job(job_id)
    if status == 200:
        status = answer.error_status or status
    if status == 404:
        raise JobNotFound(in_words(status, problem), code=problem.code, status=status)
    error = None
    if status < 500:
        reason = failure_reason(problem.code, problem.message)
        error = account_error(status, problem, reason, retry_after)
    raise error or ProviderUnclear(in_words(status, problem), code=problem.code, status=status)
