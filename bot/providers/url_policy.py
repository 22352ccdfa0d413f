"""Where a video may be fetched from: `https`, public addresses, and one exception.

The exception is the exact origin of the provider's own address: it may be on loopback.
A name is looked up once for each connection, by :class:`PublicResolver`, and the connection
goes to the addresses that were checked: a name server that changes its answer gains nothing.
"""

import asyncio
import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver
from yarl import URL

from bot.errors import DownloadRefused
from bot.outbound import DIRECT, Outbound

# IANA's special-purpose registries, written down here because `ipaddress` knows a different
# part of them in each version of Python. Everything in them is refused, also what is only
# reserved.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Of IPv6 only the global unicast space is open, so loopback, link-local, unique-local,
# multicast and IPv4 in disguise need no entry. What is left out inside of it:
_PUBLIC_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(net)
    for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")
)
# A network without IPv4 reaches it through this prefix; what counts is the address inside.
_NAT64 = IPv6Network("64:ff9b::/96")

_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")

Origin = tuple[str, str | None, int | None]


def origin(url: URL) -> Origin:
    """Scheme, host and port, in a form that can be compared."""
    return (url.scheme.lower(), url.host, url.port)


def is_public(address: str) -> bool:
    """Whether an IP address, written as text, belongs to the public internet."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return _is_public_v4(parsed)
    return parsed.scope_id is None and _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    return not any(address in net for net in _NOT_PUBLIC_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    if address in _NAT64:
        return _is_public_v4(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _PUBLIC_V6 and not any(address in net for net in _NOT_PUBLIC_V6)


def parse_link(text: str) -> URL:
    """A link as it came, not re-quoted: the query of a signed link must stay as it is.

    Raises:
        DownloadRefused: it is not one.
    """
    if not text.isprintable() or " " in text:
        raise DownloadRefused("the link is not an address")
    try:
        url = URL(text, encoded=text.isascii())
        usable = bool(url.host) and url.port is not None
    except ValueError:
        usable = False
    if not usable:
        raise DownloadRefused("the link is not an address")
    return url


def check_link(url: URL) -> None:
    """Refuse what is wrong already before any name is looked up.

    Raises:
        DownloadRefused: not `https`, a password in it, or an IP address that is not public.
    """
    if url.scheme.lower() != "https":
        raise DownloadRefused(f"a link by {url.scheme[:10]!r}, not by https")
    if url.user is not None or url.password is not None:
        raise DownloadRefused("a link with a user name in it")
    host = url.host or ""
    if (_is_literal(host) or _is_number(host)) and not is_public(host):
        raise DownloadRefused(f"{host[:100]} is not a public address")


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_number(host: str) -> bool:
    """Whether it is an IPv4 address however it is spelled: ``127.1``, ``2130706433``, ``0x7f.1``.

    The URL standard's rule: a host whose last part is a number is an address, and never a name
    that is looked up (https://url.spec.whatwg.org/#ends-in-a-number-checker).
    """
    return bool(_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]))


class PublicResolver(AbstractResolver):
    """Looks names up, and refuses one of which any address is neither public nor allowed."""

    def __init__(
        self, inner: AbstractResolver | None = None, *, outbound: Outbound = DIRECT
    ) -> None:
        self._outbound = outbound
        self._inner = inner or DefaultResolver(loop=asyncio.get_running_loop())

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for result in found:
            address = result["host"]
            if not is_public(address) and not self._outbound.allows(address):
                raise DownloadRefused(f"{host[:100]} leads to an address that is not public")
        return found

    async def close(self) -> None:
        await self._inner.close()
