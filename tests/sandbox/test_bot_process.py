"""The demo's bot: started as an operator starts it, and never left behind."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox import child_guard
from sandbox.bot_process import BotProcess
from sandbox.discord import LocalDiscord
from sandbox.vtrix import LocalVtrix

PATIENCE = 30.0

# The program prints its process id and waits for a signal; with "deaf" it ignores SIGTERM.
PROGRAM = """
import os, signal, sys, time
if sys.argv[1] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(600)
"""


@pytest.fixture
async def discord_() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as local:
        yield local


@pytest.fixture
async def bot(tmp_path: Path, discord_: LocalDiscord) -> AsyncIterator[BotProcess]:
    async with LocalVtrix() as provider:
        process = BotProcess(
            folder=tmp_path,
            settings={
                "DISCORD_TOKEN": discord_.token,
                "DISCORD_API_URL": discord_.api_url,
                "VTRIX_API_KEY": provider.key,
                "VTRIX_BASE_URL": provider.base_url,
            },
        )
        yield process
        await process.kill()


async def test_the_bot_comes_online_stops_and_is_started_again(
    bot: BotProcess, discord_: LocalDiscord, tmp_path: Path
) -> None:
    assert not bot.running
    await bot.start()
    await bot.start()  # starting it twice changes nothing
    await discord_.ready(PATIENCE)
    assert bot.running
    assert (tmp_path / "data" / "flipbook.db").is_file()
    await bot.stop()
    assert not bot.running
    assert await bot.ended() == 0
    assert "stopped" in bot.last_words()
    await discord_.world.changes.until(lambda: not discord_.gateway.ready, PATIENCE)
    await bot.start()
    await discord_.ready(PATIENCE)
    await bot.kill()
    assert not bot.running
    assert await bot.ended() == -signal.SIGKILL


async def test_its_settings_are_told_and_not_inherited(
    bot: BotProcess, discord_: LocalDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With the caller's whole environment, the bot would not even start.
    monkeypatch.setenv("QUOTA_VIDEOS", "many")
    await bot.start()
    await discord_.ready(PATIENCE)


async def test_its_log_says_why_it_did_not_start(tmp_path: Path) -> None:
    process = BotProcess(folder=tmp_path, settings={"QUOTA_VIDEOS": "many"})
    assert process.last_words() == ""
    await process.start()
    assert await process.ended() == 78
    assert not process.running
    assert "QUOTA_VIDEOS" in process.last_words()


async def test_the_bot_ends_when_its_starter_is_killed() -> None:
    holder, number = await guarded("willing")
    assert is_alive(number)
    assert holder.stdin is not None
    # When a process is killed, the system closes its ends of all pipes.
    holder.stdin.close()
    assert await asyncio.wait_for(holder.wait(), PATIENCE) == 128 + signal.SIGTERM
    assert not is_alive(number)


async def test_a_bot_that_ignores_sigterm_is_killed() -> None:
    holder, number = await guarded("deaf", patience=0.2)
    holder.terminate()
    assert await asyncio.wait_for(holder.wait(), PATIENCE) == 128 + signal.SIGKILL
    assert not is_alive(number)


async def guarded(
    how: str, *, patience: float | None = None
) -> tuple[asyncio.subprocess.Process, int]:
    """Start the program under a guard, and return the guard and the program's process id."""
    patience = child_guard.PATIENCE_SECONDS if patience is None else patience
    start = (
        f"import sys; from sandbox import child_guard; child_guard.PATIENCE_SECONDS = {patience}; "
    )
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", start + "sys.exit(child_guard.main(sys.argv[1:]))"),
        *(sys.executable, "-c", PROGRAM, how),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdout is not None
    number = int(await asyncio.wait_for(holder.stdout.readline(), PATIENCE))
    return holder, number


def is_alive(number: int) -> bool:
    """Return whether a process with this id exists."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
