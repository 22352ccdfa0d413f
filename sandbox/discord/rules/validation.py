"""What Discord accepts as a message; everything wrong is named by its field, as 50035."""

from typing import Any

from sandbox.discord.rules.components import check_components
from sandbox.discord.rules.problems import FormErrors, problem
from sandbox.discord.state.model import Json, Message, MessageFlag, Upload

CONTENT_MAX = 2000
EMBEDS_MAX = 10
EMBED_TOTAL = 6000
FILES_MAX = 10
NONCE_MAX = 25
EMBED_LIMITS = {"title": 256, "description": 4096}
FIELD_LIMITS = {"name": 256, "value": 1024}
"""Lengths of Discord's documentation ("Create Message", "Embed Limits")."""

_TYPES: dict[str, type] = {
    "content": str,
    "flags": int,
    "embeds": list,
    "components": list,
    "attachments": list,
}
_SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
)


def check_message(
    body: Json,
    uploads: dict[int, Upload],
    *,
    edited: Message | None = None,
    under: str = "",
) -> None:
    """Check the form of a message, a new one or a change to ``edited``; raises 50035.

    ``under`` is where it stands in the whole body: ``data.`` in answers to interactions.
    """
    errors = FormErrors(under=under)
    _check_types(errors, body)
    errors.raise_if_any()
    content = body.get("content")
    if content is not None:
        errors.length("content", content, 0, CONTENT_MAX)
    _check_nonce(errors, body.get("nonce"))
    _check_embeds(errors, body.get("embeds") or [])
    kept = {file.id for file in edited.files} if edited else set()
    _check_files(errors, body.get("attachments"), uploads, kept)
    was_layout = edited is not None and edited.layout
    layout = was_layout or bool((body.get("flags") or 0) & MessageFlag.COMPONENTS_V2)
    names = {upload.name for upload in uploads.values()}
    check_components(errors, body.get("components") or [], layout=layout, files=names)
    if layout:
        _check_legacy(errors, body)
    errors.raise_if_any()


def check_not_empty(body: Json, uploads: dict[int, Upload]) -> None:
    """A new message needs something in it, else 50006."""
    if uploads or any(body.get(key) for key in ("content", "embeds", "components", "poll")):
        return
    raise problem(50006)


def allowed_flags(body: Json) -> int:
    """The flags a bot may set; others are ignored, as Discord does."""
    return int(body.get("flags") or 0) & _SETTABLE


def _check_types(errors: FormErrors, body: Json) -> None:
    """Everything else relies on texts being texts and lists being lists of objects."""
    for key, kind in _TYPES.items():
        value = body.get(key)
        if value is None:
            continue
        if not isinstance(value, kind):
            errors.add(key, f"{kind.__name__.upper()}_TYPE_CONVERT", f"Must be {kind.__name__}.")
        elif isinstance(value, list):
            for index, one in enumerate(value):
                if not isinstance(one, dict):
                    words = "Only dictionaries may be used in a DictType"
                    errors.add(f"{key}.{index}", "DICT_TYPE_CONVERT", words)


def _check_nonce(errors: FormErrors, nonce: Any) -> None:
    if isinstance(nonce, str) and len(nonce) > NONCE_MAX:
        words = f"Must be {NONCE_MAX} or fewer in length."
        errors.add("nonce", "BASE_TYPE_MAX_LENGTH", words)


def _check_legacy(errors: FormErrors, body: Json) -> None:
    for key in ("content", "embeds"):
        if body.get(key):
            words = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            errors.add(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)


def _check_files(
    errors: FormErrors, attachments: Any, uploads: dict[int, Upload], kept: set[int]
) -> None:
    if len(uploads) > FILES_MAX:
        words = f"Must be {FILES_MAX} or fewer in length."
        errors.add("files", "BASE_TYPE_MAX_LENGTH", words)
    for index, entry in enumerate(attachments or []):
        if int(entry["id"]) not in uploads.keys() | kept:
            words = f"Attachment data for {entry['id']} is missing"
            errors.add(f"attachments.{index}.id", "ATTACHMENT_NOT_FOUND", words)
        if entry.get("description"):
            errors.length(f"attachments.{index}.description", entry["description"], 0, 1024)


def _check_embeds(errors: FormErrors, embeds: list[Json]) -> None:
    if len(embeds) > EMBEDS_MAX:
        errors.length("embeds", embeds, 0, EMBEDS_MAX)
    for index, embed in enumerate(embeds):
        _check_embed(errors, f"embeds.{index}", embed)
    total = sum(_embed_length(embed) for embed in embeds)
    if total > EMBED_TOTAL:
        words = f"Embed size exceeds maximum size of {EMBED_TOTAL}"
        errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", words)


def _check_embed(errors: FormErrors, path: str, embed: Json) -> None:
    for key, most in EMBED_LIMITS.items():
        if embed.get(key):
            errors.length(f"{path}.{key}", embed[key], 0, most)
    for key, inner, most in (("footer", "text", 2048), ("author", "name", 256)):
        if embed.get(key):
            errors.length(f"{path}.{key}.{inner}", embed[key].get(inner, ""), 0, most)
    _check_fields(errors, path, embed.get("fields") or [])
    for key in ("image", "thumbnail"):
        _check_address(errors, f"{path}.{key}.url", (embed.get(key) or {}).get("url"))


def _check_fields(errors: FormErrors, path: str, fields: list[Json]) -> None:
    if len(fields) > 25:
        errors.length(f"{path}.fields", fields, 0, 25)
    for index, one in enumerate(fields):
        for key, most in FIELD_LIMITS.items():
            if not one.get(key):
                errors.required(f"{path}.fields.{index}.{key}")
            else:
                errors.length(f"{path}.fields.{index}.{key}", one[key], 0, most)


def _check_address(errors: FormErrors, path: str, url: Any) -> None:
    if url and not str(url).startswith(("http://", "https://", "attachment://")):
        words = f'Scheme "{str(url).split(":", 1)[0]}" is not supported. Scheme must be one of '
        words += "('http', 'https', 'attachment')."
        errors.add(path, "URL_TYPE_INVALID_SCHEME", words)


def _embed_length(embed: Json) -> int:
    parts = [embed.get("title"), embed.get("description")]
    parts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for one in embed.get("fields") or []:
        parts += [one.get("name"), one.get("value")]
    return sum(len(part) for part in parts if part)
