"""The same again: what a reroll asks for, and where its first frame comes from."""

import logging
import random
from dataclasses import replace
from typing import Protocol

from bot.domain.model import Model, Models, Options
from bot.domain.submission import Picture, Submission
from bot.domain.task import EntryPoint, Frame, Task
from bot.errors import FrameGone, VideoGone
from bot.services.intake import Intake
from bot.storage.tasks.tasks import TaskStore

log = logging.getLogger(__name__)


class Sources(Protocol):
    """Finds pictures again in the messages that they came in."""

    async def picture(self, task: Task) -> Picture | None:
        """The picture that a video was made from; ``None`` where it is out of reach.

        Raises:
            PictureExpired: it was in a message, and what was kept of it is not good any more.
        """


class Rerolls:
    """Hands earlier videos in again; everything else is the intake's."""

    def __init__(
        self,
        *,
        intake: Intake,
        tasks: TaskStore,
        sources: Sources,
        models: Models,
        rng: random.Random,
    ) -> None:
        """
        Args:
            models: a video is made again by the one that made it.
            rng: draws new seeds.
        """
        self._intake = intake
        self._tasks = tasks
        self._sources = sources
        self._models = models
        self._rng = rng

    async def parent(self, task_id: str) -> Task:
        """The video to make again.

        Raises:
            VideoGone: nothing is known about it any more.
            ModelGone: the model that made it is not offered any more.
        """
        task = await self._tasks.get(task_id)
        # A prompt is never empty, but when it has been forgotten.
        if task is None or not task.options.prompt:
            raise VideoGone(f"task {task_id}")
        self.model(task)
        return task

    def model(self, parent: Task) -> Model:
        """By which it is made again: another one would not make the same.

        Raises:
            ModelGone: it is not offered any more.
        """
        return self._models.of(parent.request.model)

    def options(self, parent: Task, entry_point: EntryPoint) -> Options:
        """What is sent this time: everything as it was, but for a seed that is to be new."""
        if entry_point is not EntryPoint.NEW_SEED:
            return parent.options
        seed = self._other_seed(parent.options.seed, self.model(parent))
        return replace(parent.options, seed=seed)

    def _other_seed(self, seed: int, model: Model) -> int:
        drawn = self._rng.randrange(model.seed_max)
        return drawn + 1 if drawn >= seed else drawn

    async def check(self, submission: Submission) -> None:
        """
        Raises:
            Refusal: it would not be taken now.
        """
        if submission.parent_id is not None:
            await self._tasks.check_none_on_its_way(
                submission.parent_id, submission.person.id, submission.entry_point
            )
        await self._intake.check(submission)

    async def accept(self, submission: Submission) -> Task:
        """The task, committed; a first frame that is no longer kept is fetched again.

        Raises:
            Refusal: nothing was written. FrameGone, PictureExpired: the picture is out of reach
                as well.
        """
        try:
            return await self._intake.accept(submission)
        except FrameGone:
            picture = await self._fetched_again(submission)
            if picture is None:
                raise
        digest = submission.picture.digest if isinstance(submission.picture, Frame) else None
        return await self._intake.accept(replace(submission, picture=picture, digest=digest))

    async def _fetched_again(self, submission: Submission) -> Picture | None:
        parent = await self._tasks.get(submission.parent_id or "")
        if parent is None:
            return None
        log.info("task %s: its first frame is fetched again", parent.id)
        return await self._sources.picture(parent)
