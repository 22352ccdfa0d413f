"""The real client on a local Discord, with an intake and a store that tests can inspect."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import aiohttp
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import FlipbookClient
from bot.clock import SystemClock
from bot.discord_api import point_at
from bot.domain.consent import PictureChoice
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import WAN22_I2V_FLASH, Model, Models, VideoKind
from bot.domain.models.model_rules import ModelRules
from bot.domain.money import Usd
from bot.domain.operator_info import OperatorInfo
from bot.domain.quotas.limits import Rules
from bot.domain.quotas.quota import Limits, Usage
from bot.domain.report import Report
from bot.domain.submission import Submission
from bot.domain.task import EntryPoint, FoundPicture, Frame, Person, Place, State, Task
from bot.services.allowances import Allowances
from bot.services.cancellation import Cancellations
from bot.services.intake import intake
from bot.services.intake.picture_consent import PictureConsent
from bot.services.metrics_sink import MetricsSink
from bot.services.moderation import Moderation
from bot.services.privacy.privacy import Privacy
from bot.storage.engine.database import Database
from bot.storage.engine.gateways import SecondCopyTable
from bot.storage.files.images import ImageStore
from bot.storage.guilds.blocks import BlockTable
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.guilds.removals import RemovalStore
from bot.storage.guilds.reports import ReportStore
from bot.storage.people.picture_choices import PictureChoiceTable
from bot.storage.tasks.menu_forms import MenuFormTable
from bot.storage.tasks.tasks import TaskStore
from bot.ui.access.install_context import InstallContext
from bot.ui.app_context import AppContext
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.messenger import DiscordMessenger
from bot.ui.delivery.moderation.hidden_videos import HiddenVideos
from bot.ui.delivery.moderation.log_channel import LogChannel
from bot.ui.delivery.moderation.report_board import ReportBoard
from bot.ui.delivery.operator_messages import OperatorMessages
from bot.ui.delivery.requests.interaction_tokens import InteractionTokens
from bot.ui.submission.acknowledgements import Acknowledgements
from bot.ui.submission.attachments import CDN_ORIGINS, origin
from bot.ui.submission.replies import Replies
from sandbox.discord import LocalDiscord
from tests.factories import make_frame, make_limits, make_prices, make_request, make_task

ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(2000)


class SkippingClock(SystemClock):
    """The machine's clock, which a test may move forward."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.skipped)

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped

    def skip(self, **units: float) -> None:
        self.skipped += timedelta(**units).total_seconds()


class Unset:
    """A server whose moderators have set nothing."""

    async def settings(self, guild_id: int) -> GuildSettings:
        return GuildSettings()

    async def model_rules(self, guild_id: int, role_ids: frozenset[int]) -> ModelRules:
        return ModelRules()


class Store(TaskStore):
    """Tasks by id, and the usage that `/quota` shows."""

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.used = Usage()
        self.moderated: TaskStore | None = None
        """Where the moderators' limits are, for tests that set some."""
        self.looked_again: set[str] = set()
        """Tasks whose message may have been edited after their end."""

    async def moment(self, task_id: str) -> tuple[State, int] | None:
        task = self.tasks.get(task_id)
        return None if task is None else (task.state, task.epoch)

    async def look_again(self, task_id: str, after: timedelta) -> None:
        self.looked_again.add(task_id)

    async def get(self, task_id: str) -> Task | None:
        return self.tasks.get(task_id)

    async def of_result(self, message_id: int) -> Task | None:
        found = (task for task in self.tasks.values() if task.result_message_id == message_id)
        return next(found, None)

    async def check_none_on_its_way(
        self, parent_id: str, person_id: int, entry_point: EntryPoint
    ) -> None:
        return None

    async def taken_away(self, task_id: str) -> None:
        gone = replace(self.tasks[task_id], result_channel_id=None, result_message_id=None)
        self.tasks[task_id] = gone

    async def pending_notices(self, person_id: int) -> Sequence[Task]:
        theirs = (one for one in self.tasks.values() if one.person.id == person_id)
        return [one for one in theirs if one.notice_pending]

    async def clear_pending_notices(self, person_id: int) -> None:
        for task in await self.pending_notices(person_id):
            self.tasks[task.id] = replace(task, notice_pending=False)

    async def rules(self, guild_id: int, person: Person) -> Rules:
        return await self.moderated.rules(guild_id, person) if self.moderated else Rules()

    async def use(self, person_id: int, guild_id: int | None, limits: Limits) -> Usage:
        return self.used

    async def all_charges(self) -> Mapping[VideoKind, Sequence[Usd]]:
        return {}

    async def charges(self, kind: VideoKind, bounds: tuple[Usd, Usd]) -> Sequence[Usd]:
        return ()


class MenuForms(MenuFormTable):
    """Pictures that menus found; the store may outlive a bot."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], Sequence[FoundPicture]] = {}

    async def keep(self, message_id: int, person_id: int, pictures: Sequence[FoundPicture]) -> None:
        self.kept[message_id, person_id] = pictures

    async def find(self, message_id: int, person_id: int) -> Sequence[FoundPicture] | None:
        return self.kept.get((message_id, person_id))


class PictureChoices(PictureChoiceTable):
    """The people who let nobody use their pictures."""

    def __init__(self) -> None:
        self.refusing: set[int] = set()

    async def choose(self, person_id: int, choice: PictureChoice) -> None:
        change = self.refusing.add if choice is PictureChoice.NOBODY else self.refusing.discard
        change(person_id)

    async def refuses(self, people: Collection[int]) -> bool:
        return not self.refusing.isdisjoint(people)


class NoReports:
    """Nobody has reported anything."""

    async def is_hidden(self, task_id: str) -> bool:
        return False

    async def unread_verdicts(self, person_id: int) -> Sequence[Report]:
        return ()


class SecondCopies(SecondCopyTable):
    """Counts how often another copy of the bot was noticed."""

    def __init__(self) -> None:
        self.noted = 0

    async def note(self) -> None:
        self.noted += 1


class Intake(intake.Intake):
    """An intake that reads the picture and makes a queued task, like the real one."""

    def __init__(self, store: Store, consent: PictureConsent) -> None:
        self.store = store
        self.consent = consent
        self.submissions: list[Submission] = []
        self.pictures: list[bytes] = []
        self.owner: str | None = "run-test"
        """The owner of new tasks; ``None``: another process will work on them."""
        self.error: Exception | None = None
        self.early: Exception | None = None
        self.closed_models: set[str] = set()
        """The models for which the provider takes no work."""

    async def open_models(self, models: Sequence[Model]) -> Sequence[Model]:
        return [one for one in models if one.id not in self.closed_models]

    async def check(self, submission: Submission) -> None:
        if self.early:
            raise self.early
        await self.consent.check(submission)

    async def accept(self, submission: Submission) -> Task:
        await self.consent.check(submission)
        self.submissions.append(submission)
        picture = submission.picture
        if not isinstance(picture, Frame):
            self.pictures.append(b"".join([chunk async for chunk in picture.read()]))
        if self.error:
            raise self.error
        task = make_task(
            id=f"task{len(self.submissions):04}",
            person=submission.person,
            place=submission.place,
            request=make_request(
                model=submission.model or WAN22_I2V_FLASH.id,
                options=submission.options,
                **({"frame": picture} if isinstance(picture, Frame) else {}),
            ),
            entry_point=submission.entry_point,
            owner=self.owner,
            parent_id=submission.parent_id,
            source=submission.source,
            picture_owner_id=submission.picture_owner_id,
            estimate=Usd.parse("0.21"),
            created_at=SystemClock().now(),
        )
        self.store.tasks[task.id] = task
        return task


class Images(ImageStore):
    """First frames in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def remove(self, digest: str) -> None:
        (self.folder / digest).unlink(missing_ok=True)

    async def find(self, digest: str) -> Path | None:
        path = self.folder / digest
        return path if path.exists() else None


@dataclass
class Bot:
    """A connected bot and its parts."""

    local: LocalDiscord
    client: FlipbookClient
    messenger: DiscordMessenger
    tokens: InteractionTokens
    intake: Intake
    store: Store
    folder: Path
    clock: SkippingClock
    menu_forms: MenuForms
    choices: PictureChoices

    async def answered(self) -> None:
        """Wait until Discord has answered every earlier request.

        If the clock skips time before that, the request seems to have taken that long.
        """
        await self.client.application_info()

    def video(self, size: int = 2000) -> Path:
        """Write a file that looks like a video."""
        path = self.folder / "video.mp4"
        path.write_bytes(MP4[:12] + bytes(size))
        return path

    def frame(self, content: bytes = b"frame") -> Any:
        """Store a first frame."""
        frame = make_frame(content)
        (self.folder / frame.digest).write_bytes(content)
        return frame

    async def rendered(self, task_id: str = "task0001", **changes: Any) -> Task:
        """Change a task as the worker does when the video is done."""
        task = self.store.tasks[task_id]
        done = replace(
            task,
            state=State.RENDERED,
            rendered_at=task.created_at + timedelta(seconds=72),
            cost=Usd.parse("0.25"),
            video_url="https://example.com/video.mp4",
        )
        self.store.tasks[task_id] = changed = replace(done, **changes)
        return changed

    def becomes(self, task: Task, **changes: Any) -> Task:
        """Change a task, in the store as well."""
        self.store.tasks[task.id] = changed = replace(task, **changes)
        return changed

    def task_of(self, message: Any, **changes: Any) -> Task:
        """Return a rendered task whose own message is this one."""
        place = Place(
            guild_id=message.guild_id, channel_id=message.channel_id, message_id=message.id
        )
        task = make_task(
            place=place, **({"state": State.RENDERED, "rendered_at": SystemClock().now()} | changes)
        )
        self.store.tasks[task.id] = task
        return task


@asynccontextmanager
async def connected_bot(
    folder: Path,
    *,
    places: InstallContext | None = None,
    clock: SkippingClock | None = None,
    commands_file: Path | None = None,
    local: LocalDiscord | None = None,
    rules: ModerationStore | None = None,
    menu_forms: MenuForms | None = None,
    database: Database | None = None,
    **context: Any,
) -> AsyncIterator[Bot]:
    """Run a bot that has registered its commands and is connected to the gateway.

    ``context`` replaces parts of its `AppContext`.
    """
    clock = clock or SkippingClock()
    async with AsyncExitStack() as stack:
        if local is None:
            local = await stack.enter_async_context(LocalDiscord(clock=clock))
        forms = menu_forms or MenuForms()
        bot = _connected(
            local,
            folder,
            places or InstallContext(),
            clock,
            commands_file,
            rules,
            forms,
            context,
            database,
        )
        yield await stack.enter_async_context(bot)


@asynccontextmanager
async def _connected(
    local: LocalDiscord,
    folder: Path,
    places: InstallContext,
    clock: SkippingClock,
    commands_file: Path | None,
    rules: ModerationStore | None,
    menu_forms: MenuForms,
    changes: Mapping[str, Any],
    database: Database | None,
) -> AsyncIterator[Bot]:
    # discord.py keeps addresses in class attributes, which must be restored after the test.
    with (
        patch.object(Route, "BASE", Route.BASE),
        patch.object(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY),
    ):
        async with aiohttp.ClientSession() as http:
            await point_at(local.api_url, token=local.token, http=http)
            bot = _build(
                local,
                folder,
                places,
                clock,
                commands_file,
                http,
                rules,
                menu_forms,
                changes,
                database,
            )
            running = asyncio.create_task(bot.client.start(local.token))
            try:
                await asyncio.wait_for(_up(local, running), 40)
                yield bot
            finally:
                await bot.messenger.aclose()
                await bot.client.context.report_board.aclose()
                await bot.client.context.log_channel.aclose()
                await bot.client.close()
                await asyncio.gather(running, return_exceptions=True)


async def _up(local: LocalDiscord, running: asyncio.Task[None]) -> None:
    up = asyncio.create_task(local.ready(30))
    await asyncio.wait({up, running}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        up.cancel()
        running.result()
    await up


def messenger_of(
    client: FlipbookClient,
    *,
    store: Store,
    folder: Path,
    clock: SkippingClock,
    tokens: InteractionTokens,
    log_channel: LogChannel,
    models: Models | None = None,
) -> DiscordMessenger:
    """Return a messenger that uses this client."""
    channels = Channels(client=client, tokens=tokens)
    return DiscordMessenger(
        client=client,
        channels=channels,
        tasks=store,
        images=Images(folder),
        tokens=tokens,
        operator=OperatorMessages(client=client, channels=channels),
        log_channel=log_channel,
        models=models or Models(default=WAN22_I2V_FLASH),
        clock=clock,
        is_busy=client.rate_limiter.is_busy,
    )


def _build(
    local: LocalDiscord,
    folder: Path,
    places: InstallContext,
    clock: SkippingClock,
    commands_file: Path | None,
    http: aiohttp.ClientSession,
    rules: ModerationStore | None,
    menu_forms: MenuForms,
    changes: Mapping[str, Any],
    database: Database | None,
) -> Bot:
    models: Models = changes.get("models") or Models(default=WAN22_I2V_FLASH)
    store = Store()
    choices = PictureChoices()
    consent = PictureConsent(choices=choices, rules=rules or cast("Any", Unset()))
    intake = Intake(store, consent)
    prices = make_prices(*models.offered)
    allowances = Allowances(tasks=store, default=make_limits(), prices=prices)
    moderation = Moderation(
        store=rules or cast("Any", Unset()), allowances=allowances, models=models
    )
    replies = Replies(acknowledgements=Acknowledgements(second_copies=SecondCopies()))
    client = FlipbookClient(
        clock=clock,
        places=places,
        acknowledgements=replies.acknowledgements,
        commands_file=commands_file,
    )
    tokens = InteractionTokens(clock=clock)
    operator = OperatorMessages(client=client, channels=Channels(client=client, tokens=tokens))
    log_channel = LogChannel(
        client=client,
        moderation=moderation,
        tell_operator=operator.tell,
        clock=clock,
        models=models,
    )
    messenger = messenger_of(
        client,
        store=store,
        folder=folder,
        clock=clock,
        tokens=tokens,
        log_channel=log_channel,
        models=models,
    )
    nothing = cast("Any", None)
    privacy = Privacy(stored=nothing, choices=choices, frames=nothing, videos=folder, shared=None)
    reports = ReportStore(database, clock=clock) if database else cast("ReportStore", NoReports())
    removals = RemovalStore(database, clock=clock) if database else cast("Any", None)
    channels = Channels(client=client, tokens=tokens)
    report_board = ReportBoard(
        client=client,
        channels=channels,
        reports=reports,
        removals=removals,
        tasks=store,
        hidden=HiddenVideos(channels=channels, tasks=store, models=models),
        images=Images(folder),
        videos=folder,
        shared=None,
        moderation=moderation,
        tell_operator=operator.tell,
        clock=clock,
    )
    context = AppContext(
        reports=reports,
        removals=removals,
        blocks=BlockTable(database, clock=clock) if database else cast("Any", None),
        report_board=report_board,
        metrics=MetricsSink(),
        wake=lambda: None,
        privacy=privacy,
        statistics=cast("Any", None),
        menu_forms=menu_forms,
        log_channel=log_channel,
        intake=intake,
        cancellations=Cancellations(tasks=store, models=models, provider_of=lambda _: nothing),
        consent=consent,
        picture_questions=cast("Any", None),
        allowances=allowances,
        moderation=moderation,
        tasks=store,
        messenger=messenger,
        tokens=tokens,
        places=places,
        replies=replies,
        models=models,
        clock=clock,
        http=http,
        prices=prices,
        picture_origins=CDN_ORIGINS | {origin(local.cdn_url)},
        keep_images_days=30,
        operator=OperatorInfo(provider="Vtrix"),
    )
    client.serve(replace(context, **changes))
    return Bot(local, client, messenger, tokens, intake, store, folder, clock, menu_forms, choices)


def is_at_work(owner: str) -> bool:
    """Return whether a background task runs a method of the class with this name."""
    running = (one.get_coro() for one in asyncio.all_tasks())
    return any(getattr(one, "__qualname__", "").startswith(f"{owner}.") for one in running)


async def until(wanted: Any, what: str = "it", within: float = 30.0) -> Any:
    """Poll until ``wanted()`` is true."""
    deadline = asyncio.get_running_loop().time() + within
    while not (seen := wanted()):
        assert asyncio.get_running_loop().time() < deadline, f"{what} did not happen"
        await asyncio.sleep(0.01)
    return seen
