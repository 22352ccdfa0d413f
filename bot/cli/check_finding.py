"""One line of what `flipbook check` answers."""

from dataclasses import dataclass

_UNPRINTED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is fine, and what there is to say."""

    fine: bool
    what: str
    says: str

    def __str__(self) -> str:
        # Names of servers and channels are other people's: nothing in them steers a terminal.
        says = "".join(char if char.isprintable() else _UNPRINTED for char in self.says)
        return f"{'ok  ' if self.fine else 'FAIL'}  {self.what:<11} {says}"
