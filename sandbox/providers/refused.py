"""The refusals of a local provider, before they are turned into HTTP."""


class Refused(Exception):
    """A refusal of the provider, with a status, a code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def malformed(message: str) -> Refused:
    """Return a 400 about the form or the values of a request."""
    return Refused(400, "InvalidParameter", message)
