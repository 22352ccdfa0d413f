"""Settings about what may be asked for, and about what the operator says to people."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator
from pydantic_settings import BaseSettings, NoDecode

from bot.domain.words.blocked_words import tidied
from bot.settings.values import Flag, OptionalGuardedUrl, PublicUrl, Secret, WrongValue, lower

MOST_WORDS = 4_000
WORD_CHARS = 100
CONTACT_CHARS = 100

Thresholds = tuple[tuple[str, float | None], ...]


def setting(default: Any, says: str, expects: str, **bounds: Any) -> Any:
    """A field with its description, and with what its value should be, for messages."""
    return Field(default, description=says, json_schema_extra={"expects": expects}, **bounds)


def _words(value: object) -> tuple[str, ...]:
    given = value.replace("\n", ",").split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise ValueError
    words = tidied(str(word) for word in given)
    if len(words) > MOST_WORDS:
        raise WrongValue(f"must have at most {MOST_WORDS} words, not {len(words)}")
    if any(len(word) > WORD_CHARS for word in words):
        raise WrongValue(f"must have words of at most {WORD_CHARS} characters, between commas")
    return words


def _thresholds(value: object) -> Thresholds:
    if isinstance(value, tuple):
        return value
    found: dict[str, float | None] = {}
    for part in filter(None, (one.strip() for one in str(value).split(","))):
        name, sign, score = (piece.strip() for piece in part.partition("="))
        if not re.fullmatch(r"[\w/ .-]{1,60}", name):
            raise ValueError
        found[name] = float(score) if sign else None
        if sign and not 0 < float(score) <= 1:
            raise ValueError
    return tuple(found.items())


def _one_line(value: object) -> str | None:
    text = " ".join(str(value or "").split())
    if len(text) > CONTACT_CHARS:
        raise ValueError
    return text or None


class ContentSettings(BaseSettings):
    """What may be asked for, and what people read about the operator."""

    blocked_words: Annotated[tuple[str, ...], NoDecode, PlainValidator(_words)] = setting(
        (),
        "Words that no prompt may have, in servers, direct messages and the terminal. Servers' own "
        "lists apply on top. The negative prompt is not searched, since it says what somebody does "
        "not want.",
        f"up to {MOST_WORDS} words separated by commas",
    )
    age_restricted: Flag = setting(
        False,
        "Whether /animate and Apps › Animate are registered as age-restricted commands, which "
        "Discord offers to adults only, and in age-restricted channels.",
        "true or false",
    )
    moderation_url: OptionalGuardedUrl = setting(
        None,
        "The address of an OpenAI-compatible moderation endpoint that checks each picture and "
        "prompt before anything is spent. It gets both. If empty, nothing is checked. Must be "
        "https, or an address of this machine.",
        "an address such as https://api.openai.com/v1/moderations",
    )
    moderation_key: Secret = setting(
        None,
        "The key of MODERATION_URL, if it needs one.",
        'the key alone, without "Bearer " in front of it',
    )
    moderation_model: Annotated[str, Field(min_length=1, max_length=100)] = setting(
        "omni-moderation-latest",
        "The model that MODERATION_URL is asked to use.",
        "a model's name of at most 100 characters",
    )
    moderation_categories: Annotated[Thresholds, NoDecode, PlainValidator(_thresholds)] = setting(
        (),
        "The categories of MODERATION_URL that are not allowed, each with the score from which on "
        "it counts: sexual=0.4, violence/graphic=0.8, self-harm. Without a score, the service "
        "decides. If empty, whatever the service flags is refused.",
        "categories separated by commas, each with =0.01 to =1 or alone",
    )
    moderation_on_failure: Annotated[Literal["refuse", "allow"], BeforeValidator(lower)] = setting(
        "refuse",
        "What happens to a request if MODERATION_URL gives no usable answer within 5 s, twice.",
        "refuse or allow",
    )
    privacy_url: PublicUrl = setting(
        None,
        "The address of your privacy policy, shown in /help. docs/privacy-policy.md has a text "
        "for it.",
        "an address such as https://example.com/privacy",
    )
    terms_url: PublicUrl = setting(
        None,
        "The address of your terms, shown in /help. docs/terms.md has a text for them.",
        "an address such as https://example.com/terms",
    )
    operator_contact: Annotated[str | None, BeforeValidator(_one_line)] = setting(
        None,
        "How people reach you, shown in /help: for example an e-mail address.",
        f"words of at most {CONTACT_CHARS} characters",
    )
