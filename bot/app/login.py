"""The way to Discord: the login, as soon as Discord answers, and the gateway."""

import asyncio
import logging
import random

import aiohttp
import discord
from pydantic import SecretStr

from bot.client import FlipbookClient, point_at
from bot.clock import Clock
from bot.concurrency import backoff
from bot.errors import SettingsError
from bot.outbound import without_passwords
from bot.settings.settings import Settings

log = logging.getLogger(__name__)

# Seconds between attempts to reach a Discord that does not answer at the start.
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
# The gateway's close code: the token of a session that was good is not good any more.
_AUTHENTICATION_FAILED = 4004
_SINCE_RESET = (
    "DISCORD_TOKEN: Discord accepts it no longer: it was reset while the bot was running. "
    "Bot, Reset Token in the developer portal gives a new one"
)


async def log_in(
    client: FlipbookClient, settings: Settings, http: aiohttp.ClientSession, clock: Clock
) -> None:
    """Log in, as soon as Discord answers: a network or a Discord that is not there yet may come.

    Raises:
        SettingsError: it answers, and trying again would change nothing.
    """
    attempt, rng = 0, random.Random()
    while (why := await _unanswered(client, settings, http)) is not None:
        attempt += 1
        wait = backoff(attempt, first=_FIRST_WAIT, longest=_LONGEST_WAIT, rng=rng)
        log.warning(
            "DISCORD_API_URL: Discord does not answer (%s); tried again in %.0f s", why, wait
        )
        await client.log_in_anew()
        await clock.sleep(wait)


async def _unanswered(
    client: FlipbookClient, settings: Settings, http: aiohttp.ClientSession
) -> str | None:
    """One login; why Discord did not answer, and ``None`` if it did.

    Raises:
        SettingsError: it answers, and trying again would change nothing.
    """
    token = _secret(settings.discord_token)
    try:
        client.logins_at_once = await point_at(settings.discord_api_url, token=token, http=http)
        await client.login(token)
    except discord.LoginFailure as error:
        raise SettingsError(["DISCORD_TOKEN: Discord does not accept it"]) from error
    except _NOT_DISCORD as error:
        reason = without_passwords(str(error))
        if not _may_pass(error):
            problem = f"DISCORD_API_URL: it answers, but not as Discord does ({reason})"
            raise SettingsError([problem]) from error
        return reason or type(error).__name__
    return None


def _may_pass(error: Exception) -> bool:
    """Whether it says nothing about the settings: no way there, or Discord is in trouble."""
    if isinstance(error, discord.HTTPException | aiohttp.ClientResponseError):
        return error.status >= 500 or error.status == 429
    return isinstance(error, _NO_WAY)


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()


async def connected(client: discord.Client) -> None:
    """Stay connected until cancelled; whoever cancels it closes the client.

    Apart from the caller: `asyncio.wait_for` of Python 3.11, which discord.py connects with, can
    swallow a cancellation that comes just as the connection is made. A closed client ends anyway.

    Raises:
        SettingsError: Discord does not take the token any more.
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
    """discord.py tries again by itself from the first connection on, and not before."""
    attempt, rng = 0, random.Random()
    while True:
        try:
            return await client.connect()
        except (discord.GatewayNotFound, discord.DiscordServerError, *_NO_WAY) as error:
            if getattr(client, "shards", None):
                raise
            attempt += 1
            wait = backoff(attempt, first=_FIRST_WAIT, longest=_LONGEST_WAIT, rng=rng)
            log.warning("no gateway of Discord's (%s); tried again in %.0f s", error, wait)
            await asyncio.sleep(wait)
