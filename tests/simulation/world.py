"""What outlives the processes of a run: database, provider, Discord, clock and faults."""

import itertools
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

from bot.clock import Clock
from bot.domain.models.model import (
    DASHSCOPE,
    VTRIX,
    WAN22_I2V_FLASH,
    WAN22_I2V_FLASH_DASHSCOPE,
    Models,
)
from bot.domain.models.prices import PriceList
from bot.domain.money import Usd
from bot.domain.quotas.limits import Limits
from bot.domain.submission import NewTask, Submission
from bot.domain.task import EntryPoint, Task
from bot.storage.engine.database import Database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.provider.status import ProviderStatusTable
from bot.storage.tasks.tasks import TaskStore
from tests.clock import VirtualClock
from tests.factories import (
    make_frame,
    make_limits,
    make_options,
    make_person,
    make_place,
    make_prices,
)
from tests.simulation.channel import FakeMessenger
from tests.simulation.disk import ImmediateDatabase
from tests.simulation.fake_world import FakeJob, FakeProvider, Seeded

KINDS = {
    "create": (
        *("unreachable", "429", "429 long", "rejected", "401", "403"),
        *("lost before", "lost after", "mistake after"),
        *("lost, and more", "lost, and more", "lost, and more"),
    ),
    "job": ("fails",),
    "cost": (
        *("absent", "absent", "absent", "nothing", "next to nothing", "next to nothing", "less"),
        *("more", "too much", "too much", "huge"),
    ),
    "status": ("404", "500", "unreachable", "401"),
    "key": ("no",),
    "download": ("interrupted", "expired", "refused", "disk"),
    "deliver": ("refused", "unclear before", "unclear after"),
    "edit": ("unclear before", "unclear after", "held", "held", "held"),
    "tell": ("away",),
    "blockade": ("20", "90", "400"),
    "disk": ("full", "full", "answer lost"),
}
MODELS = Models(default=WAN22_I2V_FLASH, others=(WAN22_I2V_FLASH_DASHSCOPE,))
"""A model of a provider that names costs, and one of another provider that has a price list, and
limits of requests and tasks at once."""
PRICES = PriceList(
    prices={
        **make_prices(MODELS.default).prices,
        **dict.fromkeys(WAN22_I2V_FLASH_DASHSCOPE.kinds(), Usd.parse("0.18")),
    }
)
"""The two models' prices differ, so that booking one for the other is noticed."""
PEOPLE = (1001, 1002, 1003)
LIMITS = make_limits(videos=3, operator_month_budget=Usd.parse("1.5"))
# The share of runs in which processes share the database, so that one may be stopped for a while.
SHARED = 0.6


class Numbered(TaskStore):
    """A store with numbered ids instead of random ones: they decide which task is claimed first."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        super().__init__(database, clock=clock)
        self._numbers = itertools.count(1)

    async def reserve(self, new: NewTask, limits: Limits) -> Task:
        return await super().reserve(replace(new, id=f"t{next(self._numbers):07}"), limits)


class World:
    """Everything outside of the processes, for one run."""

    def __init__(self, seed: int, database: ImmediateDatabase, folder: Path) -> None:
        self.rng = random.Random(seed)
        self.clock = VirtualClock()
        self.faults = Seeded(self.chance(), KINDS)
        first = FakeProvider(self.clock, self.faults, self.chance())
        second = FakeProvider(
            self.clock, self.faults, self.chance(), reports_cost=False, name="second-job"
        )
        self.providers = {VTRIX: first, DASHSCOPE: second}
        self.messenger = FakeMessenger(self.clock, self.faults)
        self.messenger.is_gone = self.rng.random() < 0.5
        self.store = Numbered(database, clock=self.clock)
        self.moderation = ModerationStore(database, clock=self.clock)
        self.standings = {
            name: ProviderStatusTable(database, provider=name) for name in self.providers
        }
        self.database = database
        self.folder = folder
        self.committed: list[str] = []
        self.is_shared = self.rng.random() < SHARED
        """Whether processes know each other by leases, as with PostgreSQL."""
        self.sent_in_spite: list[float] = []
        """Times of create calls by a process that had just lost several in a row."""

    def chance(self) -> random.Random:
        """Return a new random generator, so that what one part draws does not affect the others."""
        return random.Random(self.rng.random())

    @property
    def jobs(self) -> dict[str, FakeJob]:
        """The jobs at both providers, by their ids."""
        return {name: job for one in self.providers.values() for name, job in one.jobs.items()}

    @property
    def accepted(self) -> Counter[int]:
        """How often each seed was accepted, at whichever provider."""
        return sum((one.accepted for one in self.providers.values()), Counter[int]())

    @property
    def unfetchable(self) -> set[str]:
        """The jobs whose video was refused at least once."""
        return set().union(*(one.unfetchable for one in self.providers.values()))

    def be_quiet(self) -> None:
        """Let nothing fail any more."""
        self.faults.is_quiet = True
        self.messenger.blocked_until = 0.0

    def submission(self, person_id: int | None = None) -> Submission:
        """Return a new submission of this person, or of anybody; its seed tells its task from all
        others.
        """
        number = self.rng.getrandbits(30)
        return Submission(
            picture=make_frame(),
            options=make_options(seed=number),
            person=make_person(id=person_id or self.rng.choice(PEOPLE)),
            place=make_place(message_id=number),
            entry_point=EntryPoint.SLASH,
            interaction_id=number,
            model=self.rng.choice(MODELS.offered).id,
        )
