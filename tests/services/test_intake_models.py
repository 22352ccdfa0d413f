"""Whose model a request gets: new ones the offered one, rerolls that of their parent."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.domain.model import WAN22_I2V_FLASH
from bot.domain.submission import Submission
from bot.domain.task import EntryPoint, Task
from bot.errors import ModelGone, OptionRefused
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


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[Intake]:
    clock, queued = SystemClock(), list[Task]()
    frames: Any = None
    async with open_database(f"sqlite:///{tmp_path}/x.db") as database:
        tasks = TaskStore(database, clock=clock)
        yield Intake(
            tasks=tasks,
            frames_kept=keeper(tasks, clock, tmp_path / "frame.png"),
            frames=frames,
            allowances=Allowances(tasks=tasks, default=make_limits(), prices=make_prices(OLD, NEW)),
            house_rules=HouseRules(store=ModerationStore(database, clock=clock), model=NEW),
            breaker=ProviderCircuitBreaker(
                key_works=_never, tell_operator=_nobody, variables=VARIABLES, clock=clock
            ),
            clock=clock,
            owner="run-test",
            model=NEW,
            models={OLD.id: OLD, NEW.id: NEW},
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


async def test_a_model_that_is_not_offered_is_refused_before_anything(intake: Intake) -> None:
    with pytest.raises(ModelGone):
        await intake.check(submission(model="wan_gone"))
    with pytest.raises(ModelGone):
        await intake.accept(submission(model="wan_gone"))
