"""What an error of discord.py says about an attempt: refused for good, or not clear."""

import logging
from collections.abc import Awaitable

import aiohttp
import discord

from bot.errors import DeliveryError, DeliveryRefused, DeliveryUnclear
from bot.ui.delivery.blockade import Blocked

log = logging.getLogger(__name__)

# Everything a request to Discord can raise. A closed session (the process is stopping) is a
# RuntimeError.
REQUEST_ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError, RuntimeError)

UNKNOWN_MESSAGE = 10008
# Unknown Channel, Unknown Guild, Missing Access: nothing at all can be done there.
_OUT_OF_REACH = frozenset({10003, 10004, 50001})
# Unknown Webhook, Unknown interaction, Invalid Webhook Token: the token of an interaction is over,
# whatever this machine's clock says.
_TOKEN_IS_OVER = frozenset({10015, 10062, 50027})
# "Maximum number of edits to messages older than 1 hour reached. Try again later": Discord says
# neither how many there are nor when, so no sooner than after so many seconds.
_OLD_EDITS, _OLD_EDITS_AGAIN = 30046, 60.0
# A 4xx that is about the moment or the bot's token, not about what was sent.
_NOT_ABOUT_IT = frozenset({401, 408, 429})


def judged(error: Exception) -> DeliveryError:
    """The error as the delivery ladder knows it."""
    if isinstance(error, discord.RateLimited | Blocked):
        return DeliveryUnclear(str(error), retry_after=error.retry_after)
    if isinstance(error, discord.HTTPException) and 400 <= error.status < 500:
        if error.status in _NOT_ABOUT_IT and error.code not in _TOKEN_IS_OVER:
            return DeliveryUnclear(describe(error), retry_after=_retry_after(error))
        return DeliveryRefused(describe(error))
    return DeliveryUnclear(describe(error))


def is_out_of_reach(error: Exception) -> bool:
    """Whether another attempt in the same channel can only be refused as well."""
    return isinstance(error, discord.HTTPException) and error.code in _OUT_OF_REACH


def is_token_over(error: BaseException | None) -> bool:
    """Whether Discord said that an interaction's token serves no more, here or in its cause."""
    if isinstance(error, DeliveryError):
        error = error.__cause__
    return isinstance(error, discord.HTTPException) and error.code in _TOKEN_IS_OVER


def describe(error: Exception) -> str:
    """The error in one line for the log."""
    return f"{type(error).__name__}: {error}"


def _retry_after(error: discord.HTTPException) -> float | None:
    value = error.response.headers.get("Retry-After", "")
    try:
        after: float | None = max(0.0, float(value))
    except ValueError:
        after = None
    return max(after or 0.0, _OLD_EDITS_AGAIN) if error.code == _OLD_EDITS else after


async def tried(task_id: str, work: Awaitable[object]) -> bool:
    """Whether it worked; a failure is logged and no more."""
    try:
        await settled(task_id, work)
    except DeliveryError:
        return False
    return True


async def settled(task_id: str, work: Awaitable[object]) -> None:
    """Do it; a failure is logged, and raised as the ladder knows it.

    Raises:
        DeliveryRefused, DeliveryUnclear: what Discord said.
    """
    try:
        await work
    except DeliveryError as error:
        log.warning("task %s: could not be said: %s", task_id, error)
        raise
    except REQUEST_ERRORS as error:
        log.warning("task %s: could not be said: %s", task_id, describe(error))
        raise judged(error) from error
