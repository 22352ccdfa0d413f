"""A disk without room, a folder without permission: what is lost, and what people read."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.discord import Interaction
from tests.faults.bot_environment import BotEnvironment
from tests.faults.fault_scenario import SPEED, VIDEO, FaultScenario
from tests.faults.invariants import check_ended, ended, tasks
from tests.faults.outcomes import delivered, differences
from tests.flows.harness import BotProcess, eventually, photo
from tests.requirements import need_linux

REFUSED = "wasn't carried out. Nothing was charged"
NOT_WRITTEN = "not written yet"
PAGE = 4096
# The numbers of database pages for which there is room: the disk is full at some point between the
# reservation's commit and the delivery.
NTH = range(1, 40, 3)


@contextmanager
def full(bot: BotProcess, size: int) -> Iterator[None]:
    """Limit the size of all the bot's files, so that the disk seems to be full."""
    need_linux("the limits of another process")
    limit = resource.RLIMIT_FSIZE
    resource.prlimit(bot.pid, limit, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(bot.pid, limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _wal(bot: BotProcess) -> int:
    """Return the size of the write-ahead log, to which every commit goes first."""
    return bot.database.with_name("flipbook.db-wal").stat().st_size


def _read_by(shown: Interaction) -> str:
    return "\n".join(one.text for one in shown.followups)


@pytest.mark.fault(
    "the disk is full",
    where="the nth page that is written to the database",
    outcome="the command is refused, or its task waits; delivered when there is room",
)
async def test_a_disk_that_is_full_at_any_write(
    scenario: FaultScenario, record_property: Callable[[str, object], None]
) -> None:
    record_property("runs", len(NTH))
    await scenario.start()
    refused = []
    for pages in NTH:
        with full(scenario.bot, _wal(scenario.bot) + PAGE * pages):
            if await _stuck_or_refused(scenario, f"room for {pages} pages"):
                refused.append(f"room for {pages} pages")
        await ended(scenario.bot)
    prompts = {task["prompt"] for task in tasks(scenario.bot)}
    assert prompts.isdisjoint(refused)
    assert len(prompts) + len(refused) == len(NTH)
    assert set(scenario.bot.states()) == {"delivered"}
    assert refused, "a command must have been refused, or the disk was never full in time"
    log = scenario.bot.log.read_text()
    assert NOT_WRITTEN in log
    assert "Traceback" not in log, "a full disk must not cause a traceback"
    await check_ended(scenario.bot)


async def _stuck_or_refused(scenario: FaultScenario, prompt: str) -> bool:
    """Send a command, wait until the disk is full, and return whether the command was refused."""
    log = scenario.bot.log
    before = log.stat().st_size
    shown = await scenario.person.command("animate", image=photo(), prompt=prompt)

    def look() -> bool | None:
        if REFUSED in _read_by(shown):
            return True
        is_stuck = NOT_WRITTEN in log.read_text()[before:]
        return False if is_stuck or _is_delivered(scenario, prompt) else None

    return await eventually(look, f"an end of {prompt}")


def _is_delivered(scenario: FaultScenario, prompt: str) -> bool:
    query = "SELECT 1 FROM tasks WHERE prompt = ? AND state = 'delivered'"
    return bool(scenario.bot.rows(query, prompt))


@pytest.mark.fault(
    "the disk is full",
    where="while the picture is read",
    outcome="refused with the reason, nothing spent; the next command works when there is room",
)
async def test_a_disk_without_room_for_the_picture(scenario: FaultScenario) -> None:
    await scenario.start()
    with full(scenario.bot, 1000):
        shown = await scenario.person.command("animate", image=photo(), prompt="no room")
        await eventually(lambda: REFUSED in _read_by(shown) or None, "a refusal")
    assert scenario.bot.states() == []
    await _next_goes(scenario)


@pytest.mark.fault(
    "the disk is full",
    where="while the video is written",
    outcome="downloaded again until there is room; delivered once, paid once",
)
async def test_a_disk_without_room_for_the_video(scenario: FaultScenario) -> None:
    await scenario.start()
    scenario.provider.video = VIDEO.ljust(2_000_000, b"\0")
    with full(scenario.bot, 1_000_000):
        await scenario.ask("a large one")
        await scenario.bot.reaches("rendered")
        await eventually(lambda: scenario.provider.counts["file"] > 2 or None, "further attempts")
    await ended(scenario.bot)
    assert differences(delivered(), scenario.observed("a large one")) == []
    await check_ended(scenario.bot)


@pytest.mark.fault(
    "the disk is full",
    where="startup",
    outcome="says so in one line and exits 75; starts when there is room, nothing is damaged",
)
async def test_a_start_without_room(bot: BotProcess) -> None:
    bot.program = BotEnvironment(room=PAGE).program()
    code, out, err = await bot.run("run")
    assert code == 75
    assert "cannot be used" in out + err
    assert "Traceback" not in out + err
    bot.program = ("bot",)
    assert (await bot.run("db", "upgrade"))[0] == 0
    assert (await bot.run("db", "check"))[0] == 0


@contextmanager
def read_only(*folders: Path) -> Iterator[None]:
    """Make folders read-only, even for root (without its capabilities)."""
    need_linux("capabilities")
    for folder in folders:
        folder.chmod(0o555)
    try:
        yield
    finally:
        for folder in folders:
            folder.chmod(0o755)


@pytest.mark.fault(
    "a folder that is read-only",
    where="startup",
    outcome="names the folder in one line and exits 75",
)
async def test_a_start_in_a_folder_that_is_read_only(bot: BotProcess) -> None:
    bot.program = BotEnvironment(plain_user=True).program()
    with read_only(bot.folder):
        code, out, err = await bot.run("run")
    assert code == 75
    assert "data cannot be created: Permission denied" in out + err
    assert "Traceback" not in out + err
    bot.database.parent.mkdir()
    with read_only(bot.database.parent):
        code, out, err = await bot.run("run")
    assert code == 75
    assert "flipbook.db cannot be used" in out + err
    assert "Traceback" not in out + err


@pytest.mark.fault(
    "a folder that is read-only",
    where="while the bot runs",
    outcome="commands are refused, nothing spent; accepted again once it is writable",
)
async def test_a_folder_that_becomes_read_only(scenario: FaultScenario) -> None:
    await scenario.start(speed=SPEED, plain_user=True)
    data = scenario.bot.database.parent
    incoming = data / "incoming"
    incoming.mkdir(exist_ok=True)
    with read_only(data, incoming):
        shown = await scenario.person.command("animate", image=photo(), prompt="not here")
        await eventually(lambda: REFUSED in _read_by(shown) or None, "a refusal")
    assert scenario.bot.states() == []
    await _next_goes(scenario)


async def _next_goes(scenario: FaultScenario) -> None:
    await scenario.ask("the next one")
    await ended(scenario.bot)
    assert differences(delivered(), scenario.observed("the next one")) == []
    await check_ended(scenario.bot)
