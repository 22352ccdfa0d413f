"""A fault before and after each step between a command and its video, and the outcome.

The bot is a real process, with the fault injected by `tests.faults.launcher`. After a kill, it is
started again without the fault. After an exception, it goes on by itself.
"""

import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from sandbox.discord import Fault as DiscordFault
from sandbox.discord import Person
from sandbox.discord.state.files import UPLOAD_LIMITS
from sandbox.moderation import LocalModeration
from sandbox.vtrix import Fault, LocalVtrix
from tests.faults.bot_environment import fast_clock
from tests.faults.crash_points import CRASH_POINTS, DELIVERED, FAILED, NOTHING, UNCLEAR, How, When
from tests.faults.invariants import check, check_ended, ended, tasks
from tests.faults.launcher import STRUCK, program
from tests.flows.harness import BotProcess, eventually, photo

# The video is large enough to be sent in several pieces.
VIDEO = b"\0\0\0\x18ftypmp42" + bytes(700_000)
FAULTS: dict[How, str] = {
    "kill": "SIGKILL",
    "raise": "an unexpected exception",
    "lost": "the database reports an error for a write that succeeded",
}


def _cases(how: How, *moments: When) -> list[object]:
    """Return a test case for each point before and after it; for lost answers, only the writes."""
    return [
        pytest.param(
            name,
            when,
            id=f"{name}-{when}",
            marks=pytest.mark.fault(
                FAULTS[how], where=f"{when} {point.words}", outcome=point.ends(when, how)
            ),
        )
        for name, point in CRASH_POINTS.items()
        for when in moments
        if how != "lost" or point.is_a_write
    ]


@pytest.fixture
async def bot(bot: BotProcess, provider: LocalVtrix) -> AsyncIterator[BotProcess]:
    """A bot that logs everything and checks content, with a provider that finishes each video at
    once.
    """
    provider.video = VIDEO
    provider.seconds = 0
    bot.settings["LOG_LEVEL"] = "DEBUG"
    async with LocalModeration() as moderation:
        bot.settings["MODERATION_URL"] = moderation.url
        bot.settings["MODERATION_KEY"] = moderation.key
        yield bot


_ENDS = {DELIVERED: ["delivered"], NOTHING: [], UNCLEAR: ["unknown"], FAILED: ["failed"]}
# How often the provider may have accepted the request.
_ACCEPTED = {DELIVERED: {1}, NOTHING: {0}, UNCLEAR: {0, 1}, FAILED: {1}}
_MONEY = {"delivered": "settled", "unknown": "held", "failed": "released"}
NO_MESSAGE = partial(
    DiscordFault,
    "PATCH",
    "/channels/{channel_id}/messages/{message_id}",
    times=1000,
    status=404,
    body={"message": "Unknown Message", "code": 10008},
)
# Points for which the job must take longer than the answer to the create call.
LOOKED_AT = frozenset({"look", "rendered"})


@pytest.mark.parametrize(("point", "when"), _cases("kill", "before", "after"))
async def test_killed_there_nothing_is_lost_paid_twice_or_posted_twice(
    bot: BotProcess, ada: Person, point: str, when: When
) -> None:
    time = fast_clock()
    bot.program = program(point, when, "kill", time)
    await bot.start()
    await _ask_first(bot, ada, point)
    assert await bot.died() == -signal.SIGKILL
    assert _struck(bot)
    await check(bot)
    bot.program = time.program()
    await bot.start()
    await _came_to(bot, ada, CRASH_POINTS[point].ends(when, "kill"))


@pytest.mark.parametrize(("point", "when"), _cases("raise", "before", "after"))
async def test_a_mistake_there_costs_nobody_anything_and_the_bot_goes_on(
    bot: BotProcess, ada: Person, point: str, when: When
) -> None:
    await _goes_on(bot, ada, point, when, "raise")


@pytest.mark.parametrize(("point", "when"), _cases("lost", "after"))
async def test_a_write_that_seems_to_have_failed_leaves_no_task_behind(
    bot: BotProcess, ada: Person, point: str, when: When
) -> None:
    await _goes_on(bot, ada, point, when, "lost")


async def _goes_on(bot: BotProcess, person: Person, point: str, when: When, how: How) -> None:
    bot.program = program(point, when, how, fast_clock())
    await bot.start()
    await _ask_first(bot, person, point)
    await eventually(lambda: _struck(bot) or None, "the fault")
    await _came_to(bot, person, CRASH_POINTS[point].ends(when, how))
    assert await bot.stop() == 0


async def _ask_first(bot: BotProcess, person: Person, point: str) -> None:
    """Send a command that reaches the point."""
    _arrange(bot, point)
    if CRASH_POINTS[point].given == "no channel":
        await _ask_where_the_channel_goes(bot, person)
    else:
        await _ask(person, "the first one")


async def _ask_where_the_channel_goes(bot: BotProcess, person: Person) -> None:
    """Send a command whose channel is deleted while its video is made."""
    discord_, provider = bot.discord, bot.provider
    channel = discord_.world.add_channel(discord_.world.guild, "short-lived")
    discord_.tell_channel(channel, new=True)
    provider.seconds = 100_000.0
    await _ask(person, "the first one", channel=channel.name)
    await bot.reaches("running")
    discord_.tell_channel_gone(channel)
    provider.finish()


def _arrange(bot: BotProcess, point: str) -> None:
    """Set up the conditions under which the step is reached."""
    provider = bot.provider
    provider.seconds = 0.2 if point in LOOKED_AT else 0
    match CRASH_POINTS[point].given:
        case "no message":
            bot.discord.faults.add(NO_MESSAGE())
        case "fails":
            provider.fail_next("InternalError", "it did not work out")
        case "answer lost":
            provider.faults.add(Fault(operation="create", when="after", reset=True))
        case "asked to wait":
            wait = {"Retry-After": "0"}
            provider.faults.add(Fault(operation="create", status=429, headers=wait))
        case "too large":
            bot.discord.faults.add(NO_MESSAGE())
            provider.video = VIDEO.ljust(UPLOAD_LIMITS[0] + 1, b"\0")
        case "usual" | "no channel":
            pass


async def _ask(person: Person, prompt: str, channel: str = "general") -> None:
    """Send a command, without waiting for its answer."""
    await person.command("animate", channel=channel, image=photo(), prompt=prompt, wait=False)


def _struck(bot: BotProcess) -> bool:
    return (bot.folder / Path(STRUCK)).exists()


async def _came_to(bot: BotProcess, person: Person, end: str) -> None:
    """Check how the first task ended, and that nothing stops the next one."""
    first = _ENDS[end]
    await _ended_as(bot, first)
    bot.provider.seconds = 0
    await _ask(person, "the second one")
    await _ended_as(bot, [*first, "delivered"])
    await check_ended(bot)
    asked = [create.prompt for create in bot.provider.creates]
    assert asked.count("the second one") == 1
    assert asked.count("the first one") in _ACCEPTED[end]
    assert all(task["money"] == _MONEY[task["state"]] for task in tasks(bot))


async def _ended_as(bot: BotProcess, states: list[str]) -> None:
    """Wait until this many tasks have ended, and compare their states."""
    await eventually(lambda: len(bot.states()) >= len(states) or None, f"{len(states)} tasks")
    await ended(bot)
    assert bot.states() == states
