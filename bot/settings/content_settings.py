"""Settings about what may be asked for, and about what the operator says to people."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator
from pydantic_settings import BaseSettings, NoDecode

from bot.domain.words.blocked_words import tidied
from bot.settings.values import Flag, PublicUrl, WrongValue

MOST_WORDS = 4_000
WORD_CHARS = 100
CONTACT_CHARS = 100


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
