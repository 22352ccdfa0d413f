"""Removes tokens and keys from log lines, whoever wrote them.

discord.py logs interaction tokens and webhook addresses at DEBUG, and any library may put a header
or an address into an exception. So the finished text of each line is redacted as the last step.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

HIDDEN = "[hidden]"
# A configured value shorter than this is no secret, and hiding it would make logs unreadable.
_SHORTEST_SECRET = 4

_PATTERNS = (
    # Addresses of webhooks and interactions: the id stays, the token does not.
    re.compile(r"(?P<keep>/(?:webhooks|interactions)/\d+/)[^/\s?\"'<>]+"),
    # The same token in discord.py's "major parameters" of a rate limit: id+token.
    re.compile(r"(?P<keep>\b\d{1,20}\+)(?!\d+\b)[\w.=%-]{8,}"),
    # A field of a payload, printed as JSON or by Python.
    re.compile(r"(?P<keep>[\"']\w*(?:token|api_key)[\"']\s*:\s*[\"'])[^\"']+", re.IGNORECASE),
    # An interaction's token anywhere: it is the base64 of "interaction:…".
    re.compile(r"(?P<keep>)\baW50ZXJhY3Rpb246[\w=%-]*"),
    # A header in any notation, and its value without the header's name.
    re.compile(r"(?P<keep>authorization\W{1,6}(?:Bot|Bearer)\s+)[^\s\"',;)}>]+", re.IGNORECASE),
    re.compile(r"(?P<keep>\b(?:Bot|Bearer) )(?=[^\s\"']*\d)[\w.~+/=-]{10,}"),
    # Anything in the shape of a bot token.
    re.compile(r"(?P<keep>)\b[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}"),
    # A password in an address.
    re.compile(r"(?P<keep>://[^\s/:@]*:)[^\s/@]+(?=@)"),
)


class Redactor:
    """Hides the given secrets, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        known |= {quote(secret, safe="") for secret in known}
        # Longest first, so that a secret that contains another one is hidden completely.
        words = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, words))) if words else None

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<keep>{HIDDEN}", text)
        return text
