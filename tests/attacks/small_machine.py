"""Machines with little memory: a Linux control group if one can be made, else a pretense.

As a program, `python -m tests.attacks.small_machine MEGABYTES [GROUP] MODULE ARGUMENTS` runs a
module, with all its children, on such a machine.
"""

import contextlib
import os
import runpy
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

MEGABYTE = 1024 * 1024
_GROUPS = Path("/sys/fs/cgroup")


class Machine:
    """A machine that only claims to have little memory; `look` records how much was really used."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self._most = 0

    @property
    def program(self) -> tuple[str, ...]:
        """The arguments of `python -m` that run the bot on this machine."""
        return ("tests.attacks.small_machine", str(self.megabytes), "-", "bot")

    @property
    def killed(self) -> int:
        """The number of processes that the kernel killed because memory ran out."""
        return 0

    @property
    def most(self) -> int:
        """The highest memory use of all processes together in bytes, without the page cache."""
        return self._most

    def look(self, pid: int) -> None:
        """Record the memory that a process and its descendants use at this moment."""
        self._most = max(self._most, resident(family(pid)))


class Group(Machine):
    """A control group: the kernel enforces its memory limit, and kills processes if necessary."""

    def __init__(self, megabytes: int, folder: Path) -> None:
        super().__init__(megabytes)
        self.folder = folder
        self._second = (folder.parent / "cgroup.controllers").exists()
        limit = "memory.max" if self._second else "memory.limit_in_bytes"
        (folder / limit).write_text(str(megabytes * MEGABYTE))
        if (folder / "memory.swap.max").exists():
            (folder / "memory.swap.max").write_text("0")

    @property
    def program(self) -> tuple[str, ...]:
        return ("tests.attacks.small_machine", str(self.megabytes), str(self.folder), "bot")

    @property
    def killed(self) -> int:
        events = self.folder / ("memory.events" if self._second else "memory.oom_control")
        return int(dict(line.split() for line in events.read_text().splitlines())["oom_kill"])


def resident(pids: Iterable[int]) -> int:
    """Return the resident memory of these processes in bytes; shared memory counts for each of
    them.
    """
    pages = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def family(pid: int) -> Iterator[int]:
    """Yield a process and its descendants."""
    yield pid
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


@contextlib.contextmanager
def machine(megabytes: int) -> Iterator[Machine]:
    """Make a machine with this much memory."""
    folder = _own_group() / f"flipbook-{secrets.token_hex(4)}"
    try:
        folder.mkdir()
    except OSError:
        yield Machine(megabytes)
        return
    try:
        yield _group(megabytes, folder)
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a group once its last process has ended."""
    end = time.monotonic() + 30
    while (folder / "cgroup.procs").read_text() and time.monotonic() < end:
        time.sleep(0.02)
    folder.rmdir()


def _group(megabytes: int, folder: Path) -> Machine:
    try:
        return Group(megabytes, folder)
    except OSError:
        # The memory controller is not delegated to this group.
        return Machine(megabytes)


def _own_group() -> Path:
    """Return the folder in which this process may create groups; version 1 is used if it is
    mounted.
    """
    groups = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _number, controllers, path = line.split(":", 2)
        groups[controllers] = path.lstrip("/")
    if "memory" in groups:
        return _GROUPS / "memory" / groups["memory"]
    return _GROUPS / groups.get("", "")


def _main(megabytes: str, group: str, module: str) -> None:
    if group == "-":
        real = os.sysconf
        pages = int(megabytes) * MEGABYTE // real("SC_PAGE_SIZE")
        os.sysconf = lambda name: pages if name == "SC_PHYS_PAGES" else real(name)
    else:
        (Path(group) / "cgroup.procs").write_text("0")
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    place = sys.argv[1:4]
    del sys.argv[1:4]
    _main(*place)
