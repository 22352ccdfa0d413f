"""`flipbook run` as a process of its own, between a local Discord and a local provider."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot.storage.engine.engines import Engines, sqlite_engines
from sandbox.bot_process import Process
from sandbox.dashscope import LocalDashScope
from sandbox.discord import Interaction, LocalDiscord, Message, Person, Upload
from sandbox.vtrix import LocalVtrix
from tests.factories import make_picture
from tests.fork_server import ForkServer

# Generous, since machines are busy: a broken bot should fail an assertion, not this timeout.
PATIENCE = 60.0

T = TypeVar("T")


async def eventually(look: Callable[[], T | None], what: str, within: float = PATIENCE) -> T:
    """Call ``look`` until it returns something, and return that.

    Raises:
        AssertionError: It returned nothing in time; the message says ``what`` was awaited.
    """
    deadline = asyncio.get_running_loop().time() + within
    while True:
        seen = look()
        if seen is not None:
            return seen
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"{what}: not within {within:g} s")
        await asyncio.sleep(0.02)


class BotProcess:
    """The bot as an operator starts it: environment, working directory, signals."""

    def __init__(
        self,
        folder: Path,
        discord: LocalDiscord,
        provider: LocalVtrix,
        fork_server: ForkServer | None = None,
    ) -> None:
        """``fork_server`` makes the bot's processes; without one, each is a new Python process."""
        self.folder = folder
        self.fork_server = fork_server
        self.discord = discord
        self.provider = provider
        self.second: LocalDashScope | None = None
        """Another provider, if `tests.flows.second_provider` has given the bot one."""
        self.settings: dict[str, str] = {}
        self.arguments: tuple[str, ...] = ()
        """The arguments of `flipbook run`."""
        self.program: tuple[str, ...] = ("bot",)
        """The module to run, and its arguments before a command."""
        self.log = folder / "bot.log"
        self.database = folder / "data" / "flipbook.db"
        self._process: Process | None = None

    def environment(self) -> dict[str, str]:
        """Return the operator's `.env`, and the variables that any process needs."""
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
        }
        return inherited | {
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_CDN_URL": self.discord.cdn_url,
            "VTRIX_API_KEY": self.provider.key,
            "VTRIX_BASE_URL": self.provider.base_url,
            **self.settings,
        }

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run one `flipbook …` command, and return its exit code, standard output and standard
        error.
        """
        out, err = self.folder / "stdout", self.folder / "stderr"
        for path in (out, err):
            path.unlink(missing_ok=True)
        process = await self._started((*self.program, *arguments), out, err)
        try:
            code = await asyncio.wait_for(process.wait(), PATIENCE)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
        return code, out.read_text(), err.read_text()

    async def start(self) -> None:
        """Start the bot, and wait until Discord shows it online with its commands."""
        await self.launch()
        assert self._process is not None
        ready = asyncio.ensure_future(self._online())
        ended = asyncio.ensure_future(self._process.wait())
        done, pending = await asyncio.wait(
            {ready, ended}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        for waiter in pending:
            waiter.cancel()
        assert ready in done, f"the bot did not come up:\n{self.log.read_text()[-4000:]}"
        await ready

    async def _online(self) -> None:
        await self.discord.ready()
        await self.discord.synced("animate")

    async def launch(self) -> None:
        """Start the bot without waiting."""
        is_new = not self.database.exists() and "DATABASE_URL" not in self.settings
        if self.fork_server is not None and is_new:
            self.fork_server.copy_database(self.database)
        program = (*self.program, "run", *self.arguments)
        self._process = await self._started(program, self.log, self.log)

    async def _started(self, program: tuple[str, ...], out: Path, err: Path) -> Process:
        for path in (out, err):
            path.touch()
        # A fork may start another Python (`tests.attacks.without_capabilities`), which must import
        # the code of this folder, and not an installed version.
        environment = self.environment() | {"PYTHONPATH": str(Path.cwd())}
        if self.fork_server is not None:
            return self.fork_server.start(program, self.folder, environment, out, err)
        with out.open("ab") as out_file, err.open("ab") as err_file:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *program),
                cwd=self.folder,
                env=environment,
                stdout=out_file,
                stderr=err_file,
            )

    async def kill(self) -> None:
        """Kill the bot with SIGKILL."""
        await self._end(signal.SIGKILL)

    async def died(self) -> int:
        """Wait until the bot has ended by itself; returns its exit code, negative for a signal."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def stop(self) -> int:
        """Stop the bot with SIGTERM, as a deployment does, and return its exit code."""
        return await self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """The id of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    def send(self, which: signal.Signals) -> None:
        """Send any other signal, such as SIGSTOP."""
        assert self._process is not None
        self._process.send_signal(which)

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(how)
        return await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def close(self) -> None:
        """Clean up after a test, whatever state the bot is in."""
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Query the database, also while the bot is running."""
        if not self.database.exists():
            return []
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(query, values)]
        except sqlite3.OperationalError:
            return []  # the database has not been migrated yet
        finally:
            connection.close()

    def engines(self) -> Engines:
        """Open engines on the database, which the caller disposes of."""
        return sqlite_engines(self.database)

    def write(self, change: str) -> None:
        """Change the database while the bot is not running."""
        connection = sqlite3.connect(self.database)
        with connection:
            connection.execute(change)
        connection.close()

    def states(self) -> list[str]:
        """Return the states of all tasks, oldest first."""
        return [row["state"] for row in self.rows("SELECT state FROM tasks ORDER BY created_at")]

    async def reaches(self, *states: str) -> None:
        """Wait until the tasks are in exactly these states."""
        await eventually(lambda: self.states() == list(states) or None, f"tasks {states}")


class Watcher:
    """A client that queries `/healthz` and `/readyz` repeatedly, as Docker does."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def ask(self, page: str = "readyz") -> tuple[int, dict[str, Any]]:
        """Return the status and the body."""
        async with self._http.get(f"/{page}") as answer:
            return answer.status, await answer.json()

    async def until(self, status: int, **parts: object) -> None:
        """Wait until `/readyz` answers with this status and these parts."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found, body = await self.ask()
                if found == status and parts.items() <= body.items():
                    return
                await asyncio.sleep(0.1)


@asynccontextmanager
async def open_watcher(bot: BotProcess) -> AsyncIterator[Watcher]:
    """Open a watcher of a bot that is started inside the block."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    bot.settings["HEALTH_PORT"] = str(port)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        yield Watcher(http)


def photo(size: tuple[int, int] = (640, 480), format: str = "JPEG", **save: Any) -> Upload:
    """Return a picture as people attach it."""
    return Upload(f"photo.{format.lower()}", make_picture(format, size, **save))


async def animate(person: Person, prompt: str = "waves roll in", **options: Any) -> Interaction:
    """Send `/animate` with a photograph, in #general unless told otherwise."""
    channel = options.pop("channel", "general")
    image = options.pop("image", None) or photo()
    return await person.command("animate", channel=channel, image=image, prompt=prompt, **options)


def videos(person: Person, channel: str = "general") -> list[Message]:
    """Return the messages with a video that this person sees."""
    return [
        seen for seen in person.sees(channel) if any(is_video(file.data) for file in seen.files)
    ]


def is_video(data: bytes) -> bool:
    """Return whether data starts like an MP4."""
    return data[4:8] == b"ftyp"


async def video(person: Person, channel: str = "general") -> Message:
    """Wait for the first video."""
    return (await eventually(lambda: videos(person, channel) or None, "a video"))[0]


def told(person: Person, shown: Interaction) -> str:
    """Return what this person reads in #general: the public card, and what only they see."""
    seen = [*person.sees("general"), *shown.followups]
    return "\n".join(message.text for message in seen)


async def reads(person: Person, shown: Interaction, words: str) -> None:
    """Wait until this person reads these words."""
    await eventually(lambda: words in told(person, shown) or None, words)
