"""`flipbook demo` in a terminal: where its page is, what it leaves behind, and how it ends."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.errors import DatabaseInUse
from bot.storage.engine.lock import exclusive_lock
from sandbox.bot_process import Process
from sandbox.demo import has_desktop
from sandbox.discord import LocalDiscord
from tests.flows.harness import PATIENCE, eventually
from tests.fork_server import ForkServer

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class DemoCommand:
    """The running command, and the files with its output."""

    process: Process
    out: Path
    err: Path

    async def address(self) -> str:
        """Wait for the address of the page in the command's output."""
        ended = asyncio.ensure_future(self.process.wait())
        try:
            return await eventually(lambda: self._address(ended), "its address")
        finally:
            ended.cancel()
            await asyncio.gather(ended, return_exceptions=True)

    def _address(self, ended: asyncio.Future[int]) -> str | None:
        assert not ended.done(), self.err.read_text()
        found = re.search(r"http://\S+(?=\n)", self.out.read_text())
        return found and found[0]

    async def ended(self) -> tuple[int, str]:
        """Wait for the command to end, and return its exit code and standard error."""
        code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        return code, self.err.read_text()


@asynccontextmanager
async def demo(
    folder: Path, *arguments: str, forks: ForkServer | None = None, **environment: str
) -> AsyncIterator[DemoCommand]:
    """The command, started in a folder of its own, which also contains its temporary files.

    ``forks`` is the fork server to start it with; without one, it is a new process.
    """
    program = ("bot", "demo", "--no-open", *arguments)
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(folder),
        **environment,
    }
    # This folder is outside of the one that must stay empty.
    out, err = (folder.with_name(f"{folder.name}.{name}") for name in ("out", "err"))
    for path in (out, err):
        path.write_bytes(b"")
    process = await _started(program, folder, env, out, err, forks)
    try:
        yield DemoCommand(process, out, err)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()


async def _started(
    program: tuple[str, ...],
    folder: Path,
    env: dict[str, str],
    out: Path,
    err: Path,
    forks: ForkServer | None,
) -> Process:
    if forks is not None:
        return forks.start(program, folder, env, out, err)
    with out.open("ab") as out_file, err.open("ab") as err_file:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *program),
            cwd=folder,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out_file,
            stderr=err_file,
        )


def entries(folder: Path) -> list[Path]:
    """Return the names in a folder."""
    return sorted(folder.iterdir())


def has_a_bot(folder: Path) -> bool:
    """Return whether a bot runs on the database in a folder, since a running bot locks it."""
    try:
        with exclusive_lock(folder / "data" / "flipbook.db"):
            return False
    except DatabaseInUse:
        return True


@pytest.mark.parametrize(
    ("how", "is_forked"),
    [(signal.SIGINT, False), (signal.SIGTERM, True), (signal.SIGHUP, True)],
)
async def test_it_says_where_it_is_and_leaves_nothing_behind(
    tmp_path: Path, how: signal.Signals, is_forked: bool, fork_server: ForkServer
) -> None:
    source = fork_server if is_forked else None
    async with demo(tmp_path, "--port", "0", forks=source) as command:
        url = await command.address()
        async with aiohttp.ClientSession() as session, session.get(url) as page:
            assert page.status == 200
            assert page.content_type == "text/html"
        (folder,) = entries(tmp_path)
        assert has_a_bot(folder)
        command.process.send_signal(how)
        code, err = await command.ended()
    assert (code, err) == (0, "")
    assert entries(tmp_path) == []


async def test_what_is_to_be_kept_stays_and_is_used_again(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    kept = tmp_path / "kept"
    for _ in range(2):
        async with demo(tmp_path, "--port", "0", "--keep", str(kept), forks=fork_server) as command:
            await command.address()
            command.process.send_signal(signal.SIGINT)
            assert await command.ended() == (0, "")
    assert (kept / "data" / "flipbook.db").is_file()
    # The second Discord knew no commands, so the bot registered them although they had not changed.
    assert (kept / "bot.log").read_text().count("commands with Discord") == 2


async def test_killed_it_leaves_no_bot_running(tmp_path: Path, fork_server: ForkServer) -> None:
    kept = tmp_path / "kept"
    async with demo(tmp_path, "--port", "0", "--keep", str(kept), forks=fork_server) as command:
        await command.address()
        assert has_a_bot(kept)
        command.process.send_signal(signal.SIGKILL)
        await command.ended()
    await eventually(lambda: None if has_a_bot(kept) else True, "the bot ends")
    # The bot releases its database before it says so.
    log = kept / "bot.log"
    await eventually(lambda: True if "stopped" in log.read_text() else None, "its last words")


async def test_a_port_that_is_taken_is_told_in_words(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with demo(tmp_path, "--port", str(port), forks=fork_server) as command:
            code, err = await command.ended()
    assert code == 1
    assert err.startswith(f"flipbook: port {port} is taken by another program: ")
    assert err.count("\n") == 1


async def test_a_dependency_that_is_missing_is_told_in_words(tmp_path: Path) -> None:
    # This module shadows the one that is installed.
    (tmp_path / "av.py").write_text("raise ImportError('no module named av')")
    async with demo(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}") as command:
        code, err = await command.ended()
    assert code == 1
    assert err.startswith("flipbook: the demo needs PyAV")
    assert "make demo" in err
    assert "Traceback" not in err


async def test_the_folder_of_a_real_bot_is_left_alone(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    (tmp_path / ".env").write_text("QUOTA_VIDEOS=1")
    async with demo(tmp_path, "--keep", ".", forks=fork_server) as command:
        code, err = await command.ended()
    assert code == 1
    assert ".env" in err
    assert entries(tmp_path) == [tmp_path / ".env"]


async def test_a_bot_that_does_not_start_is_told_with_its_log(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    kept = tmp_path / "kept"
    database = kept / "data" / "flipbook.db"
    database.parent.mkdir(parents=True)
    database.write_text("this is no database")
    async with demo(tmp_path, "--port", "0", "--keep", str(kept), forks=fork_server) as command:
        code, err = await command.ended()
    assert code == 1
    assert err.startswith("flipbook: the bot did not start.")
    assert "flipbook.db cannot be used" in err


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True)],
)
def test_a_browser_opens_only_where_there_is_a_screen(
    environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert has_desktop() is expected


async def test_two_local_discords_are_two_applications() -> None:
    async with LocalDiscord() as one, LocalDiscord() as other:
        assert one.world.application_id != other.world.application_id
