"""What people can choose from: models that work now, and estimates that are not asked for twice."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

import pytest

from bot.domain.models.model import WAN22_I2V_FLASH, Models, VideoKind
from bot.domain.money import Usd
from bot.errors import Closure
from bot.services.allowances import Allowances
from bot.services.intake.intake import Intake
from bot.services.model_choices import ESTIMATES_KEPT, ModelChoices
from bot.services.moderation import Moderation
from tests.clock import VirtualClock
from tests.services.intake.intake_fixture import NEW, OLD, Frames, make_breaker, open_intake


@pytest.mark.parametrize(
    ("closure", "model", "left"),
    [
        (Closure.MODEL_REFUSED, OLD.id, [NEW]),
        (Closure.KEY_REFUSED, None, []),
    ],
)
async def test_only_models_that_the_provider_takes_are_open(
    closure: Closure, model: str | None, left: list[object], tmp_path: Path
) -> None:
    breaker = make_breaker()
    async with open_intake(tmp_path, Frames(), breaker=breaker) as intake:
        assert await intake.open_models([NEW, OLD]) == [NEW, OLD]
        await breaker.trip(closure, model)
        assert await intake.open_models([NEW, OLD]) == left


class Counted:
    """Estimates that rise each time somebody asks."""

    def __init__(self) -> None:
        self.asked = 0

    async def estimates(self, kinds: Iterable[VideoKind]) -> Mapping[VideoKind, Usd]:
        self.asked += 1
        return {kind: Usd(self.asked) for kind in kinds}


async def test_estimates_are_read_once_a_minute_however_fast_somebody_types() -> None:
    clock, estimates = VirtualClock(), Counted()
    models = Models(default=WAN22_I2V_FLASH)
    choices = ModelChoices(
        models=models,
        intake=cast("Intake", None),
        allowances=cast("Allowances", estimates),
        moderation=cast("Moderation", None),
        clock=clock,
    )
    one, two = await choices.estimates(), await choices.estimates()
    assert one == two == {kind: Usd(1) for kind in models.kinds}
    await clock.forward(ESTIMATES_KEPT + 1)
    assert (await choices.estimates())[models.kinds[0]] == Usd(2)
