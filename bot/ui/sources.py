"""Pictures in messages: found for Apps › Animate, and found again for rerolls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import discord

from bot.ui.texts import rerolls as texts

_IMAGE = "image/"
_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".heic", ".heif", ".avif"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A picture in a message, at an address of Discord."""

    url: str
    name: str
    bytes: int | None = None
    """As announced; ``None`` where Discord does not say."""
    is_spoiler: bool = False


def pictures_of(message: discord.Message) -> Sequence[Found]:
    """The pictures in a message, in reading order; of links only what Discord itself serves."""
    found = [*_attached(message.attachments), *_forwarded(message), *_embedded(message.embeds)]
    # A link that is posted with its picture attached shows the same address twice.
    return list({one.url: one for one in found}.values())


def _forwarded(message: discord.Message) -> Iterator[Found]:
    for snapshot in message.message_snapshots:
        yield from _attached(snapshot.attachments)
        yield from _embedded(snapshot.embeds)


def _attached(attachments: Sequence[discord.Attachment]) -> Iterator[Found]:
    for one in attachments:
        if _is_picture(one):
            yield Found(url=one.url, name=one.filename, bytes=one.size, is_spoiler=one.is_spoiler())


def _is_picture(attachment: discord.Attachment) -> bool:
    if attachment.content_type is not None:
        return attachment.content_type.startswith(_IMAGE)
    return PurePosixPath(attachment.filename).suffix.casefold() in _ENDINGS


def _embedded(embeds: Sequence[discord.Embed]) -> Iterator[Found]:
    for embed in embeds:
        # Never the address itself, which may lead anywhere.
        url = embed.image.proxy_url or embed.thumbnail.proxy_url
        if url:
            yield Found(url=url, name=_name(embed.image.url or embed.thumbnail.url))


def _name(url: str | None) -> str:
    name = PurePosixPath(urlsplit(url or "").path).name
    return name or texts.linked_picture()
