"""Command permissions: the bot decides like Discord, and how often it asks Discord."""

import asyncio

import discord
import pytest

from bot.errors import Busy, CommandRefused
from bot.ui.access.command_access import FRESH, STALE, Asker, CommandAccess, Overrides
from sandbox.discord import Fault
from tests.ui.client_fixture import Bot, until

GUILD, CHANNEL, PERSON, ROLE, OTHER = 100, 200, 300, 400, 500
EVERYONE, ALL_CHANNELS = GUILD, GUILD - 1
PERMISSIONS = "/applications/{application_id}/guilds/{guild_id}/commands/permissions"

# Overrides for the command and for all commands, and whether Ada, who has one role, may use it.
CASES: dict[str, tuple[dict[int, bool], dict[int, bool], bool]] = {
    "nothing": ({}, {}, True),
    "not in this channel": ({CHANNEL: False}, {}, False),
    "in no channel": ({ALL_CHANNELS: False}, {}, False),
    "in this channel only": ({ALL_CHANNELS: False, CHANNEL: True}, {}, True),
    "not everyone": ({EVERYONE: False}, {}, False),
    "not everyone, but the role": ({EVERYONE: False, ROLE: True}, {}, True),
    "not the role": ({ROLE: False}, {}, False),
    "one of the roles": ({ROLE: False, OTHER: True}, {}, True),
    "not the role, but the person": ({ROLE: False, PERSON: True}, {}, True),
    "the role, but not the person": ({ROLE: True, PERSON: False}, {}, False),
    "somebody else": ({301: False}, {}, True),
    "the person, but not in this channel": ({PERSON: True, CHANNEL: False}, {}, False),
    "none of the commands": ({}, {EVERYONE: False}, False),
    "none of the commands but this": ({EVERYONE: True}, {EVERYONE: False}, True),
    "no command in this channel": ({PERSON: True}, {CHANNEL: False}, False),
}


def asker() -> Asker:
    roles = frozenset({ROLE, OTHER, EVERYONE})
    return Asker(guild_id=GUILD, channel_id=CHANNEL, person_id=PERSON, role_ids=roles)


@pytest.mark.parametrize("case", CASES)
def test_overrides_decide_as_discord_does(case: str) -> None:
    command, application, allowed = CASES[case]
    overrides = Overrides(command=command, application=application)
    assert overrides.allow(asker()) is allowed


# --- requests to Discord --------------------------------------------------------------------

MAY = discord.Permissions(use_application_commands=True)


@pytest.fixture
def access(bot: Bot) -> CommandAccess:
    return CommandAccess(client=bot.client, clock=bot.clock)


@pytest.fixture
def ada(bot: Bot) -> Asker:
    world = bot.local.world
    return Asker(
        guild_id=world.guild.id,
        channel_id=world.channel("general").id,
        person_id=bot.local.person("Ada").id,
    )


def deny(bot: Bot, ada: Asker) -> None:
    registered = bot.local.commands.all(None)
    command_id = next(int(one["id"]) for one in registered if one["name"] == "animate")
    entry = {"id": str(ada.person_id), "type": 2, "permission": False}
    bot.local.world.command_permissions[ada.guild_id, command_id] = [entry]


async def test_many_checks_at_once_are_one_request(
    bot: Bot, access: CommandAccess, ada: Asker
) -> None:
    await asyncio.gather(*(access.check(ada, MAY) for _ in range(50)))
    assert bot.local.count("GET", PERMISSIONS) == 1


async def test_a_change_without_an_event_is_known_after_some_minutes(
    bot: Bot, access: CommandAccess, ada: Asker
) -> None:
    await access.check(ada, MAY)
    deny(bot, ada)
    await access.check(ada, MAY)
    bot.clock.skip(seconds=FRESH.total_seconds())
    with pytest.raises(CommandRefused):
        await access.check(ada, MAY)


async def test_a_change_with_an_event_is_known_at_once(
    bot: Bot, access: CommandAccess, ada: Asker
) -> None:
    await access.check(ada, MAY)
    deny(bot, ada)
    access.forget(ada.guild_id)
    with pytest.raises(CommandRefused):
        await access.check(ada, MAY)


async def test_permissions_are_asked_for_again_after_a_new_gateway_session(
    bot: Bot, ada: Asker
) -> None:
    access = bot.client.flow.access
    await access.check(ada, MAY)
    deny(bot, ada)
    bot.local.gateway.forget()
    await bot.local.gateway.close(4000)
    await _refused(access, ada)
    # If the client closes while it is connecting, discord.py leaves the connection half open.
    await until(lambda: bot.local.gateway.ready and bot.client.is_connected)


async def _refused(access: CommandAccess, asker: Asker) -> None:
    """Check repeatedly until the answer is no."""
    async with asyncio.timeout(30):
        while True:
            try:
                await access.check(asker, MAY)
            except CommandRefused:
                return
            await asyncio.sleep(0.01)


async def test_the_last_answer_is_used_for_a_while_when_discord_does_not_answer(
    bot: Bot, access: CommandAccess, ada: Asker
) -> None:
    await access.check(ada, MAY)
    bot.local.faults.add(Fault("GET", PERMISSIONS, status=404, times=99))
    bot.clock.skip(seconds=STALE.total_seconds() - 5)
    await access.check(ada, MAY)
    bot.clock.skip(seconds=10)
    with pytest.raises(Busy):
        await access.check(ada, MAY)


async def test_an_answer_that_takes_too_long_for_a_button_does_not_count(
    bot: Bot, access: CommandAccess, ada: Asker
) -> None:
    bot.local.faults.add(Fault("GET", PERMISSIONS, delay=20, times=1))
    async with asyncio.timeout(2.5):
        with pytest.raises(Busy):
            await access.check(ada, MAY)


async def test_who_administers_the_server_may_and_who_has_no_commands_may_not(
    bot: Bot, access: CommandAccess, ada: Asker
) -> None:
    deny(bot, ada)
    await access.check(ada, discord.Permissions(administrator=True))
    with pytest.raises(CommandRefused):
        await access.check(ada, discord.Permissions.none())
    assert bot.local.count("GET", PERMISSIONS) == 0
