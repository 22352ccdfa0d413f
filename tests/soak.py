"""Soak test: runs the suite repeatedly, each time in another order and under another load.

Run `make soak N=20`. A test that fails in any run is flaky. At the end, each flaky test is printed
with the runs in which it failed. `FLIPBOOK_ORDER=7 make test` repeats the order of run 7.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

# Pairs of the number of pytest workers and the number of processes that only use CPU.
WORKERS = (2, 3, 4, 6)
BUSY = (0, 0, 1, 2)


@contextmanager
def load(processes: int) -> Iterator[None]:
    """Keep this many processors busy, each with a process of its own."""
    busy = [subprocess.Popen((sys.executable, "-c", "while True: pass")) for _ in range(processes)]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


def failures(report: Path) -> list[str]:
    """Return the failed tests in pytest's report; a run without a report failed as a whole."""
    if not report.exists():
        return ["(no report: pytest itself did not end)"]
    cases = ET.parse(report).iter("testcase")  # noqa: S314  (pytest wrote it)
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]


def run(number: int, folder: Path, arguments: list[str]) -> list[str]:
    """Run the suite once, and return the tests that failed."""
    chance = random.Random(number)
    workers, busy = chance.choice(WORKERS), chance.choice(BUSY)
    report = folder / f"{number}.xml"
    command = (sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--dist", "worksteal")
    begun = time.monotonic()
    with load(busy):
        ended = subprocess.run(
            (*command, "-p", "no:cacheprovider", f"--junitxml={report}", *arguments),
            env=os.environ | {"FLIPBOOK_ORDER": str(number)},
            capture_output=True,
            text=True,
            check=False,
        )
    found = failures(report)
    if ended.returncode and not found:
        found = [f"(pytest ended with {ended.returncode})"]
    say(
        f"run {number}: {workers} workers, {busy} busy processes, "
        f"{time.monotonic() - begun:.0f} s, {len(found)} failed"
    )
    if found:
        say(ended.stdout[-20_000:])
    return found


def say(line: str) -> None:
    """Print one line without buffering."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run the suite N times, and return 1 if any test failed in any run."""
    times, *arguments = sys.argv[1:]
    failed: defaultdict[str, list[int]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, int(times) + 1):
            for name in run(number, Path(folder), arguments):
                failed[name].append(number)
    for name, runs in sorted(failed.items(), key=lambda one: -len(one[1])):
        say(f"{len(runs)} of {times} runs: {name} (in {', '.join(map(str, runs))})")
    say(f"{times} runs, {len(failed)} flaky tests")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
