"""`flipbook check`: prints a line for each thing that must work. It spends and leaves nothing."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import discord
import typer
from pydantic import SecretStr

from bot.cli.check.finding import Finding
from bot.cli.check.pictures import pictures_finding
from bot.cli.check.policies import policy_findings
from bot.cli.check.services import described, moderation_finding, provider_finding
from bot.cli.check.shared import (
    files_finding,
    logins_finding,
    pause_finding,
    postgres_findings,
    second_copy_finding,
)
from bot.cli.database import database_finding
from bot.cli.errors import words
from bot.cli.run import quiet_logging, run_in_loop
from bot.clock import SystemClock
from bot.discord_api import AGENT, point_at
from bot.errors import FlipbookError, SettingsError
from bot.outbound import without_passwords
from bot.settings.loading import load_settings
from bot.settings.settings import Settings
from bot.storage.engine.postgres import is_postgres
from bot.ui.access.install_context import lacking_in
from bot.ui.command_sync import INSTALL_SWITCH
from bot.ui.registered import FILE, differences, kept, registered
from bot.ui.texts.refusals.places import permission

# The permissions that the README's invite link asks for, by Discord's names.
WANTED = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "embed_links",
    "attach_files",
    "read_message_history",
    "add_reactions",
)


_NOT_DISCORD = (discord.DiscordException, aiohttp.ClientError, OSError, LookupError, ValueError)


def run_checks() -> int:
    """Print all findings; return 0 if none is a failure."""
    try:
        settings = load_settings()
    except SettingsError as error:
        for problem in error.problems:
            typer.echo(str(Finding(False, "settings", problem)))
        return 1
    quiet_logging(settings)
    return run_in_loop(_print_all(settings))


async def _print_all(settings: Settings) -> int:
    failed = False
    async for finding in look(settings):
        typer.echo(str(finding))
        failed = failed or not finding.fine
    return 1 if failed else 0


async def look(settings: Settings) -> AsyncIterator[Finding]:
    """Check everything, in the order in which the bot needs it."""
    yield Finding(True, "settings", _settings_in_words())
    for finding in policy_findings(settings):
        yield finding
    async for finding in _database(settings):
        yield finding
    yield _folder(settings.data_dir)
    if (files := await files_finding(settings)) is not None:
        yield files
    yield await pictures_finding()
    if settings.use_proxy:
        yield _proxy(settings)
    async for finding in _discord(settings):
        yield finding
    for name in settings.offered_accounts:
        yield await provider_finding(name, settings)
    if (moderation := await moderation_finding(settings)) is not None:
        yield moderation


def _settings_in_words() -> str:
    return "read from the environment and .env" if Path(".env").is_file() else "environment only"


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    if is_postgres(settings.database_url):
        async for finding in postgres_findings(settings.database_url):
            yield finding
    else:
        yield await _sqlite(settings)
    copy = await second_copy_finding(settings.database_url, SystemClock().now())
    for found in (copy, await pause_finding(settings.database_url)):
        if found is not None:
            yield found


async def _sqlite(settings: Settings) -> Finding:
    try:
        fine, says = await database_finding(settings.database_url)
    except FlipbookError as error:
        return Finding(False, "database", "; ".join(words(error)))
    return Finding(fine, "database", says)


def _folder(folder: Path) -> Finding:
    """Whether the data folder can be written, or created."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    fine = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    return Finding(fine, "data", f"{folder} can{'' if fine else 'not'} be written")


def _proxy(settings: Settings) -> Finding:
    """Say which services the proxy is for; the following lines show whether it works."""
    outbound = settings.outbound()
    reached = {
        name: outbound.proxy_for(url)
        for name, url in (
            ("Discord", settings.discord_api_url),
            *((one.label, one.address) for one in settings.offered_accounts.values()),
        )
    }
    says = [f"{name} {_by(proxy)}" for name, proxy in reached.items()]
    return Finding(True, "proxy", ", ".join(says))


def _by(proxy: str | None) -> str:
    return f"through {without_passwords(proxy)}" if proxy else "directly (NO_PROXY)"


# --- Discord ------------------------------------------------------------------------------


async def _discord(settings: Settings) -> AsyncIterator[Finding]:
    if settings.discord_token is None:
        yield Finding(False, "discord", "DISCORD_TOKEN is missing")
        return
    proxy = settings.outbound().proxy_for(settings.discord_api_url)
    client = discord.Client(
        intents=discord.Intents(guilds=True), max_ratelimit_timeout=60, proxy=proxy
    )
    client.http.user_agent = AGENT
    async with client:
        try:
            await _log_in(client, settings.discord_token, settings.discord_api_url, proxy)
            yield Finding(True, "discord", f"logged in as {client.user}")
            yield Finding(True, "intents", "no privileged intents needed")
            yield await _logins(client, is_shared=is_postgres(settings.database_url))
            if settings.user_install:
                yield _own_installs(client)
            yield _interactions(client)
            yield await _commands(client, settings.data_dir / FILE)
            async for finding in _guilds(client, settings.guilds, settings.user_install):
                yield finding
        except discord.LoginFailure:
            yield Finding(False, "discord", "Discord does not accept DISCORD_TOKEN")
        except _NOT_DISCORD as error:
            yield Finding(False, "discord", f"{settings.discord_api_url}: {described(error)}")


async def _log_in(
    client: discord.Client, token: SecretStr, api_url: str, proxy: str | None
) -> None:
    value = token.get_secret_value()
    async with aiohttp.ClientSession(proxy=proxy) as http:
        await point_at(api_url, token=value, http=http)
    await client.login(value)


async def _logins(client: discord.Client, *, is_shared: bool) -> Finding:
    shards, _, limit = await client.http.get_bot_gateway()
    return logins_finding(
        shards=shards,
        left=limit["remaining"],
        most=limit["total"],
        at_once=limit["max_concurrency"],
        is_shared=is_shared,
    )


def _own_installs(client: discord.Client) -> Finding:
    """Whether Discord lets people install the app for themselves, if USER_INSTALL is on."""
    application = client.application
    if application is not None and application.user_integration_config is not None:
        return Finding(True, "install", "people can install the app for themselves")
    words = f"USER_INSTALL is on, and Discord does not allow it: {INSTALL_SWITCH}"
    return Finding(False, "install", words)


def _interactions(client: discord.Client) -> Finding:
    """Whether commands arrive through the gateway, where the bot listens."""
    url = client.application.interactions_endpoint_url if client.application else None
    if not url:
        return Finding(True, "commands", "sent through the gateway")
    words = (
        f"Discord sends them to {url} instead of the gateway, so none would arrive: clear "
        "Interactions Endpoint URL under General Information in the developer portal"
    )
    return Finding(False, "commands", words)


async def _commands(client: discord.Client, file: Path) -> Finding:
    """Whether Discord has the commands that the last start registered."""
    wanted = kept(file)
    if wanted is None:
        return Finding(True, "commands", "the next start registers them")
    different = differences(wanted, await registered(client))
    if different:
        words = f"{'; '.join(different)}. The next start registers them again"
        return Finding(False, "commands", words)
    return Finding(True, "commands", f"Discord has all {len(wanted)}")


async def _guilds(
    client: discord.Client, allowed: frozenset[int] | None, goes_elsewhere: bool
) -> AsyncIterator[Finding]:
    found = [guild async for guild in client.fetch_guilds(limit=None)]
    if not found:
        words = "the bot is in no server yet: see the invite link in the README"
        yield Finding(goes_elsewhere, "servers", words)
    for guild in found:
        if allowed is not None and guild.id not in allowed:
            yield Finding(True, "server", f"{guild.name}: not in GUILDS, so it is ignored")
        else:
            yield await _permissions(client, guild.id)
    for missing in (allowed or frozenset()) - {guild.id for guild in found}:
        yield Finding(False, "server", f"{missing} is in GUILDS, but the bot is not in it")


async def _permissions(client: discord.Client, guild_id: int) -> Finding:
    guild = await client.fetch_guild(guild_id)
    me = await guild.fetch_member(client.user.id if client.user else 0)
    lacking = lacks(me.guild_permissions)
    if lacking:
        return Finding(False, "server", f"{guild.name}: missing: {', '.join(lacking)}")
    closed = [
        channel.name
        for channel in await guild.fetch_channels()
        if isinstance(channel, discord.TextChannel | discord.VoiceChannel)
        and (lacks(held := channel.permissions_for(me)) or lacking_in(held, channel))
    ]
    aside = f", but not in {', '.join(f'#{name}' for name in closed)}" if closed else ""
    return Finding(True, "server", f"{guild.name}: has every permission{aside}")


def lacks(held: discord.Permissions) -> list[str]:
    """Return the wanted permissions that are missing, by their names in Discord's settings."""
    if held.administrator:
        return []
    return [permission(name) for name in WANTED if not getattr(held, name)]
