"""A real intake on a real database, which offers two models."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from bot.clock import Clock, SystemClock
from bot.domain.models.model import DASHSCOPE, VTRIX, WAN22_I2V_FLASH, Models, PictureRules
from bot.domain.models.prices import PriceList
from bot.domain.quotas.limits import Limits
from bot.domain.submission import NOBODY, MadeFrame, Sender, Submission
from bot.domain.task import EntryPoint
from bot.errors import PictureProblem, PictureRefused
from bot.services.allowances import Allowances
from bot.services.guild_settings import HouseRules
from bot.services.intake.intake import Intake
from bot.services.intake.picture_consent import PictureConsent
from bot.services.ports import ContentCheck, FirstFrameMaker
from bot.storage.engine.database import open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.people.picture_choices import PictureChoiceTable
from bot.storage.tasks.tasks import TaskStore
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.provider_registry import ProviderAccess, ProviderRegistry
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
MODELS = Models(default=NEW, others=(OLD,), known={OLD.id: OLD, NEW.id: NEW})


async def _never() -> bool:
    raise AssertionError


async def _nobody(text: str) -> None:
    raise AssertionError(text)


def make_breaker(clock: Clock | None = None) -> ProviderCircuitBreaker:
    """A breaker that is not tripped."""
    clock = clock or SystemClock()
    return ProviderCircuitBreaker(
        key_works=_never, tell_operator=_nobody, variables=VARIABLES, clock=clock
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


def make_intake(
    tasks: Any,
    rules: Any,
    *,
    choices: Any,
    providers: ProviderRegistry,
    clock: Clock,
    folder: Path,
    limits: Limits | None = None,
    prices: PriceList | None = None,
    **changes: Any,
) -> Intake:
    """An intake of the default model, which has every first frame and tells nobody of new tasks."""
    parts: dict[str, Any] = {
        "frames": None,
        "frames_kept": keeper(tasks, clock, folder / "frame.png"),
        "allowances": Allowances(
            tasks=tasks, default=limits or make_limits(), prices=prices or make_prices()
        ),
        "owner": "run-test",
        "models": Models(default=WAN22_I2V_FLASH),
        "on_queued": lambda task: None,
    }
    return Intake(
        tasks=tasks,
        house_rules=HouseRules(store=rules),
        consent=PictureConsent(choices=choices, rules=rules),
        providers=providers,
        clock=clock,
        incoming=folder / "incoming",
        **(parts | changes),
    )


@asynccontextmanager
async def open_intake(
    folder: Path,
    frames: FirstFrameMaker,
    *,
    models: Models = MODELS,
    prices: PriceList | None = None,
    limits: Limits | None = None,
    store: type[TaskStore] = TaskStore,
    content_check: ContentCheck | None = None,
    breaker: ProviderCircuitBreaker | None = None,
) -> AsyncIterator[Intake]:
    """An intake whose first frames are made by ``frames``."""
    clock = SystemClock()
    access = ProviderAccess(client=cast("Any", None), breaker=breaker or make_breaker())
    async with open_database(f"sqlite:///{folder}/x.db") as database:
        tasks = store(database, clock=clock)
        yield make_intake(
            tasks,
            ModerationStore(database, clock=clock),
            choices=PictureChoiceTable(database),
            providers=ProviderRegistry({VTRIX: access, DASHSCOPE: access}, models=models),
            clock=clock,
            folder=folder,
            limits=limits,
            prices=prices or make_prices(*models.offered),
            frames=frames,
            models=models,
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
