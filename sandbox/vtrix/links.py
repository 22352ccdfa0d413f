"""Public temporary links to files, as object stores make them."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sandbox.vtrix.rules import Refused


class Links:
    """Makes links that end, and knows its own."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)

    def path(self, name: str, expires: datetime) -> str:
        """Path and query of a file's link that works until then."""
        at = int(expires.timestamp())
        return f"/files/{name}?expires={at}&sig={self._sign(name, at)}"

    def check(self, name: str, *, expires: str, sig: str, now: datetime) -> None:
        """Let a link through.

        Raises:
            Refused: not one of these, or over.
        """
        if not expires.isdecimal() or not hmac.compare_digest(self._sign(name, int(expires)), sig):
            raise Refused(403, "SignatureDoesNotMatch", "the link is not one of these")
        if now.timestamp() >= int(expires):
            raise Refused(403, "AccessDenied", "the link has expired")

    def _sign(self, name: str, expires: int) -> str:
        return hmac.new(self._secret, f"{name} {expires}".encode(), hashlib.sha256).hexdigest()
