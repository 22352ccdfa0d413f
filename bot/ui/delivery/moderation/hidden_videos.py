"""Hides a reported video until the decision, and shows it again.

The message's components are replaced by words, and its file stays: Discord shows no file that no
component names (developers/components/reference.mdx). Whether a message is hidden is
read from the message itself, so both can be repeated after a kill.
"""

import discord

from bot.domain.models.model import Models
from bot.domain.report import Report
from bot.domain.task import Place, Task
from bot.storage.tasks.tasks import TaskStore
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, judged
from bot.ui.results import cards
from bot.ui.texts import cards as card_texts
from bot.ui.texts.catalogues import speaking_in
from bot.ui.texts.moderation import reports as texts

_VIDEO = ".mp4"


class HiddenVideos:
    """Hides reported videos, and shows them again."""

    def __init__(self, *, channels: Channels, tasks: TaskStore, models: Models) -> None:
        self._channels = channels
        self._tasks = tasks
        self._models = models

    async def hide(self, report: Report) -> None:
        """Replace the video by words, unless it is hidden or gone.

        Raises:
            DeliveryError: it is not hidden.
        """
        task, message = await self._found(report)
        if task is None or message is None or not cards.shows_video(message, task):
            return
        with speaking_in(task.place.locale):
            card = cards.hidden(task, texts.hidden_for_now())
        await self._replace(report, card)

    async def show(self, report: Report) -> None:
        """Show the video again, if it is hidden.

        Raises:
            DeliveryError: it is still hidden.
        """
        task, message = await self._found(report)
        if task is None or message is None or cards.shows_video(message, task):
            return
        if not cards.can_delete(message, task):
            return
        parent = await self._tasks.get(task.parent_id) if task.parent_id else None
        link = cards.link_to(parent) if parent else None
        with speaking_in(task.place.locale):
            card = self._shown(task, message, link)
        await self._replace(report, card)

    async def address(self, report: Report) -> str | None:
        """The URL of the hidden file, for whoever decides; ``None`` if there is none.

        Raises:
            DeliveryError: the message cannot be fetched.
        """
        _, message = await self._found(report)
        return message.attachments[0].url if message and message.attachments else None

    async def _found(self, report: Report) -> tuple[Task | None, discord.Message | None]:
        task = await self._tasks.get(report.task_id)
        try:
            message = await self._channels.fetch(
                report.channel_id or 0, report.guild_id, report.message_id or 0
            )
        except REQUEST_ERRORS as error:
            raise judged(error) from error
        return task, message

    async def _replace(self, report: Report, card: cards.Card) -> None:
        place = Place(
            guild_id=report.guild_id, channel_id=report.channel_id, message_id=report.message_id
        )
        try:
            await self._channels.replace_card(place, card)
        except REQUEST_ERRORS as error:
            raise judged(error) from error

    def _shown(self, task: Task, message: discord.Message, parent_link: str | None) -> cards.Card:
        """The result as it was: with its video, or with its first frame and the provider's link."""
        names = [one.filename for one in message.attachments]
        if any(name.endswith(_VIDEO) for name in names):
            return cards.result(task, models=self._models, parent_link=parent_link)
        words = card_texts.not_let(task.video_url) if task.video_url else texts.link_gone()
        return cards.link(
            task,
            words=words,
            frame_name=names[0] if names else None,
            models=self._models,
            parent_link=parent_link,
        )
