"""The proxy and the private networks that the operator configured for outgoing connections."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """How outgoing connections are made."""

    uses_proxy: bool = False
    """Whether HTTPS_PROXY and NO_PROXY in the environment are used."""
    networks: tuple[Network, ...] = ()
    """Networks that videos may be downloaded from, besides public addresses."""

    def proxy_for(self, url: str) -> str | None:
        """The proxy for a URL; ``None`` for `http://` and for this machine."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not self.uses_proxy or parts.scheme != "https" or host in ("localhost", "127.0.0.1"):
            return None
        return None if proxy_bypass(host) else getproxies_environment().get("https")

    def allows(self, address: str) -> bool:
        """Whether an IP address, written as text, is in one of the networks."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)


DIRECT = Outbound()
"""No proxy, and public addresses only."""


def without_passwords(words: str) -> str:
    """Remove credentials from URLs in an error's message: aiohttp's contain a proxy's password."""
    return re.sub(r"//[^/@\s]*@", "//", words)
