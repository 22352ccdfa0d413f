"""Public temporary links to files, like those of object stores."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sandbox.providers.refused import Refused


class Links:
    """Makes links that expire, and recognizes its own."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)

    def path(self, name: str, expires: datetime) -> str:
        """Return path and query of a link to a file that is valid until ``expires``."""
        at = int(expires.timestamp())
        return f"/files/{name}?expires={at}&sig={self._sign(name, at)}"

    def check(self, name: str, *, expires: str, sig: str, now: datetime) -> None:
        """Check a link.

        Raises:
            Refused: it is not one of these links, or has expired.
        """
        if not expires.isdecimal() or not hmac.compare_digest(self._sign(name, int(expires)), sig):
            raise Refused(403, "SignatureDoesNotMatch", "the link's signature is wrong")
        if now.timestamp() >= int(expires):
            raise Refused(403, "AccessDenied", "the link has expired")

    def _sign(self, name: str, expires: int) -> str:
        return hmac.new(self._secret, f"{name} {expires}".encode(), hashlib.sha256).hexdigest()
