"""What `flipbook check` says of what people have to be told."""

from collections.abc import Iterator

from bot.cli.check.finding import Finding
from bot.settings.settings import Settings

_WHY = {
    "privacy_url": "Discord requires a privacy policy of every app that handles people's data; "
    "docs/privacy-policy.md is a text to publish, and /help will link to it",
    "terms_url": "people should know what they may ask for; docs/terms.md is a text to publish, "
    "and /help will link to it",
    "operator_contact": "people need a way to reach you about their data and about videos of "
    "them; /help will show it",
}


def policy_findings(settings: Settings) -> Iterator[Finding]:
    """A warning for each of these settings that is missing, with the reason to set it."""
    missing = [name for name in _WHY if getattr(settings, name) is None]
    for name in missing:
        yield Finding(True, "policies", f"{name.upper()} is not set: {_WHY[name]}", is_warning=True)
    if not missing:
        yield Finding(True, "policies", "privacy policy, terms and contact are in /help")
