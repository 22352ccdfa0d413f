"""The services that commands and buttons use; built in ``bot.app``, carried by the client."""

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from bot.clock import Clock
from bot.domain.models.model import Models
from bot.domain.models.prices import PriceList
from bot.domain.operator_info import OperatorInfo
from bot.services.allowances import Allowances
from bot.services.cancellation import Cancellations
from bot.services.intake.intake import Intake
from bot.services.intake.picture_consent import PictureConsent
from bot.services.metrics_sink import MetricsSink
from bot.services.moderation import Moderation
from bot.services.ports import Messenger
from bot.services.privacy.privacy import Privacy
from bot.storage.guilds.blocks import BlockTable
from bot.storage.guilds.removals import RemovalStore
from bot.storage.guilds.reports import ReportStore
from bot.storage.people.picture_questions import PictureQuestionTable
from bot.storage.tasks.menu_forms import MenuFormTable
from bot.storage.tasks.statistics import StatisticsTable
from bot.storage.tasks.tasks import TaskStore
from bot.ui.access.install_context import InstallContext
from bot.ui.delivery.moderation.log_channel import LogChannel
from bot.ui.delivery.moderation.report_board import ReportBoard
from bot.ui.delivery.requests.interaction_tokens import InteractionTokens
from bot.ui.submission.replies import Replies


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """The services of a running bot."""

    intake: Intake
    cancellations: Cancellations
    consent: PictureConsent
    picture_questions: PictureQuestionTable
    allowances: Allowances
    moderation: Moderation
    """What moderators see and change. It does not check that its caller acts for a moderator."""
    reports: ReportStore
    removals: RemovalStore
    blocks: BlockTable
    report_board: ReportBoard
    """Tells those who decide about reports, and removes videos."""
    tasks: TaskStore
    messenger: Messenger
    tokens: InteractionTokens
    places: InstallContext
    replies: Replies
    models: Models
    clock: Clock
    http: aiohttp.ClientSession
    """For reading attachments."""
    metrics: MetricsSink
    log_channel: LogChannel
    """Writes to the log channels of servers."""
    privacy: Privacy
    statistics: StatisticsTable
    menu_forms: MenuFormTable
    wake: Callable[[], None]
    """Tells this process's worker, if there is one, that there is work."""
    prices: PriceList
    picture_origins: frozenset[str]
    """Origins to read attachments from, such as ``https://cdn.discordapp.com``."""
    keep_images_days: int
    operator: OperatorInfo
    """What `/help` says about who gets people's data."""
    watermark_always: bool = False
    """The operator wants a watermark on every video."""
    age_restricted: bool = False
    """The commands that make videos are for adults only."""
