"""CPU and memory that a process and its children have used; Linux only."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Used:
    """The usage of one process and its children."""

    main_cpu: float
    """Seconds of CPU."""
    children_cpu: float
    main_mb: float
    """The peak memory of the process in MB."""
    children_mb: float
    """The peak memory of the largest child in MB."""


def used(pid: int) -> Used:
    """Return the usage so far."""
    children = _children(pid)
    return Used(
        main_cpu=_cpu(pid),
        children_cpu=sum(map(_cpu, children)),
        main_mb=_peak_mb(pid),
        children_mb=max(map(_peak_mb, children), default=0.0),
    )


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def _cpu(pid: int) -> float:
    # The fields after the name in parentheses: the state first, and user and system time as 12th
    # and 13th.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
