"""Moderators decide, members meet the limits, and everything is in the audit log."""

import math
from typing import Any

import pytest

from sandbox.discord import Interaction, LocalDiscord, Person
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, videos


def private(shown: Interaction) -> str | None:
    """Return the ephemeral answer, if there is one yet."""
    for one in [*shown.followups, shown.message]:
        if one is not None and one.ephemeral and not one.loading:
            return one.text
    return None


async def answer(person: Person, name: str, *, raw: bool = False, **options: Any) -> str:
    """Send a command, and return its ephemeral answer."""
    shown = await person.command(name, raw=raw, options=options)
    words = await eventually(lambda: private(shown), f"/{name} answers")
    assert "went wrong" not in words
    return words


async def refused(person: Person, prompt: str) -> str:
    """Send `/animate`, and return the refusal."""
    shown = await animate(person, prompt)
    return await eventually(lambda: private(shown), "a refusal")


async def delivered(person: Person, count: int) -> None:
    await eventually(lambda: len(videos(person)) == count or None, f"{count} videos")


async def test_a_limit_is_set_run_into_and_raised(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    mona = discord_.person("Mona")
    await answer(mona, "settings set", log_channel=discord_.world.channel("general"))
    assert "Done" in await answer(mona, "quota-admin set", user=ada, videos=1)
    await animate(ada, "wave 1")
    await delivered(ada, 1)
    words = await refused(ada, "wave 2")
    assert "1 video per 24 hours" in words
    assert "<t:" in words
    shown = await answer(mona, "quota-admin show", user=ada)
    assert "set by a moderator" in shown
    assert "1 used" in shown
    assert "**0 left**" in shown
    granted = await answer(mona, "quota-admin grant", user=ada, videos=2, days=7)
    assert "2 bonus videos, the first expires <t:" in granted
    for number in (2, 3):
        await animate(ada, f"wave {number}")
        await delivered(ada, number)
    assert "per 24 hours" in await refused(ada, "wave 4")
    log = await answer(mona, "quota-admin log", user=ada)
    assert "bonus" in log
    assert "limit for" in log
    # The log channel has the same lines, and they mention nobody.
    lines = [one for one in ada.sees("general") if "bonus of" in one.text]
    assert len(lines) == 1
    assert lines[0].mentions == []


async def test_every_subcommand_refuses_members_who_are_no_moderators(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    grace = discord_.person("Grace")
    role = discord_.world.add_role(discord_.world.guild, "Helpers")
    asked: dict[str, dict[str, Any]] = {
        "show": {"user": grace},
        "set": {"user": ada, "videos": 100},
        "grant": {"user": ada, "videos": 100},
        "reset": {"user": ada},
        "role": {"role": role, "videos": 100},
        "server": {"videos": 100},
        "block": {"user": grace},
        "unblock": {"user": grace},
        "log": {},
    }
    for name, options in asked.items():
        assert "Only moderators" in await answer(ada, f"quota-admin {name}", **options), name
    assert "Manage Server" in await answer(ada, "settings show", raw=True)
    assert "Manage Server" in await answer(ada, "settings set", raw=True, announce=False)
    assert bot.rows("SELECT * FROM audit") == []


async def test_the_moderator_role_moderates_and_may_not_change_settings(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    guild = discord_.world.guild
    role = discord_.world.add_role(guild, "Helpers")
    discord_.tell_role(role, new=True)
    await answer(discord_.person("Mona"), "settings set", moderator_role=role)
    guild.members[ada.id].roles.add(role.id)
    assert "Everyone here" in await answer(ada, "quota-admin server")
    assert "Manage Server" in await answer(ada, "settings show", raw=True)


async def test_a_block_says_why_and_holds_until_it_is_lifted(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    mona = discord_.person("Mona")
    await answer(mona, "settings set", log_channel=discord_.world.channel("no-files"))
    await answer(mona, "quota-admin block", user=ada, reason="spam in @everyone")
    words = await refused(ada, "wave")
    assert "has blocked you" in words
    assert "spam" in words
    assert provider.creates == []
    await eventually(
        lambda: (
            [one for one in mona.sees("no-files") if "is blocked and asked" in one.text] or None
        ),
        "the log channel",
    )
    assert "Blocked" in await answer(mona, "quota-admin show", user=ada)
    await answer(mona, "quota-admin unblock", user=ada)
    await animate(ada)
    await delivered(ada, 1)


async def test_settings_hold_at_once(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    mona = discord_.person("Mona")
    await answer(
        mona,
        "settings set",
        resolution="480P",
        spoiler=True,
        watermark=True,
        blocked_words="dragon, 龙",
    )
    shown = await answer(mona, "settings show")
    assert "480P" in shown
    assert "dragon" in shown
    for prompt in ("a DRAGON flies", "恐龙在飞"):
        words = await refused(ada, prompt)
        assert "moderators have blocked" in words
        ours, theirs = words.split("\nYou wrote:\n")
        assert "dragon" not in ours.lower()
        assert theirs == f"> {prompt}"
    await animate(ada, "a dragonfly")
    await delivered(ada, 1)
    (create,) = provider.creates
    assert create.request["parameters"]["resolution"] == "480P"
    assert create.request["parameters"]["watermark"] is True
    assert videos(ada)[0].files[0].spoiler
    elsewhere = discord_.world.channel("no-files")
    await answer(mona, "settings set", channel_add=elsewhere)
    assert f"I can only be used in <#{elsewhere.id}>." in await refused(ada, "a wave")
    await answer(mona, "settings set", channel_remove=elsewhere)
    await animate(ada, "a wave")
    await delivered(ada, 2)


async def test_budgets_of_the_server_are_set_shown_and_warned_of(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    mona = discord_.person("Mona")
    await answer(mona, "settings set", log_channel=discord_.world.channel("general"))
    changed = await answer(
        mona, "quota-admin server", videos=7, window="week", budget_usd_day=0.3, budget_usd_month=5
    )
    assert "$0.3" in changed
    shown = await answer(mona, "quota-admin server")
    assert "7 videos per 7 days" in shown
    assert "of $0.30" in shown
    await animate(ada, "wave 1")
    await delivered(ada, 1)
    assert "budget limit of $0.30 for today" in await refused(ada, "wave 2")
    await eventually(
        lambda: [one for one in mona.sees("general") if "% used" in one.text] or None,
        "a warning in the log channel",
    )
    await answer(mona, "quota-admin server", budget_usd_day=-1)
    await animate(ada, "wave 3")
    await delivered(ada, 2)


async def test_a_log_channel_that_is_gone_is_told_and_disturbs_nothing(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    mona = discord_.person("Mona")
    channel = discord_.world.add_channel(discord_.world.guild, "log")
    discord_.tell_channel(channel, new=True)
    await answer(mona, "settings set", log_channel=channel)
    discord_.tell_channel_gone(channel)
    assert "Done" in await answer(mona, "quota-admin set", user=ada, videos=3)
    assert "can't write in the log channel" in await answer(mona, "settings show")


@pytest.mark.parametrize("is_on", [True, False])
async def test_nobody_is_mentioned_where_the_server_turned_that_off(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix, is_on: bool
) -> None:
    await bot.start()
    if not is_on:
        await answer(discord_.person("Mona"), "settings set", announce=False)
    provider.slow = math.inf
    await animate(ada)
    await bot.reaches("running")
    await bot.kill()
    # The video takes more than a minute.
    bot.write("UPDATE tasks SET created_at = created_at - 120000000")
    await bot.start()
    provider.finish()
    await delivered(ada, 1)
    provider.slow = 1.0
    # A later video is not announced, so any announcement has arrived by then.
    await animate(ada)
    await delivered(ada, 2)
    called = [one for one in ada.sees("general") if "is ready" in one.text]
    assert len(called) == int(is_on)
