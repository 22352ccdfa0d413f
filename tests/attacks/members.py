"""Who attacks, who suffers, and in which servers."""

from tests.factories import make_limits

MEMBER, VICTIM, HERE, THERE = 1, 2, 2001, 2002
WIDE = make_limits(
    videos=-1,
    concurrent=1000,
    person_day_videos=1000,
    guild_month_budget=None,
    operator_month_budget=None,
)
