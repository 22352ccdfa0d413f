"""What an HTTP answer of the provider means, above all whether a task can exist there."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.errors import (
    BalanceEmpty,
    JobNotFound,
    KeyRefused,
    ProviderError,
    ProviderUnclear,
    RateLimited,
    RequestRejected,
    is_moderation_code,
)
from bot.provider.schema import Answer, Problem
from bot.services.ports import Job

# Statuses by which a server says that it did not act on the request. Not among them: 408,
# 409, 424, 425, 499 and the rest, which gateways also send when something behind them was
# already at work, and 302 and 303, which may follow a request that was carried out.
_NOT_CREATED = frozenset(
    {301, 307, 308, 400, 404, 405, 406, 410, 411, 413, 414, 415, 417, 421, 422, 426, 428, 431, 451}
)
# Longest pause that a provider's Retry-After is followed for, in seconds.
RETRY_AFTER_MAX = 3_600.0


def created_job(status: int, answer: Answer, retry_after: float | None) -> Job:
    """The job that a create call made.

    Raises:
        ProviderError: whose ``created`` says whether there can be one all the same.
    """
    if not 200 <= status < 300:
        raise refused_create(status, answer.refusal, retry_after)
    if answer.id is not None:
        return answer.job(answer.id)
    if answer.problem is not None:
        raise _error_without_id(answer.problem, retry_after)
    what = "without id or error" if answer.is_object else "that is no JSON object"
    raise ProviderUnclear(f"HTTP {status} with an answer {what}", status=status)


def refused_create(status: int, problem: Problem, retry_after: float | None) -> ProviderError:
    """The error for a create call that was answered with anything but 2xx."""
    if status in (301, 307, 308):
        problem = Problem(message="it redirects elsewhere; is VTRIX_BASE_URL right?")
    shared = _shared(status, problem, retry_after)
    if shared is not None:
        return shared
    kind = RequestRejected if status in _NOT_CREATED else ProviderUnclear
    return kind(_words(status, problem), code=problem.code, status=status)


def _error_without_id(problem: Problem, retry_after: float | None) -> ProviderError:
    """200 with an error and no id: nothing was created, unless the error is a server's own."""
    status = int(problem.code) if problem.code in _CODES_LIKE_HTTP else None
    if status is None:
        words = str(problem) or "HTTP 200 with an error"
        return RequestRejected(words, code=problem.code, status=200)
    return refused_create(status, problem, retry_after)


# Codes in a body that say the same as the HTTP status of that number.
_CODES_LIKE_HTTP = frozenset({"401", "402", "403", "429", "500", "502", "503", "504"})


def looked_at(status: int, answer: Answer, job_id: str, retry_after: float | None) -> Job:
    """The job as a status call shows it.

    Raises:
        ProviderError: nothing is known of the job by this look.
    """
    if status == 200 and answer.is_object and (answer.status or answer.id):
        return answer.job(job_id)
    problem = answer.refusal
    if status == 404:
        raise JobNotFound(_words(status, problem), code=problem.code, status=status)
    error = _shared(status, problem, retry_after)
    raise error or ProviderUnclear(_words(status, problem), code=problem.code, status=status)


def _shared(status: int, problem: Problem, retry_after: float | None) -> ProviderError | None:
    """What every call can be answered with."""
    words = _words(status, problem)
    if status == 401:
        return KeyRefused(words, code=problem.code, status=status)
    if status in (402, 403):
        if is_moderation_code(problem.code):
            return RequestRejected(words, code=problem.code, status=status)
        return BalanceEmpty(words, code=problem.code, status=status)
    if status == 429:
        return RateLimited(words, retry_after=retry_after)
    return None


def _words(status: int, problem: Problem) -> str:
    return f"HTTP {status}: {problem}" if str(problem) else f"HTTP {status}"


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from ``now``, of a ``Retry-After`` in seconds or as an HTTP date."""
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
