"""Tells those who decide about reports, and carries decisions out.

Both are written down first, so that any process finishes what another one began.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import discord

from bot.clock import Clock
from bot.concurrency import BackgroundTasks
from bot.domain.report import Removal, Report
from bot.domain.task import OPEN_STATES, Place, State, Task
from bot.errors import (
    DeliveryError,
    DeliveryRefused,
    DeliveryUnclear,
    NotFound,
    StaleTask,
    StorageError,
)
from bot.services.moderation import Moderation
from bot.storage.files.images import ImageStore
from bot.storage.files.object_store import VIDEOS_PREFIX, SharedFiles
from bot.storage.guilds.removals import RemovalStore
from bot.storage.guilds.reports import ReportStore
from bot.storage.maintenance.privacy import NO_FRAME
from bot.storage.tasks.tasks import TaskStore
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.moderation.hidden_videos import HiddenVideos
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, judged
from bot.ui.results import cards
from bot.ui.results.report_cards import report_card
from bot.ui.texts.catalogues import ENGLISH, speaking_in
from bot.ui.texts.moderation import reports as texts

log = logging.getLogger(__name__)

# Seconds between two checks for work that other processes, or an earlier start, have left.
EVERY = 5.0
_AT_ONCE = 50
_LAST = 2.0


class ReportBoard:
    """Posts cards about reports, and carries out removals."""

    def __init__(
        self,
        *,
        client: discord.Client,
        channels: Channels,
        reports: ReportStore,
        removals: RemovalStore,
        tasks: TaskStore,
        hidden: HiddenVideos,
        images: ImageStore,
        videos: Path,
        shared: SharedFiles | None,
        moderation: Moderation,
        tell_operator: Callable[[str], Awaitable[None]],
        clock: Clock,
    ) -> None:
        """``videos``: the folder of videos that were not delivered."""
        self._client = client
        self._channels = channels
        self._reports = reports
        self._removals = removals
        self._tasks = tasks
        self.hidden = hidden
        self._images = images
        self._videos = videos
        self._shared = shared
        self._moderation = moderation
        self._tell_operator = tell_operator
        self._clock = clock
        self._turn = asyncio.Lock()
        self._background = BackgroundTasks()

    async def aclose(self) -> None:
        """Finish the work in progress. Call this before the client is closed."""
        await self._background.wait(_LAST)
        await self._background.cancel()

    def soon(self) -> None:
        """Start the work that is due, in the background."""
        self._background.start(self._try())

    async def run(self) -> None:
        """Do the work that is due, until canceled."""
        while True:
            await self._try()
            await self._clock.sleep(EVERY)

    async def _try(self) -> None:
        async with self._turn:
            if not self._client.is_ready() and self._client.user is None:
                return
            await self._guarded("reports", self._once())

    async def _once(self) -> None:
        for report in await self._reports.to_hide(limit=_AT_ONCE):
            await self._guarded(f"report {report.id}", self._hide_or_show(report))
        for report in await self._reports.untold(limit=_AT_ONCE):
            await self._guarded(f"report {report.id}", self._tell(report))
        for removal in await self._removals.pending(limit=_AT_ONCE):
            await self._guarded(f"removal of {removal.task_id}", self._carry_out(removal))

    async def _guarded(self, what: str, work: Awaitable[None]) -> None:
        """Log an error; what is left is tried again, and nothing else waits for it."""
        try:
            await work
        except (StorageError, OSError) as error:
            log.warning("%s: tried again in %.0f s: %s", what, EVERY, error)
        except Exception as error:
            log.error("%s: tried again in %.0f s", what, EVERY, exc_info=error)

    # --- hiding ---------------------------------------------------------------------------

    async def _hide_or_show(self, report: Report) -> None:
        hides = report.verdict is None
        try:
            await (self.hidden.hide(report) if hides else self.hidden.show(report))
        except DeliveryUnclear as error:
            log.info("report %s: video neither hidden nor shown yet: %s", report.id, error)
            return
        except DeliveryError as error:
            log.warning("report %s: the video's message stays as it is: %s", report.id, error)
        await self._reports.hidden(report)

    # --- telling --------------------------------------------------------------------------

    async def _tell(self, report: Report) -> None:
        together = await self._reports.together(report)
        try:
            channel_id, message_id = await self._update(report, together)
        except DeliveryUnclear as error:
            log.info("report %s: not told yet: %s", report.id, error)
            return
        except DeliveryError as error:
            log.warning("report %s: log channel: %s", report.id, error)
            if report.verdict is None:
                await self._to_operator(report, "I can't write in the server's log channel")
            channel_id = message_id = None
        await self._reports.told(report, channel_id=channel_id, message_id=message_id)

    async def _update(
        self, report: Report, together: Sequence[Report]
    ) -> tuple[int | None, int | None]:
        """Bring the card up to date; without one, or if somebody deleted it, post it."""
        card = next((one for one in together if one.card_message_id is not None), None)
        if card is not None:
            try:
                await self._edit(card, together)
            except DeliveryRefused:
                if report.verdict is not None:
                    raise
            else:
                return card.card_channel_id, card.card_message_id
        return await self._post(report, together)

    async def _post(
        self, report: Report, together: Sequence[Report]
    ) -> tuple[int | None, int | None]:
        """Post the card; without a log channel, tell the operator once for each video."""
        if report.guild_id is None:
            await self._without_channel(report, together, "it was made outside of servers")
            return None, None
        settings = await self._moderation.settings(report.guild_id)
        if settings.log_channel_id is None:
            await self._without_channel(report, together, "the server has no log channel")
            return None, None
        channel = self._channels.of(settings.log_channel_id, report.guild_id)
        with speaking_in(settings.language or self._own_language(report.guild_id)):
            card = report_card(together)
        try:
            # If two processes post it, Discord takes one of the messages.
            message = await channel.send(view=card, nonce=f"report-{report.id}"[:25])
        except REQUEST_ERRORS as error:
            raise judged(error) from error
        return message.channel.id, message.id

    async def _without_channel(self, report: Report, together: Sequence[Report], why: str) -> None:
        if together[0].id == report.id:
            await self._to_operator(report, why)

    async def _edit(self, card: Report, together: Sequence[Report]) -> None:
        guild_id = card.guild_id or 0
        language = (await self._moderation.settings(guild_id)).language
        with speaking_in(language or self._own_language(guild_id)):
            page = report_card(together)
        channel = self._channels.of(card.card_channel_id or 0, guild_id)
        message = channel.get_partial_message(card.card_message_id or 0)
        try:
            await message.edit(view=page, allowed_mentions=discord.AllowedMentions.none())
        except REQUEST_ERRORS as error:
            raise judged(error) from error

    async def _to_operator(self, report: Report, why: str) -> None:
        with speaking_in(ENGLISH):
            words = texts.to_operator(report, why=why)
        await self._tell_operator(words)

    def _own_language(self, guild_id: int) -> str:
        guild = self._client.get_guild(guild_id)
        return ENGLISH if guild is None else str(guild.preferred_locale)

    # --- removing -------------------------------------------------------------------------

    async def _carry_out(self, removal: Removal) -> None:
        task = await self._tasks.get(removal.task_id)
        if task is not None and task.state in OPEN_STATES:
            await self._stop(task)
            return
        try:
            await self._delete(removal, task)
        except DeliveryUnclear as error:
            log.info("task %s: not removed yet: %s", removal.task_id, error)
            return
        except DeliveryError as error:
            log.warning("task %s: its message cannot be deleted: %s", removal.task_id, error)
            await self._tell_operator(
                f"the message of the removed video {removal.task_id} cannot be deleted: {error}."
            )
        await self._forget_files(removal)
        await self._removals.done(removal.task_id)
        log.info("task %s: removed", removal.task_id, extra={"task": removal.task_id})

    async def _stop(self, task: Task) -> None:
        """Cancel a task that was not sent yet; any other one is withheld when it is done."""
        if task.state is not State.QUEUED:
            return
        try:
            await self._tasks.cancel(task.id, task.person.id)
        except (NotFound, StaleTask) as error:
            log.info("task %s: not canceled: %s", task.id, error)

    async def _delete(self, removal: Removal, task: Task | None) -> None:
        """
        Raises:
            DeliveryError: the message is still there.
        """
        found = {(removal.channel_id, removal.message_id)}
        if task is not None:
            found.add((task.result_channel_id, task.result_message_id))
        try:
            for channel_id, message_id in found:
                if channel_id is not None and message_id is not None:
                    await self._channels.delete(Place(channel_id=channel_id, message_id=message_id))
            if task is not None and task.result_message_id is None and removal.message_id is None:
                await self._say_withheld(task)
        except REQUEST_ERRORS as error:
            raise judged(error) from error

    async def _say_withheld(self, task: Task) -> None:
        """Say in the command's own message why there is no video."""
        if task.place.message_id is None:
            return
        with speaking_in(task.place.locale):
            card = cards.notice(texts.withheld())
        try:
            await self._channels.edit(task.place, card)
        except discord.NotFound:
            return

    async def _forget_files(self, removal: Removal) -> None:
        """Delete the first frame, unless a video elsewhere needs it, and the video."""
        if removal.digest != NO_FRAME and not await self._removals.is_frame_used(removal):
            await self._images.remove(removal.digest)
        path = self._videos / f"{removal.task_id}.mp4"
        await asyncio.to_thread(path.unlink, missing_ok=True)
        if self._shared is not None:
            await self._shared.remove(f"{VIDEOS_PREFIX}{removal.task_id}.mp4")
