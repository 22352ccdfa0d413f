"""SIGKILL at random moments under load: several people, and many commands in progress.

`make reliability` kills more often: `FLIPBOOK_KILLS=20`.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.domain.task import OPEN_STATES
from sandbox.discord import LocalDiscord, Person
from sandbox.vtrix import LocalVtrix
from tests.faults.invariants import check, check_ended, ended, tasks
from tests.flows.harness import PATIENCE, BotProcess, eventually, photo, videos

KILLS = int(os.environ.get("FLIPBOOK_KILLS", "6"))
PEOPLE = 4
FAILURE = ("InternalError", "it did not work out")
# How many requests the bot makes between its start and the next kill. A login takes about 8, and so
# does a video.
MOMENTS = (4, 90)
UNLIMITED = {
    "QUOTA_VIDEOS": "-1",
    "QUOTA_CONCURRENT": "100",
    "MAX_VIDEOS_USER_DAY": "10000",
    "BUDGET_USD_MONTH": "none",
    "BUDGET_USD_SERVER_MONTH": "none",
}


@pytest.fixture
def bot(bot: BotProcess, discord_: LocalDiscord, provider: LocalVtrix) -> BotProcess:
    """A bot without limits, for which each video takes less than a second."""
    bot.settings |= UNLIMITED
    provider.balance = "1000"
    provider.video = b"\0\0\0\x18ftypmp42" + bytes(300_000)
    discord_.rates.scale = 20
    return bot


@pytest.mark.fault(
    "SIGKILL",
    where="random moments under load, including startup",
    outcome="every task ends, none is paid, posted or counted twice",
)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_killed_again_and_again_nothing_is_lost_or_doubled(
    bot: BotProcess, discord_: LocalDiscord, seed: int, record_property: Callable[[str, int], None]
) -> None:
    rng = random.Random(seed)
    await bot.start()
    struck = 0
    async with _crowd(rng, bot, discord_):
        for _ in range(KILLS):
            await _for_a_while(rng, bot)
            await bot.kill()
            await check(bot)
            struck += any(task["state"] in OPEN_STATES for task in tasks(bot))
            await bot.launch()
    bot.provider.finish()
    await ended(bot)
    await check_ended(bot)
    states = Counter(task["state"] for task in tasks(bot))
    # The bot was really busy.
    assert struck >= KILLS / 2, states
    assert states["delivered"] >= KILLS / 4, states
    record_property("runs", KILLS)


async def _for_a_while(rng: random.Random, bot: BotProcess) -> None:
    """Wait until the bot has done a random amount of work, however slow the machine is."""
    enough = _requests(bot) + rng.randint(*MOMENTS)
    await eventually(lambda: _requests(bot) >= enough or None, f"{enough} requests")
    await asyncio.sleep(rng.uniform(0, 0.03))


def _requests(bot: BotProcess) -> int:
    return len(bot.provider.requests) + len(bot.discord.requests)


@asynccontextmanager
async def _crowd(
    rng: random.Random, bot: BotProcess, discord_: LocalDiscord
) -> AsyncIterator[None]:
    """People who ask for videos until the block ends, each in their own channel."""
    world = discord_.world
    asking = []
    for number in range(PEOPLE):
        channel = world.add_channel(world.guild, f"channel-{number}")
        discord_.tell_channel(channel, new=True)
        member = world.add_member(world.guild, f"Person {number}")
        person = discord_.person(member.user.name)
        asking.append(
            asyncio.create_task(_ask_on(rng, discord_, bot.provider, person, channel.name))
        )
    try:
        yield
    finally:
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        failed = [one for one in asking if not one.cancelled()]
        assert not failed, failed


async def _ask_on(
    rng: random.Random, discord_: LocalDiscord, provider: LocalVtrix, person: Person, channel: str
) -> None:
    """Send one command after another, and now and then a reroll, without waiting for answers."""
    number = 0
    while True:
        number += 1
        await discord_.ready(PATIENCE)
        provider.seconds = rng.choice([0.0, 0.0, 0.3])
        provider.failing = FAILURE if rng.random() < 0.1 else None
        seen = videos(person, channel)
        if seen and rng.random() < 0.2:
            await person.press(rng.choice(seen), "🎲", wait=False)
        else:
            prompt = f"{person.user.name}: {number}"
            await person.command(
                "animate", channel=channel, image=photo(), prompt=prompt, wait=False
            )
        await asyncio.sleep(rng.uniform(0.1, 0.5))
