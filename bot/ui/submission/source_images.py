"""Pictures in messages: found for Apps › Animate, and found again for rerolls."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import parse_qs, urlsplit

import discord

from bot.domain.task import FoundPicture
from bot.ui.texts import rerolls as texts

_IMAGE = "image/"
_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".heic", ".heif", ".avif"})


def is_expired(url: str, now: datetime) -> bool:
    """Whether a signed address of Discord's is not good any more.

    ``ex`` is the moment, in hexadecimal seconds (developers/reference.mdx, "Signed Attachment CDN
    URLs"). What has none, such as the picture of a link, does not say.
    """
    try:
        [seconds] = parse_qs(urlsplit(url).query)["ex"]
        return datetime.fromtimestamp(int(seconds, 16), UTC) <= now
    except (KeyError, ValueError, OverflowError, OSError):
        return False


def pictures_of(message: discord.Message) -> Sequence[FoundPicture]:
    """The pictures in a message, in reading order; of links only what Discord itself serves."""
    found = [
        *_attached(message.attachments),
        *_forwarded(message),
        *_embedded(message.embeds),
        *_laid_out(message.components),
    ]
    # A link that is posted with its picture attached shows the same address twice.
    return list({one.url: one for one in found}.values())


def _forwarded(message: discord.Message) -> Iterator[FoundPicture]:
    for snapshot in message.message_snapshots:
        yield from _attached(snapshot.attachments)
        yield from _embedded(snapshot.embeds)
        yield from _laid_out(snapshot.components)


def _attached(attachments: Sequence[discord.Attachment]) -> Iterator[FoundPicture]:
    for one in attachments:
        if _is_picture(one):
            yield FoundPicture(
                url=one.url, name=one.filename, bytes=one.size, is_spoiler=one.is_spoiler()
            )


def _is_picture(attachment: discord.Attachment) -> bool:
    if attachment.content_type is not None:
        return attachment.content_type.startswith(_IMAGE)
    return PurePosixPath(attachment.filename).suffix.casefold() in _ENDINGS


def _embedded(embeds: Sequence[discord.Embed]) -> Iterator[FoundPicture]:
    for embed in embeds:
        # Never the address itself, which may lead anywhere.
        url = embed.image.proxy_url or embed.thumbnail.proxy_url
        if url:
            yield FoundPicture(url=url, name=_name(embed.image.url or embed.thumbnail.url))


def _laid_out(parts: Iterable[object]) -> Iterator[FoundPicture]:
    """In messages that are made of components, their files are shown by these alone."""
    for part in parts:
        if isinstance(part, discord.MediaGalleryComponent):
            for item in part.items:
                yield from _shown(item.media, is_spoiler=item.spoiler)
        if isinstance(part, discord.ThumbnailComponent):
            yield from _shown(part.media, is_spoiler=part.spoiler)
        yield from _laid_out(getattr(part, "children", ()))
        if accessory := getattr(part, "accessory", None):
            yield from _laid_out([accessory])


def _shown(media: discord.UnfurledMediaItem, *, is_spoiler: bool) -> Iterator[FoundPicture]:
    # Of its own files Discord gives the address itself, of anything else a copy that it serves.
    url = media.url if media.attachment_id else media.proxy_url
    if url and (media.content_type or "").startswith(_IMAGE):
        yield FoundPicture(url=url, name=_name(media.url), is_spoiler=is_spoiler)


def _name(url: str | None) -> str:
    name = PurePosixPath(urlsplit(url or "").path).name
    return name or texts.linked_picture()
