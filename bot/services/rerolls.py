"""Rerolls: their options, and where their first frame comes from."""

import logging
import random
from dataclasses import replace
from typing import Protocol

from bot.domain.models.model import Model, Models, Options
from bot.domain.submission import Picture, Submission
from bot.domain.task import EntryPoint, Frame, Task
from bot.errors import FrameGone, ReportProblem, ReportRefused, VideoGone
from bot.services.intake.intake import Intake
from bot.storage.guilds.reports import ReportStore
from bot.storage.tasks.tasks import TaskStore

log = logging.getLogger(__name__)


class Sources(Protocol):
    """Finds the pictures of earlier videos in the messages they came from.

    It is implemented in `bot.ui`, which services do not import.
    """

    async def picture(self, task: Task) -> Picture | None:
        """The picture that a video was made from; ``None`` if it cannot be found.

        Raises:
            PictureExpired: it was in a message, and the stored URL has expired.
        """


class Rerolls:
    """Submits earlier videos again; the intake does everything else."""

    def __init__(
        self,
        *,
        intake: Intake,
        tasks: TaskStore,
        reports: ReportStore,
        sources: Sources,
        models: Models,
        rng: random.Random,
    ) -> None:
        """
        Args:
            models: the known models; a video is made again by its own.
            rng: generates new seeds.
        """
        self._intake = intake
        self._tasks = tasks
        self._reports = reports
        self._sources = sources
        self._models = models
        self._rng = rng

    async def parent(self, task_id: str) -> Task:
        """The video to make again.

        Raises:
            VideoGone: it is no longer stored.
            ModelGone: the model that made it is no longer offered.
            ReportRefused: it is hidden until a report is decided.
        """
        task = await self._tasks.get(task_id)
        if task is None or task.is_forgotten:
            raise VideoGone(f"task {task_id}")
        self.model(task)
        if await self._reports.is_hidden(task_id):
            raise ReportRefused(ReportProblem.HIDDEN)
        return task

    def model(self, parent: Task) -> Model:
        """The model to make a video again with: its own, since another would make another video.

        Raises:
            ModelGone: the model is no longer offered.
        """
        return self._models.of(parent.request.model)

    def options(self, parent: Task, entry_point: EntryPoint) -> Options:
        """The parent's options, with a new seed if that is asked for."""
        if entry_point is not EntryPoint.NEW_SEED:
            return parent.options
        seed = self._other_seed(parent.options.seed, self.model(parent))
        return replace(parent.options, seed=seed)

    def _other_seed(self, seed: int, model: Model) -> int:
        drawn = self._rng.randrange(model.seed_max)
        return drawn + 1 if drawn >= seed else drawn

    async def check(self, submission: Submission) -> None:
        """Refuse early, before anything is posted; :meth:`accept` decides.

        Raises:
            Refusal: the reroll would be refused now.
        """
        if submission.parent_id is not None:
            await self._tasks.check_none_on_its_way(
                submission.parent_id, submission.person.id, submission.entry_point
            )
        await self._intake.check(submission)

    async def accept(self, submission: Submission) -> Task:
        """Submit a reroll; a first frame that is no longer kept is made again from its source.

        Raises:
            Refusal: the reroll is refused, and nothing was written.
            FrameGone, PictureExpired: its picture cannot be read again either.
        """
        try:
            return await self._intake.accept(submission)
        except FrameGone:
            parent = await self._tasks.get(submission.parent_id or "")
            picture = await self._fetched_again(parent) if parent else None
            if parent is None or picture is None:
                raise
        kept = submission.picture
        if isinstance(kept, Frame):
            parent_model = parent.request.model
            submission = replace(submission, digest=kept.digest, digest_model=parent_model)
        return await self._intake.accept(replace(submission, picture=picture))

    async def _fetched_again(self, parent: Task) -> Picture | None:
        log.info("task %s: first frame no longer kept, fetching its picture again", parent.id)
        return await self._sources.picture(parent)
