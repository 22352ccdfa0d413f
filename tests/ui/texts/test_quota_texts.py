"""What people and moderators read about limits."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.limits import Block, GuildLimits, Limits, LimitSource, Origin
from bot.domain.money import Usd
from bot.domain.quota import Spend, Unclear, Usage, decide
from bot.services.moderation import GuildQuota, MemberQuota
from bot.ui.texts import answers, moderation
from bot.ui.texts import limits as limits_
from tests.factories import NOON, make_limits

ROLE = Origin(source=LimitSource.ROLE, role_id=77)
PRICE = Usd.parse("0.2")
STAMP = f"<t:{int(NOON.timestamp())}:R>"
UNCLEAR = Unclear(count=2, held=Usd.parse("0.40"), since=NOON)


def quota(limits: Limits, use: Usage) -> str:
    return answers.quota(limits, use, decide(limits, use, PRICE, NOON))


def show(limits: Limits, use: Usage) -> str:
    return moderation.member_quota(1001, MemberQuota(limits=limits, use=use, unclear=Unclear()))


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
    assert "Each person can spend up to $3.00 a month here." in own


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
    assert f"It resets <t:{int(tomorrow.timestamp())}:R>." in words
    assert "budget limit" not in quota(replace(limits, guild_day_budget=None), use)


def test_a_server_with_very_many_roles_still_fits_into_a_message() -> None:
    found = GuildQuota(
        own=GuildLimits(),
        applying=make_limits(),
        use=Usage(),
        unclear=UNCLEAR,
        roles={10**18 + one: one for one in range(250)},
    )
    words = moderation.guild(found)
    assert len(words) <= 2000
    assert "249 videos" in words
    assert "2 unclear videos: about $0.40 stays reserved" in words


def test_what_unclear_tasks_hold_is_told_and_since_when() -> None:
    found = MemberQuota(limits=make_limits(), use=Usage(), unclear=UNCLEAR)
    shown = moderation.member_quota(1001, found).splitlines()[-1]
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
