"""Accepts requests for videos: picture → first frame → task and reservation in one transaction."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

from bot.clock import Clock
from bot.concurrency import first_of
from bot.domain.first_frame import Adjustment, check_kept, check_source_bytes
from bot.domain.models.model import Model, Models, PictureRules
from bot.domain.models.option_limits import check_options
from bot.domain.quotas.quota import decide
from bot.domain.submission import Picture, Sender, Submission
from bot.domain.task import Frame, Request, Task
from bot.errors import (
    Busy,
    Closed,
    ContentRefused,
    FrameGone,
    ModelGone,
    Paused,
    PictureRefused,
    PictureUnavailable,
    QuotaRefused,
)
from bot.services.allowances import Allowances
from bot.services.fair_queue import Failures, FairQueue
from bot.services.guild_settings import HouseRules
from bot.services.intake.first_frame_keeper import FirstFrameKeeper
from bot.services.intake.incoming import save, temporary_folder
from bot.services.intake.picture_consent import PictureConsent
from bot.services.intake.reservation import Reservation
from bot.services.ports import ContentCheck, FirstFrameMaker
from bot.storage.tasks.tasks import TaskStore
from bot.worker.provider_registry import ProviderRegistry

log = logging.getLogger(__name__)

# Pictures being read or waiting for it. Each can take 50 MB of disk, but no memory.
MOST_AT_ONCE = 200
READING_AT_ONCE = 16
# Limits per person and per server, so that neither can take all places: the most pictures being
# read, and the most being read or waiting.
READING_OF_PERSON = 2
READING_OF_SERVER = 6
INSIDE_OF_PERSON = 10
INSIDE_OF_SERVER = MOST_AT_ONCE // 2
# Reading a picture costs its sender nothing, so unusable pictures are limited: this many within
# this many seconds.
FAILURES_MAX = 5
FAILURES_WITHIN = 60.0
_CLOSE_WITHIN = 3.0


class Intake:
    """Accepts submissions from every entry point. ``bot.app`` builds it."""

    def __init__(
        self,
        *,
        tasks: TaskStore,
        frames_kept: FirstFrameKeeper,
        frames: FirstFrameMaker,
        allowances: Allowances,
        house_rules: HouseRules,
        consent: PictureConsent,
        providers: ProviderRegistry,
        clock: Clock,
        owner: str | None,
        models: Models,
        incoming: Path,
        on_queued: Callable[[Task], None],
        content_check: ContentCheck | None = None,
    ) -> None:
        """
        Args:
            owner: this process, as registered with ``tasks``; ``None`` if other processes work
                on the tasks that are queued here.
            models: a new video gets the default model, a reroll keeps its parent's.
            incoming: a folder for pictures while they are read.
            content_check: checks pictures and prompts; ``None``: the operator wants no check.
            on_queued: called with each task as soon as it is committed.
        """
        self._tasks = tasks
        self._frames_kept = frames_kept
        self._frames = frames
        self._allowances = allowances
        self._house_rules = house_rules
        self._consent = consent
        self._providers = providers
        self._clock = clock
        self._models = models
        self._incoming = incoming
        self._reservation = Reservation(
            tasks=tasks,
            frames_kept=frames_kept,
            allowances=allowances,
            owner=owner,
            models=models,
            on_queued=on_queued,
            content_check=content_check,
        )
        self._inside = 0
        self._closed = False
        self._empty = asyncio.Event()
        self._empty.set()
        self._reading = FairQueue(
            capacity=READING_AT_ONCE,
            monotonic=clock.monotonic,
            running_of_person=READING_OF_PERSON,
            running_of_server=READING_OF_SERVER,
            inside_of_person=INSIDE_OF_PERSON,
            inside_of_server=INSIDE_OF_SERVER,
        )
        self._failures = Failures(
            most=FAILURES_MAX, seconds=FAILURES_WITHIN, monotonic=clock.monotonic
        )

    async def accept(self, submission: Submission) -> Task:
        """Accept a submission; the returned task is committed as ``queued`` and cannot get lost.

        Raises:
            Refusal: the submission is refused; nothing is stored, reserved or left on disk.
            InteractionTaken: the interaction was submitted before; likewise.
        """
        async with AsyncExitStack() as stack:
            sender = _sender(submission)
            if not self._is_ready(submission):
                # Before the database is read, or many submissions of one person could take all
                # places meanwhile.
                stack.enter_context(self._reading.inside(sender))
            await stack.enter_async_context(self._place())
            submission = await self._checked(submission)
            picture = submission.picture
            if isinstance(picture, Frame) and self._is_ready(submission):
                return await self._taken(submission, await self._renewed(picture), ())
            with self._counted(sender):
                if not isinstance(picture, Frame) and picture.announced_bytes is not None:
                    check_source_bytes(picture.announced_bytes)
                async with self._reading.taken(sender):
                    # Other pictures of this person may have failed while this one waited.
                    self._failures.check(sender.person)
                    frame, mended = await self._read(submission, picture, sender)
                    return await self._taken(submission, frame, mended)

    def _is_ready(self, submission: Submission) -> bool:
        """Whether the picture is a first frame that the model takes as it is.

        That of an earlier video may be one of another model, with other rules for pictures.
        """
        frame = submission.picture
        if not isinstance(frame, Frame):
            return False
        return self._model_of(submission).allow(frame.width, frame.height, frame.bytes)

    async def check(self, submission: Submission) -> None:
        """Refuse early, before anything is posted; :meth:`accept` decides.

        Raises:
            Refusal: the submission would be refused now.
        """
        if self._closed:
            raise Busy
        await self._checked(submission)

    async def open_models(self, models: Sequence[Model]) -> Sequence[Model]:
        """Those of ``models`` whose providers take work at the moment.

        Raises:
            StorageError: the state that the processes share cannot be read now.
        """
        return [one for one in models if await self._is_open(one)]

    async def _is_open(self, model: Model) -> bool:
        try:
            await self._providers.of(model.id).breaker.check(model.id)
        except (Closed, Paused):
            return False
        return True

    async def close(self) -> None:
        """Accept nothing more, and wait a moment for submissions under way to be committed."""
        self._closed = True
        await first_of(self._clock.sleep(_CLOSE_WITHIN), self._empty.wait())

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._closed or self._inside >= MOST_AT_ONCE:
            raise Busy
        self._inside += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    async def _checked(self, submission: Submission) -> Submission:
        """Make all checks that need no picture; return the submission with its final options."""
        model = self._model_of(submission)
        if not self._is_ready(submission):
            self._failures.check(submission.person.id)
        await self._providers.of(model.id).breaker.check(model.id)
        options = check_options(submission.options, model, self._models.offered)
        if not self._is_ready(submission):
            self._frames_kept.check_room()
        if isinstance(submission.picture, Frame):
            check_kept(submission.picture, model)
        await self._consent.check(submission)
        ruled = await self._house_rules.applied(replace(submission, options=options), model)
        await self._check_quota(ruled)
        return ruled

    def _model_of(self, submission: Submission) -> Model:
        """The model that a submission is for.

        Raises:
            ModelGone: an earlier video was made with a model that is no longer offered.
            OptionRefused: a new one is asked for with such a model, which was offered when somebody
                chose it.
        """
        if submission.model is None:
            return self._models.default
        try:
            return self._models.of(submission.model)
        except ModelGone:
            if submission.parent_id is not None:
                raise
            raise self._models.refused(submission.model) from None

    async def _check_quota(self, submission: Submission) -> None:
        """Refuse over a limit before the picture is read; the reservation itself decides."""
        person, guild_id = submission.person, submission.place.guild_id
        limits = await self._allowances.limits(person, guild_id)
        model = self._model_of(submission)
        kind = submission.options.kind(model.id)
        estimate = await self._allowances.estimate(kind)
        use = await self._tasks.use(person.id, guild_id, limits)
        if denial := decide(limits, use, estimate, self._clock.now()):
            raise QuotaRefused(await self._allowances.explained(denial, kind, model))

    @contextmanager
    def _counted(self, sender: Sender) -> Iterator[None]:
        """Count a refusal within the block as an unusable picture."""
        try:
            yield
        except (PictureRefused, PictureUnavailable, QuotaRefused, FrameGone, ContentRefused):
            self._failures.count(sender.person)
            raise

    async def _renewed(self, frame: Frame) -> Frame:
        """Restart the time that a frame is kept, so that it exists when it is sent."""
        if not await self._frames_kept.renew(frame.digest):
            raise FrameGone
        return frame

    async def _read(
        self, submission: Submission, picture: Picture | Frame, sender: Sender
    ) -> tuple[Frame, tuple[Adjustment, ...]]:
        """Read a picture into a frame; the reservation decides whether it stays."""
        async with temporary_folder(self._incoming) as folder:
            if isinstance(picture, Frame):
                source = await self._frames_kept.find(picture)
            else:
                source = folder / "source"
                await save(picture, source)
            made = await self._frames.make(source, folder, self._rules(submission), sender)
            if submission.digest not in (None, made.frame.digest):
                raise FrameGone("the picture at the source has changed")
            model, frame = self._model_of(submission), made.frame
            if not model.allow(frame.width, frame.height, frame.bytes):
                made = await self._frames.make(made.path, folder, model, sender)
            return await self._frames_kept.keep(made), made.mended

    def _rules(self, submission: Submission) -> PictureRules:
        """The rules to make a first frame by: for an earlier video's, those that it was made by."""
        earlier = self._models.known.get(submission.digest_model or "")
        return earlier or self._model_of(submission)

    async def _taken(
        self, submission: Submission, frame: Frame, mended: tuple[Adjustment, ...]
    ) -> Task:
        model = self._model_of(submission)
        request = Request(model=model.id, frame=frame, options=submission.options)
        # Shielded: a cancellation in between could commit a task without anybody working on it.
        return await asyncio.shield(self._reservation.make(submission, request, mended))


def _sender(submission: Submission) -> Sender:
    person, guild_id = submission.person.id, submission.place.guild_id
    return Sender(server=person if guild_id is None else guild_id, person=person)
