"""Builds the path of a task, from the intake to the worker."""

import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Literal

from bot.app.persistence import Persistence
from bot.app.providers import open_providers
from bot.domain.task import Task
from bot.imaging.pool.pool import open_frame_maker
from bot.providers.factory import open_content_check
from bot.roles import Role
from bot.services.allowances import Allowances
from bot.services.cancellation import Cancellations
from bot.services.guild_settings import HouseRules
from bot.services.intake.first_frame_keeper import FirstFrameKeeper
from bot.services.intake.intake import Intake
from bot.services.intake.model_policy import ModelPolicy
from bot.services.intake.picture_consent import PictureConsent
from bot.services.metrics_sink import MetricsSink
from bot.services.ports import Messenger
from bot.services.privacy.retention import KEEP_INCOMING, Retention, sweep_folder, sweep_videos
from bot.settings.settings import Settings
from bot.storage.engine.postgres import is_postgres
from bot.storage.guilds.moderation import ModerationStore
from bot.video.labeler import VideoLabeler
from bot.worker.polling.poll_scheduler import PollScheduler
from bot.worker.provider_registry import ProviderRegistry
from bot.worker.worker import Worker

OwnerKind = Literal["run", "cli"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The path of a task from the intake to the worker, and what they share."""

    intake: Intake
    cancellations: Cancellations
    consent: PictureConsent
    worker: Worker
    allowances: Allowances
    retention: Retention
    providers: ProviderRegistry


@asynccontextmanager
async def open_pipeline(
    settings: Settings,
    *,
    store: Persistence,
    allowances: Allowances,
    messenger: Messenger,
    owner_kind: OwnerKind,
    role: Role = Role.ALL,
    metrics: MetricsSink | None = None,
) -> AsyncIterator[Pipeline]:
    """Build intake, worker and retention. The caller starts the latter two.

    Args:
        owner_kind: ``run`` takes over tasks without an owner; ``cli`` works on its own only.
        role: a ``gateway`` leaves the tasks that it queues to workers.
        metrics: counts events.
    """
    owner = f"{owner_kind}-{secrets.token_hex(6)}"
    async with AsyncExitStack() as stack:
        providers = await stack.enter_async_context(
            open_providers(settings, store=store, tell_operator=messenger.tell_operator)
        )
        frames = await stack.enter_async_context(open_frame_maker())
        content_check = await stack.enter_async_context(open_content_check(settings))
        worker = _worker(
            settings, store, providers, messenger, metrics, owner=owner, adopts=owner_kind == "run"
        )
        frame_keeper = _frame_keeper(settings, store, messenger)
        consent = PictureConsent(choices=store.picture_choices, rules=store.moderation)
        intake = Intake(
            tasks=store.tasks,
            frames_kept=frame_keeper,
            frames=frames,
            allowances=allowances,
            house_rules=_house_rules(settings, store, allowances),
            consent=consent,
            providers=providers,
            clock=store.clock,
            owner=owner if role.works else None,
            models=store.models,
            incoming=settings.data_dir / "incoming",
            content_check=content_check,
            on_queued=worker.take if role.works else _leave_to_others,
        )
        yield Pipeline(
            intake=intake,
            cancellations=Cancellations(
                tasks=store.tasks,
                models=store.models,
                provider_of=lambda model: providers.of(model).client,
            ),
            consent=consent,
            worker=worker,
            allowances=allowances,
            retention=_retention(settings, store, frame_keeper),
            providers=providers,
        )


def _worker(
    settings: Settings,
    store: Persistence,
    providers: ProviderRegistry,
    messenger: Messenger,
    metrics: MetricsSink | None,
    *,
    owner: str,
    adopts: bool,
) -> Worker:
    return Worker(
        owner=owner,
        tasks=store.tasks,
        images=store.images,
        providers=providers,
        messenger=messenger,
        clock=store.clock,
        videos=settings.data_dir / "videos",
        adopts=adopts,
        metrics=metrics,
        shared=store.shared,
        labeler=VideoLabeler(aigc_producer=settings.aigc_producer),
        poll_scheduler=PollScheduler(store=store.durations),
        prices=settings.price_list(),
        announces=partial(_announces, store.moderation),
        withholds=store.removals.withhold,
        # With PostgreSQL, other processes may be running.
        only_run=adopts and not is_postgres(settings.database_url),
    )


def _frame_keeper(settings: Settings, store: Persistence, messenger: Messenger) -> FirstFrameKeeper:
    return FirstFrameKeeper(
        images=store.images,
        uses=store.tasks,
        clock=store.clock,
        keep=timedelta(days=settings.keep_images_days),
        most_bytes=_most_image_bytes(settings),
        tell_operator=messenger.tell_operator,
    )


def _house_rules(settings: Settings, store: Persistence, allowances: Allowances) -> HouseRules:
    return HouseRules(
        store=store.moderation,
        blocks=store.blocks,
        model_policy=ModelPolicy(
            store=store.moderation, models=store.models, allowances=allowances
        ),
        watermark_always=settings.watermark_always,
        operator_words=settings.blocked_words,
    )


def make_allowances(settings: Settings, store: Persistence) -> Allowances:
    """Build the allowances from the operator's settings."""
    return Allowances(tasks=store.tasks, default=settings.limits(), prices=settings.price_list())


def _most_image_bytes(settings: Settings) -> int:
    """`KEEP_IMAGES_MB`, or else a tenth of the disk that the pictures are on."""
    if settings.keep_images_mb is not None:
        return settings.keep_images_mb * 1_000_000
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).total // 10


def _retention(settings: Settings, store: Persistence, frame_keeper: FirstFrameKeeper) -> Retention:
    videos = partial(sweep_videos, settings.data_dir / "videos", store.tasks, store.shared)
    incoming = partial(sweep_folder, settings.data_dir / "incoming", KEEP_INCOMING)
    sweeps: dict[str, Callable[[], Awaitable[object]]] = {
        "old videos": videos,
        "half-read pictures": incoming,
        "old pictures": frame_keeper.sweep,
        "forms left open": store.menu_forms.sweep,
        "old questions about pictures": store.picture_questions.sweep,
        "old counts of people who deleted their data": store.privacy.sweep,
        "old reports": store.reports.sweep,
        "old entries of the audit": partial(
            store.moderation.trim_audit, timedelta(days=settings.keep_audit_days)
        ),
    }
    return Retention(tasks=store.old_tasks, clock=store.clock, sweeps=sweeps)


async def _announces(rules: ModerationStore, guild_id: int) -> bool:
    return (await rules.settings(guild_id)).announce


def _leave_to_others(task: Task) -> None:
    """Do nothing: the commit has notified the workers."""
