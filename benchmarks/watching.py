"""Polling many tasks every 5 s in one process: how late the polls are, and what they cost.

The provider is a process of its own that always says "in progress". The peers are one coroutine per
task around a bare aiohttp session, and the asynchronous wait of the `dashscope` SDK (for the same
family of models), which `make bench` installs for this purpose.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts.answering import ROOT, answering
from benchmarks.table import Row, met

PEERS = Path(os.environ.get("PEERS", ROOT / ".venv-peers"))
SECONDS = 15
# Each poll of the SDK opens a new connection, so with more tasks the machine would run out of
# ports.
SDK_TASKS = 300
LATE_MS = 5.0
CPU_US = 180.0
TASK_KB = 0.5
SDK_TIMES = 4.0


@dataclass(frozen=True, slots=True)
class Found:
    """The measurements of one way to poll."""

    looks: int
    looks_per_second: float
    cpu_us: float
    late_p50_ms: float
    late_p99_ms: float
    taken_mb: float
    """Memory in MB after each task was polled once."""


def main() -> Sequence[Row]:
    """Measure 1,000 and 10,000 tasks, and the SDK."""
    with answering() as url:
        few, many = (_watch("flipbook", url, tasks) for tasks in (1_000, 10_000))
        few_bare, many_bare = (_watch("coroutines", url, tasks) for tasks in (1_000, 10_000))
        # The comparison is with 10,000 tasks, which have as many connections open; those are not
        # counted.
        most, most_bare = (
            _watch(kind, url, 20_000, seconds=1) for kind in ("flipbook", "coroutines")
        )
        sdk = _watch("dashscope", url, SDK_TASKS)
    return [
        _late("1,000", few, few_bare),
        _late("10,000", many, many_bare),
        _cpu(many, many_bare),
        _sdk(many, sdk),
        _memory(many, most, many_bare, most_bare),
    ]


def _late(tasks: str, ours: Found, bare: Found) -> Row:
    return Row(
        what=f"watching {tasks} tasks at 5 s: lateness of a look",
        ours=f"p50 {ours.late_p50_ms:.1f} ms, p99 {ours.late_p99_ms:.1f} ms"
        f" ({ours.looks_per_second:.0f} looks a second)",
        beside=f"a coroutine per task: p50 {bare.late_p50_ms:.1f} ms, "
        f"p99 {bare.late_p99_ms:.1f} ms",
        ratio=f"{ours.late_p99_ms / bare.late_p99_ms:.2f}x",
        figure=f"p99 {LATE_MS:g} ms: {met(ours.late_p99_ms <= LATE_MS)}",
    )


def _cpu(ours: Found, bare: Found) -> Row:
    return Row(
        what="CPU a look, 10,000 tasks",
        ours=f"{ours.cpu_us:.0f} µs",
        beside=f"a coroutine per task: {bare.cpu_us:.0f} µs",
        ratio=f"{ours.cpu_us / bare.cpu_us:.2f}x",
        figure=f"{CPU_US:g} µs: {met(ours.cpu_us <= CPU_US)}",
    )


def _sdk(ours: Found, sdk: Found) -> Row:
    times = sdk.cpu_us / ours.cpu_us
    return Row(
        what="CPU a look, beside the SDK's asynchronous wait",
        ours=f"{ours.cpu_us:.0f} µs",
        beside=f"dashscope, {SDK_TASKS} tasks: {sdk.cpu_us:.0f} µs",
        ratio=f"{times:.1f} times less",
        figure=f"{SDK_TIMES:g} times less: {met(times >= SDK_TIMES)}",
    )


def _memory(many: Found, most: Found, many_bare: Found, most_bare: Found) -> Row:
    ours, bare = _kb_a_task(many, most), _kb_a_task(many_bare, most_bare)
    return Row(
        what="memory a watched task",
        ours=f"{ours:.2f} kB",
        beside=f"a coroutine per task: {bare:.2f} kB",
        ratio=f"{ours / bare:.2f}x",
        figure=f"{TASK_KB:g} kB: {met(ours <= TASK_KB)}",
    )


def _kb_a_task(many: Found, most: Found) -> float:
    return (most.taken_mb - many.taken_mb) * 1e6 / 1024 / 10_000


def _watch(kind: str, url: str, tasks: int, *, seconds: int = SECONDS) -> Found:
    python = str(PEERS / "bin" / "python") if kind == "dashscope" else sys.executable
    done = subprocess.run(
        [python, "-m", "benchmarks.parts.polls", kind, url, str(tasks), str(seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if kind == "dashscope" else None,  # sessions that it leaves open
        check=True,
        timeout=120,
    )
    return Found(**json.loads(done.stdout.splitlines()[-1]))
