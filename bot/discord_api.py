"""Discord's API as discord.py speaks to it: at which address, and under which name."""

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import __version__

AGENT = (
    f"DiscordBot (https://github.com/Rapptz/discord.py, {discord.__version__}) "
    f"Flipbook/{__version__}"
)
"""The user agent, in the form that Discord requires."""
_GATEWAY_TIMEOUT = aiohttp.ClientTimeout(total=30)


async def sign(_: object, __: object, request: aiohttp.TraceRequestStartParams) -> None:
    """Add the user agent to answers to interactions, which discord.py sends without one."""
    request.headers.setdefault("User-Agent", AGENT)


async def point_at(api_url: str, *, token: str, http: aiohttp.ClientSession) -> int:
    """Make discord.py use an API for HTTP and for its gateway. Call this before the login.

    discord.py keeps both addresses in its classes, so this applies to the whole process. Returns
    how many shards may identify at the same moment.

    Raises:
        aiohttp.ClientError, TimeoutError: the API does not answer.
        discord.LoginFailure: the API does not accept the token.
    """
    Route.BASE = api_url
    async with http.get(
        f"{api_url}/gateway/bot",
        headers={"Authorization": f"Bot {token}", "User-Agent": AGENT},
        timeout=_GATEWAY_TIMEOUT,
    ) as response:
        if response.status == 401:
            raise discord.LoginFailure("Improper token has been passed.")
        response.raise_for_status()
        answer = await response.json()
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(answer["url"])
    return int(answer["session_start_limit"]["max_concurrency"])
