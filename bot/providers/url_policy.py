"""Which URLs videos may be downloaded from: `https` at public addresses, with one exception.

The exception is the exact origin of the provider's own base URL, which may be on loopback.
:class:`PublicResolver` resolves a name once for each connection, and the connection uses the
addresses that were checked. So a name server that changes its answer gains nothing.
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

# IANA's special-purpose registries. They are listed here because each Python version's `ipaddress`
# knows a different part of them. Everything in them is refused, even if it is only reserved.
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
# In IPv6, only the global unicast space is allowed, so loopback, link-local, unique-local,
# multicast and embedded IPv4 addresses need no entry. Excluded within that space:
_PUBLIC_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(net)
    for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")
)
# NAT64: a network without IPv4 reaches it by this prefix, so the address inside counts.
_NAT64 = IPv6Network("64:ff9b::/96")

_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")

Origin = tuple[str, str | None, int | None]


def origin(url: URL) -> Origin:
    """Scheme, host and port in a comparable form."""
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
    """Parse a link without re-quoting it: the query of a signed link must not change.

    Raises:
        DownloadRefused: the text is not a link.
    """
    if not text.isprintable() or " " in text:
        raise DownloadRefused("the link is not a valid URL")
    try:
        url = URL(text, encoded=text.isascii())
        usable = bool(url.host) and url.port is not None
    except ValueError:
        usable = False
    if not usable:
        raise DownloadRefused("the link is not a valid URL")
    return url


def check_link(url: URL) -> None:
    """Refuse a link that needs no name resolution to be refused.

    Raises:
        DownloadRefused: it is not `https`, has a user name, or names an IP address that is not
        public.
    """
    if url.scheme.lower() != "https":
        raise DownloadRefused(f"the link uses {url.scheme[:10]!r} instead of https")
    if url.user is not None or url.password is not None:
        raise DownloadRefused("the link has a user name in it")
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
    """Whether the host is an IPv4 address in any spelling: ``127.1``, ``2130706433``, ``0x7f.1``.

    By the URL standard, a host whose last part is a number is an address and never a name
    (https://url.spec.whatwg.org/#ends-in-a-number-checker).
    """
    return bool(_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]))


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses one if any of its addresses is neither public nor allowed."""

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
                raise DownloadRefused(f"{host[:100]} resolves to an address that is not public")
        return found

    async def close(self) -> None:
        await self._inner.close()
