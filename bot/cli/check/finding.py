"""One line of the output of `flipbook check`."""

from dataclasses import dataclass

_UNPRINTED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Finding:
    """The subject of a check, whether it is fine, and a description."""

    fine: bool
    what: str
    says: str
    is_warning: bool = False
    """Whether it is fine, but the operator should know of it."""

    def __str__(self) -> str:
        # Names of servers and channels come from others, so control characters are replaced.
        says = "".join(char if char.isprintable() else _UNPRINTED for char in self.says)
        level = ("warn" if self.is_warning else "ok  ") if self.fine else "FAIL"
        return f"{level}  {self.what:<11} {says}"
