"""Runs the provider of `benchmarks.parts.answers` until a block ends."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def answering() -> Iterator[str]:
    """Run the provider, and yield its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.parts.answers"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
