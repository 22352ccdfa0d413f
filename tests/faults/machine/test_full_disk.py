"""A disk that is really full: a small file system that holds everything that the bot writes.

`test_disk` needs no file system of its own, and so no rights: it limits the size of each file
instead.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sandbox.discord import LocalDiscord, Message
from sandbox.vtrix import LocalVtrix
from tests.faults.fault_scenario import VIDEO, FaultScenario
from tests.faults.invariants import check, check_ended, ended
from tests.faults.outcomes import delivered, differences
from tests.flows.harness import BotProcess, eventually, photo
from tests.fork_server import ForkServer
from tests.requirements import need_linux, need_small_disk

MEGABYTES = 32
PIECE = 4096
REFUSED = "wasn't carried out. Nothing was charged"
NOT_WRITTEN = "not written yet"
ON_THE_WAY = tuple(f"on its way {number}" for number in range(4))


@pytest.fixture
async def bot(
    tmp_path: Path, discord_: LocalDiscord, provider: LocalVtrix, fork_server: ForkServer
) -> AsyncIterator[BotProcess]:
    """A bot whose database, pictures and videos are on a small file system."""
    need_linux("a small file system")
    process = BotProcess(tmp_path, discord_, provider, fork_server)
    with need_small_disk(process.database.parent, MEGABYTES):
        yield process
        await process.close()


@contextmanager
def filled(folder: Path, *, but: int = 0) -> Iterator[None]:
    """Fill the disk with somebody else's file, ``but`` for some bytes."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        is_full = False
        while not is_full:
            # The bot may write between the query and the answer.
            room = os.statvfs(folder)
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - but)
                is_full = True
    try:
        yield
    finally:
        filler.unlink()


@pytest.mark.fault(
    "a small file system is full",
    where="in the middle of the video",
    outcome="downloaded again until there is room; delivered once, paid once",
)
async def test_full_in_the_middle_of_the_video(scenario: FaultScenario) -> None:
    await scenario.start()
    scenario.provider.video = VIDEO.ljust(4_000_000, b"\0")
    await _all_run(scenario, "a large one")
    with filled(scenario.bot.database.parent, but=2_000_000):
        scenario.provider.finish()
        await eventually(lambda: scenario.provider.counts["file"] > 2 or None, "further attempts")
        assert scenario.bot.states() == ["rendered"]
        assert "No space left on device" in scenario.bot.log.read_text()
        await check(scenario.bot)
    await _each_is_delivered(scenario, "a large one")


@pytest.mark.fault(
    "a small file system is full",
    where="writes to the database, several tasks running",
    outcome="commands are refused in words, tasks wait; each is delivered once and paid once when "
    "there is room",
)
async def test_full_while_the_database_is_written(scenario: FaultScenario) -> None:
    await scenario.start()
    await _all_run(scenario, *ON_THE_WAY)
    with filled(scenario.bot.database.parent):
        scenario.provider.finish()
        shown = await scenario.person.command("animate", image=photo(), prompt="no room")
        await eventually(lambda: NOT_WRITTEN in scenario.bot.log.read_text() or None, NOT_WRITTEN)
        await eventually(lambda: REFUSED in _words(shown.followups) or None, "a refusal")
        await check(scenario.bot)
    await _each_is_delivered(scenario, *ON_THE_WAY)


@pytest.mark.fault(
    "a small file system is full, and SIGKILL",
    where="writes to the database, several tasks running",
    outcome="nothing is damaged; started when there is room, each is delivered once, paid once",
)
async def test_killed_while_it_is_full(scenario: FaultScenario) -> None:
    await scenario.start()
    await _all_run(scenario, *ON_THE_WAY)
    with filled(scenario.bot.database.parent):
        scenario.provider.finish()
        await eventually(lambda: NOT_WRITTEN in scenario.bot.log.read_text() or None, NOT_WRITTEN)
        await scenario.bot.kill()
        await check(scenario.bot)
    await scenario.start()
    await _each_is_delivered(scenario, *ON_THE_WAY)


async def _all_run(scenario: FaultScenario, *prompts: str) -> None:
    """Send commands, and wait until the provider works on all of them."""
    scenario.provider.slow = float("inf")
    for prompt in prompts:
        await scenario.ask(prompt)
    await scenario.provider.created(len(prompts), within=60)
    await scenario.bot.reaches(*["running"] * len(prompts))


async def _each_is_delivered(scenario: FaultScenario, *prompts: str) -> None:
    """Check that these videos and one more are delivered, and nothing else."""
    scenario.provider.slow = 1.0
    await scenario.ask("when there is room")
    await ended(scenario.bot)
    assert scenario.bot.states() == ["delivered"] * (len(prompts) + 1)
    findings = [
        differences(delivered(), scenario.observed(one)) for one in (*prompts, "when there is room")
    ]
    assert findings == [[]] * len(findings)
    assert "Traceback" not in scenario.bot.log.read_text(), "a full disk must not cause a traceback"
    await check_ended(scenario.bot)


def _words(messages: list[Message]) -> str:
    return "\n".join(one.text for one in messages)
