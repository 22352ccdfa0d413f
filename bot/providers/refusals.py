"""Maps refusals of any provider to errors, above all to whether a task may have been created."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.domain.provider.failure_reason import FailureReason
from bot.errors import (
    AccountRefused,
    BalanceEmpty,
    KeyRefused,
    ModelRefused,
    ProviderError,
    ProviderUnclear,
    RateLimited,
    RequestRejected,
)
from bot.providers.json_answer import Problem

# Statuses that say that the server did not act on the request. Not among them: 408, 409, 424, 425,
# 499 and the rest, which gateways also send when a server behind them was already working, and 302
# and 303, which can follow a request that was carried out.
_NOT_CREATED = frozenset(
    {301, 307, 308, 400, 404, 405, 406, 410, 411, 413, 414, 415, 417, 421, 422, 426, 428, 431, 451}
)
# In addition: statuses with a clear reason, and 200 with an error instead of an id.
_ANSWERED = frozenset({200, 401, 402, 403, 429})
# The address of the API is wrong.
_REDIRECTS = frozenset({301, 307, 308})
# Longest Retry-After of the provider that is honored, in seconds.
RETRY_AFTER_MAX = 3_600.0


_OF_ACCOUNT: dict[FailureReason, type[ProviderError]] = {
    FailureReason.KEY: KeyRefused,
    FailureReason.BALANCE: BalanceEmpty,
    FailureReason.MODEL: ModelRefused,
}


def create_error(
    status: int,
    problem: Problem,
    reason: FailureReason | None,
    *,
    retry_after: float | None,
    address_variable: str,
) -> ProviderError:
    """Return the error for a create call that got anything but 2xx and an id.

    Args:
        status: the HTTP status, or the one that an error in the body stands for.
        problem: the provider's words.
        reason: what they mean.
        retry_after: seconds that the provider asks to wait.
        address_variable: the setting that is wrong if the provider redirects.
    """
    if status in _REDIRECTS:
        words = f"HTTP {status}: the API redirects; is {address_variable} right?"
        return RequestRejected(words, status=status)
    if status not in _ANSWERED and status not in _NOT_CREATED:
        words = in_words(status, problem)
        return ProviderUnclear(words, code=problem.code, status=status)
    shared = account_error(status, problem, reason, retry_after)
    if shared is not None:
        return shared
    words = in_words(status, problem)
    return RequestRejected(words, code=problem.code, status=status, reason=reason)


def account_error(
    status: int, problem: Problem, reason: FailureReason | None, retry_after: float | None
) -> ProviderError | None:
    """Return the error for answers that any call can get; None if this request is at fault."""
    how: dict[str, Any] = {"code": problem.code, "status": status}
    words = in_words(status, problem)
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


def in_words(status: int, problem: Problem) -> str:
    """Return status and words of a refusal."""
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
