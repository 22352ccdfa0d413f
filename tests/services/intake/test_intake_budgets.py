"""A budget that is nearly used up: a refusal says what is left, and which videos still fit."""

from pathlib import Path

import pytest

from bot.domain.money import Usd
from bot.domain.quotas.limits import Limits
from bot.domain.quotas.quota import Denial, Reason, Usage
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
