"""The composition root: everything is built, opened and closed here, and nowhere else."""

import asyncio
import logging
import random
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Literal

import aiohttp
import discord
from pydantic import SecretStr

from bot.client import FlipbookClient, point_at
from bot.clock import Clock, SystemClock
from bot.concurrency import backoff, in_background
from bot.domain.model import Models
from bot.domain.quota import Limits
from bot.domain.task import State, Task
from bot.errors import CommandError, SettingsError
from bot.imaging.pool.pool import open_frame_maker
from bot.ops.health import open_health
from bot.ops.metrics import Metrics, Stock
from bot.outbound import without_passwords
from bot.providers.factory import make_provider
from bot.roles import Role, Shards
from bot.services.allowances import Allowances
from bot.services.frame_keeper import FirstFrameKeeper
from bot.services.guild_settings import HouseRules
from bot.services.intake import Intake
from bot.services.metrics_sink import MetricsSink
from bot.services.moderation import Moderation
from bot.services.ports import Messenger
from bot.services.privacy import Privacy
from bot.services.retention import KEEP_INCOMING, Retention, sweep_folder, sweep_videos
from bot.settings import PROVIDER, Settings
from bot.storage.engine.database import open_database
from bot.storage.engine.gateways import GatewayTable, SecondCopyTable
from bot.storage.engine.notifications import IdentifyTurns, listening
from bot.storage.engine.postgres import is_postgres
from bot.storage.files.images import ImageStore
from bot.storage.files.object_store import SharedFiles, open_shared_files
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.maintenance.privacy import PrivacyTable
from bot.storage.maintenance.retention import OldTasks
from bot.storage.provider.durations import DurationTable
from bot.storage.provider.request_forms import RequestFormTable
from bot.storage.provider.status import ProviderStatusTable
from bot.storage.tasks.menu_forms import MenuFormTable
from bot.storage.tasks.statistics import StatisticsTable
from bot.storage.tasks.tasks import TaskStore
from bot.ui import registered
from bot.ui.access.install_context import InstallContext
from bot.ui.app_context import AppContext
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.interaction_tokens import InteractionTokens
from bot.ui.delivery.log_channel import LogChannel
from bot.ui.delivery.messenger import DiscordMessenger
from bot.ui.delivery.operator_messages import OperatorMessages
from bot.ui.submission.acknowledgements import Acknowledgements
from bot.ui.submission.attachments import CDN_ORIGINS, origin
from bot.ui.submission.replies import Replies
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.poll_scheduler import PollScheduler
from bot.worker.worker import Worker

log = logging.getLogger(__name__)

# Seconds between attempts to reach a Discord that does not answer at the start.
_LOGIN_FIRST_WAIT = 2.0
_LOGIN_LONGEST_WAIT = 60.0
_NO_WAY = (aiohttp.ClientError, OSError)
_NOT_DISCORD = (
    discord.HTTPException,
    *_NO_WAY,
    LookupError,
    TypeError,
    ValueError,
)
# What asks `/readyz` mostly gives up after 5 s, and after 1 s at the least patient.
_READY_SECONDS = 0.8

# The gateway's close code: the token of a session that was good is not good any more.
_AUTHENTICATION_FAILED = 4004
_SINCE_RESET = (
    "DISCORD_TOKEN: Discord accepts it no longer: it was reset while the bot was running. "
    "Bot, Reset Token in the developer portal gives a new one"
)

OwnerKind = Literal["run", "cli"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """Open handles to persistent storage."""

    tasks: TaskStore
    moderation: ModerationStore
    old_tasks: OldTasks
    images: ImageStore
    shared: SharedFiles | None
    """Where there are other machines."""
    models: Models
    clock: Clock
    is_writable: Callable[[], Awaitable[bool]]
    durations: DurationTable
    privacy: PrivacyTable
    statistics: StatisticsTable
    status_store: ProviderStatusTable | None
    """Where other processes work with the provider as well."""
    request_forms: RequestFormTable
    menu_forms: MenuFormTable
    turns: IdentifyTurns | None
    """Where other processes may log in to Discord as well."""
    gateways: GatewayTable | None
    """The same."""
    second_copies: SecondCopyTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Everything between who asks and who is answered: intake, worker, and what they share."""

    intake: Intake
    worker: Worker
    allowances: Allowances
    retention: Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The client of Discord, and what speaks by it."""

    client: FlipbookClient
    places: InstallContext
    tokens: InteractionTokens
    log_channel: LogChannel
    messenger: DiscordMessenger


@asynccontextmanager
async def open_persistence(settings: Settings, *, exclusive: bool) -> AsyncIterator[Persistence]:
    """The database, migrated, and the files beside it.

    Args:
        exclusive: take the lock that every `flipbook run` needs.

    Raises:
        StorageError: says why it cannot be used.
    """
    clock = SystemClock()
    shared = open_shared_files(settings.file_store) if settings.file_store else None
    is_shared = is_postgres(settings.database_url)
    async with open_database(settings.database_url, exclusive=exclusive) as database:
        yield Persistence(
            tasks=TaskStore(database, clock=clock),
            moderation=ModerationStore(database, clock=clock),
            old_tasks=OldTasks(database),
            images=ImageStore(settings.data_dir / "images", shared=shared),
            shared=shared,
            models=Models(default=settings.model),
            clock=clock,
            is_writable=database.is_writable,
            durations=DurationTable(database),
            privacy=PrivacyTable(database, clock=clock),
            statistics=StatisticsTable(database),
            status_store=ProviderStatusTable(database) if is_shared else None,
            request_forms=RequestFormTable(database),
            menu_forms=MenuFormTable(database, clock=clock),
            turns=IdentifyTurns(database) if is_shared else None,
            gateways=GatewayTable(database, clock=clock) if is_shared else None,
            second_copies=SecondCopyTable(database, clock=clock),
        )


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
    """Intake and worker. The worker works while it is entered, and so does what forgets.

    Args:
        owner_kind: ``run`` takes over tasks that nobody has; ``cli`` minds its own.
        role: what a ``gateway`` takes in, it leaves to workers.
        metrics: counts what happens.
    """
    owner = f"{owner_kind}-{secrets.token_hex(6)}"
    incoming = settings.data_dir / "incoming"
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(
            make_provider(settings, clock=store.clock, accepted_forms=store.request_forms)
        )
        frames = await stack.enter_async_context(open_frame_maker())
        breaker = ProviderCircuitBreaker(
            key_works=provider.key_works,
            tell_operator=messenger.tell_operator,
            variables=PROVIDER,
            clock=store.clock,
            status_store=store.status_store,
        )
        worker = Worker(
            owner=owner,
            tasks=store.tasks,
            images=store.images,
            provider=provider,
            messenger=messenger,
            breaker=breaker,
            clock=store.clock,
            videos=settings.data_dir / "videos",
            adopts=owner_kind == "run",
            metrics=metrics,
            shared=store.shared,
            poll_scheduler=PollScheduler(store=store.durations),
            prices=settings.prices(),
            announces=partial(_announces, store.moderation),
            # With PostgreSQL other processes may be at work.
            only_run=owner_kind == "run" and not is_postgres(settings.database_url),
        )
        frame_keeper = FirstFrameKeeper(
            images=store.images,
            uses=store.tasks,
            clock=store.clock,
            keep=timedelta(days=settings.keep_images_days),
            most_bytes=_most_image_bytes(settings),
            tell_operator=messenger.tell_operator,
        )
        intake = Intake(
            tasks=store.tasks,
            frames_kept=frame_keeper,
            frames=frames,
            allowances=allowances,
            house_rules=HouseRules(store=store.moderation),
            breaker=breaker,
            clock=store.clock,
            owner=owner if role.works else None,
            models=store.models,
            incoming=incoming,
            on_queued=worker.take if role.works else _leave_to_others,
        )
        retention = _retention(settings, store, frame_keeper)
        yield Pipeline(intake=intake, worker=worker, allowances=allowances, retention=retention)


def make_allowances(settings: Settings, store: Persistence) -> Allowances:
    """Limits and estimates by the operator's settings."""
    prices = settings.prices()
    return Allowances(tasks=store.tasks, default=_limits(settings), prices=prices)


def _most_image_bytes(settings: Settings) -> int:
    """What `KEEP_IMAGES_MB` says, else a tenth of the disk that the pictures lie on."""
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
        "old entries of the audit": partial(
            store.moderation.trim_audit, timedelta(days=settings.keep_audit_days)
        ),
    }
    return Retention(tasks=store.old_tasks, clock=store.clock, sweeps=sweeps)


async def _announces(rules: ModerationStore, guild_id: int) -> bool:
    return (await rules.settings(guild_id)).announce


def _leave_to_others(task: Task) -> None:
    """The workers were told with the commit."""


async def run(settings: Settings, *, role: Role = Role.ALL, shards: Shards | None = None) -> int:
    """The bot, until it is cancelled; 0 at its end.

    Raises:
        FlipbookError: it cannot start, and why.
    """
    _check_role(settings, role, shards)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_persistence(settings, exclusive=True))
        if role.connects and store.gateways is not None:
            await stack.enter_async_context(store.gateways.held(shards))
        # Attachments as well: they are Discord's.
        proxy = settings.outbound().proxy_for(settings.discord_api_url)
        http = await stack.enter_async_context(aiohttp.ClientSession(trust_env=False, proxy=proxy))
        replies = Replies(
            acknowledgements=Acknowledgements(second_copies=store.second_copies),
        )
        allowances = make_allowances(settings, store)
        moderation = Moderation(store=store.moderation, allowances=allowances)
        # Closed after the line, whose last deliveries still need the connection.
        connection = await stack.enter_async_context(
            _open_connection(settings, store, moderation, replies, role, shards)
        )
        client, log_channel = connection.client, connection.log_channel
        metrics = Metrics()
        pipeline = await stack.enter_async_context(
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
        client.serve(
            _context(settings, store, pipeline, connection, moderation, replies, http, metrics)
        )
        if settings.health_port is not None:
            counted = partial(_counted, metrics, settings, store)
            health = _health(settings, settings.health_port, client, pipeline, role, store, counted)
            await stack.enter_async_context(health)
        await _log_in(client, settings, http, store.clock)
        # Each machine has files of its own.
        await stack.enter_async_context(pipeline.retention.working())
        if role.works:
            await stack.enter_async_context(in_background(log_channel.run()))
            # Only now: what it has to say to people, it can say.
            await stack.enter_async_context(pipeline.worker)
            await stack.enter_async_context(listening(settings.database_url, pipeline.worker.wake))
        # Closed first: what is inside is committed, and the next start goes on with it.
        stack.push_async_callback(pipeline.intake.close)
        if role.connects:
            await connected(client)
        else:
            log.info("working as %s, without a gateway", client.user)
            await asyncio.Event().wait()
    return 0


async def connected(client: discord.Client) -> None:
    """Stay connected until cancelled; whoever cancels it closes the client.

    Apart from the caller: `asyncio.wait_for` of Python 3.11, which discord.py connects with, can
    swallow a cancellation that comes just as the connection is made. A closed client ends anyway.

    Raises:
        SettingsError: Discord does not take the token any more.
    """
    connecting = asyncio.create_task(_connect(client))
    try:
        await asyncio.shield(connecting)
    except discord.ConnectionClosed as error:
        if error.code != _AUTHENTICATION_FAILED:
            raise
        raise SettingsError([_SINCE_RESET]) from error
    finally:
        connecting.cancel()


async def _connect(client: discord.Client) -> None:
    """discord.py tries again by itself from the first connection on, and not before."""
    attempt, rng = 0, random.Random()
    while True:
        try:
            return await client.connect()
        except (discord.GatewayNotFound, discord.DiscordServerError, *_NO_WAY) as error:
            if getattr(client, "shards", None):
                raise
            attempt += 1
            wait = backoff(attempt, first=_LOGIN_FIRST_WAIT, longest=_LOGIN_LONGEST_WAIT, rng=rng)
            log.warning("no gateway of Discord's (%s); tried again in %.0f s", error, wait)
            await asyncio.sleep(wait)


def _check_role(settings: Settings, role: Role, shards: Shards | None) -> None:
    """
    Raises:
        CommandError: this process could not do that.
    """
    if role is not Role.ALL and not is_postgres(settings.database_url):
        raise CommandError(
            f"--role {role} needs a database that several processes share: "
            "DATABASE_URL=postgresql://… (SQLite serves one process, which does everything)"
        )
    if shards is not None and not role.connects:
        raise CommandError("--shards is for processes with a gateway: a worker has none")


async def _log_in(
    client: FlipbookClient, settings: Settings, http: aiohttp.ClientSession, clock: Clock
) -> None:
    """Log in, as soon as Discord answers: a network or a Discord that is not there yet may come.

    Raises:
        SettingsError: it answers, and trying again would change nothing.
    """
    token, attempt, rng = _secret(settings.discord_token), 0, random.Random()
    while True:
        try:
            client.logins_at_once = await point_at(settings.discord_api_url, token=token, http=http)
            return await client.login(token)
        except discord.LoginFailure as error:
            raise SettingsError(["DISCORD_TOKEN: Discord does not accept it"]) from error
        except _NOT_DISCORD as error:
            if not _may_pass(error):
                reason = without_passwords(str(error))
                problem = f"DISCORD_API_URL: it answers, but not as Discord does ({reason})"
                raise SettingsError([problem]) from error
            why = without_passwords(str(error)) or type(error).__name__
        attempt += 1
        wait = backoff(attempt, first=_LOGIN_FIRST_WAIT, longest=_LOGIN_LONGEST_WAIT, rng=rng)
        log.warning(
            "DISCORD_API_URL: Discord does not answer (%s); tried again in %.0f s", why, wait
        )
        await client.log_in_anew()
        await clock.sleep(wait)


def _may_pass(error: Exception) -> bool:
    """Whether it says nothing about the settings: no way there, or Discord is in trouble."""
    if isinstance(error, discord.HTTPException | aiohttp.ClientResponseError):
        return error.status >= 500 or error.status == 429
    return isinstance(error, _NO_WAY)


@asynccontextmanager
async def _open_connection(
    settings: Settings,
    store: Persistence,
    moderation: Moderation,
    replies: Replies,
    role: Role,
    shards: Shards | None,
) -> AsyncIterator[Connection]:
    """Everything that speaks to Discord by one client; closed before the client is."""
    places = InstallContext(guilds=settings.guilds, user_install=settings.user_install)
    client = FlipbookClient(
        clock=store.clock,
        places=places,
        acknowledgements=replies.acknowledgements,
        commands_file=settings.data_dir / registered.FILE,
        api_url=settings.discord_api_url,
        shards=shards,
        syncs=role.connects and (shards is None or shards.has_first),
        take_turn=store.turns.take if store.turns else None,
        proxy=settings.outbound().proxy_for(settings.discord_api_url),
    )
    tokens = InteractionTokens(clock=store.clock)
    channels = Channels(client=client, tokens=tokens)
    operator = OperatorMessages(client=client, channels=channels)
    log_channel = LogChannel(
        client=client, moderation=moderation, tell_operator=operator.tell, clock=store.clock
    )
    messenger = DiscordMessenger(
        client=client,
        channels=channels,
        tasks=store.tasks,
        images=store.images,
        tokens=tokens,
        operator=operator,
        log_channel=log_channel,
        models=store.models,
        clock=store.clock,
        is_busy=client.rate_limiter.is_busy,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(client.close)
        stack.push_async_callback(log_channel.aclose)
        stack.push_async_callback(messenger.aclose)
        yield Connection(
            client=client,
            places=places,
            tokens=tokens,
            log_channel=log_channel,
            messenger=messenger,
        )


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
        allowances=pipeline.allowances,
        moderation=moderation,
        log_channel=connection.log_channel,
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
        privacy=Privacy(
            stored=store.privacy,
            frames=store.images,
            videos=settings.data_dir / "videos",
            shared=store.shared,
        ),
        prices=settings.prices(),
        picture_origins=CDN_ORIGINS | {origin(settings.discord_api_url)},
        keep_images_days=settings.keep_images_days,
    )


async def _counted(metrics: Metrics, settings: Settings, store: Persistence) -> bytes:
    """
    Raises:
        StorageError: the database cannot be read now.
    """
    now = store.clock.now()
    oldest = await store.tasks.oldest(State.QUEUED)
    use = await store.tasks.use(0, None, _limits(settings))
    unclear = await store.tasks.unclear()
    stock = Stock(
        states=await store.tasks.counts(),
        oldest_queued_seconds=(now - (oldest or now)).total_seconds(),
        spent=use.operator.counted,
        budget=settings.budget_usd_month,
        unclear_held=unclear.held,
        unclear_oldest_seconds=(now - (unclear.since or now)).total_seconds(),
    )
    return metrics.show(stock)


def _health(
    settings: Settings,
    port: int,
    client: FlipbookClient,
    pipeline: Pipeline,
    role: Role,
    store: Persistence,
    counted: Callable[[], Awaitable[bytes]],
) -> AbstractAsyncContextManager[int]:
    async def ready() -> dict[str, bool]:
        return {
            **({"discord": client.is_connected} if role.connects else {}),
            **({"worker": pipeline.worker.is_alive} if role.works else {}),
            "database": await _is_quick(store.is_writable()),
        }

    return open_health(
        host=settings.health_host,
        port=port,
        metrics=counted,
        ready=ready,
    )


async def _is_quick(answer: Awaitable[bool]) -> bool:
    """Yes, and before whoever asks has gone away."""
    try:
        async with asyncio.timeout(_READY_SECONDS):
            return await answer
    except TimeoutError:
        return False


def _limits(settings: Settings) -> Limits:
    return Limits(
        videos=settings.quota_videos,
        window=settings.quota_window,
        concurrent=settings.quota_concurrent,
        person_day=settings.max_videos_user_day,
        guild_month=settings.budget_usd_server_month,
        operator_month=settings.budget_usd_month,
    )


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()
