"""Small machines: the whole bot, with all its processes, in the memory of a cheap server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest

from sandbox.discord import Interaction, LocalDiscord, Person, Upload
from tests.attacks.small_machine import MEGABYTE, Machine, machine
from tests.flows.conftest import ada, bot, discord_, provider  # noqa: F401 - fixtures
from tests.flows.harness import BotProcess, animate, eventually
from tests.imaging.pictures import noise, photograph, saved
from tests.requirements import need_linux

PEOPLE = 20
BUSY = "busy right now"
TOO_SMALL = "enough memory for this picture"


@pytest.fixture(params=[512])
def small(request: pytest.FixtureRequest) -> Iterator[Machine]:
    need_linux("control groups and /proc")
    with machine(request.param) as made:
        yield made


@contextlib.asynccontextmanager
async def watched(small: Machine, bot: BotProcess) -> AsyncIterator[None]:  # noqa: F811
    """Run the bot on the machine; check that nothing is killed for lack of memory, and that the
    total never exceeds the machine's.
    """

    async def look() -> None:
        while True:
            await asyncio.to_thread(small.look, bot.pid)
            await asyncio.sleep(0.05)

    bot.program = small.program
    await bot.start()
    watching = asyncio.create_task(look())
    try:
        yield
    finally:
        watching.cancel()
    assert small.killed == 0
    assert 0 < small.most < small.megabytes * MEGABYTE
    assert await bot.stop() == 0


def new_people(discord: LocalDiscord) -> list[Person]:
    guild = next(iter(discord.world.guilds.values()))
    names = [f"Person {number}" for number in range(PEOPLE)]
    for name in names:
        discord.world.add_member(guild, name)
    return [discord.person(name) for name in names]


def twelve_megapixels() -> Upload:
    return Upload("photo.jpg", saved(photograph(), "JPEG", quality=90))


def hungry() -> Upload:
    """A picture whose decoding takes 18 bytes a pixel: the machine has room for only one."""
    return Upload("drawing.webp", saved(noise((4000, 3600)), "WEBP", quality=10, method=0))


def says(shown: Interaction) -> str:
    """Return the ephemeral answer to a command."""
    return " ".join(answer.text for answer in shown.followups)


async def test_20_photographs_at_once_on_a_machine_of_512_megabytes(
    small: Machine,
    bot: BotProcess,  # noqa: F811
    discord_: LocalDiscord,  # noqa: F811
) -> None:
    usual, large = await asyncio.to_thread(lambda: (twelve_megapixels(), hungry()))
    images = [large if number % 5 == 0 else usual for number in range(PEOPLE)]
    people = new_people(discord_)

    async def ask(person: Person, image: Upload) -> Interaction:
        return await animate(person, image=image)

    async with watched(small, bot):
        asked = await asyncio.gather(*map(ask, people, images))

        def done() -> bool | None:
            refused = sum(bool(says(shown)) for shown in asked)
            return len(bot.rows("SELECT id FROM tasks")) + refused == PEOPLE or None

        await eventually(done, "every command to end", within=180)
        refused = [says(shown) for shown in asked if says(shown)]
        sent = PEOPLE - len(refused)
        await eventually(
            lambda: len(bot.provider.creates) == sent or None, "every task to be sent", within=180
        )
    assert all(BUSY in answer for answer in refused), refused
    assert sent >= PEOPLE // 2
    assert {one.still.width for one in bot.provider.creates} == {2000}


@pytest.mark.parametrize("small", [256], indirect=True)
async def test_a_machine_of_256_megabytes_makes_small_pictures_and_says_what_is_too_large(
    small: Machine,
    bot: BotProcess,  # noqa: F811
    ada: Person,  # noqa: F811
) -> None:
    large = await asyncio.to_thread(twelve_megapixels)
    async with watched(small, bot):
        shown = await animate(ada, image=large)
        await eventually(lambda: says(shown) or None, "a refusal")
        assert TOO_SMALL in says(shown)
        await animate(ada)
        await bot.reaches("delivered")
