"""Builds the Discord client, and everything that sends messages with it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.app.persistence import Persistence
from bot.client import FlipbookClient
from bot.roles import Role, Shards
from bot.services.moderation import Moderation
from bot.settings.settings import Settings
from bot.ui import registered
from bot.ui.access.install_context import InstallContext
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.messenger import DiscordMessenger
from bot.ui.delivery.moderation.hidden_videos import HiddenVideos
from bot.ui.delivery.moderation.log_channel import LogChannel
from bot.ui.delivery.moderation.report_board import ReportBoard
from bot.ui.delivery.operator_messages import OperatorMessages
from bot.ui.delivery.requests.interaction_tokens import InteractionTokens
from bot.ui.submission.replies import Replies


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The Discord client, and everything that sends messages with it."""

    client: FlipbookClient
    places: InstallContext
    tokens: InteractionTokens
    log_channel: LogChannel
    report_board: ReportBoard
    messenger: DiscordMessenger


@asynccontextmanager
async def open_connection(
    settings: Settings,
    store: Persistence,
    moderation: Moderation,
    replies: Replies,
    role: Role,
    shards: Shards | None,
) -> AsyncIterator[Connection]:
    """Build everything that sends messages to Discord; it is closed before its client."""
    places = InstallContext(guilds=settings.guilds, user_install=settings.user_install)
    client = FlipbookClient(
        clock=store.clock,
        places=places,
        acknowledgements=replies.acknowledgements,
        commands_file=settings.data_dir / registered.FILE,
        shards=shards,
        syncs=role.connects and (shards is None or shards.has_first),
        take_turn=store.turns.take if store.turns else None,
        proxy=settings.outbound().proxy_for(settings.discord_api_url),
    )
    tokens = InteractionTokens(clock=store.clock)
    channels = Channels(client=client, tokens=tokens)
    operator = OperatorMessages(client=client, channels=channels)
    log_channel = LogChannel(
        client=client,
        moderation=moderation,
        tell_operator=operator.tell,
        clock=store.clock,
        models=store.models,
    )
    report_board = _report_board(settings, store, moderation, client, channels, operator)
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
        stack.push_async_callback(report_board.aclose)
        stack.push_async_callback(messenger.aclose)
        yield Connection(
            client=client,
            places=places,
            tokens=tokens,
            log_channel=log_channel,
            report_board=report_board,
            messenger=messenger,
        )


def _report_board(
    settings: Settings,
    store: Persistence,
    moderation: Moderation,
    client: FlipbookClient,
    channels: Channels,
    operator: OperatorMessages,
) -> ReportBoard:
    return ReportBoard(
        client=client,
        channels=channels,
        reports=store.reports,
        removals=store.removals,
        tasks=store.tasks,
        hidden=HiddenVideos(channels=channels, tasks=store.tasks, models=store.models),
        images=store.images,
        videos=settings.data_dir / "videos",
        shared=store.shared,
        moderation=moderation,
        tell_operator=operator.tell,
        clock=store.clock,
    )
