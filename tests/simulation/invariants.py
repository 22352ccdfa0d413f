"""The invariants: what must hold at each moment, and at the end of a run."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import func, not_, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import ZERO, Usd
from bot.domain.quotas.limits import Limits
from bot.domain.task import FailureKind, State, Task
from bot.storage.engine.types import one_of
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.tables import late_edits, tasks
from bot.storage.tasks.rows import task_of
from tests.simulation.disk import at_once
from tests.simulation.fake_world import FakeJob
from tests.simulation.world import LIMITS, MODELS, PEOPLE, PRICES, World

ENDED = (State.DELIVERED, State.UNDELIVERED, State.FAILED, State.UNKNOWN)
# The bounds of an estimate with a configured price of $0.20.
LEAST, MOST = Usd.parse("0.05"), Usd.parse("0.80")
# Failures after which nobody knows whether the job was charged, so its estimate is counted.
NOT_SEEN = (FailureKind.FORGOTTEN, FailureKind.DEADLINE)
# Built once, as the statements run very often.
_OPEN = one_of(tasks.c.state, *(state for state in State if state not in ENDED))
_UNSAID = not_(one_of(tasks.c.state, State.DELIVERED)) & ~tasks.c.announced
_LEFT = str(
    select(
        select(func.count()).select_from(tasks).where(_OPEN | _UNSAID).scalar_subquery()
        + select(func.count()).select_from(late_edits).scalar_subquery()
    ).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
)
_TASKS = select(tasks).order_by(tasks.c.id)


class Invariants:
    """The invariants of one run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._look_at = 0.0

    def tasks(self) -> Sequence[Task]:
        """Return all tasks."""
        return at_once(self._world.database.read(_all_tasks))

    def has_ended(self) -> bool:
        """Return whether all tasks have ended, everybody was told, and no late edit is left to
        repair.
        """
        # Ten more virtual seconds cost less than a query every time.
        if self._world.clock.passed < self._look_at:
            return False
        self._look_at = self._world.clock.passed + 10
        self.check_effects()
        return self._world.database.count(_LEFT) == 0

    def check_effects(self) -> None:
        """Check the effects that cannot be undone."""
        messenger = self._world.messenger
        assert all(times <= 1 for times in self._world.accepted.values()), "I1: created twice"
        assert all(len(found) <= 1 for found in messenger.results.values()), "I3: posted twice"
        assert not self._world.sent_in_spite, "I4: sent after three in a row were lost"
        assert not messenger.too_early, "I8: Discord asked again before the time that it gave"

    def check(self) -> Sequence[Task]:
        """Check what holds at any moment, whatever has happened, and return all tasks."""
        self.check_effects()
        findings = at_once(self._world.database.read(consistency_findings))
        assert findings == [], "I4: holds do not agree with tasks"
        found = self.tasks()
        made = Counter(task.options.seed for task in found)
        assert all(times == 1 for times in made.values()), "I1: two tasks of one interaction"
        is_sane = all(LEAST <= task.estimate <= MOST for task in found)
        assert is_sane, "I4: an estimate out of bounds"
        for person in PEOPLE:
            self._check_limits(person, LIMITS, found)
        return found

    def _check_limits(self, person: int, limits: Limits, found: Iterable[Task]) -> None:
        use = at_once(self._world.store.use(person, 2001, limits))
        assert use.used + use.held <= limits.videos, "I4: more videos than allowed"
        assert use.in_flight - use.unclear <= limits.concurrent, "I4: more at once than allowed"
        assert limits.operator_month_budget is not None
        # A reservation fits the budget; a charge above its estimate may not.
        beyond = sum(max((task.cost or ZERO).micros - task.estimate.micros, 0) for task in found)
        counted = use.operator_spend.counted.micros
        assert counted <= limits.operator_month_budget.micros + beyond, "I4: over the budget"

    def check_end(self) -> None:
        """Check that nothing is left to do."""
        found = {task.id: task for task in self.tasks()}
        jobs = {job.seed: job for job in self._world.jobs.values()}
        assert set(self._world.committed) <= set(found), "I2: a committed task is gone"
        accepted = self._world.accepted
        settled = at_once(
            self._world.store.use(PEOPLE[0], 2001, LIMITS)
        ).operator_spend.settled.micros
        due = sum(_due(task, jobs.get(task.options.seed)) for task in found.values())
        assert settled == due, "I4: settled is not what was charged"
        for task in found.values():
            self._check_message(task)
            self._check_provider(task)
            posts = accepted[task.options.seed]
            assert posts or task.state in (State.FAILED, State.UNKNOWN), "I1: nothing was created"

    def _check_provider(self, task: Task) -> None:
        """Check that a task went to its own model's provider, and is priced as that one prices."""
        model = MODELS.of(task.request.model)
        others = (one for name, one in self._world.providers.items() if name != model.provider)
        seed = task.options.seed
        assert not any(one.posts[seed] for one in others), "I1: sent to another provider"
        is_listed = task.rendered_at is not None and not model.reports_cost
        assert task.cost_is_listed == is_listed, "I4: not booked as the provider prices"
        if is_listed:
            assert task.cost == PRICES.of(task.request.kind), "I4: not the listed price"

    def _check_message(self, task: Task) -> None:
        messenger = self._world.messenger
        is_refused = messenger.is_gone or task.id in messenger.refused
        is_refused |= task.provider_id in self._world.unfetchable
        if task.state is State.DELIVERED:
            shown = messenger.results.get(task.id, set())
            assert {one.message_id for one in shown} == {task.result_message_id}, "I3"
            is_own = task.result_message_id == task.place.message_id
            assert not is_own or messenger.shows[task.id] == "result", "I3: not shown"
            assert is_own or is_refused, "I5: a new message, although the first was never refused"
            return
        assert task.state is not State.UNDELIVERED or is_refused, "I5: given up"
        if not messenger.is_gone:
            assert messenger.shows[task.id] == "end", "I3: the message does not show the end"


def _due(task: Task, job: FakeJob | None) -> int:
    """Return the millionths of a dollar that a task is settled with.

    That is the charge, or the estimate if no charge was reported. The estimate of an unclear task
    stays held.
    """
    if task.state is State.UNKNOWN or job is None:
        return 0
    if task.failure is not None and task.failure.kind in NOT_SEEN:
        return task.estimate.micros
    if job.cost is not None:
        return job.cost.micros
    return 0 if job.fails else task.estimate.micros


async def _all_tasks(connection: AsyncConnection) -> Sequence[Task]:
    return [task_of(row) for row in await connection.execute(_TASKS)]
