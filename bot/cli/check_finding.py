"""One line of the output of `flipbook check`."""

from dataclasses import dataclass

_UNPRINTED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Finding:
    """The subject of a check, whether it is fine, and a description."""

    fine: bool
    what: str
    says: str

    def __str__(self) -> str:
        # Names of servers and channels come from others, so control characters are replaced.
        says = "".join(char if char.isprintable() else _UNPRINTED for char in self.says)
        return f"{'ok  ' if self.fine else 'FAIL'}  {self.what:<11} {says}"
