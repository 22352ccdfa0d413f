"""`/quota-admin`, the pages of its log, and the log channel, with real client and database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.domain.content_check import ContentFinding
from bot.domain.guilds.default_notice import DefaultNotice
from bot.domain.money import Usd
from bot.domain.quotas.limits import Block, GuildLimits
from bot.domain.quotas.quota import Denial, Reason
from bot.domain.task import Failure, FailureKind
from bot.errors import ContentRefused, QuotaRefused
from bot.storage.guilds.moderation import ModerationStore
from bot.ui.delivery.moderation.log_channel import WARNINGS_EVERY
from sandbox.discord import Fault, LocalDiscord, Message, Permission, Person, Upload
from tests.cogs.moderation.moderation_helpers import Moderated, answer, ask, moderated
from tests.cogs.results.delivered_video import clock_of, reacts, result
from tests.factories import (
    NOON,
    make_limits,
    make_new_task,
    make_options,
    make_person,
    make_picture,
    make_place,
)
from tests.ui.client_fixture import MESSAGES, Bot, until


async def changes(local: LocalDiscord, rules: ModerationStore, count: int) -> None:
    """Change Ada's limit this often, from 1 to ``count`` videos."""
    guild_id, mona = local.world.guild.id, local.person("Mona")
    for videos in range(1, count + 1):
        await rules.set_videos(guild_id, local.person("Ada").id, videos, by_id=mona.id)


def lines(message: Message) -> list[str]:
    return [line for line in message.text.splitlines() if line.startswith("- ")]


def in_log(bot: Bot, words: str, channel: str = "general") -> list[Message]:
    everything = bot.local.person("Mona").sees(channel)
    return [one for one in everything if words in one.text and not one.ephemeral]


def blocked(by: Person) -> QuotaRefused:
    block = Block(by_id=by.id, at=NOON, reason="spam")
    return QuotaRefused(Denial(reason=Reason.BLOCKED, limit=0, used=0, held=0, block=block))


async def log_to_general(bot: Bot, mona: Person) -> None:
    await answer(mona, "settings set", log_channel=bot.local.world.channel("general"))


# --- pages of the log ------------------------------------------------------------------------


async def test_the_log_is_turned_page_by_page_also_after_a_restart(tmp_path: Path) -> None:
    async with LocalDiscord() as local:
        mona = local.person("Mona")
        async with moderated(tmp_path, local=local) as first:
            await changes(local, first.rules, 23)
            shown = await ask(mona, "quota-admin log", user=local.person("Ada"))
            assert len(lines(shown)) == 10
            assert "22 videos → 23 videos" in lines(shown)[0]
        async with moderated(tmp_path, local=local):
            await mona.press(shown, "Older")
            await until(lambda: "12 videos → 13 videos" in shown.text, "the second page")
            await mona.press(shown, "Older")
            await until(lambda: len(lines(shown)) == 3, "the last page")
            assert "not set → 1 video" in lines(shown)[-1]
            assert "Older" not in str(shown.components)
            await mona.press(shown, "Newest")
            await until(lambda: "22 videos → 23 videos" in shown.text, "the first page again")


async def test_a_former_moderator_turns_no_more_pages(
    bot: Bot, rules: ModerationStore, ada: Person, mona: Person
) -> None:
    guild = bot.local.world.guild
    helpers = bot.local.world.add_role(guild, "Helpers")
    bot.local.tell_role(helpers, new=True)
    await answer(mona, "settings set", moderator_role=helpers)
    guild.members[ada.id].roles.add(helpers.id)
    await changes(bot.local, rules, 23)
    shown = await ask(ada, "quota-admin log")
    guild.members[ada.id].roles.remove(helpers.id)
    before = shown.text
    await ada.press(shown, "Older")
    await until(lambda: any("Only moderators" in one.text for one in ada.sees()), "a refusal")
    assert shown.text == before


async def test_a_log_without_entries_says_so(mona: Person) -> None:
    assert await answer(mona, "quota-admin log") == "No changes yet."


# --- people, roles, the server --------------------------------------------------------------


async def test_a_change_that_changes_nothing_is_told_and_not_written(
    bot: Bot, ada: Person, mona: Person
) -> None:
    await log_to_general(bot, mona)
    await answer(mona, "quota-admin set", user=ada, videos=3)
    assert "Nothing changed" in await answer(mona, "quota-admin set", user=ada, videos=3)
    await until(lambda: in_log(bot, "→ 3 videos"), "the log channel")
    log = await ask(mona, "quota-admin log", user=ada)
    assert len(lines(log)) == 1
    assert len(in_log(bot, "→ 3 videos")) == 1


async def test_roles_are_shown_with_the_highest_limit_first(bot: Bot, mona: Person) -> None:
    guild = bot.local.world.guild
    for name, videos in (("Few", 2), ("Free", -1), ("Many", 20)):
        role = bot.local.world.add_role(guild, name)
        bot.local.tell_role(role, new=True)
        await answer(mona, "quota-admin role", role=role, videos=videos)
    shown = await answer(mona, "quota-admin server")
    assert [line.split(": ")[1] for line in shown.splitlines() if "Role" in line] == [
        "unlimited",
        "20 videos",
        "2 videos",
    ]


async def test_budgets_are_to_the_cent_and_taken_away_again(mona: Person) -> None:
    words = await answer(mona, "quota-admin server", budget_usd_day=0.3, window="week")
    assert "- Today: $0.00 of $0.30" in words
    assert "per 7 days" in words
    assert "→" not in words
    words = await answer(mona, "quota-admin server", budget_usd_day=-1)
    assert "- Today: $0.00\n" in words
    words = await answer(mona, "quota-admin server", raw=True, budget_usd_day=-0.5)
    assert "isn't allowed" in words


async def test_charged_failures_count_until_the_server_says_otherwise(mona: Person) -> None:
    assert "charged count towards the person's limit" in await answer(mona, "quota-admin server")
    words = await answer(mona, "quota-admin server", count_charged_failures=False)
    assert words.startswith("Done. This holds now:\n")
    assert "charged count towards budgets only" in words
    assert "charged count towards budgets only" in await answer(mona, "quota-admin server")
    await answer(mona, "quota-admin server", window="week")
    words = await answer(mona, "quota-admin server", count_charged_failures=True)
    assert "charged count towards the person's limit" in words


async def test_rules_for_a_member_who_left_can_still_be_changed(bot: Bot, mona: Person) -> None:
    left = bot.local.world.add_user("Gone")
    words = await answer(mona, "quota-admin block", raw=True, user=left, reason="spam")
    assert "**Blocked** by" in words
    assert ": spam\n" in words
    assert "1 video" in await answer(mona, "quota-admin set", raw=True, user=left, videos=1)


async def test_reasons_are_plain_text_wherever_they_are_told(
    bot: Bot, ada: Person, mona: Person
) -> None:
    await log_to_general(bot, mona)
    reason = "<@&1> **@everyone** [x](https://example.com)"
    for words in (
        await answer(mona, "quota-admin block", user=ada, reason=reason),
        (await ask(mona, "quota-admin log")).text,
        (await until(lambda: in_log(bot, "is blocked"), "the log channel"))[0].text,
    ):
        assert "\\<\\@&1\\> \\*\\*\\@everyone\\*\\* \\[x\\]" in words


# --- the log channel ------------------------------------------------------------------------


async def test_a_log_channel_that_is_slow_keeps_nobody_waiting(
    bot: Bot, ada: Person, mona: Person
) -> None:
    await log_to_general(bot, mona)
    await until(lambda: in_log(bot, "log channel"), "the first line")
    bot.local.faults.add(Fault("POST", MESSAGES, delay=2.0))
    assert "Done" in await answer(mona, "quota-admin set", user=ada, videos=3)
    assert "Nothing changed" in await answer(mona, "quota-admin set", user=ada, videos=3)
    assert in_log(bot, "→ 3 videos") == []
    await until(lambda: in_log(bot, "→ 3 videos"), "the line, later")


async def test_a_log_channel_that_is_closed_is_told_at_once_and_by_show(
    bot: Bot, ada: Person, mona: Person
) -> None:
    world = bot.local.world
    channel = world.add_channel(world.guild, "secret")
    everyone = world.guild.roles[world.guild.id]
    world.set_overwrite(channel, everyone, deny=Permission.VIEW_CHANNEL)
    bot.local.tell_channel(channel, new=True)
    words = await answer(mona, "settings set", log_channel=channel)
    assert "can't write in the log channel" in words
    assert "Done" in await answer(mona, "quota-admin set", user=ada, videos=3)
    assert "can't write in the log channel" in await answer(mona, "settings show")


async def test_a_warning_waits_until_discord_takes_it(
    moderated_bot: Moderated, bot: Bot, rules: ModerationStore, mona: Person
) -> None:
    await log_to_general(bot, mona)
    await until(lambda: in_log(bot, "log channel"), "the first line")
    guild_id = bot.local.world.guild.id
    limits = GuildLimits(budget_day=Usd.parse("0.3"))
    await rules.set_guild_limits(guild_id, limits, by_id=mona.id)
    new = make_new_task(place=make_place(guild_id=guild_id), estimate=Usd.parse("0.3"))
    await moderated_bot.tasks.reserve(new, make_limits())
    unwilling = bot.local.faults.add(Fault("POST", MESSAGES, status=408, times=100))
    async with warning(bot):
        await until(lambda: unwilling.hits, "an attempt")
        bot.local.faults.clear()
        await look_for_warnings(bot)
        await until(lambda: in_log(bot, "budget for today is 100% used"), "the warning")
        await until(lambda: clock_of(bot).sleeping[WARNINGS_EVERY], "the warning to be recorded")
        assert await rules.untold_warnings(9) == []
    assert len(in_log(bot, "budget for today")) == 1


async def test_new_defaults_are_told_once_also_if_the_bot_dies_before_it_has_noted_that(
    bot: Bot, rules: ModerationStore, mona: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await log_to_general(bot, mona)
    waiting = [DefaultNotice(guild_id=bot.local.world.guild.id, version="0.1.0")]
    noted = list[DefaultNotice]()

    async def untold(limit: int) -> list[DefaultNotice]:
        return waiting

    async def told(notice: DefaultNotice) -> None:
        noted.append(notice)
        if len(noted) == 1:
            # As after a kill: the notice is still there at the next look.
            return
        waiting.clear()

    monkeypatch.setattr(rules, "untold_defaults", untold)
    monkeypatch.setattr(rules, "told_defaults", told)
    async with warning(bot):
        await until(lambda: len(noted) == 1, "the first post")
        await look_for_warnings(bot)
        await until(lambda: len(noted) == 2, "the second post")
    [line] = in_log(bot, "New in version 0.1.0")
    assert "AI-generated" in line.text


@asynccontextmanager
async def warning(bot: Bot) -> AsyncIterator[None]:
    """Run the check for budgets that reached a level; the first check has been made."""
    working = asyncio.create_task(bot.client.context.log_channel.run())
    try:
        await look_for_warnings(bot)
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def look_for_warnings(bot: Bot) -> None:
    """Skip the pause between two checks."""
    clock = clock_of(bot)
    await until(lambda: clock.sleeping[WARNINGS_EVERY], "the pause")
    clock.skip(seconds=WARNINGS_EVERY)


async def test_a_blocked_person_who_keeps_asking_is_logged_now_and_then(
    bot: Bot, ada: Person, mona: Person
) -> None:
    await log_to_general(bot, mona)
    bot.intake.error = blocked(mona)

    async def asks(times: int) -> None:
        for _ in range(times):
            await ada.command("animate", image=Upload("a.png", make_picture()), prompt="wave")
        await until(lambda: sum("Reason: spam" in one.text for one in ada.sees()) == total)

    total = 4
    await asks(4)
    await until(lambda: in_log(bot, "is blocked and asked"), "the log channel")
    assert len(in_log(bot, "is blocked and asked")) == 1
    clock_of(bot).skip(minutes=11)
    total = 5
    await asks(1)
    await until(lambda: len(in_log(bot, "is blocked and asked")) == 2, "the second line")


async def test_what_the_check_refused_is_logged_by_category_without_the_prompt(
    bot: Bot, ada: Person, mona: Person
) -> None:
    await log_to_general(bot, mona)
    bot.intake.error = ContentRefused(ContentFinding(category="violence/graphic", score=0.974))
    for _ in range(2):
        await ada.command("animate", image=Upload("a.png", make_picture()), prompt="secret words")
    refused = "the picture or the prompt is not allowed here"
    await until(lambda: sum(refused in one.text for one in ada.sees()) == 2, "both refusals")
    await until(lambda: in_log(bot, "the check found"), "the log channel")
    [logged] = in_log(bot, "the check found")
    assert "“violence/graphic” (0.97 of 1)" in logged.text
    assert "secret words" not in logged.text


async def test_a_blocked_person_who_reacts_is_logged_as_well(
    bot: Bot, ada: Person, mona: Person
) -> None:
    await log_to_general(bot, mona)
    message = await result(bot)
    bot.intake.early = blocked(mona)
    await reacts(bot, bot.local.person("Grace"), message, "🎲")
    await until(lambda: in_log(bot, "is blocked and asked"), "the log channel")


async def test_moderators_read_why_somebodys_videos_failed_and_not_what_was_asked(
    moderated_bot: Moderated, mona: Person
) -> None:
    ada, guild_id = moderated_bot.bot.local.person("Ada"), moderated_bot.bot.local.world.guild.id
    for number, guild in enumerate((guild_id, guild_id + 1)):
        new = make_new_task(
            id=f"t000000{number}", person=make_person(id=ada.id), place=make_place(guild_id=guild)
        )
        task = await moderated_bot.tasks.submitting(
            await moderated_bot.tasks.reserve(new, make_limits())
        )
        failure = Failure(kind=FailureKind.BUSY)
        await moderated_bot.tasks.failed(task, failure, job=None, may_be_charged=False)
    shown = await answer(mona, "quota-admin show", user=ada)
    assert shown.count("the video service was too busy") == 1
    assert make_options().prompt not in shown
