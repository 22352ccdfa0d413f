"""Options of `/quota-admin`: their bounds, and the values that they stand for."""

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.domain.money import Usd
from bot.domain.quotas.limits import MOST_VIDEOS, UNLIMITED, Window
from bot.domain.task import Person
from bot.errors import OptionRefused
from bot.services.moderation import MOST_BUDGET_USD

Videos = app_commands.Range[int, UNLIMITED, MOST_VIDEOS]
LIMIT = locale_str(
    "Videos per window: 0 allows none, -1 is unlimited; leave out to remove the limit"
)
ROLE = locale_str("Which role")
ROLE_LIMIT = locale_str("Set a limit for a role; with several roles, the highest applies")
NO_BUDGET = -1
Budget = app_commands.Range[float, NO_BUDGET, MOST_BUDGET_USD]
WINDOWS = [
    app_commands.Choice(name=locale_str("hour"), value=Window.HOUR.value),
    app_commands.Choice(name=locale_str("day"), value=Window.DAY.value),
    app_commands.Choice(name=locale_str("week"), value=Window.WEEK.value),
    app_commands.Choice(name=locale_str("month"), value=Window.MONTH.value),
]


def person(user: discord.User | discord.Member) -> Person:
    """The person with their current roles; no roles if they have left the server."""
    roles = user.roles if isinstance(user, discord.Member) else []
    role_ids = frozenset(role.id for role in roles)
    return Person(id=user.id, name=user.display_name, role_ids=role_ids)


def window_of(name: str) -> Window:
    """The window of that name, which Discord may send although it is not offered."""
    if name not in list(Window):
        raise OptionRefused("window", given=name, allowed=tuple(Window))
    return Window(name)


def if_given(name: str, value: object) -> dict[str, object]:
    """The field with its value, if the option was given."""
    return {} if value is None else {name: value}


def budget(name: str, usd: float | None) -> dict[str, object]:
    """The field for a budget, if one was given; -1 removes the server's own."""
    if usd is None:
        return {}
    if not (usd == NO_BUDGET or 0 <= usd <= MOST_BUDGET_USD):
        raise OptionRefused(name, given=usd, allowed=(0, MOST_BUDGET_USD))
    # Discord has no decimal type; `str` gives back the digits that were typed.
    return {name: None if usd < 0 else Usd.parse(str(usd))}
