"""The most that this process had in memory since a moment; Linux only."""

from pathlib import Path


def forget_peak() -> None:
    """From now on."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """Resident; `getrusage` would count what the parent had when this process was made."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def resident_mb() -> float:
    """Resident now."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6
