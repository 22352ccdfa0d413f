"""Checks messages by Discord's rules; every error is reported by its field, as 50035.

Limits come from Discord's documentation ("Create Message", "Edit Message", "Allowed Mentions
Object", "Callback Data") and its OpenAPI description.
"""

from typing import Any

from sandbox.discord.rules.components import check_components
from sandbox.discord.rules.embeds import check_embeds
from sandbox.discord.rules.fields import (
    boolean,
    integer,
    list_of,
    number,
    one_of,
    record,
    snowflake,
    text,
)
from sandbox.discord.rules.polls import check_poll
from sandbox.discord.rules.problems import FormErrors, problem
from sandbox.discord.state.files import guess_type, safe_name
from sandbox.discord.state.model import Json, Message, MessageFlag, Upload

CONTENT_MAX = 2000
FILES_MAX = 10
NONCE_MAX = 25
MENTIONS_MAX = 100
FORWARD = 1
"""The type of a reference that forwards a message."""

_SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.VOICE_MESSAGE
    | MessageFlag.COMPONENTS_V2
)
_ATTACHMENT = record(
    {
        "id": snowflake,
        "filename": text(1, 1024),
        "title": text(0, 1024),
        "description": text(0, 1024),
        "duration_secs": number,
        "waveform": text(0, 400),
        "is_spoiler": boolean,
        "is_remix": boolean,
    },
    required=["id"],
)
_IDS = list_of(snowflake, 0, MENTIONS_MAX, unique=True)
_MENTIONS = record(
    {
        "parse": list_of(one_of("roles", "users", "everyone"), unique=True),
        "roles": _IDS,
        "users": _IDS,
        "replied_user": boolean,
    }
)
_REFERENCE = record(
    {
        "type": one_of(0, 1),
        "message_id": snowflake,
        "channel_id": snowflake,
        "guild_id": snowflake,
        "fail_if_not_exists": boolean,
    },
    required=["message_id"],
)


def _nonce(errors: FormErrors, path: str, value: Any) -> None:
    if isinstance(value, int) and not isinstance(value, bool):
        integer(-(2**63), 2**63 - 1)(errors, path, value)
    else:
        text(0, NONCE_MAX)(errors, path, value)


def _anything(errors: FormErrors, path: str, value: Any) -> None:
    """Check nothing here; these fields are checked elsewhere."""


_MESSAGE = record(
    {
        "content": text(0, CONTENT_MAX),
        "nonce": _nonce,
        "enforce_nonce": boolean,
        "tts": boolean,
        "flags": integer(0, 2**31 - 1),
        "embeds": list_of(_anything),
        "components": list_of(_anything),
        "attachments": list_of(_ATTACHMENT, 0, FILES_MAX),
        "allowed_mentions": _MENTIONS,
        "message_reference": _REFERENCE,
        "sticker_ids": list_of(snowflake, 0, 3),
        "poll": check_poll,
    }
)
# Fields that a message of Components V2 must not have, with their names in error messages.
_LEGACY = {"content": "content", "embeds": "embeds", "sticker_ids": "stickers", "poll": "poll"}


def check_message(
    body: Json,
    uploads: dict[int, Upload],
    *,
    edited: Message | None = None,
    under: str = "",
) -> None:
    """Check a new message, or a change to ``edited``; raises 50035.

    ``under`` is its path in the whole body: ``data.`` in answers to interactions.
    """
    errors = FormErrors(under=under)
    _MESSAGE(errors, "", body)
    errors.raise_if_any()
    _check_voice(body, uploads)
    check_embeds(errors, body.get("embeds"))
    _check_mentions(errors, body.get("allowed_mentions") or {})
    _check_files(errors, body.get("attachments"), uploads, edited)
    was_layout = edited is not None and edited.layout
    layout = was_layout or bool(int(body.get("flags") or 0) & MessageFlag.COMPONENTS_V2)
    names = _names(body.get("attachments"), uploads, edited)
    check_components(errors, body.get("components") or [], layout=layout, files=names)
    if layout:
        _check_legacy(errors, body, edited)
    errors.raise_if_any()


def check_not_empty(body: Json, uploads: dict[int, Upload]) -> None:
    """Refuse a new message without any content with 50006."""
    if uploads or any(body.get(key) for key in ("content", "embeds", "components", "poll")):
        return
    if (body.get("message_reference") or {}).get("type") == FORWARD:
        return
    raise problem(50006)


def allowed_flags(body: Json) -> int:
    """Return the flags that a bot may set; others are ignored, as by Discord."""
    return int(body.get("flags") or 0) & _SETTABLE


def edited_flags(before: int, body: Json) -> int:
    """Return a message's flags after its author's edit.

    Only SUPPRESS_EMBEDS can be set and removed, and IS_COMPONENTS_V2 set ("Edit Message").
    """
    if body.get("flags") is None:
        return before
    given = int(body["flags"])
    kept = before & ~MessageFlag.SUPPRESS_EMBEDS
    return kept | (given & (MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2))


def _check_voice(body: Json, uploads: dict[int, Upload]) -> None:
    """Check a voice message: one sound with its length and waveform, and nothing else."""
    if not int(body.get("flags") or 0) & MessageFlag.VOICE_MESSAGE:
        return
    if any(body.get(key) for key in ("content", "embeds", "components", "sticker_ids", "poll")):
        raise problem(50159)
    sounds = [one for one in uploads.values() if _is_sound(one)]
    if len(uploads) != 1 or len(sounds) != 1:
        raise problem(50160)
    described = body.get("attachments") or [{}]
    if described[0].get("duration_secs") is None or not described[0].get("waveform"):
        raise problem(50161)


def _is_sound(upload: Upload) -> bool:
    return (upload.content_type or guess_type(upload.name)).startswith("audio/")


def _check_mentions(errors: FormErrors, allowed: Json) -> None:
    """Check that no kind is both parsed and listed; an empty list does not count."""
    for kind in ("users", "roles"):
        if kind in (allowed.get("parse") or []) and allowed.get(kind):
            words = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
            errors.add("allowed_mentions", code, words)


def _check_legacy(errors: FormErrors, body: Json, edited: Message | None) -> None:
    """Check that Components V2 stand alone; an edit must clear earlier content and embeds."""
    code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    for key, name in _LEGACY.items():
        kept = getattr(edited, key, None) if edited and key not in body else None
        if body.get(key) or kept:
            words = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            errors.add(key, code, words)


def _check_files(
    errors: FormErrors, attachments: Any, uploads: dict[int, Upload], edited: Message | None
) -> None:
    kept = {file.id for file in edited.files} if edited else set()
    if len(uploads) > FILES_MAX:
        words = f"Must be {FILES_MAX} or fewer in length."
        errors.add("files", "BASE_TYPE_MAX_LENGTH", words)
    for index, entry in enumerate(attachments or []):
        if int(entry["id"]) not in uploads.keys() | kept:
            words = f"Attachment data for {entry['id']} is missing"
            errors.add(f"attachments.{index}.id", "ATTACHMENT_NOT_FOUND", words)


def _names(attachments: Any, uploads: dict[int, Upload], edited: Message | None) -> set[str]:
    """Return what ``attachment://`` may refer to: the files of the resulting message."""
    names = {safe_name(upload.name) for upload in uploads.values()}
    names |= {upload.name for upload in uploads.values()}
    if edited is not None:
        # A file that is kept can be referred to only by the name that it is listed with (reports:
        # an id alone is answered with UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND).
        if attachments is None:
            names |= {one.name for one in edited.files}
        else:
            listed = {int(one["id"]): one.get("filename") for one in attachments}
            names |= {one.name for one in edited.files if listed.get(one.id) == one.name}
    return {f"attachment://{name}" for name in names}
