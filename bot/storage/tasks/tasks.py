"""Storage of tasks and their holds."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.delivery import Delivery
from bot.domain.kept_frames import FrameUse
from bot.domain.models.model import VideoKind
from bot.domain.money import ZERO, Usd
from bot.domain.provider.job import Job
from bot.domain.quotas.limits import Rules
from bot.domain.quotas.quota import Denial, Limits, Unclear, Usage
from bot.domain.submission import NewTask
from bot.domain.task import EntryPoint, Failure, Person, State, Task
from bot.errors import IllegalTransition, QuotaRefused
from bot.storage.engine.database import Database
from bot.storage.engine.notifications import tell_workers
from bot.storage.files import file_uses
from bot.storage.provider import charges
from bot.storage.quotas.limit_rules import read_rules
from bot.storage.quotas.usage import read_unclear, read_usage
from bot.storage.tables import tasks
from bot.storage.tasks import (
    interventions,
    late_edits,
    leases,
    lists,
    pending_notices,
    rerolls,
    reservations,
    takeover,
)
from bot.storage.tasks.rows import delivery_values, failure_values
from bot.storage.tasks.submission_limits import check_room
from bot.storage.tasks.transitions import change, check_job_is_new, find, move


class TaskStore:
    """Tasks and their holds on an open database. Each method is one transaction.

    Methods that take a :class:`Task` expect it unchanged: the row must still have its state,
    owner and epoch. They return the task as it is afterwards, or raise ``StaleTask`` and
    change nothing. Holds end in the same transaction (``bot.domain.quotas.holds.holds_end``), once.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._leases = leases.Leases(clock)

    # --- new tasks, and reading ---------------------------------------------------------

    async def reserve(self, new: NewTask, limits: Limits) -> Task:
        """Write the task as ``queued`` and both holds, if every limit allows it.

        Raises:
            QuotaRefused: a limit denies it; nothing was written but budget warnings.
            AlreadyAgain: the same reroll of this person is in progress; nothing was written.
            InteractionTaken: the interaction has made this task already; nothing was written.
            BlockRefused: the person, the server or the picture is blocked; nothing was written.
        """
        made = await self._database.write(
            lambda on: reservations.reserve(on, new, limits, self._clock.now())
        )
        if isinstance(made, Denial):
            raise QuotaRefused(made)
        return made

    async def charges(self, kind: VideoKind, bounds: tuple[Usd, Usd]) -> Sequence[Usd]:
        """Return the last few charges for such a video within ``bounds``, newest first."""
        return await self._database.read(lambda on: charges.last(on, kind, bounds))

    async def all_charges(self) -> Mapping[VideoKind, Sequence[Usd]]:
        """Return the kept charges for each kind of video, newest first."""
        return await self._database.read(charges.listed)

    async def use(self, person_id: int, guild_id: int | None, limits: Limits) -> Usage:
        """Return the usage for `/quota`, read in the same way as by ``reserve``."""
        now = self._clock.now()
        return await self._database.read(
            lambda on: read_usage(
                on, person_id=person_id, guild_id=guild_id, limits=limits, now=now
            )
        )

    async def unclear(self) -> Unclear:
        """Return what all unclear tasks hold."""
        return await self._database.read(read_unclear)

    async def rules(self, guild_id: int, person: Person) -> Rules:
        """Return the server's rules for this person."""
        return await self._database.read(
            lambda on: read_rules(
                on, guild_id=guild_id, person_id=person.id, role_ids=person.role_ids
            )
        )

    async def get(self, task_id: str) -> Task | None:
        """Return the task, whoever owns it."""
        return await self._database.read(lambda on: find(on, task_id))

    async def of_result(self, message_id: int) -> Task | None:
        """Return the task whose result this message is."""
        return await self._database.read(lambda on: rerolls.of_result(on, message_id))

    async def check_none_on_its_way(
        self, parent_id: str, person_id: int, entry_point: EntryPoint
    ) -> None:
        """Refuse a second reroll of the same kind.

        Raises:
            AlreadyAgain: this person already has the same reroll in progress.
        """
        await self._database.read(
            lambda on: rerolls.check_none_on_its_way(
                on, parent_id=parent_id, person_id=person_id, entry_point=entry_point
            )
        )

    async def taken_away(self, task_id: str) -> None:
        """Forget the result's message after it was deleted."""
        await self._database.write(lambda on: rerolls.take_away(on, task_id))

    async def listed(
        self,
        *,
        person_id: int | None = None,
        guild_id: int | None = None,
        states: Collection[State] = (),
        limit: int = 50,
        before: Task | None = None,
    ) -> Sequence[Task]:
        """Return tasks, newest first; ``before``: only those that follow it in this order."""
        return await self._database.read(
            lambda on: lists.newest_first(
                on,
                person_id=person_id,
                guild_id=guild_id,
                states=states,
                limit=limit,
                before=before,
            )
        )

    async def untold(
        self, owner: str, *, since: datetime, only_run: bool, lease: timedelta
    ) -> Sequence[Task]:
        """Return tasks that ended without a video since then and have no ``announced`` notice.

        They are those of ``owner``, and those of processes that are gone (see ``claim``), which
        ``owner`` takes over.
        """

        async def work(connection: AsyncConnection) -> Sequence[Task]:
            ended = await self._leases.ended(connection, lease=lease, only_run=only_run)
            now = self._clock.now()
            return await takeover.untold(connection, owner, since=since, ended=ended, now=now)

        return await self._database.write(work)

    async def oldest(self, state: State) -> datetime | None:
        """Return when the oldest task in that state was made; ``None`` if there is none."""
        return await self._database.read(lambda on: lists.oldest(on, state))

    async def pending_notices(self, person_id: int) -> Sequence[Task]:
        """Return a person's tasks whose outcome could not be delivered, oldest first."""
        return await self._database.read(lambda on: pending_notices.of_person(on, person_id))

    async def clear_pending_notices(self, person_id: int) -> None:
        """Clear a person's pending notices after they were delivered."""
        await self._database.write(lambda on: pending_notices.forget(on, person_id))

    async def counts(self) -> dict[State, int]:
        """Return the number of tasks in each state."""
        return await self._database.read(lists.counts)

    async def frame_uses(self, digests: Collection[str]) -> Mapping[str, FrameUse]:
        """Return what tasks need each frame for; a frame without a task is left out."""
        now = self._clock.now()
        return await self._database.read(lambda on: file_uses.frame_uses(on, digests, now))

    async def videos_over(self, task_ids: Sequence[str]) -> Collection[str]:
        """Return those of these tasks whose video is not needed: they are over, or were erased."""
        return await self._database.read(lambda on: file_uses.videos_over(on, task_ids))

    # --- transitions --------------------------------------------------------------------

    async def submitting(self, task: Task) -> Task:
        """queued → submitting, committed before the POST.

        Raises:
            AccountFull: the provider takes no more tasks of this model now; nothing was changed.
        """

        async def work(connection: AsyncConnection) -> Task:
            await check_room(connection, task.request.model, self._clock)
            now = self._clock.now()
            values = {"submitted_at": now, "not_before": None}
            return await move(connection, task, State.SUBMITTING, now=now, values=values)

        return await self._database.write(work)

    async def requeued(self, task: Task, not_before: datetime) -> Task:
        """submitting → queued, after the provider certainly created nothing."""
        values = {"submitted_at": None, "not_before": not_before}
        return await self._move(task, State.QUEUED, values=values)

    async def running(self, task: Task, job: Job) -> Task:
        """submitting → running, with the provider's id.

        Raises:
            JobTaken: another task has this id.
        """

        async def work(connection: AsyncConnection) -> Task:
            await check_job_is_new(connection, task, job.id)
            values = {"provider_id": job.id, "progress": job.progress}
            return await move(connection, task, State.RUNNING, now=self._clock.now(), values=values)

        return await self._database.write(work)

    async def rendered(self, task: Task, job: Job) -> Task:
        """running → rendered; the allowance is used and the money settled."""

        async def work(connection: AsyncConnection) -> Task:
            now = self._clock.now()
            values = {**_end_values(job), "rendered_at": now, "progress": 1.0}
            moved = await move(
                connection, task, State.RENDERED, now=now, values=values, cost=job.cost
            )
            await charges.record(connection, moved, job.cost, now)
            return moved

        return await self._database.write(work)

    async def canceled(self, task_id: str, job_id: str) -> Task:
        """running → cancelled, after the provider confirmed that it canceled this job.

        Whichever process owns the task. One that is canceled already is returned as it is.

        Raises:
            StaleTask: the job is no longer running, or the task is gone.
        """
        now = self._clock.now()
        return await self._database.write(
            lambda on: interventions.canceled(on, task_id, job_id, now=now)
        )

    async def failed(
        self, task: Task, failure: Failure, *, job: Job | None, may_be_charged: bool
    ) -> Task:
        """→ failed; allowance and money are returned, or counted if the failure was charged.

        If it may have been charged and no cost is given, the money is settled with the estimate.
        """
        cost = job.cost if job else None
        values = {**(_end_values(job) if job else {}), **failure_values(failure)}
        # A failure with a cost was charged, whatever is usual.
        is_charged = cost is not None and cost > ZERO

        async def work(connection: AsyncConnection) -> Task:
            now = self._clock.now()
            how: dict[str, Any] = {"may_be_charged": may_be_charged or is_charged, "cost": cost}
            moved = await move(connection, task, State.FAILED, now=now, values=values, **how)
            if is_charged:
                await charges.record(connection, moved, cost, now)
            return moved

        return await self._database.write(work)

    async def unknown(self, task: Task, failure: Failure | None) -> Task:
        """submitting → unknown; the allowance is returned, the money stays held."""
        return await self._move(task, State.UNKNOWN, values=failure_values(failure))

    async def cancel(self, task_id: str, person_id: int) -> Task:
        """queued → cancelled, by its person, whichever process owns it.

        Raises:
            NotFound: the person has no such task.
            StaleTask: it is no longer queued.
        """
        now = self._clock.now()
        return await self._database.write(
            lambda on: interventions.cancel(on, task_id, person_id, now=now)
        )

    async def send_again(
        self, task_id: str, person_id: int, *, message_id: int | None = None
    ) -> Task:
        """Have any worker deliver an `undelivered` task of a person once more.

        ``message_id``: a new message in the same channel, which is to become the result.

        Raises:
            NotFound: the person has no such task.
            StaleTask: it is not `undelivered`, or its delivery is repeated already.
        """
        now = self._clock.now()
        return await self._database.write(
            lambda on: interventions.send_again(on, task_id, person_id, message_id, now=now)
        )

    async def delivering(self, task: Task, delivery: Delivery) -> Task:
        """Record that a rendered or undelivered task is about to be posted by a method."""
        within = (State.RENDERED, State.UNDELIVERED)
        values = delivery_values(delivery)
        if task.state is State.UNDELIVERED:
            # Whoever asked for it again waits for this attempt.
            values["not_before"] = self._clock.now() + interventions.SENT_AGAIN_FOR
        return await self._change(task, values, within=within)

    async def delivered(self, task: Task, channel_id: int | None, message_id: int | None) -> Task:
        """→ delivered, with the message that shows the result."""
        values = {"result_channel_id": channel_id, "result_message_id": message_id}
        return await self._move(task, State.DELIVERED, values=values)

    async def undelivered(self, task: Task) -> Task:
        """rendered → undelivered, after every method failed.

        The task's ``tried_at`` is stored: the first attempt whose outcome is unclear, if any.
        """
        values = {"delivery_tried_at": task.delivery.tried_at}
        return await self._move(task, State.UNDELIVERED, values=values)

    async def still_undelivered(self, task: Task) -> Task:
        """Record that sending it again failed too, so that its person may ask for it once more."""
        values = {"not_before": None, "delivery_tried_at": task.delivery.tried_at}
        return await self._change(task, values, within=(State.UNDELIVERED,))

    async def told(
        self,
        task: Task,
        *,
        late: bool = False,
        announced: bool = False,
        notice_pending: bool = False,
    ) -> Task:
        """Record which notices were sent, so that none is sent twice."""
        values = {
            "late_told": task.late_told or late,
            "announced": task.announced or announced,
            "unsaid": notice_pending,
        }
        return await self._change(task, values, within=tuple(State))

    async def progressed(self, task: Task, progress: float) -> Task:
        """Store a running task's progress, from 0 to 1."""
        return await self._change(task, {"progress": progress}, within=(State.RUNNING,))

    async def heard(self, task: Task, word: str) -> Task:
        """Store the provider's word for a running task's unknown status."""
        return await self._change(task, {"provider_word": word}, within=(State.RUNNING,))

    async def resolve(
        self, task_id: str, *, created_as: str | None = None, charged: Usd | None = None
    ) -> Task:
        """End an ``unknown`` task as the operator says: → running with the provider's id, or →
        failed.

        Without either argument, nothing was created, and the money is released. A running task has
        no owner until a worker claims it.

        Raises:
            NotFound: no such task.
            StaleTask: it is not ``unknown``.
        """
        if created_as is not None and charged is not None:
            raise ValueError("created_as and charged exclude each other")
        now = self._clock.now()
        return await self._database.write(
            lambda on: interventions.resolve(on, task_id, created_as, charged, now=now)
        )

    # --- owners and leases --------------------------------------------------------------

    async def register(self, owner: str, lease: timedelta) -> None:
        """Create or extend this process's lease; call it again before ``lease`` has passed."""
        now = self._clock.now()
        await self._database.write(lambda on: leases.register(on, owner, lease=lease, now=now))

    async def release(self, owner: str) -> None:
        """End this process's lease, so that its tasks can be claimed at once."""

        async def work(connection: AsyncConnection) -> None:
            await leases.release(connection, owner)
            await tell_workers(connection)

        await self._database.write(work)

    async def held_by(self, owner: str, states: Collection[State]) -> Sequence[str]:
        """Return the ids of this process's tasks in these states."""
        return await self._database.read(lambda on: takeover.held_by(on, owner, states))

    async def let_go(self, task_id: str, owner: str) -> None:
        """Give up a task of this process, so that any ``claim`` can take it."""
        mine = update(tasks).where(tasks.c.id == task_id, tasks.c.owner == owner)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(mine.values(owner=None))
            await tell_workers(connection)

        await self._database.write(work)

    async def claim(
        self, owner: str, *, only_run: bool, lease: timedelta, most: int | None = None
    ) -> Sequence[Task]:
        """Take over open tasks without an owner, or whose owner's lease has ended.

        A lease has ended if these calls have found it unchanged for ``lease``, or if it has ended
        by the clock of the database server. The wall clocks of the processes do not matter. A
        ``submitting`` task becomes ``unknown``. The tasks are returned as changed; their new epoch
        fences off the old owner.

        Args:
            only_run: this process holds the lock that every `flipbook run` needs, so the leases of
                other runs count as ended.
            most: how many tasks to take at most, so that other processes get some as well.
        """

        async def work(connection: AsyncConnection) -> Sequence[Task]:
            ended = await self._leases.ended(connection, lease=lease, only_run=only_run)
            now = self._clock.now()
            return await takeover.claim(connection, owner, ended=ended, now=now, most=most)

        return await self._database.write(work)

    # --- late edits ----------------------------------------------------------------------

    async def moment(self, task_id: str) -> tuple[State, int] | None:
        """Return the current state and epoch of a task; ``None`` if it is unknown."""
        return await self._database.read(lambda on: late_edits.moment(on, task_id))

    async def look_again(self, task_id: str, after: timedelta) -> None:
        """Have a task's message checked after this time, once the task has ended."""
        now = self._clock.now()
        await self._database.write(
            lambda on: late_edits.write_down(on, [task_id], now=now, after=after)
        )

    async def to_look_at(self, *, most: int) -> Sequence[Task]:
        """Take ended tasks whose message may show something else, because an edit came late.

        No other process gets them for some minutes; by then each was checked, or is due again.
        """
        now = self._clock.now()
        return await self._database.write(lambda on: late_edits.take(on, now=now, most=most))

    async def looked_at(self, task_id: str) -> None:
        """Record that a task's message is right, or gone."""
        await self._database.write(lambda on: late_edits.cross_out(on, task_id))

    # --- helpers ------------------------------------------------------------------------

    async def _move(self, task: Task, to: State, **how: Any) -> Task:
        return await self._database.write(
            lambda on: move(on, task, to, now=self._clock.now(), **how)
        )

    async def _change(
        self, task: Task, values: dict[str, Any], *, within: Collection[State]
    ) -> Task:
        """Change columns other than the state, if the state is one of ``within``."""
        if task.state not in within:
            raise IllegalTransition(f"task {task.id}: not while {task.state.value}")
        return await self._database.write(
            lambda on: change(on, task, values, now=self._clock.now())
        )


def _end_values(job: Job) -> dict[str, Any]:
    """Return the columns of a provider's last answer."""
    return {
        "video_url": job.video_url,
        "cost": job.cost,
        "cost_is_listed": job.cost_is_listed,
        "discount": job.discount,
        "answer": job.answer,
    }
