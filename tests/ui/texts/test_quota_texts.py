"""What people and moderators read about limits."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.guilds.audit import Action, AuditEntry
from bot.domain.money import ZERO, Usd
from bot.domain.quotas.budget import Budget, BudgetWarning, Level
from bot.domain.quotas.limits import Block, GuildLimits, Limits, LimitSource, Origin
from bot.domain.quotas.quota import Denial, Offer, Spend, Unclear, Usage, decide
from bot.services.moderation import GuildQuota, MemberQuota
from bot.ui.texts import quota as texts
from bot.ui.texts.moderation import audit, log_channel, usage
from bot.ui.texts.refusals import limits as limits_
from tests.factories import NOON, make_limits, make_options, make_request

ROLE = Origin(source=LimitSource.ROLE, role_id=77)
PRICE = Usd.parse("0.2")
STAMP = f"<t:{int(NOON.timestamp())}:R>"
UNCLEAR = Unclear(count=2, held=Usd.parse("0.40"), since=NOON)
KIND = make_request().kind


def quota(limits: Limits, use: Usage) -> str:
    return texts.quota(limits, use, decide(limits, use, PRICE, NOON))


def show(limits: Limits, use: Usage) -> str:
    return usage.member_quota(1001, MemberQuota(limits=limits, use=use, unclear=Unclear()))


def test_moderators_read_where_a_limit_comes_from_and_what_is_left_of_it() -> None:
    use = Usage(
        used=3, held=1, in_flight=1, frees_at=NOON, person_spend=Spend(settled=Usd.parse("0.6"))
    )
    lines = show(make_limits(videos=20, origin=ROLE), use).split("\n- ")
    assert lines[0] == "**<@1001>**: 20 videos per 24 hours (from the role <@&77>)"
    assert lines[1] == f"3 used, 1 in progress, **16 left**, next one frees up {STAMP}"
    assert lines[2] == "Spent here this month: $0.60"


def test_every_source_of_a_limit_has_words_of_its_own() -> None:
    for read in (show, quota):
        shown = {read(make_limits(origin=Origin(source=one)), Usage()) for one in LimitSource}
        assert len(shown) == len(LimitSource)


def test_money_is_exact_where_a_cent_would_hide_something() -> None:
    use = Usage(person_spend=Spend(settled=Usd.parse("0.0075"), held=PRICE))
    words = show(make_limits(person_month_budget=Usd.parse("3")), use)
    assert "Spent here this month: $0.0075 of $3.00, plus about $0.20 reserved" in words
    own = quota(make_limits(person_month_budget=Usd.parse("3")), use)
    assert "Each person can spend up to $3.00 a month here; you have $2.7925 left." in own


def test_bonus_is_told_with_when_it_expires() -> None:
    use = Usage(used=5, bonus=2, bonus_expires_at=NOON)
    assert f"2 bonus videos, the first expires {STAMP}" in show(make_limits(), use)
    words = quota(make_limits(), use)
    assert f"You also have **2 bonus videos**. The first expires {STAMP}." in words


def test_bonus_of_a_role_without_videos_is_not_contradicted() -> None:
    words = quota(make_limits(videos=0, origin=ROLE), Usage(bonus=1))
    assert "can't make any" not in words
    assert "You also have **1 bonus video**." in words


def test_a_block_goes_before_everything_else() -> None:
    block = Block(by_id=42, at=NOON, reason="spam")
    limits = make_limits(videos=20, block=block)
    own = quota(limits, Usage()).splitlines()
    assert own[0] == "A moderator has blocked you from using Flipbook here. Reason: spam"
    assert not any("left" in line for line in own)
    assert f"**Blocked** by <@42> {STAMP}: spam" in show(limits, Usage())


def test_quota_says_which_other_limit_stands_in_the_way_and_until_when() -> None:
    limits = make_limits(guild_day_budget=Usd.parse("0.3"))
    use = Usage(guild_day_spend=Spend(settled=PRICE))
    words = quota(limits, use)
    tomorrow = (NOON + timedelta(days=1)).replace(hour=0)
    assert "**5 videos left**" in words
    assert "This server has reached its budget limit of $0.30 for today." in words
    assert f"The budget resets <t:{int(tomorrow.timestamp())}:R>." in words
    assert "budget limit" not in quota(replace(limits, guild_day_budget=None), use)


PART, WHOLE = Usd.parse("1.90"), Usd.parse("2")
NEARLY = {
    "your budget limit of $2.00 for this month in this server": {
        "person_month_budget": "person_spend"
    },
    "this server's budget limit of $2.00 for today": {"guild_day_budget": "guild_day_spend"},
    "this server's budget limit of $2.00 for this month": {"guild_month_budget": "guild_spend"},
    "my budget limit for this month": {"operator_month_budget": "operator_spend"},
}


def explained(limits: Limits, use: Usage) -> Denial:
    denial = decide(limits, use, PRICE, NOON)
    assert denial is not None
    assert denial.room is not None
    offers = (
        Offer(KIND, PRICE),
        Offer(make_request(options=make_options(resolution="480P")).kind, Usd.parse("0.10")),
    )
    fits = tuple(one for one in offers if one.estimate <= denial.room)
    return replace(denial, asked=offers[0], fits=fits)


@pytest.mark.parametrize("name", NEARLY)
def test_every_budget_says_what_is_left_and_what_still_fits(name: str) -> None:
    [(limit, spend)] = NEARLY[name].items()
    limits = make_limits(**{limit: WHOLE})
    use = Usage(**{spend: Spend(settled=PART)})  # type: ignore[arg-type]
    denial = explained(limits, use)
    says = f"A 720P video costs about $0.20, but only $0.10 of {name} is left."
    for words in (texts.quota(limits, use, denial), limits_.refused(denial)):
        assert f"{says} 480P (about $0.10) still fits. The budget resets" in words
        assert "reached" not in words
    nothing = Usage(**{spend: Spend(settled=PART, held=Usd.parse("0.10"))})  # type: ignore[arg-type]
    assert "reached" in limits_.refused(explained(limits, nothing))


def test_what_fits_into_one_budget_is_not_offered_where_another_has_no_room() -> None:
    limits = make_limits(guild_day_budget=WHOLE, operator_month_budget=WHOLE)
    use = Usage(
        guild_day_spend=Spend(settled=PART), operator_spend=Spend(settled=Usd.parse("1.95"))
    )
    words = limits_.refused(explained(limits, use))
    assert "only $0.10 of this server's budget limit" in words
    assert "fits" not in words


@pytest.mark.parametrize(
    "budget",
    ["person_month_budget", "guild_day_budget", "guild_month_budget", "operator_month_budget"],
)
def test_a_budget_of_nothing_says_no_videos(budget: str) -> None:
    limits = make_limits(**{budget: ZERO})
    words = limits_.refused(explained(limits, Usage()))
    assert "budget limit" in words
    assert "is $0" in words
    assert "resets" not in words
    assert "used" not in words


def test_moderators_read_that_a_budget_of_nothing_allows_no_videos() -> None:
    limits = make_limits(guild_day_budget=ZERO, person_month_budget=ZERO)
    use = Usage(guild_day_spend=Spend(settled=WHOLE))
    found = GuildQuota(own=GuildLimits(), applying=limits, use=use, unclear=Unclear(), roles={})
    words = usage.guild(found)
    assert "Today: $2.00 of $0 (no videos)" in words
    assert "Per person per month: $0 (no videos)" in words
    assert "of $0 (no videos)" in show(limits, Usage())


def warned(limit: Usd, counted: Usd) -> str:
    level = Level(
        budget=Budget.GUILD_DAY,
        percent=100,
        limit=limit,
        counted=counted,
        period_start=NOON,
        guild_id=7,
        person_id=None,
    )
    return log_channel.warning(BudgetWarning(id=1, level=level, at=NOON))


def test_the_log_channel_calls_no_budget_used_up_that_has_something_left() -> None:
    nearly = warned(WHOLE, PART)
    assert "today is nearly used up: $1.90 of $2.00" in nearly
    assert "100%" not in nearly
    assert "today is 100% used: $2.00 of $2.00" in warned(WHOLE, WHOLE)
    assert "today is $0, so I refused a video" in warned(ZERO, ZERO)


def test_a_server_with_very_many_roles_still_fits_into_a_message() -> None:
    found = GuildQuota(
        own=GuildLimits(),
        applying=make_limits(),
        use=Usage(),
        unclear=UNCLEAR,
        roles={10**18 + one: one for one in range(250)},
    )
    words = usage.guild(found)
    assert len(words) <= 2000
    assert "249 videos" in words
    assert "2 unclear videos: about $0.40 stays reserved" in words


def test_what_unclear_tasks_hold_is_told_and_since_when() -> None:
    found = MemberQuota(limits=make_limits(), use=Usage(), unclear=UNCLEAR)
    shown = usage.member_quota(1001, found).splitlines()[-1]
    assert "about $0.40" in shown
    assert STAMP in shown
    assert "unclear" not in show(make_limits(), Usage())


def test_unclear_tasks_that_still_count_are_told_with_their_end() -> None:
    use = Usage(in_flight=2, unclear=1, unclear_frees_at=NOON)
    assert f"1 of them is unclear and stops counting {STAMP}." in quota(make_limits(), use)
    denial = decide(make_limits(), use, PRICE, NOON)
    assert denial is not None
    words = limits_.denied(denial)
    assert "in progress or unclear" in words
    assert STAMP in words


def test_why_no_video_is_possible_comes_before_how_many_are_left() -> None:
    limits = make_limits(videos=25, guild_day_budget=ZERO)
    lines = quota(limits, Usage(used=2)).split("\n")
    assert "$0" in lines[0]
    assert lines[1].startswith("**23 videos left**")


def test_without_a_list_every_channel_is_allowed_in_the_log_too() -> None:
    entry = AuditEntry(
        id=1,
        guild_id=1,
        at=NOON,
        by_id=2,
        action=Action.SETTINGS,
        before={"channels": [3]},
        after={"channels": []},
    )
    assert "channels: <#3> → all" in audit.logged(entry)
