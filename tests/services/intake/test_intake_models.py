"""The model of a request: the offered one for new videos, the parent's for rerolls."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.models.model import Models
from bot.domain.task import EntryPoint, Frame
from bot.errors import FrameGone, ModelGone, OptionRefused, PictureRefused
from bot.imaging.pool.pool import open_frame_maker
from bot.services.intake.intake import Intake
from bot.ui.texts.refusals.refusals import refusal
from tests.factories import make_limits, make_options, make_picture
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


# --- the first frame of an earlier video, for a model with other rules for pictures ------------

NARROW = replace(OLD, id="wan_narrow", label="Narrow", side_max=800)
LARGE = replace(OLD, id="wan_large", label="Large", side_min=600)
OTHERS = Models(
    default=OLD, others=(NARROW, LARGE), known={one.id: one for one in (OLD, NARROW, LARGE)}
)


class Source(Sent):
    """The picture of an earlier video, read again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def read(self) -> AsyncIterator[bytes]:
        yield await asyncio.to_thread(self.path.read_bytes)


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[tuple[Intake, Frame]]:
    """An intake that makes real frames, and the frame of a video by the model ``OLD``."""
    picture = tmp_path / "frame.png"
    picture.write_bytes(make_picture("PNG", (1600, 900)))
    async with open_frame_maker(workers=1) as maker:
        made = await maker.make(picture, tmp_path, OLD)
        # What the store of frames has.
        made.path.replace(picture)
        limits = make_limits(concurrent=9)
        async with open_intake(tmp_path, maker, models=OTHERS, limits=limits) as intake:
            yield intake, made.frame


async def test_a_frame_is_made_anew_for_a_model_that_does_not_take_it(
    real: tuple[Intake, Frame], tmp_path: Path
) -> None:
    intake, kept = real
    asked = submission(picture=kept, entry_point=EntryPoint.EDIT)
    assert (await intake.accept(asked)).request.frame == kept
    narrow = replace(asked, model=NARROW.id)
    await intake.check(narrow)
    task = await intake.accept(narrow)
    frame = task.request.frame
    assert (frame.width, frame.height, task.mended) == (800, 450, ("scaled",))
    # Nor is one sent that was read again from its message.
    again = replace(
        narrow, picture=Source(tmp_path / "frame.png"), digest=kept.digest, digest_model=OLD.id
    )
    await intake.accept(again)
    with pytest.raises(FrameGone, match="has changed"):
        await intake.accept(replace(again, digest="0" * 64))


async def test_a_frame_that_is_too_small_for_another_model_is_refused_in_words(
    real: tuple[Intake, Frame],
) -> None:
    intake, kept = real
    await intake.check(submission(picture=kept, model=LARGE.id))
    small = replace(kept, height=500)
    with pytest.raises(PictureRefused) as refused:
        await intake.check(submission(picture=small, model=LARGE.id))
    assert refusal(refused.value) == (
        "This picture is 1600×500. Both sides must be at least 600 pixels. That is a "
        "rule of Large; another model can take this picture."
    )
    await intake.check(submission(picture=small))


async def test_a_model_that_is_not_offered_is_refused_before_anything(intake: Intake) -> None:
    again = submission(model="wan_gone", parent_id="t0000009")
    for refuse in (intake.check, intake.accept):
        with pytest.raises(ModelGone):
            await refuse(again)
        # Of a new video nobody can say that the model made it.
        with pytest.raises(OptionRefused, match="wan_gone"):
            await refuse(replace(again, parent_id=None))
