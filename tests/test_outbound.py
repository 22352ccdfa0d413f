"""Outbound proxies: which requests use one, and how its own answers are understood."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from bot.cli.check.checks import look
from bot.cli.run import secrets_of
from bot.errors import DownloadInterrupted, DownloadRefused, ProviderUnreachable, SettingsError
from bot.outbound import Outbound
from bot.providers.download import Downloader
from bot.providers.url_policy import PublicResolver
from bot.settings.loading import load_settings
from sandbox.discord import LocalDiscord
from sandbox.vtrix import LocalVtrix
from tests.factories import make_request
from tests.flows.harness import BotProcess, eventually
from tests.providers.conftest import MakeClient, make_client, picture
from tests.providers.raw import RawServer, raw_server, says
from tests.providers.test_url_policy import Names

__all__ = ["make_client", "picture"]

BY_PROXY = Outbound(uses_proxy=True)
FAKE = "198.18.0.7"


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RawServer]:
    """A proxy that records each destination and refuses the connection."""
    async with raw_server(says(502, b"no")) as server:
        address = server.url.replace("//", "//ada:very-secret@")
        monkeypatch.setenv("HTTPS_PROXY", address)
        yield server


def asked(proxy: RawServer) -> list[str]:
    return [heard.head.split("\r\n", 1)[0] for heard in proxy.heard]


def by(url: str, outbound: Outbound = BY_PROXY) -> str | None:
    return outbound.proxy_for(url)


def test_an_address_goes_by_the_proxy_unless_it_is_this_machine_s_or_excepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "internal.example, .lan")
    assert by("https://discord.com/api/v10") == "http://proxy.example:3128"
    for direct in (
        "https://internal.example/",
        "https://a.lan/",
        "https://localhost:8000/",
        "http://discord.example/",
    ):
        assert by(direct) is None, direct
    assert by("https://discord.com", Outbound()) is None, "a proxy is used without USE_PROXY"


async def test_a_create_call_that_the_proxy_refuses_was_certainly_not_sent(
    proxy: RawServer, make_client: MakeClient, picture: Path
) -> None:
    async with make_client("https://provider.invalid", outbound=BY_PROXY) as client:
        with pytest.raises(ProviderUnreachable) as raised:
            await client.create(make_request(), picture)
        with pytest.raises(ProviderUnreachable):
            await client.status("job")
    assert set(asked(proxy)) == {"CONNECT provider.invalid:443 HTTP/1.1"}
    assert "very-secret" not in str(raised.value)
    assert all(heard.body == b"" for heard in proxy.heard)


async def test_a_video_is_fetched_by_the_proxy_which_looks_its_name_up(
    proxy: RawServer, tmp_path: Path
) -> None:
    names = Names()
    downloader = Downloader(
        trusted=URL("http://127.0.0.1:1"), resolver=names, outbound=BY_PROXY, attempt_seconds=5
    )
    async with downloader:
        with pytest.raises(DownloadInterrupted):
            await downloader.fetch("https://videos.invalid/a.mp4", tmp_path / "a.mp4")
        # An address that is visibly internal is refused as without a proxy.
        with pytest.raises(DownloadRefused):
            await downloader.fetch("https://10.0.0.1/a.mp4", tmp_path / "a.mp4")
    assert asked(proxy) == ["CONNECT videos.invalid:443 HTTP/1.1"]


async def test_invented_addresses_are_taken_where_the_operator_allows_them() -> None:
    allowed = Outbound(networks=load_settings_with(DOWNLOAD_NETWORKS="198.18.0.0/15").networks)
    names = Names([FAKE], [FAKE], [FAKE, "10.0.0.1"])
    assert await PublicResolver(names, outbound=allowed).resolve("v.example")
    with pytest.raises(DownloadRefused):
        await PublicResolver(names).resolve("v.example")
    with pytest.raises(DownloadRefused):
        await PublicResolver(names, outbound=allowed).resolve("v.example")


def load_settings_with(**variables: str) -> Outbound:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return load_settings(dotenv=Path("nowhere")).outbound()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"USE_PROXY": "true"}, "HTTPS_PROXY is not set"),
        ({"USE_PROXY": "true", "HTTPS_PROXY": "socks5://a:1"}, "such as http://proxy.example"),
        ({"USE_PROXY": "true", "HTTPS_PROXY": "proxy"}, "such as http://proxy.example"),
        ({"DOWNLOAD_NETWORKS": "198.18.0.1/15"}, "networks such as 198.18.0.0/15"),
        ({"DOWNLOAD_NETWORKS": "127.0.0.0/8"}, "this machine"),
        ({"DOWNLOAD_NETWORKS": "169.254.169.254/32"}, "this machine"),
    ],
)
def test_invalid_proxy_and_network_settings_are_refused_in_words(
    variables: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings_with(**variables)
    assert words in refused.value.problems[0]


async def test_check_says_what_is_reached_by_the_proxy_and_tries_it(
    proxy: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "USE_PROXY": "true",
        "DISCORD_TOKEN": "a-token",
        "VTRIX_API_KEY": "a-key",
        "DISCORD_API_URL": "https://discord.invalid/api/v10",
        "VTRIX_BASE_URL": "https://provider.invalid",
        "NO_PROXY": "provider.invalid",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(dotenv=Path("nowhere"))
    found = {finding.what: finding async for finding in look(settings)}
    expected = f"Discord through {proxy.url}, Vtrix directly (NO_PROXY)"
    assert found["proxy"].says == expected
    assert not found["discord"].fine
    assert set(asked(proxy)) == {"CONNECT discord.invalid:443 HTTP/1.1"}
    assert not any("very-secret" in finding.says for finding in found.values())
    assert "very-secret" in secrets_of(settings), "the log contains the password"


async def test_a_running_bot_goes_to_discord_by_the_proxy(
    tmp_path: Path, proxy: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with LocalDiscord() as discord, LocalVtrix() as provider:
        bot = BotProcess(tmp_path, discord, provider)
        bot.settings = {
            "DISCORD_API_URL": "https://discord.invalid/api/v10",
            "HTTPS_PROXY": proxy.url.replace("//", "//ada:very-secret@"),
            "USE_PROXY": "true",
            "LOG_LEVEL": "DEBUG",
        }
        await bot.launch()
        await eventually(lambda: proxy.heard or None, "the proxy to be asked")
        await bot.close()
    assert asked(proxy)[0] == "CONNECT discord.invalid:443 HTTP/1.1"
    assert "very-secret" not in bot.log.read_text()
