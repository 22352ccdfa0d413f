"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on a socket in that folder."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.needs import missing

_PROGRAMS = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/*/bin", "/opt/*/postgresql*/bin")
# Nothing here has to survive a loss of power.
_SETTINGS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=200 -c shared_buffers=64MB"
)


@dataclass
class Cluster:
    """A running cluster; databases are made of a template."""

    socket: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def pid(self) -> int:
        """Of the process that all its others come from."""
        return int((self.socket / "data" / "postmaster.pid").read_text().split()[0])

    def url(self, database: str) -> str:
        """What DATABASE_URL is set to."""
        return f"postgresql://flipbook@/{database}?host={self.socket}"

    def new_database(self, template: str = "template0") -> str:
        """An empty database, or a copy of another one; its name."""
        name = f"test_{next(self._numbers)}"
        self.run("createdb", "--template", template, name)
        return name

    def program(self, name: str) -> str:
        """Where one of PostgreSQL's own programs is."""
        return _program(name)

    def run(self, program: str, *arguments: str) -> str:
        """One of PostgreSQL's own programs on this cluster; what it printed."""
        command = [_program(program), "-h", str(self.socket), "-U", "flipbook", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def open_cluster() -> Iterator[Cluster]:
    """A cluster for as long as the block lasts; skips where the programs are missing."""
    # Not below pytest's folder, which only its owner may enter: root starts it as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="flipbook-pg-"))
    user = _user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data = folder / "data"
    try:
        _as(user, "initdb", "-D", str(data), "-U", "flipbook", "-A", "trust", "--no-sync")
        start = ["-D", str(data), "-w", "-l", str(folder / "log"), "-o", f"{_SETTINGS} -k {folder}"]
        _as(user, "pg_ctl", *start, "start")
        try:
            yield Cluster(folder)
        finally:
            _as(user, "pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to be root; ``None``: whoever runs the tests will do."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as(user: pwd.struct_passwd | None, program: str, *arguments: str) -> None:
    who = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    command: Sequence[str] = [_program(program), *arguments]
    # Its output goes to a file: the server would keep a pipe open for as long as it lives.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(command, stdout=said, stderr=said, check=False, cwd="/", **who)  # type: ignore[call-overload]
        said.seek(0)
        assert done.returncode == 0, said.read()


def _program(name: str) -> str:
    for pattern in _PROGRAMS:
        for folder in sorted(Path("/").glob(pattern[1:]), reverse=True):
            if (folder / name).exists():
                return str(folder / name)
    found = shutil.which(name)
    if found is None:
        missing(f"PostgreSQL's programs are not installed: {name}")
    return found
