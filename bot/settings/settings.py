"""All settings with their bounds and descriptions.

`make docs` generates `.env.example` and the table in `docs/settings.md` from them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsConfigDict

from bot.domain.money import Usd
from bot.domain.quotas.limits import Limits, Window
from bot.outbound import Outbound
from bot.settings.content_settings import ContentSettings
from bot.settings.content_settings import setting as _setting
from bot.settings.provider_settings import ProviderSettings
from bot.settings.values import (
    Budget,
    DatabaseUrl,
    FileStore,
    Flag,
    GuardedUrl,
    Ids,
    Networks,
    Producer,
    Secret,
    Url,
    check_keeps_the_token,
    lower,
    none_if_written,
    upper,
)


class Settings(ProviderSettings, ContentSettings):
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
        "for the gateway. Must be https, or an address of this machine, or with "
        "DISCORD_API_INSECURE a private one.",
        "an address such as https://discord.com/api/v10",
    )
    discord_cdn_url: GuardedUrl = _setting(
        "https://cdn.discordapp.com",
        "The address of the server that sends Discord's attachments. Pictures are read from its "
        "origin and Discord's own, and from nowhere else. Must be https, or an address of this "
        "machine.",
        "an address such as https://cdn.discordapp.com",
    )
    database_url: DatabaseUrl = _setting(
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
    file_store: FileStore = _setting(
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
    quota_window: Annotated[Window, BeforeValidator(lower)] = _setting(
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
    watermark: Annotated[Literal["optional", "always"], BeforeValidator(lower)] = _setting(
        "optional",
        "Which videos get the provider's visible watermark. optional: those for which the person "
        "or the server wants it. always: every video, in servers, direct messages and the "
        "terminal, whatever they want.",
        "optional or always",
    )
    aigc_producer: Producer = _setting(
        None,
        "Who is named as the producer in the AIGC field that China's GB 45438-2025 asks for, in "
        "each video's file: a name, or the code that the standard describes. If empty, the bot "
        "writes no such field; one that the provider wrote is kept in any case.",
        "a name or code of at most 200 characters",
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
    health_port: Annotated[int | None, BeforeValidator(none_if_written)] = _setting(
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
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(upper)
    ] = _setting(
        "INFO",
        "The lowest level that is logged.",
        "DEBUG, INFO, WARNING, ERROR or CRITICAL",
    )
    log_format: Annotated[Literal["text", "json"], BeforeValidator(lower)] = _setting(
        "text",
        "The format of log lines.",
        "text or json",
    )

    @field_validator("discord_api_url")
    @classmethod
    def _keeps_the_token(cls, url: str, info: ValidationInfo) -> str:
        check_keeps_the_token(url, insecure=bool(info.data.get("discord_api_insecure")))
        return url

    @property
    def watermark_always(self) -> bool:
        """Whether every video gets the provider's watermark, whatever people and servers want."""
        return self.watermark == "always"

    @property
    def content_check_host(self) -> str | None:
        """The host that checks pictures and prompts, for people; ``None``: there is no check."""
        return urlsplit(self.moderation_url).hostname if self.moderation_url else None

    def outbound(self) -> Outbound:
        """The settings for outgoing connections."""
        return Outbound(uses_proxy=self.use_proxy, networks=self.download_networks)

    def limits(self) -> Limits:
        """The operator's default limit, and the ceilings that no server's moderators can raise."""
        return Limits(
            videos=self.quota_videos,
            window=self.quota_window,
            concurrent=self.quota_concurrent,
            person_day_videos=self.max_videos_user_day,
            guild_month_budget=self.budget_usd_server_month,
            operator_month_budget=self.budget_usd_month,
        )


def variables() -> Mapping[str, FieldInfo]:
    """All settings by variable name, in the order of the documentation."""
    fields = Settings.model_fields
    return {name.upper(): fields[name] for name in sorted(fields, key=_place)}


def _place(name: str) -> int:
    if name.startswith("discord_"):
        return 0
    if name in ProviderSettings.model_fields:
        return 1
    return 3 if name in ContentSettings.model_fields else 2


def expects(field: FieldInfo) -> str:
    """What the value of a setting should be, for messages."""
    extra = field.json_schema_extra
    return str(extra["expects"]) if isinstance(extra, dict) else ""
