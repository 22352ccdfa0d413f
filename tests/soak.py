"""Runs the suite again and again, each time in another order and under another load.

`make soak N=20`. A test that fails now and then is unsteady, however rarely. Its name, how often it
failed and in which runs is printed at the end; `FLIPBOOK_ORDER=7 make test` repeats the order of
run 7.
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

# pytest's processes, and others that do nothing but keep a processor busy.
WORKERS = (2, 3, 4, 6)
BUSY = (0, 0, 1, 2)


@contextmanager
def load(processes: int) -> Iterator[None]:
    """So many processes that keep a processor busy each."""
    busy = [subprocess.Popen((sys.executable, "-c", "while True: pass")) for _ in range(processes)]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


def failures(report: Path) -> list[str]:
    """The tests that failed, by a report of pytest's; a run without one failed as a whole."""
    if not report.exists():
        return ["(no report: pytest itself did not end)"]
    cases = ET.parse(report).iter("testcase")  # noqa: S314  (pytest wrote it)
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]


def run(number: int, folder: Path, arguments: list[str]) -> list[str]:
    """One run of the suite; the tests that failed in it."""
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
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run the suite N times; 1 where anything failed in any of them."""
    times, *arguments = sys.argv[1:]
    failed: defaultdict[str, list[int]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, int(times) + 1):
            for name in run(number, Path(folder), arguments):
                failed[name].append(number)
    for name, runs in sorted(failed.items(), key=lambda one: -len(one[1])):
        say(f"{len(runs)} of {times} runs: {name} (in {', '.join(map(str, runs))})")
    say(f"{times} runs, {len(failed)} unsteady tests")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
