"""Renders messages as Discord's JSON, for the bot or for people."""

from sandbox.discord.render import entities
from sandbox.discord.rules.component_fields import FILE
from sandbox.discord.state.files import Files
from sandbox.discord.state.messages.content import is_readable, reads_content, without_content
from sandbox.discord.state.model import (
    Json,
    Message,
    MessageFlag,
    MessageKind,
    StoredFile,
    walk_components,
)
from sandbox.discord.state.world import World

_RESOLVING = {
    MessageKind.REPLY,
    MessageKind.THREAD_STARTER,
    MessageKind.CONTEXT_MENU_COMMAND,
}
"""Messages that come with the one that they refer to."""
_SNAPSHOT = {
    *("type", "content", "embeds", "attachments", "components", "flags"),
    *("timestamp", "edited_timestamp", "mentions", "mention_roles"),
}
"""The fields of a forwarded message ("Message Snapshot Structure")."""


class MessageRenderer:
    """Renders message objects, with URLs that are signed anew each time."""

    def __init__(self, world: World, files: Files) -> None:
        self._world = world
        self._files = files

    def message(self, message: Message) -> Json:
        """Render a message for the bot; content of others' messages in servers may be left out."""
        body = self.whole(message)
        return body if self._reads(message) else without_content(body, self._world.bot.id)

    def shows_content(self, message: Message) -> bool:
        """Whether the bot gets the content of a message."""
        return self._reads(message) or is_readable(self.whole(message), self._world.bot.id)

    def _reads(self, message: Message) -> bool:
        return message.guild_id is None or reads_content(self._world.privileged_intents)

    def target(self, message: Message) -> Json:
        """Render a message for the bot when somebody uses a command on it.

        The documentation does not mention the message that it replies to, which is rendered like
        any
        other.
        """
        body, as_any = self.whole(message), self.message(message)
        return body | {key: as_any[key] for key in ("referenced_message",) if key in as_any}

    def whole(self, message: Message) -> Json:
        """Render a message as people see it."""
        body = self._core(message) | self._optional(message)
        if message.reply_to is not None and message.kind in _RESOLVING:
            parent = self._world.messages[message.channel_id].get(message.reply_to)
            body["referenced_message"] = self._referenced(parent) if parent is not None else None
        return body

    def _referenced(self, message: Message) -> Json:
        """Render a message that another one replies to, without reactions and its own reference."""
        body = self._core(message) | self._optional(message)
        body.pop("reactions", None)
        return body

    def _core(self, message: Message) -> Json:
        shown = [file for file in message.files if not self._used_inside(message, file)]
        return {
            "id": str(message.id),
            "type": message.kind,
            "channel_id": str(message.channel_id),
            "author": entities.user(message.author),
            "content": message.content,
            "mentions": [entities.user(one) for one in message.mentions],
            "mention_roles": [str(one) for one in message.mention_roles],
            "mention_everyone": message.mention_everyone,
            "attachments": [self._files.payload(file) for file in shown],
            "embeds": [self._with_media(embed, message) for embed in message.embeds],
            "components": [self._with_media(part, message) for part in message.components],
            "timestamp": entities.iso(message.created_at),
            "edited_timestamp": entities.iso(message.edited_at) if message.edited_at else None,
            "flags": message.flags,
            "pinned": message.pinned_at is not None,
            "tts": message.tts,
        }

    def _optional(self, message: Message) -> Json:
        """Render the fields that not every message has."""
        application_id = message.application_id and str(message.application_id)
        body: Json = {
            "reactions": self.reactions(message) or None,
            "poll": message.poll,
            "nonce": message.nonce,
            "message_reference": message.reply_given,
            "message_snapshots": self._snapshots(message),
            "thread": self._thread(message),
            "interaction_metadata": message.interaction,
            "application_id": application_id,
            "webhook_id": application_id,
        }
        return {key: value for key, value in body.items() if value is not None}

    def _snapshots(self, message: Message) -> list[Json] | None:
        """Render the message that was forwarded, without its author."""
        if message.snapshot is None:
            return None
        whole = self._core(message.snapshot)
        return [{"message": {key: whole[key] for key in whole if key in _SNAPSHOT}}]

    def _thread(self, message: Message) -> Json | None:
        """Render the thread under a message, which has the message's id."""
        thread = self._world.channels.get(message.id)
        is_shown = message.flags & MessageFlag.HAS_THREAD and thread is not None
        return entities.channel(thread) if thread is not None and is_shown else None

    def reactions(self, message: Message) -> list[Json]:
        """Render the reactions on a message, as the bot sees them."""
        return [
            {
                "emoji": emoji(name),
                "count": len(users),
                "count_details": {"burst": 0, "normal": len(users)},
                "burst_colors": [],
                "me_burst": False,
                "me": self._world.bot.id in users,
            }
            for name, users in message.reactions.items()
        ]

    def _with_media(self, part: Json, message: Message) -> Json:
        """Copy a part, with ``attachment://name`` replaced by the file's URL."""
        by_name = {f"attachment://{file.name}": file for file in message.files}
        copied = _replace(part, by_name, self._files)
        assert isinstance(copied, dict)
        return copied

    def _used_inside(self, message: Message, file: StoredFile) -> bool:
        """Whether an embed or a component shows a file, which is then not listed as well."""
        return f"attachment://{file.name}" in media_addresses(message)


def media_addresses(message: Message) -> set[str]:
    """Return the URLs that embeds and components of a message show."""
    found = set()
    for embed in message.embeds:
        for key in ("image", "thumbnail", "video"):
            found.add(embed.get(key, {}).get("url", ""))
    for part in walk_components(message.components):
        media = [part.get("media"), part.get("file")]
        media += [item.get("media") for item in part.get("items", [])]
        found |= {one.get("url", "") for one in media if isinstance(one, dict)}
    return found


def _replace(part: object, by_name: dict[str, StoredFile], files: Files) -> object:
    if isinstance(part, list):
        return [_replace(one, by_name, files) for one in part]
    if not isinstance(part, dict):
        return part
    copied = {key: _replace(value, by_name, files) for key, value in part.items()}
    file = by_name.get(str(part.get("url")))
    if file is not None:
        copied |= _shown(file, files)
        if "id" in part:
            copied |= {"id": str(file.id), "attachment_id": str(file.id)}
    inner = by_name.get(str((part.get("file") or {}).get("url")))
    if part.get("type") == FILE and inner is not None:
        copied |= {"name": inner.name, "size": len(inner.data)}
    return copied


def _shown(file: StoredFile, files: Files) -> Json:
    """Render an uploaded file inside an embed or a component."""
    body: Json = {"url": files.url(file), "proxy_url": files.url(file, proxy=True)}
    if file.width is not None:
        body |= {"width": file.width, "height": file.height}
    return body | {"content_type": file.content_type}


def emoji(name: str) -> Json:
    """Render an emoji, given as a character or, for a server's own, as ``name:id``."""
    if ":" in name:
        word, _, emoji_id = name.partition(":")
        return {"id": emoji_id, "name": word}
    return {"id": None, "name": name}
