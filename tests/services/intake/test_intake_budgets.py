"""A budget that is nearly used up: a refusal says what is left, and which videos still fit."""

from pathlib import Path

import pytest

from bot.domain.models.model import WAN22_I2V_FLASH, WAN26_I2V_FLASH, Models, VideoKind
from bot.domain.models.prices import PriceList
from bot.domain.money import Usd
from bot.domain.quotas.limits import Limits
from bot.domain.quotas.quota import Denial, Offer, Reason, Usage
from bot.domain.submission import Submission
from bot.errors import QuotaRefused
from bot.services.intake.intake import Intake
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_limits, make_options
from tests.services.intake.intake_fixture import Frames, open_intake, submission

LIMITS = make_limits(operator_month_budget=Usd.parse("0.30"))


class StaleStore(TaskStore):
    """Says that nobody has used anything: only the reservation knows better."""

    async def use(self, person_id: int, guild_id: int | None, limits: Limits) -> Usage:
        return Usage()


async def _denied(intake: Intake) -> Denial:
    await intake.accept(submission(options=make_options(resolution="720P")))
    with pytest.raises(QuotaRefused) as refused:
        await intake.accept(submission(options=make_options(resolution="720P")))
    return refused.value.denial


@pytest.mark.parametrize("store", [TaskStore, StaleStore])
async def test_what_still_fits_is_named_and_does_fit(
    tmp_path: Path, store: type[TaskStore]
) -> None:
    async with open_intake(tmp_path, Frames(), limits=LIMITS, store=store) as intake:
        denial = await _denied(intake)
        assert denial.reason is Reason.OPERATOR_MONTH_BUDGET
        assert (denial.left, denial.room) == (Usd.parse("0.10"), Usd.parse("0.10"))
        assert denial.asked is not None
        assert (denial.asked.kind.resolution, denial.asked.estimate) == ("720P", Usd.parse("0.20"))
        assert [(one.kind.resolution, one.estimate) for one in denial.fits] == [
            ("480P", Usd.parse("0.10"))
        ]
        await intake.accept(submission(options=make_options(resolution="480P")))


# --- two providers with different prices --------------------------------------------------------

CHEAP, DEAR = WAN22_I2V_FLASH.kinds()[1], VideoKind(WAN26_I2V_FLASH.id, "1080P", 10, audio=True)
BOTH = Models(default=WAN22_I2V_FLASH, others=(WAN26_I2V_FLASH,))
COSTS = PriceList(
    prices={
        **{kind: Usd.parse("0.20") for kind in WAN22_I2V_FLASH.kinds()},
        **{kind: Usd(100_000 * kind.seconds) for kind in WAN26_I2V_FLASH.kinds()},
    }
)


def asked(kind: VideoKind) -> Submission:
    options = make_options(resolution=kind.resolution, seconds=kind.seconds, audio=kind.audio)
    return submission(model=kind.model, options=options)


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        ("guild_month_budget", Reason.GUILD_MONTH_BUDGET),
        ("operator_month_budget", Reason.OPERATOR_MONTH_BUDGET),
    ],
)
async def test_a_budget_counts_the_videos_of_both_providers(
    tmp_path: Path, budget: str, reason: Reason
) -> None:
    limits = make_limits(**{"concurrent": 9, budget: Usd.parse("1.30")})
    async with open_intake(tmp_path, Frames(), limits=limits, models=BOTH, prices=COSTS) as intake:
        await intake.accept(asked(DEAR))
        await intake.accept(asked(CHEAP))
        for one, estimate in ((DEAR, "1"), (CHEAP, "0.20")):
            with pytest.raises(QuotaRefused) as refused:
                await intake.accept(asked(one))
            denial = refused.value.denial
            assert (denial.reason, denial.left) == (reason, Usd.parse("0.10"))
            assert denial.asked == Offer(one, Usd.parse(estimate))
            assert denial.fits == ()
        # The shortest ones of the dearer provider would have fitted before.
        assert denial.names_kinds


async def test_a_video_of_either_provider_uses_up_the_same_limit(tmp_path: Path) -> None:
    limits = make_limits(videos=2, concurrent=9)
    async with open_intake(tmp_path, Frames(), limits=limits, models=BOTH, prices=COSTS) as intake:
        await intake.accept(asked(DEAR))
        await intake.accept(asked(CHEAP))
        for one in (DEAR, CHEAP):
            with pytest.raises(QuotaRefused) as refused:
                await intake.accept(asked(one))
            assert refused.value.denial.reason is Reason.ALLOWANCE
