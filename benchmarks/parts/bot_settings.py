"""The settings of a bot in a process of its own, beside a local Discord and provider."""

import os

from benchmarks.parts.answering import ROOT
from sandbox.discord import LocalDiscord
from sandbox.vtrix import LocalVtrix


def bot_settings(local: LocalDiscord, provider: LocalVtrix) -> dict[str, str]:
    """Return the environment of the process."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DISCORD_TOKEN": local.token,
        "DISCORD_API_URL": local.api_url,
        "DISCORD_CDN_URL": local.cdn_url,
        "VTRIX_API_KEY": provider.key,
        "VTRIX_BASE_URL": provider.base_url,
        "LOG_LEVEL": "WARNING",
    }
