"""Maps HTTP answers to jobs and errors, above all to whether a task may have been created."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job
from bot.errors import (
    AccountRefused,
    BalanceEmpty,
    JobNotFound,
    KeyRefused,
    ModelRefused,
    ProviderError,
    ProviderUnclear,
    RateLimited,
    RequestRejected,
)
from bot.providers.vtrix.failure_reasons import failure_reason
from bot.providers.vtrix.schema import Problem, ProviderAnswer

# Statuses that say that the server did not act on the request. Not among them: 408, 409, 424, 425,
# 499 and the rest, which gateways also send when a server behind them was already working, and 302
# and 303, which can follow a request that was carried out.
_NOT_CREATED = frozenset(
    {301, 307, 308, 400, 404, 405, 406, 410, 411, 413, 414, 415, 417, 421, 422, 426, 428, 431, 451}
)
# Longest Retry-After of the provider that is honored, in seconds.
RETRY_AFTER_MAX = 3_600.0


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
    if status in (301, 307, 308):
        problem = Problem(message="the API redirects; is VTRIX_BASE_URL right?")
    if status not in _ANSWERED and status not in _NOT_CREATED:
        return ProviderUnclear(_words(status, problem), code=problem.code, status=status)
    reason = failure_reason(problem.code, problem.message, written=written)
    shared = _shared(status, problem, reason, retry_after)
    if shared is not None:
        return shared
    words = _words(status, problem)
    return RequestRejected(words, code=problem.code, status=status, reason=reason)


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
        raise JobNotFound(_words(status, problem), code=problem.code, status=status)
    error = None
    if status < 500:
        reason = failure_reason(problem.code, problem.message)
        error = _shared(status, problem, reason, retry_after)
    raise error or ProviderUnclear(_words(status, problem), code=problem.code, status=status)


# In addition to `_NOT_CREATED`: statuses with a clear reason, and 200 with an error instead of an
# id.
_ANSWERED = frozenset({200, 401, 402, 403, 429})
_OF_ACCOUNT: dict[FailureReason, type[ProviderError]] = {
    FailureReason.KEY: KeyRefused,
    FailureReason.BALANCE: BalanceEmpty,
    FailureReason.MODEL: ModelRefused,
}


def _shared(
    status: int, problem: Problem, reason: FailureReason | None, retry_after: float | None
) -> ProviderError | None:
    """Return the error for answers that any call can get; None if this request is at fault."""
    how: dict[str, Any] = {"code": problem.code, "status": status}
    words = _words(status, problem)
    if status == 401:
        return KeyRefused(words, **how)
    if status == 402:
        return BalanceEmpty(words, **how)
    # A limit of the key is still a limit.
    if reason in _OF_ACCOUNT and (status, reason) != (429, FailureReason.KEY):
        return _OF_ACCOUNT[reason](words, **how)
    if status == 429 or reason is FailureReason.BUSY:
        return RateLimited(words, retry_after=retry_after)
    if reason is None and status == 403:
        return AccountRefused(words, **how)
    return None


def _words(status: int, problem: Problem) -> str:
    return f"HTTP {status}: {problem}" if str(problem) else f"HTTP {status}"


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from ``now`` for a ``Retry-After`` in seconds or as an HTTP date."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, now)
    return None if math.isnan(seconds) else min(max(seconds, 0.0), RETRY_AFTER_MAX)


def _seconds_until(value: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return math.nan
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - now).total_seconds()
