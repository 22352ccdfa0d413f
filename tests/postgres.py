"""PostgreSQL for tests: a cluster in a temporary folder, on a socket in that folder.

:func:`open_guarded_cluster` gives a cluster as hosting providers run it, with TLS and a password.
:func:`open_pooler` puts PgBouncer in front of it.
"""

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.requirements import missing

_PROGRAMS = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/*/bin", "/opt/*/postgresql*/bin")
# The data need not survive a power failure, so the slow guarantees are off.
_SETTINGS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=200 -c shared_buffers=64MB"
)
_PRIVATE = f"{_SETTINGS} -c listen_addresses="


@dataclass
class Cluster:
    """A running cluster, in which new databases are copied from templates."""

    socket: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return int((self.socket / "data" / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """Shut the cluster down as a package upgrade does, which cuts off all connections."""
        _as(_user(), "pg_ctl", "-D", str(self.socket / "data"), "-w", "-m", "fast", "stop")

    def start(self) -> None:
        """Start the cluster again after `stop`."""
        _start(_user(), self.socket, _PRIVATE)

    def url(self, database: str) -> str:
        """Return the value of DATABASE_URL for a database."""
        return f"postgresql://flipbook@/{database}?host={self.socket}"

    def new_database(self, template: str = "template0") -> str:
        """Create an empty database, or a copy of another one, and return its name."""
        name = f"test_{next(self._numbers)}"
        self.run("createdb", "--template", template, name)
        return name

    def speed_up(self, database: str, speed: float) -> None:
        """Make the server's clock run faster for new connections to a database.

        ``clock_timestamp()`` is looked up along the search path, in which a replacement comes
        first.
        """
        now = f"'{datetime.now(UTC).isoformat()}'::timestamptz"
        passed = f"{speed} * (pg_catalog.clock_timestamp() - {now})"
        script = (
            "CREATE SCHEMA fast; CREATE FUNCTION fast.clock_timestamp() RETURNS timestamptz "
            f"LANGUAGE plpgsql AS $$ BEGIN RETURN {now} + {passed}; END $$; "
            f"ALTER DATABASE {database} SET search_path = public, fast, pg_catalog"
        )
        self.run("psql", "-q", "-d", database, "-c", script)

    def program(self, name: str) -> str:
        """Return the path of one of PostgreSQL's programs."""
        return _program(name)

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs on this cluster, and return its output."""
        command = [_program(program), "-h", str(self.socket), "-U", "flipbook", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def open_cluster() -> Iterator[Cluster]:
    """Run a cluster until the block ends; skips the test if PostgreSQL is missing."""
    with _folder() as (folder, user):
        data = folder / "data"
        _as(user, "initdb", "-D", str(data), "-U", "flipbook", "-A", "trust", "--no-sync")
        with _running(user, folder, _PRIVATE):
            yield Cluster(folder)


@dataclass
class GuardedCluster:
    """A cluster that asks everybody for a password, and accepts TCP connections only with TLS."""

    folder: Path
    port: int
    password: str
    certificate: Path

    def url(
        self,
        database: str = "postgres",
        parameters: Mapping[str, str] | None = None,
        *,
        port: int = 0,
        password: str = "",
    ) -> str:
        """Return the address of a database, or of a pooler that listens on ``port``."""
        secret = quote(password or self.password, safe="")
        address = f"postgresql://flipbook:{secret}@localhost:{port or self.port}/{database}"
        return f"{address}?{urlencode(parameters)}" if parameters else address

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs on the cluster, and return its output."""
        command = [_program(program), "-h", str(self.folder), "-p", str(self.port)]
        done = subprocess.run(
            [*command, "-U", "flipbook", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PGPASSWORD": self.password},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def open_guarded_cluster() -> Iterator[GuardedCluster]:
    """Run a cluster with a password and TLS on a loopback port."""
    # Characters that an address must escape, and that shells and format strings trip over.
    password = "p@ss:w/ord %s?"
    with _folder() as (folder, user):
        data, secret = folder / "data", folder / "password"
        secret.write_text(password)
        secret.chmod(0o644)
        guarded = ("-A", "scram-sha-256", f"--pwfile={secret}")
        _as(user, "initdb", "-D", str(data), "-U", "flipbook", *guarded, "--no-sync")
        certificate, key = folder / "server.crt", folder / "server.key"
        certify(certificate, key)
        if user is not None:
            os.chown(key, user.pw_uid, user.pw_gid)
        rules = "local all all scram-sha-256\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        (data / "pg_hba.conf").write_text(rules)
        port = _free_port()
        tls = f"-c ssl=on -c ssl_cert_file={certificate} -c ssl_key_file={key}"
        where = f"-c listen_addresses=127.0.0.1 -p {port}"
        with _running(user, folder, f"{_SETTINGS} {where} {tls}"):
            yield GuardedCluster(folder, port, password, certificate)


@contextmanager
def open_pooler(cluster: GuardedCluster, mode: str) -> Iterator[int]:
    """Run PgBouncer in front of a cluster, pooling by ``mode``; yields its port."""
    program = _pgbouncer()
    with _folder() as (folder, user):
        port = _free_port()
        users = folder / "users"
        users.write_text(f'"flipbook" "{cluster.password}"\n')
        config = folder / "pgbouncer.ini"
        config.write_text(
            "[databases]\n"
            f"* = host={cluster.folder} port={cluster.port}\n"
            "[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = scram-sha-256\nauth_file = {users}\n"
            f"pool_mode = {mode}\nmax_client_conn = 100\ndefault_pool_size = 40\n"
            f"logfile = {folder / 'log'}\npidfile = {folder / 'pid'}\n"
        )
        for path in (users, config):
            path.chmod(0o644)
        _as(user, program, "-d", str(config))
        try:
            _wait_for(port)
            yield port
        finally:
            os.kill(int((folder / "pid").read_text()), signal.SIGKILL)


def _pgbouncer() -> str:
    # Debian installs it where only root's PATH leads.
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    return found or missing("PgBouncer is not installed")


def certify(certificate: Path, key: Path) -> None:
    """Create a self-signed certificate for `localhost`."""
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    done = subprocess.run(
        [*command, "-keyout", str(key), "-out", str(certificate)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    certificate.chmod(0o644)
    key.chmod(0o600)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nobody listens on port {port}"
            time.sleep(0.02)
        else:
            return


@contextmanager
def _folder() -> Iterator[tuple[Path, pwd.struct_passwd | None]]:
    """Create a folder, with the user who owns it."""
    # pytest's folders are closed to other users, and root must run PostgreSQL as another user.
    folder = Path(tempfile.mkdtemp(prefix="flipbook-pg-"))
    user = _user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
        # The tests' own user reads the certificate in it.
        folder.chmod(0o755)
    try:
        yield folder, user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(user: pwd.struct_passwd | None, folder: Path, settings: str) -> Iterator[None]:
    _start(user, folder, settings)
    try:
        yield
    finally:
        _as(user, "pg_ctl", "-D", str(folder / "data"), "-w", "-m", "immediate", "stop")


def _start(user: pwd.struct_passwd | None, folder: Path, settings: str) -> None:
    data, log = str(folder / "data"), str(folder / "log")
    _as(user, "pg_ctl", "-D", data, "-w", "-l", log, "-o", f"{settings} -k {folder}", "start")


def _user() -> pwd.struct_passwd | None:
    """Return the user to run PostgreSQL as, since it refuses to run as root; ``None``: the current
    one.
    """
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as(user: pwd.struct_passwd | None, program: str, *arguments: str) -> None:
    who = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    command: Sequence[str] = [program if "/" in program else _program(program), *arguments]
    # Write the output to a file: the server would keep a pipe open for as long as it runs.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(command, stdout=output, stderr=output, check=False, cwd="/", **who)  # type: ignore[call-overload]
        output.seek(0)
        assert done.returncode == 0, output.read()


def _program(name: str) -> str:
    for pattern in _PROGRAMS:
        for folder in sorted(Path("/").glob(pattern[1:]), reverse=True):
            if (folder / name).exists():
                return str(folder / name)
    found = shutil.which(name)
    if found is None:
        missing(f"PostgreSQL's programs are not installed: {name}")
    return found
