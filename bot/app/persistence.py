"""Opens persistent storage: the database and the file stores."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bot.clock import Clock, SystemClock
from bot.domain.models.model import Models
from bot.settings.settings import Settings
from bot.storage.engine.database import Database, open_database
from bot.storage.engine.gateways import GatewayTable, SecondCopyTable
from bot.storage.engine.notifications import IdentifyTurns
from bot.storage.engine.postgres import is_postgres
from bot.storage.files.images import ImageStore
from bot.storage.files.object_store import SharedFiles, open_shared_files
from bot.storage.guilds.blocks import BlockTable
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.guilds.removals import RemovalStore
from bot.storage.guilds.reports import ReportStore
from bot.storage.maintenance.privacy import PrivacyTable
from bot.storage.maintenance.retention import OldTasks
from bot.storage.people.picture_choices import PictureChoiceTable
from bot.storage.people.picture_questions import PictureQuestionTable
from bot.storage.provider.durations import DurationTable
from bot.storage.provider.pause import PauseTable
from bot.storage.provider.request_forms import RequestFormTable
from bot.storage.provider.status import ProviderStatusTable
from bot.storage.tasks.menu_forms import MenuFormTable
from bot.storage.tasks.statistics import StatisticsTable
from bot.storage.tasks.tasks import TaskStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """Open handles to persistent storage."""

    tasks: TaskStore
    moderation: ModerationStore
    reports: ReportStore
    removals: RemovalStore
    blocks: BlockTable
    old_tasks: OldTasks
    images: ImageStore
    shared: SharedFiles | None
    """``None`` without `FILE_STORE`."""
    models: Models
    clock: Clock
    is_writable: Callable[[], Awaitable[bool]]
    durations: DurationTable
    privacy: PrivacyTable
    picture_choices: PictureChoiceTable
    picture_questions: PictureQuestionTable
    statistics: StatisticsTable
    pause: PauseTable
    status_store: Callable[[str], ProviderStatusTable | None]
    """What processes share about the provider of a name; ``None`` with SQLite, where no other
    process uses it."""
    request_forms: RequestFormTable
    menu_forms: MenuFormTable
    turns: IdentifyTurns | None
    """``None`` with SQLite, where no other process logs in to Discord."""
    gateways: GatewayTable | None
    """``None`` with SQLite, likewise."""
    second_copies: SecondCopyTable


def _status_store(database: Database, provider: str) -> ProviderStatusTable:
    return ProviderStatusTable(database, provider=provider)


def _no_status_store(provider: str) -> None:
    return None


@asynccontextmanager
async def open_persistence(settings: Settings, *, exclusive: bool) -> AsyncIterator[Persistence]:
    """Open the database, migrated, and the file stores.

    Args:
        exclusive: take the lock that every `flipbook run` needs.

    Raises:
        StorageError: the database cannot be used, and why.
    """
    clock = SystemClock()
    shared = open_shared_files(settings.file_store) if settings.file_store else None
    is_shared = is_postgres(settings.database_url)
    async with open_database(settings.database_url, exclusive=exclusive) as database:
        yield Persistence(
            tasks=TaskStore(database, clock=clock),
            moderation=ModerationStore(database, clock=clock),
            reports=ReportStore(database, clock=clock),
            removals=RemovalStore(database, clock=clock),
            blocks=BlockTable(database, clock=clock),
            old_tasks=OldTasks(database),
            images=ImageStore(settings.data_dir / "images", shared=shared),
            shared=shared,
            models=settings.offered_models(),
            clock=clock,
            is_writable=database.is_writable,
            durations=DurationTable(database),
            privacy=PrivacyTable(database, clock=clock),
            picture_choices=PictureChoiceTable(database),
            picture_questions=PictureQuestionTable(database, clock=clock),
            statistics=StatisticsTable(database),
            pause=PauseTable(database, clock=clock),
            status_store=partial(_status_store, database) if is_shared else _no_status_store,
            request_forms=RequestFormTable(database),
            menu_forms=MenuFormTable(database, clock=clock),
            turns=IdentifyTurns(database) if is_shared else None,
            gateways=GatewayTable(database, clock=clock) if is_shared else None,
            second_copies=SecondCopyTable(database, clock=clock),
        )
