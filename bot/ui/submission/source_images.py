"""Finds pictures in messages, for Apps › Animate and for rerolls."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import parse_qs, urlsplit

import discord

from bot.domain.task import FoundPicture
from bot.ui.texts import rerolls as texts

_IMAGE = "image/"
_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".heic", ".heif", ".avif"})


def is_expired(url: str, now: datetime) -> bool:
    """Whether a signed URL of Discord has expired.

    ``ex`` is the time of expiry, in hexadecimal seconds (developers/reference.mdx, "Signed
    Attachment CDN URLs"). A URL without it, such as of a link's picture, counts as valid.
    """
    try:
        [seconds] = parse_qs(urlsplit(url).query)["ex"]
        return datetime.fromtimestamp(int(seconds, 16), UTC) <= now
    except (KeyError, ValueError, OverflowError, OSError):
        return False


def pictures_of(message: discord.Message) -> Sequence[FoundPicture]:
    """The pictures in a message, in reading order; for links, only Discord's copies."""
    author_id = author_of(message)
    found = [
        *_attached(message.attachments),
        *(replace(one, is_forwarded=True) for one in _forwarded(message)),
        *_embedded(message.embeds),
        *_laid_out(message.components),
    ]
    # A link that is posted with its picture attached has the same URL twice.
    return [replace(one, author_id=author_id) for one in {one.url: one for one in found}.values()]


def author_of(message: discord.Message) -> int | None:
    """The person who posted a message; ``None`` for bots and webhooks.

    The author of a webhook's message is the webhook, with any name that its sender chose
    (developers/resources/message.mdx, "Message Object").
    """
    is_person = message.webhook_id is None and not message.author.bot
    return message.author.id if is_person else None


def _forwarded(message: discord.Message) -> Iterator[FoundPicture]:
    # Discord leaves the author out of a snapshot.
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
        # Never the original URL, which may lead anywhere.
        url = embed.image.proxy_url or embed.thumbnail.proxy_url
        if url:
            yield FoundPicture(url=url, name=_name(embed.image.url or embed.thumbnail.url))


def _laid_out(parts: Iterable[object]) -> Iterator[FoundPicture]:
    """The pictures in layout components, which are the only place for them in such messages."""
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
    # `url` is Discord's own for its attachments only; for anything else its copy is `proxy_url`.
    url = media.url if media.attachment_id else media.proxy_url
    if url and (media.content_type or "").startswith(_IMAGE):
        yield FoundPicture(url=url, name=_name(media.url), is_spoiler=is_spoiler)


def _name(url: str | None) -> str:
    name = PurePosixPath(urlsplit(url or "").path).name
    return name or texts.linked_picture()
