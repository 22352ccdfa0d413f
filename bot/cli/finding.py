"""One line of what `flipbook check` answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is fine, and what there is to say."""

    fine: bool
    what: str
    says: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.fine else 'FAIL'}  {self.what:<11} {self.says}"
