"""A real intake on a real database, which offers two models."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.domain.models.model import WAN22_I2V_FLASH, Models, PictureRules
from bot.domain.quotas.limits import Limits
from bot.domain.submission import NOBODY, MadeFrame, Sender, Submission
from bot.domain.task import EntryPoint, Task
from bot.errors import PictureProblem, PictureRefused
from bot.services.allowances import Allowances
from bot.services.guild_settings import HouseRules
from bot.services.intake.intake import Intake
from bot.services.intake.picture_consent import PictureConsent
from bot.services.ports import ContentCheck
from bot.storage.engine.database import open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.people.picture_choices import PictureChoiceTable
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
    make_providers,
)
from tests.simulation.disk import keeper

OLD = WAN22_I2V_FLASH
NEW = replace(WAN22_I2V_FLASH, id="wan_new", prompt_chars=20)


async def _never() -> bool:
    raise AssertionError


async def _nobody(text: str) -> None:
    raise AssertionError(text)


def make_breaker() -> ProviderCircuitBreaker:
    """A breaker that is not tripped."""
    return ProviderCircuitBreaker(
        key_works=_never, tell_operator=_nobody, variables=VARIABLES, clock=SystemClock()
    )


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


@asynccontextmanager
async def open_intake(
    folder: Path,
    frames: Frames,
    *,
    limits: Limits | None = None,
    store: type[TaskStore] = TaskStore,
    content_check: ContentCheck | None = None,
    breaker: ProviderCircuitBreaker | None = None,
) -> AsyncIterator[Intake]:
    """An intake whose first frames are made by ``frames``."""
    clock, queued = SystemClock(), list[Task]()
    async with open_database(f"sqlite:///{folder}/x.db") as database:
        tasks = store(database, clock=clock)
        default = limits or make_limits()
        yield Intake(
            tasks=tasks,
            frames_kept=keeper(tasks, clock, folder / "frame.png"),
            frames=frames,
            allowances=Allowances(tasks=tasks, default=default, prices=make_prices(OLD, NEW)),
            house_rules=HouseRules(store=ModerationStore(database, clock=clock)),
            consent=PictureConsent(
                choices=PictureChoiceTable(database),
                rules=ModerationStore(database, clock=clock),
            ),
            providers=make_providers(breaker or make_breaker()),
            clock=clock,
            owner="run-test",
            models=Models(default=NEW, others=(OLD,), known={OLD.id: OLD, NEW.id: NEW}),
            incoming=folder / "incoming",
            on_queued=queued.append,
            content_check=content_check,
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
