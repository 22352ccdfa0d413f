"""The model of a request: the offered one for new videos, the parent's for rerolls."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.domain.model import WAN22_I2V_FLASH, Models, PictureRules
from bot.domain.submission import NOBODY, MadeFrame, Sender, Submission
from bot.domain.task import EntryPoint, Task
from bot.errors import ModelGone, OptionRefused, PictureProblem, PictureRefused
from bot.services.allowances import Allowances
from bot.services.guild_settings import HouseRules
from bot.services.intake import Intake
from bot.storage.engine.database import open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.tasks.tasks import TaskStore
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from tests.factories import (
    VARIABLES,
    make_frame,
    make_limits,
    make_options,
    make_person,
    make_place,
    make_prices,
)
from tests.simulation.disk import keeper

OLD = WAN22_I2V_FLASH
NEW = replace(WAN22_I2V_FLASH, id="wan_new", prompt_chars=20)


async def _never() -> bool:
    raise AssertionError


async def _nobody(text: str) -> None:
    raise AssertionError(text)


class Frames:
    """A frame maker that makes nothing, and records the rules that a frame was to meet."""

    def __init__(self) -> None:
        self.asked: list[PictureRules] = []

    async def make(
        self, source: Path, folder: Path, rules: PictureRules, sender: Sender = NOBODY
    ) -> MadeFrame:
        self.asked.append(rules)
        raise PictureRefused(PictureProblem.DAMAGED)


class Sent:
    """A picture that has not been read yet."""

    name = "picture.png"
    announced_bytes = 7

    async def read(self) -> AsyncIterator[bytes]:
        yield b"picture"


@pytest.fixture
def frames() -> Frames:
    return Frames()


@pytest.fixture
async def intake(tmp_path: Path, frames: Frames) -> AsyncIterator[Intake]:
    clock, queued = SystemClock(), list[Task]()
    async with open_database(f"sqlite:///{tmp_path}/x.db") as database:
        tasks = TaskStore(database, clock=clock)
        yield Intake(
            tasks=tasks,
            frames_kept=keeper(tasks, clock, tmp_path / "frame.png"),
            frames=frames,
            allowances=Allowances(tasks=tasks, default=make_limits(), prices=make_prices(OLD, NEW)),
            house_rules=HouseRules(store=ModerationStore(database, clock=clock)),
            breaker=ProviderCircuitBreaker(
                key_works=_never, tell_operator=_nobody, variables=VARIABLES, clock=clock
            ),
            clock=clock,
            owner="run-test",
            models=Models(default=NEW, known={OLD.id: OLD, NEW.id: NEW}),
            incoming=tmp_path / "incoming",
            on_queued=queued.append,
        )


def submission(**changes: Any) -> Submission:
    asked = Submission(
        picture=make_frame(),
        options=make_options(prompt="short"),
        person=make_person(),
        place=make_place(),
        entry_point=EntryPoint.REROLL,
    )
    return replace(asked, **changes)


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
