"""What the operator sets: environment variables, and `.env` in the working directory.

The environment wins over `.env`; an empty value counts as missing. Each variable is a field of
:class:`Settings` with the same name in lower case, described here and nowhere else:
`.env.example` and the table in `docs/settings.md` are checked against it by a test.
"""

import difflib
import ipaddress
import logging
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from dotenv import dotenv_values
from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.model import MODELS, WAN22_I2V_FLASH, Model
from bot.domain.money import MICROS, ZERO, Usd
from bot.domain.prices import PriceList
from bot.domain.provider.provider_variables import ProviderVariables
from bot.domain.quota import Window
from bot.errors import SettingsError
from bot.outbound import Network, Outbound

DOTENV = Path(".env")
PROVIDER = ProviderVariables(key="VTRIX_API_KEY", model="VTRIX_MODEL")
# More than any month of this bot costs; an amount above it is a slip of the keyboard.
_LARGEST_USD = Usd(1_000_000 * MICROS)


# --- how values are read ------------------------------------------------------------------


class _Wrong(ValueError):
    """A value that needs words of its own, beyond what is expected of it."""


def _money(value: object) -> Usd:
    if isinstance(value, Usd):
        return value
    amount = Usd.parse(str(value).strip())
    if not ZERO <= amount <= _LARGEST_USD:
        raise ValueError
    return amount


def _price(value: object) -> Usd:
    """More than nothing: budgets hold a share of it for each video, or they hold nothing back."""
    amount = _money(value)
    if amount == ZERO:
        raise _Wrong("must be more than 0: budgets count with it until the provider has charged")
    return amount


def _money_or_none(value: object) -> Usd | None:
    return None if value is None or _says_none(value) else _money(value)


def _says_none(value: object) -> bool:
    return isinstance(value, str) and value.strip().casefold() == "none"


def _none_if_written(value: object) -> object:
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


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _networks(value: object) -> tuple[Network, ...]:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, Collection):
        raise ValueError
    networks = tuple(ipaddress.ip_network(part) for part in value)
    for one in networks:
        if one.is_loopback or one.is_link_local:
            raise _Wrong(f"must not hold {one}: this machine, and what only it can reach")
    return networks


def _known_model(value: str) -> str:
    if value not in MODELS:
        raise _Wrong(f"must be one of {', '.join(MODELS)}")
    return value


def _secret(value: object) -> SecretStr | None:
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError
    return SecretStr(text)


def _url(value: object) -> str:
    """An http or https address without a slash at its end."""
    text = str(value).strip()
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _port_is_valid(text):
        raise ValueError
    if "@" in parts.netloc:
        raise _Wrong("must not hold a user name or a password")
    if parts.query or parts.fragment:
        raise _Wrong("must end with its path: no ? and no #")
    return text.rstrip("/")


def _port_is_valid(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _guarded_url(value: object) -> str:
    """An address that a key is sent to: in clear text only within this machine."""
    url = _url(value)
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise _Wrong("must be https, or the key would travel in clear text")
    return url


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own, without asking a resolver."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_in_own_network(host: str) -> bool:
    """Whether a host is a private address, or a name that no public name server knows."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # A service of the same compose file, or a name of a zone that is kept for private use.
        return "." not in host or host.endswith((".internal", ".home.arpa", ".local"))
    return address.is_private and not address.is_unspecified


def _database(value: object) -> str:
    text = str(value).strip()
    scheme, _, rest = text.partition("://")
    if scheme in ("postgresql", "postgres"):
        if not urlsplit(text).path.strip("/"):
            raise _Wrong("names no database: postgresql://user:password@host/database")
        return f"postgresql://{rest}"
    if scheme.startswith("postgres"):
        raise _Wrong("names a driver: write postgresql://…, which is enough")
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
        raise _Wrong("must hold no key: S3's are read from AWS_ACCESS_KEY_ID and so on")
    is_folder = parts.scheme == "file" and not parts.netloc and parts.path.strip("/")
    if not (is_folder or (parts.scheme == "s3" and parts.netloc)):
        raise ValueError
    return text


Price = Annotated[Usd, NoDecode, PlainValidator(_price)]
Budget = Annotated[Usd | None, NoDecode, PlainValidator(_money_or_none)]
Ids = Annotated[frozenset[int] | None, NoDecode, PlainValidator(_ids)]
Networks = Annotated[tuple[Network, ...], NoDecode, PlainValidator(_networks)]
Secret = Annotated[SecretStr | None, BeforeValidator(_secret)]
Url = Annotated[str, BeforeValidator(_url)]
GuardedUrl = Annotated[str, BeforeValidator(_guarded_url)]
Flag = Annotated[bool, BeforeValidator(_lower)]


def _setting(default: Any, says: str, expects: str, **bounds: Any) -> Any:
    """A field: what it is for, and what is expected of its value (in messages and the table)."""
    return Field(default, description=says, json_schema_extra={"expects": expects}, **bounds)


# --- the settings -------------------------------------------------------------------------


class Settings(BaseSettings):
    """Everything the operator decides. Build it with :func:`load_settings`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    discord_token: Secret = _setting(
        None,
        "The bot's token, from Discord's developer portal (Bot, Reset Token). Required by "
        "`flipbook run` and `flipbook check`.",
        'the token alone, without "Bot " in front of it',
    )
    discord_api_insecure: Flag = _setting(
        False,
        "Allows http:// in DISCORD_API_URL for a private address, such as a rate-limiting proxy in "
        "your own network. Whoever can listen there can read DISCORD_TOKEN.",
        "true or false",
    )
    discord_api_url: Url = _setting(
        "https://discord.com/api/v10",
        "The address of Discord's API, or of a rate-limiting proxy in front of it, for HTTP and "
        "for the gateway. Attachments from its origin are trusted. Must be https, or an address of "
        "this machine, or with DISCORD_API_INSECURE a private one.",
        "an address such as https://discord.com/api/v10",
    )
    vtrix_api_key: Secret = _setting(
        None,
        "The key of the video provider. Required by `flipbook run`, `flipbook check` and `flipbook "
        "animate`.",
        'the key alone, without "Bearer " in front of it',
    )
    vtrix_base_url: GuardedUrl = _setting(
        "https://cloud.vtrix.ai",
        "The address of the video provider. Must be https, or an address of this machine.",
        "an address such as https://cloud.vtrix.ai",
    )
    vtrix_model: Annotated[str, PlainValidator(_known_model)] = _setting(
        WAN22_I2V_FLASH.id,
        "The provider's model that new videos are made with.",
        f"a model's id, such as {WAN22_I2V_FLASH.id}",
    )
    vtrix_request_style: Annotated[
        Literal["auto", "documented", "wrapped"], BeforeValidator(_lower)
    ] = _setting(
        "auto",
        "The format of requests to the provider. documented: as its API reference describes it. "
        "wrapped: as its own clients send it. auto: wrapped first, and after the first accepted "
        "task the format that was accepted, which is stored in the database.",
        "auto, documented or wrapped",
    )
    database_url: Annotated[str, PlainValidator(_database)] = _setting(
        "sqlite:///data/flipbook.db",
        "The database. SQLite: three slashes and a path relative to the working directory, or four "
        "slashes and an absolute path. PostgreSQL, for more than one process: "
        "postgresql://user:password@host/database.",
        "sqlite:/// and the path of a file, or postgresql://…",
    )
    data_dir: Path = _setting(
        Path("data"),
        "The folder for first frames, which rerolls need, and for videos that are not delivered "
        "yet.",
        "a folder",
    )
    file_store: Annotated[str | None, BeforeValidator(_file_store)] = _setting(
        None,
        "A place that several machines share for first frames and videos: s3://bucket/prefix (with "
        "credentials in AWS's own variables, such as AWS_ACCESS_KEY_ID and AWS_ENDPOINT_URL), or "
        "file:///folder. If empty, only DATA_DIR is used.",
        "s3://… or file:///…",
    )
    quota_videos: int = _setting(
        5,
        "How many videos a person may make in QUOTA_WINDOW, in each server. 0 allows none; -1 "
        "allows any number, up to MAX_VIDEOS_USER_DAY and the budgets.",
        "a whole number from -1 to 10000",
        ge=-1,
        le=10_000,
    )
    quota_window: Annotated[Window, BeforeValidator(_lower)] = _setting(
        Window.DAY,
        "The rolling window of QUOTA_VIDEOS.",
        "hour, day, week or month",
    )
    quota_concurrent: int = _setting(
        2,
        "How many videos of one person may be in progress at once.",
        "a whole number from 1 to 100",
        ge=1,
        le=100,
    )
    price_usd_480p: Price = _setting(
        WAN22_I2V_FLASH.prices["480P"],
        "The estimated price of a 480P video until the provider has charged for one. Charges below "
        "a quarter of it or above four times of it are reported to you and do not count in "
        "estimates.",
        "an amount in USD above 0, such as 0.10",
    )
    price_usd_720p: Price = _setting(
        WAN22_I2V_FLASH.prices["720P"],
        "The estimated price of a 720P video until the provider has charged for one. Charges below "
        "a quarter of it or above four times of it are reported to you and do not count in "
        "estimates.",
        "an amount in USD above 0, such as 0.20",
    )
    budget_usd_month: Budget = _setting(
        Usd.parse("50"),
        "The most that all servers together may spend in a calendar month (UTC). Write none for no "
        "limit.",
        "an amount in USD, such as 50, or none",
    )
    budget_usd_server_month: Budget = _setting(
        Usd.parse("20"),
        "The most that one server may spend in a calendar month (UTC), whatever its moderators "
        "set. Write none for no limit.",
        "an amount in USD, such as 20, or none",
    )
    max_videos_user_day: int = _setting(
        50,
        "The most videos of one person in 24 hours, over all servers and direct messages.",
        "a whole number from 1 to 10000",
        ge=1,
        le=10_000,
    )
    guilds: Ids = _setting(
        None,
        "The IDs of the servers in which the bot works. In other servers it only says that it does "
        "not work there. If empty, it works in any server that invites it.",
        "server ids separated by commas",
    )
    user_install: Flag = _setting(
        False,
        "Whether the bot also works in direct messages and, for people who install it for "
        "themselves, in servers and group chats that it has not joined.",
        "true or false",
    )
    keep_images_days: int = _setting(
        30,
        "How many days first frames are kept for rerolls. Undelivered videos are kept for 7.",
        "a whole number from 1 to 3650",
        ge=1,
        le=3650,
    )
    keep_images_mb: int | None = _setting(
        None,
        "The most megabytes of first frames on this machine. At the limit, the oldest frames of "
        "finished videos are deleted. If that is not enough, new pictures are refused and you are "
        "told. If empty, a tenth of the disk.",
        "a whole number from 50 to 100000000",
        ge=50,
        le=100_000_000,
    )
    keep_audit_days: int = _setting(
        400,
        "How many days the audit log of moderators' changes is kept.",
        "a whole number from 1 to 3650",
        ge=1,
        le=3650,
    )
    use_proxy: Flag = _setting(
        False,
        "Whether Discord, the provider and videos are reached through the proxy in HTTPS_PROXY, "
        "except for the hosts in NO_PROXY. The proxy then looks up the addresses of videos, so it "
        "must block addresses in your own network.",
        "true or false",
    )
    download_networks: Networks = _setting(
        (),
        "Private networks from which videos may be downloaded, such as 198.18.0.0/15 if a proxy "
        "program answers name lookups with invented addresses. Whoever chooses a video's link can "
        "then reach every machine in these networks.",
        "networks such as 198.18.0.0/15, separated by commas",
    )
    health_port: Annotated[int | None, BeforeValidator(_none_if_written)] = _setting(
        None,
        "The port of /healthz, /readyz and /metrics. If empty, no port is opened.",
        "a port from 1 to 65535",
        ge=1,
        le=65_535,
    )
    health_host: str = _setting(
        "127.0.0.1",
        "The address on which HEALTH_PORT is opened. In a container, use 0.0.0.0 to reach it from "
        "outside.",
        "an address of this machine",
        min_length=1,
    )
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
    ] = _setting(
        "INFO",
        "The lowest level that is logged.",
        "DEBUG, INFO, WARNING, ERROR or CRITICAL",
    )
    log_format: Annotated[Literal["text", "json"], BeforeValidator(_lower)] = _setting(
        "text",
        "The format of log lines.",
        "text or json",
    )

    @field_validator("discord_api_url")
    @classmethod
    def _keeps_the_token(cls, url: str, info: ValidationInfo) -> str:
        """In clear text only within this machine, or where the operator says so in their network.

        Raises:
            ValueError: the token would travel in clear text.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https" or is_loopback(host):
            return url
        if not info.data.get("discord_api_insecure"):
            raise _Wrong(
                "must be https, or the token would travel in clear text; for a proxy in your own "
                "network: DISCORD_API_INSECURE=true"
            )
        if not is_in_own_network(host):
            raise _Wrong("must be https: DISCORD_API_INSECURE is for private addresses only")
        return url

    @property
    def provider_key(self) -> SecretStr | None:
        """The key of the provider; ``None`` where the operator gave none."""
        return self.vtrix_api_key

    @property
    def provider_address(self) -> str:
        """Where the provider is, without a slash at the end."""
        return self.vtrix_base_url

    @property
    def model(self) -> Model:
        """The model that new videos are made with."""
        return MODELS[self.vtrix_model]

    def outbound(self) -> Outbound:
        """How connections leave this machine."""
        return Outbound(uses_proxy=self.use_proxy, networks=self.download_networks)

    def prices(self) -> PriceList:
        """Where estimates start, and what they stay near.

        Each known model has its own prices; what the operator set is for the model of new videos.
        """
        prices = {
            (model.id, resolution): price
            for model in MODELS.values()
            for resolution, price in model.prices.items()
        }
        fields = {one: f"price_usd_{one.lower()}" for one in self.model.resolutions}
        settable = {one: name for one, name in fields.items() if name in type(self).model_fields}
        for resolution, name in settable.items():
            if name in self.model_fields_set:
                prices[self.model.id, resolution] = getattr(self, name)
        variables = {(self.model.id, one): name.upper() for one, name in settable.items()}
        return PriceList(prices=prices, variables=variables)


def variables() -> Mapping[str, FieldInfo]:
    """Every setting by its variable's name, in the order they are explained in."""
    return {name.upper(): field for name, field in Settings.model_fields.items()}


def expects(field: FieldInfo) -> str:
    """What is expected of a setting's value, in words."""
    extra = field.json_schema_extra
    return str(extra["expects"]) if isinstance(extra, dict) else ""


# --- reading them -------------------------------------------------------------------------


def load_settings(*, require: Collection[str] = (), dotenv: Path = DOTENV) -> Settings:
    """Read the environment and ``dotenv``.

    Args:
        require: the variables that must be set, such as ``DISCORD_TOKEN``.
        dotenv: a file of lines `NAME=value`; it need not exist.

    Raises:
        SettingsError: one line for each problem, naming the variable; no secret in it.
    """
    written = _read_dotenv(dotenv)
    problems = list(_misspelt(written))
    try:
        # The library itself would put the environment into a value like `pass${word}`.
        settings = Settings(**_only_written(written))
    except ValidationError as error:
        given = _given(written)
        problems += [_problem(detail, given) for detail in error.errors()]
        settings = None
    problems += _missing(require, _given(written))
    if settings is not None and settings.use_proxy:
        problems += _wrong_proxy()
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def _wrong_proxy() -> Iterator[str]:
    """What is wrong with the environment's own variables, which `.env` does not set."""
    proxy = getproxies_environment().get("https", "")
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not proxy:
        yield "USE_PROXY: HTTPS_PROXY is not set in the environment"
    elif not usable:
        yield "HTTPS_PROXY: expected an address such as http://proxy.example:3128"


def _read_dotenv(path: Path) -> dict[str, str | None]:
    if not path.is_file():
        return {}
    # The parser only logs a line that it cannot read; here that line would be a setting lost.
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)
    try:
        return dict(dotenv_values(path, encoding="utf-8", interpolate=False))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path} cannot be read: {error}"]) from error


def _given(written: Mapping[str, str | None]) -> dict[str, str]:
    """What was said for each variable, in upper case; the environment wins over the file."""
    from_file = {name.upper(): value for name, value in written.items() if value}
    return from_file | {name.upper(): value for name, value in os.environ.items() if value}


def _only_written(written: Mapping[str, str | None]) -> dict[str, Any]:
    """What only the file says, by field."""
    set_ = {name.upper() for name, value in os.environ.items() if value}
    return {
        name.lower(): value
        for name, value in written.items()
        if value and name.upper() in variables() and name.upper() not in set_
    }


def configured_secrets(dotenv: Path = DOTENV) -> list[str]:
    """What was given for secrets, usable or not: what must not be shown when something fails."""
    try:
        given = _given(_read_dotenv(dotenv))
    except SettingsError:
        given = _given({})
    return [value for name, value in given.items() if name in variables() and _is_secret(name)]


def forget_secrets() -> None:
    """Take the secrets, once they are read, out of the environment: nothing else needs them there.

    What libraries read there themselves stays: HTTPS_PROXY, AWS_SECRET_ACCESS_KEY, PGPASSWORD.
    """
    for name, value in tuple(os.environ.items()):
        if name.upper() in variables() and _is_private(name.upper(), value):
            del os.environ[name]


def _misspelt(written: Mapping[str, str | None]) -> Iterator[str]:
    known = list(variables())
    for name in written:
        close = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85)
        if close and name.upper() not in known:
            yield f"{name} is not a setting: did you mean {close[0]}? (in .env)"


def _missing(require: Collection[str], given: Mapping[str, str]) -> Iterator[str]:
    for name, field in variables().items():
        wanted = name in require or name.lower() in require
        if wanted and not given.get(name, "").strip():
            yield f"{name} is missing. {field.description}"


def _problem(detail: ErrorDetails, given: Mapping[str, str]) -> str:
    name = str(detail["loc"][0]).upper()
    shown = "" if _is_private(name, given.get(name, "")) else f" ({given.get(name, '')[:80]!r})"
    cause = detail.get("ctx", {}).get("error")
    words = str(cause) if isinstance(cause, _Wrong) else f"expected {expects(variables()[name])}"
    return f"{name}{shown}: {words}"


def _is_private(name: str, value: str) -> bool:
    """Whether a value stays out of messages: a secret, or an address with a password."""
    return _is_secret(name) or "@" in value


def _is_secret(name: str) -> bool:
    return "SecretStr" in str(variables()[name].annotation)
