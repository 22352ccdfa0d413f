"""The login to Discord, repeated until Discord answers, and the connection to the gateway."""

import asyncio
import logging
import random

import aiohttp
import discord
from pydantic import SecretStr

from bot.client import FlipbookClient
from bot.clock import Clock
from bot.concurrency import backoff
from bot.discord_api import point_at
from bot.errors import SettingsError
from bot.outbound import without_passwords
from bot.settings.settings import Settings

log = logging.getLogger(__name__)

# Seconds between attempts to log in while Discord does not answer.
_FIRST_WAIT = 2.0
_LONGEST_WAIT = 60.0
_NO_WAY = (aiohttp.ClientError, OSError)
_NOT_DISCORD = (
    discord.HTTPException,
    *_NO_WAY,
    LookupError,
    TypeError,
    ValueError,
)
# The gateway's close code for a token that is no longer valid.
_AUTHENTICATION_FAILED = 4004
_SINCE_RESET = (
    "DISCORD_TOKEN: Discord no longer accepts it: it was reset while the bot was running. "
    "Create a new one in the developer portal under Bot, Reset Token"
)


async def log_in(
    client: FlipbookClient, settings: Settings, http: aiohttp.ClientSession, clock: Clock
) -> None:
    """Log in, trying again until the network and Discord are there.

    Raises:
        SettingsError: Discord answers, and trying again would change nothing.
    """
    attempt, rng = 0, random.Random()
    while (why := await _unanswered(client, settings, http)) is not None:
        attempt += 1
        wait = backoff(attempt, first=_FIRST_WAIT, longest=_LONGEST_WAIT, rng=rng)
        log.warning(
            "DISCORD_API_URL: Discord does not answer (%s); trying again in %.0f s", why, wait
        )
        await client.log_in_anew()
        await clock.sleep(wait)


async def _unanswered(
    client: FlipbookClient, settings: Settings, http: aiohttp.ClientSession
) -> str | None:
    """Try to log in once; return why Discord did not answer, or ``None`` if it did.

    Raises:
        SettingsError: Discord answers, and trying again would change nothing.
    """
    token = _secret(settings.discord_token)
    try:
        client.logins_at_once = await point_at(settings.discord_api_url, token=token, http=http)
        await client.login(token)
    except discord.LoginFailure as error:
        raise SettingsError(["DISCORD_TOKEN: Discord does not accept it"]) from error
    except _NOT_DISCORD as error:
        return _passing(error)
    return None


def _passing(error: Exception) -> str:
    """Return the reason of an error that may pass.

    Raises:
        SettingsError: it will not.
    """
    reason = without_passwords(str(error))
    if not _may_pass(error):
        problem = f"DISCORD_API_URL: it answers, but not as Discord does ({reason})"
        raise SettingsError([problem]) from error
    return reason or type(error).__name__


def _may_pass(error: Exception) -> bool:
    """Whether an error may pass, because the network or Discord is down, not the settings wrong."""
    if isinstance(error, discord.HTTPException | aiohttp.ClientResponseError):
        return error.status >= 500 or error.status == 429
    return isinstance(error, _NO_WAY)


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()


async def connected(client: discord.Client) -> None:
    """Stay connected to the gateway until canceled; the caller then closes the client.

    The connection has an asyncio task of its own: `asyncio.wait_for` of Python 3.11, which
    discord.py connects with, can swallow a cancellation just as the connection is made. Closing
    the client ends that task in any case.

    Raises:
        SettingsError: Discord no longer accepts the token.
    """
    connecting = asyncio.create_task(_connect(client))
    try:
        await asyncio.shield(connecting)
    except discord.ConnectionClosed as error:
        if error.code != _AUTHENTICATION_FAILED:
            raise
        raise SettingsError([_SINCE_RESET]) from error
    finally:
        connecting.cancel()


async def _connect(client: discord.Client) -> None:
    """Connect to the gateway; discord.py retries only from the first connection on."""
    attempt, rng = 0, random.Random()
    while True:
        try:
            return await client.connect()
        except (discord.GatewayNotFound, discord.DiscordServerError, *_NO_WAY) as error:
            if getattr(client, "shards", None):
                raise
            attempt += 1
            wait = backoff(attempt, first=_FIRST_WAIT, longest=_LONGEST_WAIT, rng=rng)
            log.warning(
                "Discord's gateway does not answer (%s); trying again in %.0f s", error, wait
            )
            await asyncio.sleep(wait)
