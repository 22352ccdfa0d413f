"""The quota rules alone: which limit refuses, and which number applies."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import Usd
from bot.domain.quotas.budget import full, levels, percent_reached
from bot.domain.quotas.limits import (
    MOST_VIDEOS,
    UNLIMITED,
    Block,
    GuildLimits,
    Limits,
    LimitSource,
    Origin,
    Rules,
    Window,
    applying,
)
from bot.domain.quotas.quota import (
    Denial,
    Reason,
    Spend,
    Usage,
    decide,
    next_day,
    next_month,
    takes_bonus,
)
from tests.factories import NOON, make_limits

COST = Usd.parse("0.20")
BLOCK = Block(by_id=42, at=NOON, reason="spam")


def reason(limits: Limits, use: Usage, estimate: Usd = COST) -> Reason | None:
    denial = decide(limits, use, estimate, NOON)
    return denial.reason if denial else None


def spend(amount: str) -> Spend:
    return Spend(settled=Usd.parse(amount))


@pytest.mark.parametrize(
    ("limits", "use", "expected"),
    [
        ({"videos": 3}, {"used": 1, "held": 1}, None),
        ({"videos": 3}, {"used": 2, "held": 1}, Reason.ALLOWANCE),
        ({"videos": 3}, {"used": 9}, Reason.ALLOWANCE),
        ({"videos": 3}, {"used": 2, "held": 1, "bonus": 1}, None),
        ({"videos": 0}, {}, Reason.BLOCKED),
        ({"videos": 0}, {"bonus": 1}, None),
        (
            {"videos": 0, "origin": Origin(source=LimitSource.PERSON)},
            {"bonus": 1},
            Reason.BLOCKED,
        ),
        ({"videos": UNLIMITED}, {"used": 10_000}, None),
        ({"videos": UNLIMITED, "block": BLOCK}, {"bonus": 9}, Reason.BLOCKED),
        ({"concurrent": 2}, {"in_flight": 1}, None),
        ({"concurrent": 2}, {"in_flight": 2, "bonus": 5}, Reason.CONCURRENT),
        ({"person_day_videos": 4}, {"person_day_videos": 3}, None),
        (
            {"person_day_videos": 4, "videos": UNLIMITED},
            {"person_day_videos": 4},
            Reason.PERSON_DAY_VIDEOS,
        ),
        ({"person_month_budget": Usd.parse("1")}, {"person_spend": spend("0.80")}, None),
        (
            {"person_month_budget": Usd.parse("1")},
            {"person_spend": spend("0.800001")},
            Reason.PERSON_MONTH_BUDGET,
        ),
        ({"guild_day_budget": Usd.parse("1")}, {"guild_day_spend": spend("0.80")}, None),
        (
            {"guild_day_budget": Usd.parse("1")},
            {"guild_day_spend": spend("0.800001")},
            Reason.GUILD_DAY_BUDGET,
        ),
        ({"guild_month_budget": Usd.parse("1")}, {"guild_spend": spend("0.80")}, None),
        (
            {"guild_month_budget": Usd.parse("1")},
            {"guild_spend": spend("0.800001")},
            Reason.GUILD_MONTH_BUDGET,
        ),
        ({"operator_month_budget": Usd.parse("1")}, {"operator_spend": spend("0.80")}, None),
        (
            {"operator_month_budget": Usd.parse("1")},
            {"operator_spend": spend("0.800001")},
            Reason.OPERATOR_MONTH_BUDGET,
        ),
        ({"operator_month_budget": Usd(0)}, {}, Reason.OPERATOR_MONTH_BUDGET),
        (
            {"operator_month_budget": None, "guild_month_budget": None},
            {"operator_spend": spend("999")},
            None,
        ),
    ],
)
def test_which_limit_says_no(
    limits: dict[str, Any], use: dict[str, Any], expected: Reason | None
) -> None:
    assert reason(make_limits(**limits), Usage(**use)) == expected


def test_what_is_held_counts_like_what_is_settled() -> None:
    held = Spend(held=Usd.parse("0.800001"))
    limits = make_limits(
        person_month_budget=Usd.parse("1"),
        guild_day_budget=Usd.parse("1"),
        guild_month_budget=Usd.parse("1"),
    )
    assert reason(limits, Usage(person_spend=held)) is Reason.PERSON_MONTH_BUDGET
    assert reason(limits, Usage(guild_day_spend=held)) is Reason.GUILD_DAY_BUDGET
    assert reason(limits, Usage(guild_spend=held)) is Reason.GUILD_MONTH_BUDGET


@pytest.mark.parametrize(
    "budget", ["guild_month_budget", "guild_day_budget", "person_month_budget"]
)
def test_no_budget_of_a_server_holds_in_direct_messages(budget: str) -> None:
    limits = make_limits(**{budget: Usd(1)})
    assert reason(limits, Usage()) is not None
    assert reason(limits.outside_servers(), Usage()) is None


def test_a_budget_begins_anew_with_its_period() -> None:
    limits = make_limits(
        guild_day_budget=Usd(1), operator_month_budget=Usd(1), guild_month_budget=None
    )
    day = decide(limits, Usage(), COST, NOON)
    month = decide(make_limits(operator_month_budget=Usd(1)), Usage(), COST, NOON)
    assert day is not None
    assert month is not None
    assert (day.frees_at, month.frees_at) == (next_day(NOON), next_month(NOON))
    assert next_day(NOON) == NOON + timedelta(hours=12)


# --- which number applies ---------------------------------------------------------------------


def applies(rules: Rules, *roles: int) -> tuple[int, Origin]:
    limits = applying(make_limits(videos=5), rules, frozenset(roles))
    return limits.videos, limits.origin


def test_the_strongest_number_applies_and_says_where_it_comes_from() -> None:
    roles = {1: 10, 2: 20, 3: UNLIMITED, 4: 0}
    guild = GuildLimits(videos=7)
    assert applies(Rules()) == (5, Origin())
    assert applies(Rules(guild=guild)) == (7, Origin(source=LimitSource.GUILD))
    rules = Rules(guild=guild, roles=roles)
    assert applies(rules, 9) == (7, Origin(source=LimitSource.GUILD))
    assert applies(rules, 1, 2, 4) == (20, Origin(source=LimitSource.ROLE, role_id=2))
    assert applies(rules, 2, 3) == (UNLIMITED, Origin(source=LimitSource.ROLE, role_id=3))
    assert applies(rules, 4) == (0, Origin(source=LimitSource.ROLE, role_id=4))
    own = Rules(guild=guild, roles=roles, own=0)
    assert applies(own, 2, 3) == (0, Origin(source=LimitSource.PERSON))


amounts = st.none() | st.integers(0, 10**9).map(Usd)
numbers = st.none() | st.integers(UNLIMITED, MOST_VIDEOS)


@given(
    rules=st.builds(
        Rules,
        guild=st.builds(
            GuildLimits,
            videos=numbers,
            window=st.none() | st.sampled_from(Window),
            budget_day=amounts,
            budget_month=amounts,
            budget_person_month=amounts,
        ),
        roles=st.dictionaries(st.integers(1, 5), st.integers(UNLIMITED, MOST_VIDEOS)),
        own=numbers,
    ),
    roles=st.frozensets(st.integers(1, 5)),
    ceiling=amounts,
)
def test_no_rule_of_a_server_lifts_a_ceiling(
    rules: Rules, roles: frozenset[int], ceiling: Usd | None
) -> None:
    default = make_limits(guild_month_budget=ceiling)
    limits = applying(default, rules, roles)
    assert (limits.person_day_videos, limits.concurrent, limits.operator_month_budget) == (
        default.person_day_videos,
        default.concurrent,
        default.operator_month_budget,
    )
    if ceiling is not None:
        assert limits.guild_month_budget is not None
        assert limits.guild_month_budget <= ceiling
    if rules.own is None and roles & set(rules.roles):
        best = max(
            MOST_VIDEOS + 1 if n == UNLIMITED else n for r, n in rules.roles.items() if r in roles
        )
        assert limits.videos == (UNLIMITED if best > MOST_VIDEOS else best)


spends = st.builds(
    Spend, settled=st.integers(0, 10**6).map(Usd), held=st.integers(0, 10**6).map(Usd)
)
counts = st.integers(0, 6)


@given(
    limits=st.builds(
        make_limits,
        videos=st.integers(UNLIMITED, 5),
        concurrent=st.integers(1, 5),
        person_day_videos=st.integers(1, 5),
        guild_month_budget=amounts,
        guild_day_budget=amounts,
        person_month_budget=amounts,
        operator_month_budget=amounts,
        block=st.sampled_from([None, None, BLOCK]),
    ),
    use=st.builds(
        Usage,
        used=counts,
        held=counts,
        in_flight=counts,
        person_day_videos=counts,
        bonus=st.integers(0, 2),
        guild_spend=spends,
        guild_day_spend=spends,
        person_spend=spends,
        operator_spend=spends,
    ),
    estimate=st.integers(0, 10**6).map(Usd),
)
def test_what_is_allowed_fits_every_limit_with_one_more(
    limits: Limits, use: Usage, estimate: Usd
) -> None:
    """The rule written a second time, as the specification's sentence."""
    bonus = takes_bonus(limits, use)
    fits_allowance = limits.videos == UNLIMITED or use.used + use.held + 1 <= limits.videos
    budgets = (
        (limits.person_month_budget, use.person_spend),
        (limits.guild_day_budget, use.guild_day_spend),
        (limits.guild_month_budget, use.guild_spend),
        (limits.operator_month_budget, use.operator_spend),
    )
    fits = (
        limits.block is None
        and (fits_allowance or use.bonus >= 1)
        and use.in_flight + 1 <= limits.concurrent
        and use.person_day_videos + 1 <= limits.person_day_videos
        and all(
            limit is None
            or spend.settled.micros + spend.held.micros + estimate.micros <= limit.micros
            for limit, spend in budgets
        )
    )
    assert (decide(limits, use, estimate, NOON) is None) == fits
    assert bonus == (not fits_allowance and use.bonus >= 1)


# --- warnings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counted", "percent"),
    [
        (0, 0),
        (499_999, 0),
        (500_000, 50),
        (799_999, 50),
        (800_000, 80),
        (999_999, 80),
        (1_000_000, 100),
        (2_000_000, 100),
    ],
)
def test_the_levels_of_a_budget_of_one_dollar(counted: int, percent: int) -> None:
    assert percent_reached(Usd.parse("1"), Usd(counted)) == percent


def test_every_budget_has_its_own_levels_and_owner() -> None:
    limits = make_limits(
        person_month_budget=Usd.parse("1"),
        guild_day_budget=Usd.parse("1"),
        guild_month_budget=Usd.parse("1"),
        operator_month_budget=Usd.parse("1"),
    )
    use = Usage(
        person_spend=spend("0.5"),
        guild_day_spend=spend("0.8"),
        guild_spend=spend("1"),
        operator_spend=spend("0.49"),
    )
    found = list(levels(limits, use, guild_id=7, person_id=9, now=NOON))
    assert [(one.budget.value, one.percent, one.guild_id, one.person_id) for one in found] == [
        ("person_month", 50, 7, 9),
        ("guild_day", 80, 7, None),
        ("guild_month", 100, 7, None),
    ]
    nothing = Denial(reason=Reason.ALLOWANCE, limit=5, used=5, held=0)
    assert list(full(nothing, guild_id=7, person_id=9, now=NOON)) == []
