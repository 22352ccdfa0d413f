"""Parses the values of settings."""

import ipaddress
import re
from collections.abc import Collection
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, PlainValidator, SecretStr
from pydantic_settings import NoDecode

from bot.domain.models.model import MODELS
from bot.domain.money import MICROS, ZERO, Usd
from bot.outbound import Network

# More than the bot costs in any month; a larger amount is a typing error.
_LARGEST_USD = Usd(1_000_000 * MICROS)


_PUBLIC_URL_CHARS = 120


class WrongValue(ValueError):
    """A wrong value that needs a message of its own, instead of what is expected."""


def _money(value: object) -> Usd:
    if isinstance(value, Usd):
        return value
    amount = Usd.parse(str(value).strip())
    if not ZERO <= amount <= _LARGEST_USD:
        raise ValueError
    return amount


def price(value: object) -> Usd:
    """A price above 0, which budgets reserve for each video."""
    amount = _money(value)
    if amount == ZERO:
        raise WrongValue(
            "must be more than 0: budgets count with it until the provider has charged"
        )
    return amount


def _money_or_none(value: object) -> Usd | None:
    return None if value is None or _says_none(value) else _money(value)


def _says_none(value: object) -> bool:
    return isinstance(value, str) and value.strip().casefold() == "none"


def none_if_written(value: object) -> object:
    """Turn the word *none* into ``None``."""
    return None if _says_none(value) else value


def _ids(value: object) -> frozenset[int] | None:
    if value is None or (isinstance(value, str) and value.strip().casefold() == "any"):
        return None
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, Collection):
        raise ValueError
    ids = frozenset(int(part) for part in value)
    if not ids or not all(0 < one < 2**63 for one in ids):
        raise ValueError
    return ids


def lower(value: object) -> object:
    """Strip a string and turn it into lower case."""
    return value.strip().lower() if isinstance(value, str) else value


def upper(value: object) -> object:
    """Strip a string and turn it into upper case."""
    return value.strip().upper() if isinstance(value, str) else value


def _networks(value: object) -> tuple[Network, ...]:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, Collection):
        raise ValueError
    networks = tuple(ipaddress.ip_network(part) for part in value)
    for one in networks:
        if one.is_loopback or one.is_link_local:
            raise WrongValue(f"must not contain {one}, which only this machine can reach")
    return networks


def _known_model(value: str) -> str:
    if value not in MODELS:
        raise WrongValue(f"must be one of {', '.join(MODELS)}")
    return value


def _known_models(value: object) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise ValueError
    ids = tuple(filter(None, (str(one).strip() for one in given)))
    for one in ids:
        if one not in MODELS:
            raise WrongValue(f"{one[:40]!r} is not a model: known are {', '.join(MODELS)}")
    if len(set(ids)) < len(ids):
        raise WrongValue("names a model twice")
    return ids


def _secret(value: object) -> SecretStr | None:
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError
    return SecretStr(text)


def _url(value: object) -> str:
    """Parse an http or https URL, and remove a slash at its end."""
    text = str(value).strip()
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _port_is_valid(text):
        raise ValueError
    if "@" in parts.netloc:
        raise WrongValue("must not contain a user name or password")
    if parts.query or parts.fragment:
        raise WrongValue("must end with its path: no ? and no #")
    return text.rstrip("/")


def _port_is_valid(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _guarded_url(value: object) -> str:
    """Parse a URL that a key is sent to: https, unless it is on this machine."""
    url = _url(value)
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise WrongValue("must be https, or the key would travel in clear text")
    return url


def _optional_guarded_url(value: object) -> str | None:
    return _guarded_url(value) if str(value or "").strip() else None


def check_keeps_the_token(url: str, *, insecure: bool) -> None:
    """Allow http only to this machine or, if ``insecure``, to private addresses.

    Raises:
        WrongValue: the token would travel in clear text over other networks.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" or is_loopback(host):
        return
    if not insecure:
        raise WrongValue(
            "must be https, or the token would travel in clear text; for a proxy in your own "
            "network: DISCORD_API_INSECURE=true"
        )
    if not is_in_own_network(host):
        raise WrongValue("must be https: DISCORD_API_INSECURE is for private addresses only")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own, without a DNS lookup."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_in_own_network(host: str) -> bool:
    """Whether a host is a private address, or a name that public DNS does not have."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # A service of the same compose file, or a name in a zone for private use.
        return "." not in host or host.endswith((".internal", ".home.arpa", ".local"))
    return address.is_private and not address.is_unspecified


def _producer(value: object) -> str | None:
    text = str(value or "").strip()
    if len(text) > 200 or not text.isprintable():
        raise ValueError
    return text or None


def _public_url(value: object) -> str | None:
    """Parse an address that people are to open in a browser; short, as it is shown in `/help`."""
    if not str(value or "").strip():
        return None
    text = str(value).strip()
    parts = urlsplit(text)
    if parts.scheme != "https" or "." not in (parts.hostname or "") or not _port_is_valid(text):
        raise WrongValue("must be an https address that everybody can open")
    if len(text) > _PUBLIC_URL_CHARS or not text.isascii() or re.search(r"[\s()<>\[\]\\]", text):
        raise WrongValue(
            f"must have at most {_PUBLIC_URL_CHARS} characters, without blanks and brackets"
        )
    return text


def _database(value: object) -> str:
    text = str(value).strip()
    scheme, _, rest = text.partition("://")
    if scheme in ("postgresql", "postgres"):
        if not urlsplit(text).path.strip("/"):
            raise WrongValue("names no database: postgresql://user:password@host/database")
        return f"postgresql://{rest}"
    if scheme.startswith("postgres"):
        raise WrongValue("names a driver: write postgresql://…, which is enough")
    path = text.removeprefix("sqlite:///")
    if path == text or not path.strip("/") or ":memory:" in path or "?" in path:
        raise ValueError
    return text


def _file_store(value: object) -> str | None:
    text = str(value or "").strip().rstrip("/")
    if not text:
        return None
    parts = urlsplit(text)
    if "@" in parts.netloc:
        raise WrongValue("must not contain a key: S3's are read from AWS_ACCESS_KEY_ID and so on")
    is_folder = parts.scheme == "file" and not parts.netloc and parts.path.strip("/")
    if not (is_folder or (parts.scheme == "s3" and parts.netloc)):
        raise ValueError
    return text


Price = Annotated[Usd, NoDecode, PlainValidator(price)]
Budget = Annotated[Usd | None, NoDecode, PlainValidator(_money_or_none)]
Ids = Annotated[frozenset[int] | None, NoDecode, PlainValidator(_ids)]
Networks = Annotated[tuple[Network, ...], NoDecode, PlainValidator(_networks)]
Secret = Annotated[SecretStr | None, BeforeValidator(_secret)]
Url = Annotated[str, BeforeValidator(_url)]
OptionalGuardedUrl = Annotated[str | None, BeforeValidator(_optional_guarded_url)]
PublicUrl = Annotated[str | None, BeforeValidator(_public_url)]
GuardedUrl = Annotated[str, BeforeValidator(_guarded_url)]
DatabaseUrl = Annotated[str, PlainValidator(_database)]
Producer = Annotated[str | None, BeforeValidator(_producer)]
FileStore = Annotated[str | None, BeforeValidator(_file_store)]
ModelIds = Annotated[tuple[str, ...], NoDecode, PlainValidator(_known_models)]
ModelId = Annotated[str, PlainValidator(_known_model)]
Flag = Annotated[bool, BeforeValidator(lower)]
