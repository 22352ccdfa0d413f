"""Discord's refusals: a status, a JSON error code, and for forms the wrong fields."""

from typing import Any

from sandbox.discord.state.model import Json


class Problem(Exception):
    """A refusal of a request, which becomes its answer."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> Json:
        """Return the JSON of the answer."""
        body: Json = {"message": self.message, "code": self.code}
        return body | ({"errors": self.errors} if self.errors else {})


KNOWN: dict[int, tuple[int, str]] = {
    0: (404, "404: Not Found"),
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    10066: (404, "Unknown application command permissions"),
    30003: (400, "Maximum number of pins reached for the channel (250)"),
    30010: (400, "Maximum number of reactions reached (20)"),
    30032: (400, "Maximum number of application commands reached (100)"),
    30034: (
        400,
        "Max number of daily application command creates has been reached (200)",
    ),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later"),
    40005: (413, "Request entity too large"),
    40033: (400, "This message has already been crossposted"),
    40058: (400, "Cannot send a message in a forum channel"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "This interaction has reached its maximum number of follow-up messages"),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50028: (400, "Invalid Role"),
    50033: (400, "Invalid Recipient(s)"),
    50034: (400, "You can only bulk delete messages that are under 14 days old."),
    50046: (400, "Invalid Asset"),
    50068: (400, "Invalid message type"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    50159: (400, "Voice messages do not support additional content."),
    50160: (400, "Voice messages must have a single audio attachment."),
    50161: (400, "Voice messages must have supporting metadata."),
    50162: (400, "Voice messages cannot be edited."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160009: (400, "Cannot reference a message without permission to read message history"),
    160010: (400, "NSFW channel message reference not allowed"),
    520003: (400, "Cannot edit a poll message"),
    160014: (400, "You cannot forward a message whose content you cannot read"),
}
"""Discord's JSON error codes with their status and message."""


def problem(code: int) -> Problem:
    """Return the refusal with this JSON error code."""
    status, message = KNOWN[code]
    return Problem(status, code, message)


def unauthorized() -> Problem:
    """Return the refusal of a missing or wrong bot token."""
    return Problem(401, 0, "401: Unauthorized")


def blocked_by_network() -> Problem:
    """Cloudflare, which stands before Discord, refuses a request without a User-Agent."""
    words = "Cloudflare is blocking your request. This can often be resolved by setting a proper "
    return Problem(403, 40333, words + "User Agent")


def locked() -> Problem:
    """Return the refusal for a locked thread, archived or not, without Manage Threads.

    Its message is that for an archived thread, with another status (discord-api-docs, issues 6884
    and 7707).
    """
    return Problem(403, 50083, "Thread is archived")


def kind_of(value: Any) -> int | None:
    """Return a ``type`` or ``style``, if it is an integer; in Python, True would be 1."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class FormErrors:
    """Collects the errors of a form by field path."""

    def __init__(self, *, under: str = "") -> None:
        self._under = under
        """Prefix of every path, with its dot: ``data.``."""
        self._tree: dict[str, Any] = {}

    def add(self, path: str, code: str, message: str) -> None:
        """Record an error; list positions in ``path`` are numbers: ``embeds.0.title``.

        A field has errors of its own or of the fields inside, whichever were found first.
        """
        node = self._tree
        for step in (self._under + path).split("."):
            node = node.setdefault(step, {})
            if "_errors" in node:
                break
        if not node or "_errors" in node:
            node.setdefault("_errors", []).append({"code": code, "message": message})

    def required(self, path: str) -> None:
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def length(self, path: str, value: Any, least: int, most: int) -> None:
        """Check the length of a text or a list."""
        if not isinstance(value, str | list):
            self.add(path, "BASE_TYPE_STRING", "Must be string.")
        elif len(value) > most and least == 0:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        elif not least <= len(value) <= most:
            words = f"Must be between {least} and {most} in length."
            self.add(path, "BASE_TYPE_BAD_LENGTH", words)

    def choice(self, path: str, value: Any, allowed: set[int]) -> None:
        if kind_of(value) not in allowed:
            words = f"Value must be one of {{{', '.join(map(str, sorted(allowed)))}}}."
            self.add(path, "BASE_TYPE_CHOICES", words)

    def address(
        self, path: str, url: str, schemes: tuple[str, ...] = ("http", "https", "attachment")
    ) -> None:
        """Check that a text is a URL with one of these schemes; an empty text is allowed."""
        scheme, colon, rest = url.partition("://")
        if not url:
            return
        if not colon or not rest:
            self.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        elif scheme not in schemes:
            words = f'Scheme "{scheme}" is not supported. Scheme must be one of {schemes}.'
            self.add(path, "URL_TYPE_INVALID_SCHEME", words)

    @property
    def any(self) -> bool:
        """Whether an error was recorded."""
        return bool(self._tree)

    def raise_if_any(self) -> None:
        """Raise the refusal 50035 if an error was recorded."""
        if self._tree:
            raise Problem(400, 50035, "Invalid Form Body", self._tree)


def invalid_form(path: str, code: str, message: str) -> Problem:
    """Return the refusal 50035 about one field."""
    errors = FormErrors()
    errors.add(path, code, message)
    return Problem(400, 50035, "Invalid Form Body", errors._tree)
