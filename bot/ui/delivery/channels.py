"""Messages in channels, by the bot's token or, where the bot has no access, by an interaction's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import discord

from bot.domain.delivery import Posted
from bot.domain.task import Place, Task
from bot.errors import DeliveryRefused
from bot.ui.delivery.requests.discord_errors import UNKNOWN_MESSAGE, is_token_over
from bot.ui.delivery.requests.interaction_tokens import InteractionTokens
from bot.ui.results.cards import Card, shows_result

# How many messages a search for an earlier attempt reads, newest first.
_MOST_SEARCHED = 500

Channel = discord.PartialMessageable | discord.DMChannel


class Channels:
    """Edits, sends, finds and deletes the bot's own messages.

    Its methods raise discord.py's errors; ``bot.ui.delivery.requests.discord_errors`` judges them.
    """

    def __init__(self, *, client: discord.Client, tokens: InteractionTokens) -> None:
        self._client = client
        self._tokens = tokens

    def of(self, channel_id: int, guild_id: int | None) -> discord.PartialMessageable:
        """A channel by its id, without a request to Discord."""
        return self._client.get_partial_messageable(channel_id, guild_id=guild_id)

    async def direct(self, person_id: int) -> discord.DMChannel:
        """Open the direct-message channel with a person."""
        return await self._client.create_dm(discord.Object(person_id))

    async def edit(
        self, place: Place, card: Card, path: Path | None = None, name: str = ""
    ) -> Posted:
        """Replace the command's own message by this card and this file, if there is one."""
        if place.channel_id is None or place.message_id is None:
            raise DeliveryRefused("there is no message to edit")
        interaction = self._tokens.get(place.message_id)
        if not place.reachable:
            await self._edit_from_outside(place.message_id, interaction, card, path, name)
        else:
            await self._edit(place, card, path, name, interaction)
        return Posted(channel_id=place.channel_id, message_id=place.message_id)

    async def replace_card(self, place: Place, card: Card) -> None:
        """Replace a message by this card; its files stay, shown or not."""
        message = self.of(place.channel_id or 0, place.guild_id).get_partial_message(
            place.message_id or 0
        )
        await message.edit(view=card, allowed_mentions=discord.AllowedMentions.none())

    async def _edit(
        self,
        place: Place,
        card: Card,
        path: Path | None,
        name: str,
        interaction: discord.Interaction | None,
    ) -> None:
        message = self.of(place.channel_id or 0, place.guild_id).get_partial_message(
            place.message_id or 0
        )
        try:
            with _files(path, name) as files:
                # When only components change, discord.py leaves mentions to Discord's default.
                nobody = discord.AllowedMentions.none()
                await message.edit(view=card, attachments=files, allowed_mentions=nobody)
        except (discord.Forbidden, discord.NotFound) as error:
            if interaction is None or error.code == UNKNOWN_MESSAGE:
                raise
            await self._edit_by_token(place.message_id or 0, interaction, card, path, name)

    async def _edit_from_outside(
        self,
        message_id: int,
        interaction: discord.Interaction | None,
        card: Card,
        path: Path | None,
        name: str,
    ) -> None:
        """Edit where the bot has no access, by the interaction's token while it is valid."""
        if interaction is None:
            raise DeliveryRefused("the bot has no access, and the interaction's token has expired")
        await self._edit_by_token(message_id, interaction, card, path, name)

    async def _edit_by_token(
        self,
        message_id: int,
        interaction: discord.Interaction,
        card: Card,
        path: Path | None,
        name: str,
    ) -> None:
        try:
            with _files(path, name) as files:
                await interaction.edit_original_response(view=card, attachments=files)
        except discord.HTTPException as error:
            if is_token_over(error):
                self._tokens.drop(message_id)
            raise

    async def send(
        self,
        channel: Channel,
        card: Card,
        path: Path | None,
        name: str,
        *,
        nonce: str,
        reference: discord.MessageReference | None = None,
    ) -> Posted:
        """Send a new message; if one was sent with the same nonce, Discord returns that one."""
        more: dict[str, Any] = {} if reference is None else {"reference": reference}
        with _files(path, name) as files:
            message = await channel.send(view=card, files=files, nonce=nonce, **more)
        return Posted(channel_id=message.channel.id, message_id=message.id)

    async def find(self, channel: Channel, task: Task) -> Posted | None:
        """Find the task's result among the bot's own recent messages."""
        me = self._client.user.id if self._client.user else 0
        # A message id as the start: it is Discord's time, and this machine's clock may be wrong.
        asked = task.place.message_id
        after = discord.Object(asked) if asked else None
        async for message in channel.history(limit=_MOST_SEARCHED, after=after, oldest_first=False):
            if message.author.id == me and shows_result(message, task):
                return Posted(channel_id=message.channel.id, message_id=message.id)
        return None

    async def fetch(
        self, channel_id: int, guild_id: int | None, message_id: int
    ) -> discord.Message | None:
        """Fetch a message with fresh URLs of its files; ``None`` if it is gone or inaccessible."""
        try:
            return await self.of(channel_id, guild_id).fetch_message(message_id)
        except (discord.NotFound, discord.Forbidden):
            return None

    async def delete(self, place: Place) -> None:
        """Delete the command's own message, if it still exists."""
        channel = self.of(place.channel_id or 0, place.guild_id)
        try:
            await channel.get_partial_message(place.message_id or 0).delete()
        except discord.NotFound:
            return


@contextmanager
def _files(path: Path | None, name: str) -> Iterator[list[discord.File]]:
    """The file to attach to a card, closed at the end of the block."""
    if path is None:
        yield []
        return
    file = discord.File(path, filename=name)
    try:
        yield [file]
    finally:
        file.close()
