"""Runs the bot: builds, opens and closes everything, in order."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from bot.app.connection import Connection, open_connection
from bot.app.health import open_health_port
from bot.app.login import connected, log_in
from bot.app.persistence import Persistence, open_persistence
from bot.app.pipeline import Pipeline, make_allowances, open_pipeline
from bot.concurrency import in_background
from bot.domain.operator_info import OperatorInfo
from bot.errors import CommandError
from bot.ops.metrics import Metrics
from bot.roles import Role, Shards
from bot.services.metrics_sink import MetricsSink
from bot.services.moderation import Moderation
from bot.services.privacy.privacy import Privacy
from bot.settings.settings import Settings
from bot.storage.engine.notifications import listening
from bot.storage.engine.postgres import is_postgres
from bot.ui.app_context import AppContext
from bot.ui.submission.acknowledgements import Acknowledgements
from bot.ui.submission.attachments import CDN_ORIGINS, origin
from bot.ui.submission.replies import Replies

log = logging.getLogger(__name__)


async def run(settings: Settings, *, role: Role = Role.ALL, shards: Shards | None = None) -> int:
    """Run the bot until it is canceled, then return 0.

    Raises:
        FlipbookError: the bot cannot start, and why.
    """
    _check_role(settings, role, shards)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        store = await enter(open_persistence(settings, exclusive=True))
        if role.connects and store.gateways is not None:
            await enter(store.gateways.held(shards))
        # Attachments are Discord's, so they use its proxy.
        proxy = settings.outbound().proxy_for(settings.discord_api_url)
        http = await enter(aiohttp.ClientSession(trust_env=False, proxy=proxy))
        replies = Replies(acknowledgements=Acknowledgements(second_copies=store.second_copies))
        allowances = make_allowances(settings, store)
        moderation = Moderation(store=store.moderation, allowances=allowances, models=store.models)
        # Closed after the pipeline, whose last deliveries still need the connection.
        connection = await enter(
            open_connection(settings, store, moderation, replies, role, shards)
        )
        metrics = Metrics()
        pipeline = await enter(
            open_pipeline(
                settings,
                store=store,
                allowances=allowances,
                messenger=connection.messenger,
                owner_kind="run",
                role=role,
                metrics=metrics,
            )
        )
        connection.client.serve(
            _context(settings, store, pipeline, connection, moderation, replies, http, metrics)
        )
        if settings.health_port is not None:
            await enter(
                open_health_port(
                    settings,
                    settings.health_port,
                    store=store,
                    connection=connection,
                    pipeline=pipeline,
                    role=role,
                    metrics=metrics,
                )
            )
        await log_in(connection.client, settings, http, store.clock)
        await enter(_working(settings, role, pipeline, connection))
        if role.connects:
            await connected(connection.client)
        else:
            log.info("working as %s, without a gateway", connection.client.user)
            await asyncio.Event().wait()
    return 0


@asynccontextmanager
async def _working(
    settings: Settings, role: Role, pipeline: Pipeline, connection: Connection
) -> AsyncIterator[None]:
    """Run the background jobs, which start after the login."""
    async with AsyncExitStack() as stack:
        # Each machine has files of its own to delete.
        await stack.enter_async_context(pipeline.retention.working())
        if role.works:
            await stack.enter_async_context(in_background(connection.log_channel.run()))
            await stack.enter_async_context(in_background(connection.report_board.run()))
            # Started after the login, so that the worker can send messages.
            await stack.enter_async_context(pipeline.worker)
            await stack.enter_async_context(listening(settings.database_url, pipeline.worker.wake))
        # Closed first, so that accepted submissions are committed and the next start goes on.
        stack.push_async_callback(pipeline.intake.close)
        yield


def _check_role(settings: Settings, role: Role, shards: Shards | None) -> None:
    """Check the options `--role` and `--shards`.

    Raises:
        CommandError: they do not fit the database or each other.
    """
    if role is not Role.ALL and not is_postgres(settings.database_url):
        raise CommandError(
            f"--role {role} needs a database that several processes share: "
            "DATABASE_URL=postgresql://… (SQLite serves one process, which does everything)"
        )
    if shards is not None and not role.connects:
        raise CommandError("--shards is for processes with a gateway: a worker has none")


def _context(
    settings: Settings,
    store: Persistence,
    pipeline: Pipeline,
    connection: Connection,
    moderation: Moderation,
    replies: Replies,
    http: aiohttp.ClientSession,
    metrics: MetricsSink,
) -> AppContext:
    return AppContext(
        intake=pipeline.intake,
        cancellations=pipeline.cancellations,
        consent=pipeline.consent,
        picture_questions=store.picture_questions,
        allowances=pipeline.allowances,
        moderation=moderation,
        log_channel=connection.log_channel,
        reports=store.reports,
        removals=store.removals,
        blocks=store.blocks,
        report_board=connection.report_board,
        tasks=store.tasks,
        messenger=connection.messenger,
        tokens=connection.tokens,
        places=connection.places,
        replies=replies,
        models=store.models,
        clock=store.clock,
        http=http,
        metrics=metrics,
        wake=pipeline.worker.wake,
        statistics=store.statistics,
        menu_forms=store.menu_forms,
        privacy=_privacy(settings, store),
        prices=settings.price_list(),
        picture_origins=CDN_ORIGINS | {origin(settings.discord_cdn_url)},
        keep_images_days=settings.keep_images_days,
        operator=_operator_info(settings),
        watermark_always=settings.watermark_always,
        age_restricted=settings.age_restricted,
    )


def _privacy(settings: Settings, store: Persistence) -> Privacy:
    return Privacy(
        stored=store.privacy,
        choices=store.picture_choices,
        frames=store.images,
        videos=settings.data_dir / "videos",
        shared=store.shared,
    )


def _operator_info(settings: Settings) -> OperatorInfo:
    return OperatorInfo(
        provider=", ".join(one.label for one in settings.offered_accounts.values()),
        by_model=len(settings.offered_accounts) > 1,
        services={name: one.label for name, one in settings.accounts.items()},
        content_check=settings.content_check_host,
        privacy_url=settings.privacy_url,
        terms_url=settings.terms_url,
        contact=settings.operator_contact,
    )
