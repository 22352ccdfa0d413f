"""The policy for video URLs."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.errors import DownloadRefused
from bot.providers.url_policy import PublicResolver, check_link, is_public, origin, parse_link

# Addresses of public name servers, as documented by their owners; nothing is sent to them.
PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"]
NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700:4700::1111%eth0",
    "ff02::1",
    "not an address",
    "2130706433",
    "127.1",
    "",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "link",
    [
        "http://1.1.1.1/a.mp4",
        "ftp://1.1.1.1/a.mp4",
        "https://127.0.0.1/a.mp4",
        "https://[::1]/a.mp4",
        "https://[::ffff:7f00:1]/a.mp4",
        "https://[fe80::1%25eth0]/a.mp4",
        "https://169.254.169.254/latest/meta-data",
        # Unusual spellings of internal addresses, whatever a library makes of them.
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://127.0.0.1./",
        "https://10.0.513/",
        "https://0/",
        "https://0x/",
        "https://1.1.1.1.1/",
        "https://999.999.999.999/",
        "https://١٢٧.0.0.1/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://①②⑦.0.0.1/",
        "https://me@1.1.1.1/a.mp4",
        "https://me:pass@1.1.1.1/a.mp4",
        "https:///a.mp4",
        "https://",
        "/a.mp4",
        "file:///etc/hostname",
        "data:video/mp4;base64,AAAA",
        "https://1.1.1.1:99999/",
        "https://1.1.1.1/a b",
        "https://1.1.1.1/\n",
        "",
    ],
)
def test_links_that_are_refused_before_any_lookup(link: str) -> None:
    with pytest.raises(DownloadRefused):
        check_link(parse_link(link))


def test_a_signed_link_goes_out_as_it_came() -> None:
    link = "https://v.example/a%2Bb+c/%7e?X-Sig=a%2Fb%3D&t=1|2&e="
    url = parse_link(link)
    check_link(url)
    assert str(url) == link


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin(URL("https://V.example/a")) == origin(parse_link("https://v.example:443/b"))
    for other in ("http://v.example", "https://v.example:444", "https://w.example"):
        assert origin(URL("https://v.example")) != origin(URL(other))


class Names(AbstractResolver):
    """A resolver that gives the addresses that a test chooses, different ones for each question."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = self.answers.pop(0)
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0)
            for one in found
        ]

    async def close(self) -> None:
        self.closed = True


async def test_a_name_is_refused_when_any_of_its_addresses_is_not_public() -> None:
    names = Names(["1.1.1.1"], ["1.1.1.1", "10.0.0.1"])
    resolver = PublicResolver(names)
    assert [found["host"] for found in await resolver.resolve("v.example")] == ["1.1.1.1"]
    with pytest.raises(DownloadRefused, match=r"v\.example"):
        await resolver.resolve("v.example")
    await resolver.close()
    assert names.closed


async def test_the_system_resolver_is_checked_too() -> None:
    resolver = PublicResolver()
    with pytest.raises(DownloadRefused):
        await resolver.resolve("localhost", 443)
    await resolver.close()
