"""Every error has a text, which is what a person in a hurry needs."""

import gettext
import re
from dataclasses import fields
from datetime import timedelta
from inspect import isclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain.content_check import ContentFinding
from bot.domain.delivery import Delivery, DeliveryMethod
from bot.domain.first_frame import Adjustment
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import WAN22_I2V_FLASH, Models
from bot.domain.money import ZERO, Usd
from bot.domain.operator_info import OperatorInfo
from bot.domain.quotas.limits import Block
from bot.domain.quotas.quota import Denial, Offer, Reason, Spend, Usage, Window
from bot.domain.report import EVERYWHERE, Blocked, BlockKind
from bot.domain.task import Failure, FailureKind, State
from bot.errors import (
    Closed,
    Closure,
    OptionRefused,
    PermissionsMissing,
    PictureProblem,
    PictureRefused,
    PlaceProblem,
    PlaceRefused,
    QuotaRefused,
    Refusal,
)
from bot.ui.texts import cards, details, endings, guide, quota
from bot.ui.texts.language import speaking
from bot.ui.texts.measures import clipped, duration, harmless, megabytes
from bot.ui.texts.moderation import settings
from bot.ui.texts.refusals import limits, refusals
from tests.factories import NOON, make_limits, make_options, make_request, make_task

MODEL = WAN22_I2V_FLASH
OPERATOR = OperatorInfo(provider="Vtrix")
GENERIC = "That isn't possible right now."


def _refusal(error: Refusal) -> str:
    return refusals.refusal(error)


def _denial(reason: Reason, **changes: object) -> QuotaRefused:
    is_money = reason in (
        Reason.PERSON_MONTH_BUDGET,
        Reason.GUILD_DAY_BUDGET,
        Reason.GUILD_MONTH_BUDGET,
        Reason.OPERATOR_MONTH_BUDGET,
    )
    amount = Usd.parse("20") if is_money else 5
    values: dict[str, object] = {
        "limit": amount,
        "used": amount,
        "held": ZERO if is_money else 2,
        "window": Window.DAY,
        "frees_at": NOON,
    }
    return QuotaRefused(Denial(reason=reason, **(values | changes)))  # type: ignore[arg-type]


def _price_forbidden(*fits: Offer) -> errors.PriceForbidden:
    return errors.PriceForbidden(Usd.parse("0.2"), highest=Usd.parse("0.1"), fits=fits)


KNOWN = [one for one in vars(errors).values() if isclass(one) and issubclass(one, Refusal)]


def _every_refusal() -> dict[str, Refusal]:
    """Return one example of each refusal; those that take no arguments need no mention."""
    every: dict[str, Refusal] = {
        "prompt": OptionRefused("prompt", given=801, allowed=(1, 800)),
        "no prompt": OptionRefused("prompt", given=0, allowed=(1, 800)),
        "negative": OptionRefused("negative_prompt", given=501, allowed=(0, 500)),
        "resolution": OptionRefused("resolution", given="1080P", allowed=("480P", "720P")),
        "seed": OptionRefused("seed", given=-1, allowed=(0, MODEL.seed_max)),
        "duration": OptionRefused("duration", given=10, allowed=(5,), model=MODEL.label),
        "sound": OptionRefused(
            "sound", given=True, allowed=(False,), model=MODEL.label, taken_by=["Wan 2.6 flash"]
        ),
        "watermark": OptionRefused("watermark", given=True, allowed=(), model=MODEL.label),
        "no_negative": OptionRefused("negative_prompt", given=3, allowed=(0, 0), model=MODEL.label),
        "waiting": errors.PicturesWaiting(10),
        "failed": errors.PicturesFailed(5, retry_after=17.2),
        "permissions": PermissionsMissing(["attach_files"]),
        "model gone": errors.ModelGone("wan_of_old"),
        "model forbidden": errors.ModelForbidden("Wan 2.6 flash", allowed=["Wan 2.2 flash"]),
        "no model": errors.ModelForbidden("Wan 2.6 flash", allowed=[]),
        "price": _price_forbidden(Offer(MODEL.kinds()[0], Usd.parse("0.10"))),
        "clash": errors.SettingsClash(
            errors.OptionRefused("default_model", given="Wan 2.6 flash", allowed=["Wan 2.2 flash"])
        ),
        "no price": _price_forbidden(),
        "content refused": errors.ContentRefused(ContentFinding(category="violence", score=0.97)),
        "consent needed": errors.ConsentNeeded(1),
    }
    every |= {
        p: PictureRefused(p, found="GIF", size=(6000, 400), rules=MODEL) for p in PictureProblem
    }
    every |= {problem: errors.ReportRefused(problem) for problem in errors.ReportProblem}
    every |= {
        f"blocked {kind} {guild_id}": errors.BlockRefused(Blocked(kind=kind, guild_id=guild_id))
        for kind, guild_id in [
            *((kind, EVERYWHERE) for kind in BlockKind),
            (BlockKind.DIGEST, 2001),
        ]
    }
    every |= {reason: _denial(reason) for reason in Reason}
    every |= {
        one.__name__: one()
        for one in KNOWN
        if one is not Refusal and one.__init__ is Exception.__init__
    }
    every |= {problem: PlaceRefused(problem) for problem in PlaceProblem}
    every |= {closure: Closed(closure) for closure in Closure}
    return every


EVERY = _every_refusal()


def test_every_class_of_refusal_is_among_the_examples() -> None:
    assert {Refusal, *(type(example) for example in EVERY.values())} == set(KNOWN)


@pytest.mark.parametrize("name", EVERY)
def test_every_refusal_has_words_of_its_own(name: str) -> None:
    words = _refusal(EVERY[name])
    assert words != GENERIC
    assert "{" not in words
    assert words.endswith((".", ")"))
    assert [other for other in EVERY if _refusal(EVERY[other]) == words] == [name]


@pytest.mark.parametrize("problem", PictureProblem)
def test_a_picture_is_refused_in_words_also_where_nothing_is_known_about_it(
    problem: PictureProblem,
) -> None:
    words = _refusal(PictureRefused(problem))
    assert words
    assert "None" not in words


@pytest.mark.parametrize("reason", Reason)
def test_a_limit_is_explained_also_where_it_is_not_known_when_it_frees_up(reason: Reason) -> None:
    words = _refusal(_denial(reason, frees_at=None, window=None))
    assert "None" not in words
    assert "<t:" not in words


def test_refusals_say_what_to_do() -> None:
    gif = _refusal(PictureRefused(PictureProblem.FORMAT, found="GIF"))
    assert gif == "This is a GIF. I can animate JPEG, PNG, BMP and WEBP pictures."
    avif = _refusal(PictureRefused(PictureProblem.FORMAT, found="AVIF"))
    assert avif.startswith("This is an AVIF. ")
    svg = _refusal(PictureRefused(PictureProblem.FORMAT, found="SVG"))
    assert svg.startswith("This is an SVG.")
    raw = _refusal(PictureRefused(PictureProblem.FORMAT, found="camera raw"))
    assert raw.startswith("This picture is in a camera's raw format. I can animate ")
    lossless = _refusal(PictureRefused(PictureProblem.FORMAT, found="lossless JPEG"))
    assert lossless.startswith("This is a lossless JPEG.")
    small = _refusal(PictureRefused(PictureProblem.TOO_SMALL, size=(359, 500), rules=MODEL))
    assert small == "This picture is 359×500. Both sides must be at least 360 pixels."
    narrow = _refusal(PictureRefused(PictureProblem.TOO_NARROW, size=(6000, 400), rules=MODEL))
    assert "leaves 133 for the other" in narrow
    missing = _refusal(PermissionsMissing(["attach_files"]))
    assert "a permission in this channel: **Attach Files**" in missing


@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_over_a_limit_says_limit_and_where_limits_are_shown(reason: Reason) -> None:
    words = _refusal(_denial(reason))
    assert "limit" in words
    assert "`/quota`" in words


def test_a_refusal_by_a_block_says_blocked_and_by_whom() -> None:
    block = Block(by_id=42, at=NOON, reason="spam")
    words = _refusal(_denial(Reason.BLOCKED, block=block))
    assert words == "A moderator has blocked you from using Flipbook here. Reason: spam"


def test_the_operator_s_budget_is_nobody_else_s_business() -> None:
    words = _refusal(_denial(Reason.OPERATOR_MONTH_BUDGET))
    assert "$" not in words
    assert f"<t:{int(NOON.timestamp())}:R>" in words


def test_numbers_agree_with_their_nouns() -> None:
    one = _refusal(_denial(Reason.CONCURRENT, held=1))
    two = _refusal(_denial(Reason.CONCURRENT, held=2))
    assert one.startswith("You already have 1 video in progress")
    assert two.startswith("You already have 2 videos in progress")
    assert limits.videos(1) == "1 video"


# --- ends of tasks --------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_word(state: State) -> None:
    assert re.fullmatch("[a-z ]+", endings.state(state))


def test_state_words_are_those_of_the_documentation() -> None:
    words = [endings.state(state) for state in State]
    assert words == [
        "queued", "sending", "running", "rendered", "delivered",
        "not delivered", "failed", "canceled", "unclear",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_says_why_and_what_it_costs(kind: FailureKind) -> None:
    task = make_task(state=State.FAILED, failure=Failure(kind=kind))
    words = cards.ended(task)
    assert endings.failure(kind) in words
    assert "doesn't count towards your limit" in words
    others = [other for other in FailureKind if endings.failure(other) == endings.failure(kind)]
    assert others == [kind]


@pytest.mark.parametrize("kind", [FailureKind.NO_VIDEO, FailureKind.DEADLINE])
def test_nothing_was_charged_is_only_told_where_it_is_known(kind: FailureKind) -> None:
    task = make_task(state=State.FAILED, failure=Failure(kind=kind), submitted_at=NOON)
    assert "Nothing was charged" not in endings.money(task)
    assert "about $0.20 stays counted" in endings.money(task)
    charged = make_task(state=State.FAILED, failure=Failure(kind=kind), cost=Usd.parse("0.15"))
    assert "charged $0.15 anyway" in endings.money(charged)


def test_an_unclear_task_says_that_money_stays_set_aside() -> None:
    words = cards.ended(make_task(state=State.UNKNOWN))
    assert "won't send it again" in words
    assert "About $0.20 stays reserved" in words


def test_an_undelivered_video_counts() -> None:
    words = cards.ended(
        make_task(
            state=State.UNDELIVERED,
            cost=Usd.parse("0.2"),
            delivery=Delivery(method=DeliveryMethod.DIRECT, attempts=1),
        )
    )
    assert "I'll keep it for 7 days" in words
    assert "It counts towards your limit and cost $0.20" in words


def test_the_provider_s_own_words_are_for_the_person_who_asked_only() -> None:
    failure = Failure(kind=FailureKind.REJECTED, code="E_1", message="bad *size* @everyone")
    task = make_task(state=State.FAILED, failure=failure)
    assert "bad" not in cards.ended(task)
    assert "bad \\*size\\* \\@everyone · E\\_1" in cards.ended_in_full(task)


# --- lines on cards ---------------------------------------------------------------------------


def test_every_adjustment_has_words() -> None:
    words = cards.mended([adjustment.value for adjustment in Adjustment])
    assert all(cards.adjustment(adjustment) in words for adjustment in Adjustment)
    assert cards.mended(()) == ""


def test_the_cost_is_exact_and_never_zero_where_it_is_not_known() -> None:
    assert "cost not reported" in cards.figures(make_task(cost=None))
    assert cards.charge(make_task(cost=Usd.parse("0.20"))) == "$0.20"
    assert cards.charge(make_task(cost=Usd.parse("0.0075"))) == "$0.0075 (estimate: $0.20)"
    assert cards.charge(make_task(cost=ZERO)) == "$0.00 (estimate: $0.20)"


def test_a_bar_never_leaves_its_bounds() -> None:
    assert cards.bar(-1) == "▱" * 12 + " 0%"
    assert cards.bar(0.5) == "▰" * 6 + "▱" * 6 + " 50%"
    assert cards.bar(7) == "▰" * 12 + " 100%"


def test_a_running_task_says_since_when_and_what_is_usual() -> None:
    words = cards.on_the_way(make_task(state=State.RUNNING, submitted_at=NOON), MODEL, NOON)
    assert f"Started <t:{int(NOON.timestamp())}:R>; it usually takes 1 min 30 s." in words


def test_a_late_task_says_so_and_a_young_one_does_not() -> None:
    task = make_task(state=State.RUNNING)
    assert cards.late() not in cards.on_the_way(task, MODEL, NOON + timedelta(minutes=14))
    assert cards.late() in cards.on_the_way(task, MODEL, NOON + timedelta(minutes=15))


def test_a_link_cannot_break_out() -> None:
    words = cards.too_large("https://example.com/v.mp4?a=1>) @everyone [x](<https://evil")
    assert "(<https://example.com/v.mp4?a=1%3E)%20@everyone%20[x](%3Chttps://evil>)" in words
    assert "javascript" not in cards.too_large("javascript:alert(1)")


# --- measures -----------------------------------------------------------------------------


def test_durations_and_sizes_are_short() -> None:
    spoken = [duration(seconds) for seconds in (-3, 0.4, 59.6, 90, 3600, 7500)]
    assert spoken == ["0 s", "0 s", "1 min", "1 min 30 s", "1 h", "2 h 5 min"]
    assert [megabytes(size) for size in (812, 12_400_000, 10_000_000)] == [
        "1 kB", "12.4 MB", "10 MB",
    ]  # fmt: skip


@given(st.text())
def test_other_people_s_words_cannot_format_mention_or_link(text: str) -> None:
    quoted = harmless(text)
    unescaped = re.sub(r"\\[^0-9A-Za-z\s]", "", quoted)
    assert not re.search(r"[*_~`|<>\[\]()#@:]", unescaped)
    assert "\n" not in quoted
    assert len(quoted) <= 2 * max(1, len(text))


def test_plain_words_stay_as_they_are() -> None:
    prompt = "The cat's tail moves, slowly; 50 % more wind! Ça va? 海浪"
    assert harmless(prompt) == prompt
    assert harmless("- a\n- b") == "\\- a - b"
    assert harmless("1. a") == "1\\. a"
    assert harmless("a \u202eb") == "a b"
    assert clipped("abcdef", 4) == "abc…"


# --- answers ------------------------------------------------------------------------------


def test_quota_shows_what_is_used_reserved_and_left() -> None:
    use = Usage(
        used=2, held=1, in_flight=1, frees_at=NOON,
        person_spend=Spend(settled=Usd.parse("0.4"), held=Usd.parse("0.2")),
    )  # fmt: skip
    words = quota.quota(make_limits(), use)
    assert "**2 videos left** of 5 per 24 hours. 2 used, 1 in progress." in words
    assert f"The next one frees up <t:{int(NOON.timestamp())}:R>." in words
    assert "In progress: 1 of 2 allowed at once." in words
    assert "have cost $0.40 this month, plus about $0.20 reserved." in words


def test_quota_of_those_without_a_limit_and_of_those_with_none() -> None:
    unlimited = quota.quota(make_limits(videos=-1), Usage(used=1))
    assert "**No limit for you here.** You've made 1 video in the last 24 hours." in unlimited
    assert "can't make any" in quota.quota(make_limits(videos=0), Usage())
    assert "**0 videos left**" in quota.quota(make_limits(videos=1), Usage(used=3))


def test_the_details_name_every_option_of_the_request() -> None:
    options = make_options(
        negative_prompt="rain", watermark=True, prompt_extend=False, seed=123, seconds=10
    )
    task = make_task(
        state=State.DELIVERED,
        request=make_request(options=options),
        rendered_at=NOON + timedelta(seconds=61),
        cost=Usd.parse("0.25"),
        mended=("scaled",),
    )
    words = details.about(task)
    for part in ("waves roll in", "rain", "`123`", "720P", "1 min 1 s", "$0.25", "scaled down"):
        assert part in words
    assert "**Watermark**: yes" in words
    assert "**Prompt expanded**: no" in words
    assert "**Length**: 10 s" in words
    assert "**Sound**: no" in words
    assert len(fields(options)) == 9, "a new option: /animate's ℹ️ should tell about it"


def test_help_names_the_model_s_numbers_and_what_is_missing() -> None:
    words = guide.how_to(MODEL, keep_days=30, operator=OPERATOR, missing=("attach_files",))
    for number in ("360 px", "2000 px", "10 MB", "5-second", "30 days"):
        assert number in words
    assert "Missing in this channel: **Attach Files**" in words
    assert "I have them all" in guide.how_to(MODEL, keep_days=30, operator=OPERATOR, missing=())
    assert len(words) <= 2000, "Discord's limit for one message"


def test_help_says_who_gets_picture_and_prompt_and_how_old_one_must_be() -> None:
    words = guide.how_to(MODEL, keep_days=30, operator=OPERATOR, missing=())
    assert "Your picture and your prompt go to Vtrix" in words
    assert "under 13" in words
    assert "checks" not in words
    assert "Contact" not in words


def test_help_links_to_what_the_operator_published() -> None:
    operator = OperatorInfo(
        provider="Vtrix",
        content_check="check.example",
        privacy_url="https://bot.example/privacy",
        terms_url="https://bot.example/terms",
        contact="privacy@bot.example",
    )
    words = guide.how_to(MODEL, keep_days=30, operator=operator, missing=())
    assert "check.example checks whether they are allowed" in words
    assert "[Privacy policy](<https://bot.example/privacy>)" in words
    assert "[Terms](<https://bot.example/terms>)" in words
    assert "Contact: privacy@bot.example" in words


class _Shouting(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return message.upper()

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return (msgid1 if n == 1 else msgid2).upper()


def test_texts_are_translated_within_a_language() -> None:
    with speaking(_Shouting()):
        assert endings.state(State.QUEUED) == "QUEUED"
        assert _refusal(errors.Busy()) == _refusal(errors.Busy()).upper()
    assert endings.state(State.QUEUED) == "queued"


def test_a_watermark_that_the_operator_forces_is_shown_as_theirs() -> None:
    found = GuildSettings(watermark=False)
    theirs, own = (
        settings.shown(
            found, models=Models(default=WAN22_I2V_FLASH), troubles=[], watermark_always=always
        )
        for always in (True, False)
    )
    assert "Watermark on every video: always, set by the bot's owner" in theirs
    assert "Watermark on every video: off" in own
