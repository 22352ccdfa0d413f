"""discord.js, a client in another language and by other authors, works with the local Discord."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.discord import LocalDiscord, Upload
from tests.factories import make_picture
from tests.requirements import missing, need_program

HERE = Path(__file__).parent / "second_client"
PATIENCE = 30.0
# npm's messages about a registry that is out of reach.
OUT_OF_REACH = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT"
)

Told = dict[str, Any]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bot and exactly the packages that its lock file names."""
    need_program("node")
    npm = need_program("npm")
    folder = tmp_path_factory.mktemp("second-client")
    for name in ("bot.js", "package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1")
    done = subprocess.run(
        [npm, "ci", *quiet], cwd=folder, capture_output=True, text=True, timeout=180, check=False
    )
    if done.returncode and OUT_OF_REACH.search(done.stderr):
        missing("npm cannot reach its registry")
    assert done.returncode == 0, done.stderr
    return folder


class SecondClient:
    """The process of the discord.js bot, which prints what it hears."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def told(self) -> Told:
        """Wait for the next thing that the bot prints."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        told: Told = json.loads(line)
        return told

    async def stopped(self) -> int:
        """Ask the bot to end, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


@pytest.fixture
async def discord_() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as local:
        yield local


@pytest.fixture
async def client(installed: Path, discord_: LocalDiscord) -> AsyncIterator[SecondClient]:
    process = await asyncio.create_subprocess_exec(
        *("node", "bot.js"),
        cwd=installed,
        env={
            "PATH": os.environ["PATH"],
            "TOKEN": discord_.token,
            "API_WITHOUT_VERSION": discord_.api_url.removesuffix("/v10"),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    yield SecondClient(process)
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_discord_js_answers_a_command_with_a_file_and_sees_a_reaction(
    client: SecondClient, discord_: LocalDiscord
) -> None:
    assert await client.told() == {"event": "ready", "user": "flipbook", "servers": ["Workshop"]}
    ada = discord_.person("Ada")
    assert ada.offered("general") == ["postcard"]

    front = make_picture("PNG")
    shown = await ada.command(
        "postcard", channel="general", text="wish you were here", picture=Upload("a.png", front)
    )
    answered = await client.told()
    message = shown.message
    assert message is not None
    assert answered == {"event": "answered", "message": str(message.id), "channel": "general"}
    assert message.content == f"A postcard from Ada, with {len(front)} bytes on its front"
    assert [(file.name, file.data) for file in message.files] == [
        ("postcard.txt", b"wish you were here")
    ]
    assert not message.loading
    assert list(message.reactions) == ["📮"]

    await ada.react(message, "📮")
    assert await client.told() == {
        "event": "reaction",
        "emoji": "📮",
        "message": str(message.id),
        "user": str(ada.id),
    }
    assert await client.stopped() == 0


def test_its_lock_has_checksums_and_no_address() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text("utf-8"))
    packages = [entry for name, entry in lock["packages"].items() if name]
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages)
    assert "://" not in json.dumps(lock)
