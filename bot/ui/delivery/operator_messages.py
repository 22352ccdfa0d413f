"""Direct messages to the application's owner about problems that only the operator can fix."""

import hashlib
import logging

import discord

from bot.ui.delivery.channels import Channels
from bot.ui.delivery.letters import letter
from bot.ui.delivery.requests.discord_errors import tried
from bot.ui.texts import guide
from bot.ui.texts.catalogues import ENGLISH, speaking_in

log = logging.getLogger(__name__)


class OperatorMessages:
    """Logs each message, and sends it to the application's owner once the client has logged in."""

    def __init__(self, *, client: discord.Client, channels: Channels) -> None:
        self._client = client
        self._channels = channels

    async def tell(self, text: str) -> None:
        """Log a message and send it. Does not raise."""
        log.error("for the operator: %s", text)
        application = self._client.application
        if application is None:
            return
        owner_id = application.team.owner_id if application.team else application.owner.id
        if owner_id:
            with speaking_in(ENGLISH):
                words = guide.to_operator(text)
            await tried("-", self._write(owner_id, words))

    async def _write(self, owner_id: int, words: str) -> None:
        channel = await self._channels.direct(owner_id)
        # Discord drops the same text within a few minutes, by its nonce.
        nonce = hashlib.sha256(words.encode()).hexdigest()[:25]
        await channel.send(**letter(words), nonce=nonce)
