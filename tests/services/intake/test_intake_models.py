"""The model of a request: the offered one for new videos, the parent's for rerolls."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import ModelGone, OptionRefused, PictureRefused
from bot.services.intake.intake import Intake
from tests.factories import make_options
from tests.services.intake.intake_fixture import NEW, OLD, Frames, Sent, open_intake, submission


@pytest.fixture
def frames() -> Frames:
    return Frames()


@pytest.fixture
async def intake(tmp_path: Path, frames: Frames) -> AsyncIterator[Intake]:
    async with open_intake(tmp_path, frames) as opened:
        yield opened


async def test_a_new_video_is_the_offered_models_and_a_reroll_its_parents(intake: Intake) -> None:
    assert (await intake.accept(submission())).request.model == NEW.id
    assert (await intake.accept(submission(model=OLD.id))).request.model == OLD.id


async def test_options_are_held_against_the_model_that_makes_it(intake: Intake) -> None:
    long = make_options(prompt="x" * 30)
    with pytest.raises(OptionRefused):
        await intake.check(submission(options=long))
    await intake.check(submission(options=long, model=OLD.id))


async def test_a_first_frame_fits_the_model_that_makes_the_video(
    intake: Intake, frames: Frames
) -> None:
    for model in (OLD.id, None):
        with pytest.raises(PictureRefused):
            await intake.accept(submission(picture=Sent(), model=model))
    assert frames.asked == [OLD, NEW]


async def test_a_model_that_is_not_offered_is_refused_before_anything(intake: Intake) -> None:
    with pytest.raises(ModelGone):
        await intake.check(submission(model="wan_gone"))
    with pytest.raises(ModelGone):
        await intake.accept(submission(model="wan_gone"))
