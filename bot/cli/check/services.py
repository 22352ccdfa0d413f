"""Checks the services that the bot asks besides Discord, for `flipbook check`."""

from bot.cli.check.finding import Finding
from bot.clock import SystemClock
from bot.errors import FlipbookError
from bot.outbound import without_passwords
from bot.providers.content_check.client import ModerationClient
from bot.providers.factory import make_provider, open_content_check
from bot.settings.settings import Settings


async def provider_finding(name: str, settings: Settings) -> Finding:
    """Whether a provider can be reached and accepts the key. Nothing is created."""
    account = settings.accounts[name]
    if account.key is None:
        return Finding(False, "provider", f"{account.variables.key} is missing")
    place = f"{account.label} at {account.address}"
    try:
        async with make_provider(name, settings, clock=SystemClock()) as provider:
            fine = await provider.key_works()
    except FlipbookError as error:
        return Finding(False, "provider", f"{place}: {described(error)}")
    if fine:
        return Finding(True, "provider", f"{place}: reached, the key is accepted")
    advice = f"; {account.key_advice}" if account.key_advice else ""
    says = f"reached, but the key in {account.variables.key} is refused{advice}"
    return Finding(False, "provider", f"{place}: {says}")


async def moderation_finding(settings: Settings) -> Finding | None:
    """Whether the operator's content check answers; ``None`` if there is none."""
    async with open_content_check(settings) as client:
        if not isinstance(client, ModerationClient):
            return None
        problem = await client.problem()
    says = f"MODERATION_URL: {problem or 'reached, and its answer can be read'}"
    return Finding(problem is None, "moderation", says)


def described(error: Exception) -> str:
    """Return an error as one line without passwords."""
    return " ".join(without_passwords(str(error)).split()) or type(error).__name__
