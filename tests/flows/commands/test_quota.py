"""The last free video, with everybody asking at once: real client, real database."""

import asyncio

from sandbox.discord import LocalDiscord, Person
from sandbox.vtrix import Fault, LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, photo, videos

AT_ONCE = 200


async def test_two_hundred_commands_for_the_last_video(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    bot.settings |= {"QUOTA_VIDEOS": "1", "QUOTA_CONCURRENT": "100"}
    await bot.start()
    small = photo((360, 360), quality=30)
    await asyncio.gather(*(animate(ada, image=small) for _ in range(AT_ONCE)))
    await bot.reaches("delivered")
    assert len(provider.creates) == 1
    assert [row["state"] for row in bot.rows("SELECT state FROM allowance_holds")] == ["used"]
    assert len(videos(ada)) == 1
    # The other commands leave nothing in the channel.
    await eventually(lambda: len(_public(ada)) == 1 or None, "only the video is left")


async def test_simultaneous_commands_for_the_last_money_of_a_server(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    bot.settings |= {"BUDGET_USD_SERVER_MONTH": "0.39", "PRICE_USD_720P": "0.20"}
    # The bot runs on the machine's own clock: the warning must come after the video.
    bot.program, provider.seconds = ("bot",), 0
    await bot.start()
    people = [ada, discord_.person("Grace")]
    small = photo((360, 360), quality=30)
    asked = [animate(one, image=small) for one in people for _ in range(2)]
    await asyncio.gather(*asked)
    await bot.reaches("delivered")
    (warned,) = bot.rows(
        "SELECT percent FROM budget_warnings WHERE budget = 'guild_month' AND told_at IS NULL "
        "AND percent = 100"
    )
    assert warned["percent"] == 100
    assert len(provider.creates) == 1


async def test_a_failed_video_can_be_made_again_although_it_was_the_last(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    bot.settings |= {"QUOTA_VIDEOS": "1"}
    refused = {"error": {"code": "InvalidParameter", "message": "no"}}
    # The client tries each style of request once.
    provider.faults.add(Fault(operation="create", status=400, body=refused, times=2))
    await bot.start()
    await animate(ada)
    await bot.reaches("failed")
    await animate(ada)
    await bot.reaches("failed", "delivered")
    states = bot.rows("SELECT state FROM allowance_holds ORDER BY made_at")
    assert [row["state"] for row in states] == ["returned", "used"]


def _public(person: Person) -> list[int]:
    """Return the public messages in the channel."""
    return [seen.id for seen in person.sees("general") if not seen.ephemeral]
