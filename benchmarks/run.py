"""`make bench`: runs every benchmark of this folder in a process of its own, and prints one table.

A benchmark is a module in this folder with a function ``main() -> Sequence[Row]``. Benchmarks run
one after another, so that none disturbs another.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks.parts import page
from benchmarks.table import Row, render

HERE = Path(__file__).parent
NOT_BENCHMARKS = {"run", "table", "__init__"}
LIMIT_SECONDS = 900


def names() -> list[str]:
    """Return the module names of all benchmarks."""
    found = (path.stem for path in HERE.glob("*.py"))
    return sorted(name for name in found if not name.startswith("_") and name not in NOT_BENCHMARKS)


def measure(name: str) -> list[Row]:
    """Run a benchmark in a new process, and return its rows; its progress goes to stderr."""
    command = [sys.executable, "-m", "benchmarks.run", "--one", name]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, timeout=LIMIT_SECONDS, cwd=HERE.parent
    )
    return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]


def _measure_here(name: str) -> None:
    rows: Sequence[Row] = import_module(f"benchmarks.{name}").main()
    print(json.dumps([asdict(row) for row in rows]))


def _measure_all(chosen: Sequence[str], *, write: bool) -> int:
    before = page.load()
    rows: list[Row] = []
    failed: list[str] = []
    for name in chosen:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            rows += measure(name)
        except (subprocess.SubprocessError, ValueError, IndexError) as error:
            failed.append(f"{name}: {error}")
    print(render(rows))
    if write and not failed:
        page.write(rows, before=before, after=page.load())
    for line in failed:
        print(f"failed: {line}", file=sys.stderr)
    return 1 if failed else 0


def main() -> int:
    """Run the named benchmarks, or all of them; return 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"one of: {', '.join(names())}")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument(
        "--write", action="store_true", help="everything, and the table into docs/performance.md"
    )
    asked = parser.parse_args()
    if asked.one:
        _measure_here(asked.one)
        return 0
    chosen = names() if asked.write else asked.name or names()
    return _measure_all(chosen, write=asked.write)


if __name__ == "__main__":
    sys.exit(main())
