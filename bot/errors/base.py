"""The base classes, and the errors of settings and of commands in the terminal.

::

    FlipbookError
    ├── Refusal        the person can do something about it; nothing was spent
    ├── SettingsError  one line for each wrong variable
    │   └── PortTaken  another program uses the port, perhaps only for now
    └── CommandError   a command in the terminal cannot do what it was told
"""

from collections.abc import Sequence


class FlipbookError(Exception):
    """The base class of all errors."""


class Refusal(FlipbookError):
    """A request was refused before anything was spent; only its author reads why."""


class SettingsError(FlipbookError):
    """Settings are wrong or missing."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
        """A line for each problem: the variable and what is wrong, but never a secret's value."""


class PortTaken(SettingsError):
    """Another program uses `HEALTH_PORT` at the moment."""


class CommandError(FlipbookError):
    """A command in the terminal cannot do what it was told; its message is for the user."""
