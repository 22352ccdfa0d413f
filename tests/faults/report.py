"""Runs the fault suite and writes docs/reliability.md's table from what happened.

`make reliability`. It kills more often at random moments than `make test` does. A row is a fault at
a place; its runs are the tests that met it, or as many as a test says with
``record_property("runs", n)``. A test of many faults at once says the rows itself, as JSON:
``record_property("rows", as_json(rows))``. A row whose test failed says so.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PAGE = Path("docs/reliability.md")
HEAD = "| fault | where injected | runs | outcome |\n| --- | --- | --: | --- |\n"
MARKS = ("<!-- made by `make reliability` -->", "<!-- end of what is made -->")


@dataclass
class Row:
    """One fault at one place."""

    outcome: str
    runs: int = 0
    failed: int = 0

    def words(self) -> str:
        """The last column."""
        return (
            f"**{self.failed} of {self.runs} failed** · {self.outcome}"
            if self.failed
            else self.outcome
        )


class Gathered:
    """A plugin of pytest: keeps what each fault test reports, whichever process ran it."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        ended = report.when == "call" or (report.when == "setup" and not report.passed)
        if not ended:
            return
        for one in json.loads(str(properties.get("rows", "[]"))):
            self._count(one, failed=bool(one["breaches"]))
        if "fault" in properties:
            self._count(properties, failed=report.failed, skipped=report.skipped)

    def _count(
        self, properties: Mapping[str, object], *, failed: bool, skipped: bool = False
    ) -> None:
        key = (str(properties["fault"]), str(properties["where"]))
        row = self.rows.setdefault(key, Row(str(properties["outcome"])))
        row.runs += int(str(properties.get("runs", 1)))
        row.failed += failed
        if skipped:
            row.outcome = "not run on this machine"

    def table(self) -> str:
        """Markdown, sorted by fault and place."""
        lines = (
            f"| {what} | {where} | {row.runs} | {row.words()} |\n"
            for (what, where), row in sorted(self.rows.items())
        )
        return HEAD + "".join(lines)


def written(page: str, table: str, marks: tuple[str, str] = MARKS) -> str:
    """The page with the table between these marks replaced.

    Raises:
        ValueError: the page has no place for it.
    """
    begin, end = marks
    made = f"{begin}\n{table}{end}"
    new, times = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: made, page, flags=re.DOTALL
    )
    if times != 1:
        raise ValueError(f"{PAGE} has {times} places for the table, and one is expected")
    return new


def main() -> int:
    """Run, write, and end as the tests ended."""
    os.environ.setdefault("FLIPBOOK_KILLS", "20")
    gathered = Gathered()
    code = pytest.main(["tests/faults", *sys.argv[1:]], plugins=[gathered])
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), gathered.table()), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
