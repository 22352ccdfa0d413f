"""Makes the task of a submission: the operator's check, then limits, money and task at once."""

import logging
import secrets
from collections.abc import Callable

from bot.domain.first_frame import Adjustment
from bot.domain.models.model import Models
from bot.domain.quotas.limits import Limits
from bot.domain.submission import NewTask, Submission
from bot.domain.task import Request, Task
from bot.errors import ContentRefused, QuotaRefused, Refusal
from bot.services.allowances import Allowances
from bot.services.intake.first_frame_keeper import FirstFrameKeeper
from bot.services.ports import ContentCheck
from bot.storage.tasks.tasks import TaskStore

log = logging.getLogger(__name__)

# Without letters and digits that look alike, because people read these ids to each other.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_ID_LENGTH = 10


class Reservation:
    """Reserves a person's limit and the money, and writes the task, in one transaction."""

    def __init__(
        self,
        *,
        tasks: TaskStore,
        frames_kept: FirstFrameKeeper,
        allowances: Allowances,
        owner: str | None,
        models: Models,
        on_queued: Callable[[Task], None],
        content_check: ContentCheck | None,
    ) -> None:
        self._tasks = tasks
        self._frames_kept = frames_kept
        self._allowances = allowances
        self._owner = owner
        self._models = models
        self._on_queued = on_queued
        self._content_check = content_check

    async def make(
        self, submission: Submission, request: Request, mended: tuple[Adjustment, ...]
    ) -> Task:
        """Return the task, which is committed as ``queued``.

        Raises:
            Refusal: a limit or the check does not allow it; nothing was written.
        """
        async with self._frames_kept.reserving(request.frame):
            await self._check_content(request)
            return await self._queue(submission, request, mended)

    async def _check_content(self, request: Request) -> None:
        """Ask the operator's check, if there is one. Nothing is reserved yet.

        Raises:
            ContentRefused: the picture or the prompt is not allowed.
            ContentUnchecked: there was no answer.
        """
        if self._content_check is None:
            return
        picture = await self._frames_kept.find(request.frame)
        found = await self._content_check.check(request.options.prompt, picture)
        if found is not None:
            raise ContentRefused(found)

    async def _queue(
        self, submission: Submission, request: Request, mended: tuple[Adjustment, ...]
    ) -> Task:
        new = await self._new_task(submission, request, mended)
        # The reservation itself reads the moderators' limits.
        task = await self._reserve(new, self._allowances.default(new.place.guild_id))
        log.info("task %s: queued", task.id, extra={"task": task.id})
        self._on_queued(task)
        return task

    async def _new_task(
        self, submission: Submission, request: Request, mended: tuple[Adjustment, ...]
    ) -> NewTask:
        estimate = await self._allowances.estimate(request.kind)
        return NewTask(
            id=_draw_id(),
            request=request,
            person=submission.person,
            place=submission.place,
            entry_point=submission.entry_point,
            estimate=estimate,
            owner=self._owner,
            parent_id=submission.parent_id,
            mended=mended,
            source=submission.source,
            picture_owner_id=submission.picture_owner_id,
            interaction_id=submission.interaction_id,
        )

    async def _reserve(self, new: NewTask, limits: Limits) -> Task:
        try:
            return await self._tasks.reserve(new, limits)
        except QuotaRefused as error:
            kind, model = new.request.kind, self._models.of(new.request.model)
            denial = await self._allowances.explained(error.denial, kind, model)
            raise QuotaRefused(denial) from error
        except Refusal:
            raise
        except Exception:
            # The commit may have succeeded, and only its answer been lost.
            task = await self._tasks.get(new.id)
            if task is None or task.request != new.request:
                raise
            return task


def _draw_id() -> str:
    # One random number for all digits, since each one is a system call.
    number = secrets.randbelow(len(_ALPHABET) ** _ID_LENGTH)
    places = (len(_ALPHABET) ** place for place in range(_ID_LENGTH))
    return "".join(_ALPHABET[number // place % len(_ALPHABET)] for place in places)
