"""Clients by other authors, unchanged but for the address, behave here as at Discord.

Each library has a bot of the same behavior beside this file; one script here acts as the people.
discord.js and disnake are run by the gate, the others by ``make peers``, which says in PEERS where
it has installed them.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sandbox.discord import LocalDiscord, Message
from tests.requirements import missing, need_program

HERE = Path(__file__).parent
PATIENCE = 60.0
# npm's messages about a registry that is out of reach.
OUT_OF_REACH = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT"
)
_ALWAYS = ("discord_js", "disnake")
_PEERS = ("nextcord", "pycord", "hikari", "oceanic_js")
LIBRARIES = _PEERS if "PEERS" in os.environ else _ALWAYS

Told = dict[str, Any]


def _node(library: str, folder: Path) -> Sequence[str | Path]:
    """The bot of a library for Node, with exactly the packages that its lock file names."""
    need_program("node")
    npm = need_program("npm")
    shutil.copytree(HERE / library, folder, dirs_exist_ok=True)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1")
    done = subprocess.run(
        [npm, "ci", *quiet], cwd=folder, capture_output=True, text=True, timeout=180, check=False
    )
    if done.returncode and OUT_OF_REACH.search(done.stderr):
        missing("npm cannot reach its registry")
    assert done.returncode == 0, done.stderr
    return ["node", folder / "bot.js"]


def _python(library: str) -> Sequence[str | Path]:
    """The bot of a library for Python, in the environment that it was installed into."""
    peers = os.environ.get("PEERS")
    own = library == "disnake" or peers is None
    python = sys.executable if own else Path(peers or "") / library / "bin" / "python"
    return [python, HERE / f"{library}_bot.py"]


@pytest.fixture(scope="module", params=LIBRARIES)
def program(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Sequence[str | Path]:
    library: str = request.param
    if library.endswith("_js"):
        return _node(library, tmp_path_factory.mktemp(library))
    return _python(library)


class Bot:
    """The process of a bot, which prints what it hears, and the Discord that it is in."""

    def __init__(self, process: asyncio.subprocess.Process, discord: LocalDiscord) -> None:
        self.process = process
        self.discord = discord

    async def told(self, event: str) -> Told:
        """Wait for the next thing that the bot prints, which must be this."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        told: Told = json.loads(line)
        assert told["event"] == event, told
        return told

    async def until(self, holds: Callable[[], bool]) -> None:
        await self.discord.world.changes.until(holds, PATIENCE)

    def seen(self) -> list[str]:
        """The words that Ada sees in #general, oldest first."""
        return [message.content for message in self.discord.person("Ada").sees("general")]


@asynccontextmanager
async def running(program: Sequence[str | Path], *, shards: int = 1) -> AsyncIterator[Bot]:
    """A bot that is connected, with its commands registered."""
    async with LocalDiscord() as discord:
        environment = {
            "PATH": os.environ["PATH"],
            "TOKEN": discord.token,
            "API": discord.api_url,
            "SHARDS": str(shards),
        }
        process = await asyncio.create_subprocess_exec(
            *program, env=environment, stdout=asyncio.subprocess.PIPE
        )
        bot = Bot(process, discord)
        try:
            assert (await bot.told("ready"))["servers"] == ["Workshop"]
            await discord.synced("talk", PATIENCE)
            yield bot
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def test_the_whole_behavior(program: Sequence[str | Path]) -> None:
    async with running(program) as bot:
        for check in (_answers, _components, _reactions, _nonce, _rate_limit, _connection):
            await check(bot)
        assert not [one for one in bot.discord.requests if one.status >= 500]


async def test_two_shards(program: Sequence[str | Path]) -> None:
    async with running(program, shards=2) as bot:
        await bot.until(lambda: len(bot.discord.gateway.sessions) == 2)
        assert {one.shard for one in bot.discord.gateway.sessions} == {(0, 2), (1, 2)}
        await _answers(bot)


async def _answers(bot: Bot) -> None:
    """The five ways to answer: at once, late with a file, to one alone, twice, and by a form."""
    ada = bot.discord.person("Ada")
    replied = await ada.command("talk", how="reply")
    assert _message(replied.message).content == "said"
    late = _message((await ada.command("talk", how="late")).message)
    await bot.until(lambda: bool(late.files) and not late.loading)
    assert (late.content, late.files[0].name, late.files[0].data) == (
        "said late",
        "late.txt",
        b"inside",
    )
    hidden = _message((await ada.command("talk", how="hidden")).message)
    assert hidden.ephemeral
    assert "said quietly" not in [m.content for m in bot.discord.person("Grace").sees("general")]
    await ada.command("talk", how="twice")
    await bot.until(lambda: "said then" in bot.seen())
    form = await ada.command("talk", how="form")
    sent = await ada.submit_modal(form, {"words": "hello"})
    assert _message(sent.message).content == "form: hello"


async def _components(bot: Bot) -> None:
    ada = bot.discord.person("Ada")
    panel = _message((await ada.command("panel")).message)
    picked = await ada.select(panel, "pick", ["b"])
    assert _message(picked.message).content == "picked b"
    await ada.press(panel, "press")
    await bot.until(lambda: panel.content == "pressed")


async def _reactions(bot: Bot) -> None:
    ada = bot.discord.person("Ada")
    message = await ada.say("general", "hello")
    await ada.react(message, "📮")
    await bot.until(lambda: len(message.reactions["📮"]) == 2)


async def _nonce(bot: Bot) -> None:
    await bot.discord.person("Ada").command("nonce")
    assert (await bot.told("sent"))["same"] is True
    assert bot.seen().count("once") == 1


async def _rate_limit(bot: Bot) -> None:
    """Seven messages where five in five seconds are allowed: all come, in order."""
    await bot.discord.person("Ada").command("flood")
    await bot.told("flooded")
    assert [words for words in bot.seen() if words.startswith("flood ")] == [
        f"flood {number}" for number in range(7)
    ]


async def _connection(bot: Bot) -> None:
    """The bot comes back to its session when asked to, and begins anew where it is gone."""
    gateway, ada = bot.discord.gateway, bot.discord.person("Ada")
    gateway.ask_to_reconnect()
    await bot.until(lambda: gateway.resumed == 1)
    assert _message((await ada.command("talk", how="reply")).message).content == "said"
    logins: list[None] = []
    gateway.on_identify = lambda: logins.append(None)
    gateway.invalidate(resumable=False)
    await bot.until(lambda: bool(logins) and gateway.ready)
    assert _message((await ada.command("talk", how="reply")).message).content == "said"


def _message(message: Message | None) -> Message:
    assert message is not None
    return message


@pytest.mark.parametrize("library", ["discord_js", "oceanic_js"])
def test_its_lock_has_checksums_and_no_address(library: str) -> None:
    lock = json.loads((HERE / library / "package-lock.json").read_text("utf-8"))
    packages = [entry for name, entry in lock["packages"].items() if name]
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages)
    assert "://" not in json.dumps(lock)
