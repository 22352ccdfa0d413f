"""Tells which errors of discord.py mean a definite refusal, and which an unclear outcome."""

import logging
from collections.abc import Awaitable

import aiohttp
import discord

from bot.errors import DeliveryError, DeliveryRefused, DeliveryUnclear
from bot.ui.delivery.requests.blockade import Blocked

log = logging.getLogger(__name__)

# Everything a request to Discord can raise. A closed session (the process is stopping) is a
# RuntimeError.
REQUEST_ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError, RuntimeError)

UNKNOWN_MESSAGE = 10008
# Unknown Channel, Unknown Guild, Missing Access: nothing can work in that channel.
_OUT_OF_REACH = frozenset({10003, 10004, 50001})
# Unknown Webhook, Unknown interaction, Invalid Webhook Token: an interaction's token has expired,
# whatever this machine's clock says.
_TOKEN_IS_OVER = frozenset({10015, 10062, 50027})
# "Maximum number of edits to messages older than 1 hour reached. Try again later": Discord says
# neither how many are allowed nor when the next one is, so wait at least so many seconds.
_OLD_EDITS, _OLD_EDITS_AGAIN = 30046, 60.0
# 4xx statuses that are about the moment or the bot's token, not about what was sent.
_NOT_ABOUT_IT = frozenset({401, 408, 429})


def judged(error: Exception) -> DeliveryError:
    """Turn an error of a request into a :class:`DeliveryError`."""
    if isinstance(error, discord.RateLimited | Blocked):
        return DeliveryUnclear(str(error), retry_after=error.retry_after)
    if isinstance(error, discord.HTTPException) and 400 <= error.status < 500:
        if error.status in _NOT_ABOUT_IT and error.code not in _TOKEN_IS_OVER:
            return DeliveryUnclear(describe(error), retry_after=_retry_after(error))
        return DeliveryRefused(describe(error))
    return DeliveryUnclear(describe(error))


def is_out_of_reach(error: Exception) -> bool:
    """Whether any other attempt in the same channel would be refused as well."""
    return isinstance(error, discord.HTTPException) and error.code in _OUT_OF_REACH


def is_token_over(error: BaseException | None) -> bool:
    """Whether the error or its cause says that an interaction's token has expired."""
    if isinstance(error, DeliveryError):
        error = error.__cause__
    return isinstance(error, discord.HTTPException) and error.code in _TOKEN_IS_OVER


def describe(error: Exception) -> str:
    """Describe an error in one line for the log."""
    return f"{type(error).__name__}: {error}"


def _retry_after(error: discord.HTTPException) -> float | None:
    value = error.response.headers.get("Retry-After", "")
    try:
        after: float | None = max(0.0, float(value))
    except ValueError:
        after = None
    return max(after or 0.0, _OLD_EDITS_AGAIN) if error.code == _OLD_EDITS else after


async def tried(task_id: str, work: Awaitable[object]) -> bool:
    """Await a request; return whether it worked, and only log a failure."""
    try:
        await settled(task_id, work)
    except DeliveryError:
        return False
    return True


async def settled(task_id: str, work: Awaitable[object]) -> None:
    """Await a request; log a failure and raise it as a :class:`DeliveryError`.

    Raises:
        DeliveryRefused, DeliveryUnclear: the request failed.
    """
    try:
        await work
    except DeliveryError as error:
        log.warning("task %s: request to Discord failed: %s", task_id, error)
        raise
    except REQUEST_ERRORS as error:
        log.warning("task %s: request to Discord failed: %s", task_id, describe(error))
        raise judged(error) from error
