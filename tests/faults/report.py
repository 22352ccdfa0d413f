"""Runs the fault tests and writes the table of docs/reliability.md from their results.

Run `make reliability`, which kills more often at random moments than `make test` does. A row is a
fault at a place. Its runs are the tests that met it, or the number that a test gives with
``record_property("runs", n)``. A test of many faults at once gives its rows as JSON:
``record_property("rows", as_json(rows))``. If a test fails, its rows say so.
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
    """The results of one fault at one place."""

    outcome: str
    runs: int = 0
    failed: int = 0

    def words(self) -> str:
        """Return the text of the last column."""
        return (
            f"**{self.failed} of {self.runs} failed** · {self.outcome}"
            if self.failed
            else self.outcome
        )


class Gathered:
    """A pytest plugin that collects the results of fault tests from all worker processes."""

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
        """Return the table in Markdown, sorted by fault and place."""
        lines = (
            f"| {what} | {where} | {row.runs} | {row.words()} |\n"
            for (what, where), row in sorted(self.rows.items())
        )
        return HEAD + "".join(lines)


def written(page: str, table: str, marks: tuple[str, str] = MARKS) -> str:
    """Return the page with the table between two marks replaced.

    Raises:
        ValueError: The page does not have exactly one place for the table.
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
    """Run the tests, write the table, and return pytest's exit code."""
    os.environ.setdefault("FLIPBOOK_KILLS", "20")
    gathered = Gathered()
    code = pytest.main(["tests/faults", *sys.argv[1:]], plugins=[gathered])
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), gathered.table()), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
