"""How connections leave this machine, where the operator's network needs it to be said."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """Through which proxy, and to which networks that are not public."""

    uses_proxy: bool = False
    """Whether HTTPS_PROXY and NO_PROXY of the environment are heeded."""
    networks: tuple[Network, ...] = ()
    """Where videos may be fetched from besides public addresses."""

    def proxy_for(self, url: str) -> str | None:
        """The proxy for an address; none for `http://`, nor for this machine."""
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
    """An error's words; those of aiohttp show a proxy's address with its password."""
    return re.sub(r"//[^/@\s]*@", "//", words)
