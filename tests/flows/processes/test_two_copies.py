"""Two `flipbook run` with one token: with separate databases, and on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.discord import LocalDiscord, Person
from sandbox.vtrix import LocalVtrix
from tests.faults.bot_environment import fast_clock
from tests.flows.conftest import SPEED
from tests.flows.harness import BotProcess, animate, eventually, videos
from tests.fork_server import ForkServer
from tests.postgres import Cluster

WARNING = "another copy of this bot is running with the same DISCORD_TOKEN"
COMMANDS = 4


@pytest.fixture
async def copies(
    tmp_path: Path, discord_: LocalDiscord, provider: LocalVtrix, fork_server: ForkServer
) -> AsyncIterator[list[BotProcess]]:
    """Two bots in folders of their own, not started yet, which agree on the time."""
    made: list[BotProcess] = []
    program = fast_clock(SPEED).program()
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        made.append(BotProcess(folder, discord_, provider, fork_server))
        made[-1].program = program
    yield made
    for bot in made:
        await bot.close()


async def ready(bot: BotProcess) -> None:
    """Wait until this bot is connected."""
    await eventually(lambda: "ready as" in bot.log.read_text() or None, "the copy to be ready")


async def test_each_command_is_paid_once_and_log_and_check_say_what_is_going_on(
    copies: list[BotProcess], provider: LocalVtrix, ada: Person
) -> None:
    for bot in copies:
        # Both have room for all videos.
        bot.settings = {"QUOTA_VIDEOS": "20", "QUOTA_CONCURRENT": "20"}
        await bot.start()
        await ready(bot)
    for number in range(COMMANDS):
        await animate(ada, f"number {number}")
    await eventually(lambda: len(videos(ada)) == COMMANDS or None, "the videos")
    # The copy that lost a race has logged it by now, as that happens before any video begins.
    made = [row for bot in copies for row in bot.rows("SELECT * FROM tasks")]
    assert len(made) == COMMANDS
    assert len(provider.creates) == COMMANDS, "a command was paid twice"
    assert len(ada.sees("general")) == COMMANDS, "a command is shown twice"
    logs = [bot.log.read_text() for bot in copies]
    assert sum(log.count("left alone, another process") for log in logs) == COMMANDS
    assert max(log.count(WARNING) for log in logs) == 1, "a copy warned more than once"
    for bot, log in zip(copies, logs, strict=True):
        code, out, _ = await bot.run("check")
        [line] = [one for one in out.splitlines() if " copies " in one] or [""]
        assert ("FAIL" in line) is (WARNING in log)
        if line:
            assert code == 1
            assert "the same DISCORD_TOKEN" in line


async def test_a_second_gateway_on_one_postgresql_waits_and_refuses_in_words(
    copies: list[BotProcess], cluster: Cluster, discord_: LocalDiscord, ada: Person
) -> None:
    first, second = copies
    url = cluster.url(cluster.new_database())
    time = fast_clock(3.0)
    for bot in copies:
        bot.settings, bot.program = {"DATABASE_URL": url}, time.program()
    await first.start()
    await ready(first)
    await second.launch()
    # Twice 30 s by the bot's clock.
    assert await asyncio.wait_for(second.died(), 60 / time.speed) != 0
    log = second.log.read_text()
    assert "waiting up to 30 s" in log
    assert "another flipbook run is connected to Discord through this database" in log
    assert "Traceback" not in log
    # The first gateway is not affected, and makes room when it ends.
    await animate(ada)
    await eventually(lambda: videos(ada) or None, "the video")
    assert await first.stop() == 0
    await second.launch()
    await ready(second)
    assert await second.stop() == 0
