"""Buttons under a result: reroll, edit, details and delete, also after a restart."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.models.model import WAN22_I2V_FLASH, WAN26_I2V_FLASH, Models
from bot.domain.quotas.quota import Denial, Reason
from bot.domain.task import EntryPoint, State
from bot.errors import AlreadyAgain, FrameGone, QuotaRefused
from bot.ui.access.install_context import InstallContext
from sandbox.discord import Fault, Permission, Person
from tests.cogs.results.delivered_video import (
    PERMISSIONS,
    TASK_ID,
    ending,
    labels,
    parent,
    refused,
    replies,
    result,
    words,
)
from tests.factories import make_prices
from tests.ui.client_fixture import CALLBACK, Bot, connected_bot, until

# --- 🔁 and 🎲 --------------------------------------------------------------------------------


async def test_again_is_a_reply_to_its_parent_and_belongs_to_whoever_pressed(
    bot: Bot, grace: Person
) -> None:
    message = await result(bot)
    shown = await grace.press(message, "🔁")
    assert shown.message is not None
    assert not shown.ephemeral
    assert shown.message.reply_to == message.id
    assert "Making it again" in words(shown)
    assert "about $0.20" in words(shown)
    [submission] = await until(lambda: bot.intake.submissions)
    assert (submission.person.id, submission.entry_point) == (grace.id, EntryPoint.REROLL)
    assert submission.parent_id == TASK_ID
    assert submission.picture == parent(bot).request.frame
    assert submission.options == parent(bot).options
    assert submission.place.message_id == shown.message.id


@pytest.mark.parametrize("emoji", ["🔁", "🎲"])
async def test_a_reroll_keeps_its_parents_model_after_another_was_chosen(
    emoji: str, tmp_path: Path
) -> None:
    models = Models(default=WAN22_I2V_FLASH, others=(WAN26_I2V_FLASH,))
    async with connected_bot(tmp_path, models=models, prices=make_prices(*models.offered)) as bot:
        message = await result(bot)
        of_other = replace(parent(bot).request, model=WAN26_I2V_FLASH.id)
        bot.store.tasks[TASK_ID] = replace(parent(bot), request=of_other)
        await bot.local.person("Grace").press(message, emoji)
        [submission] = await until(lambda: bot.intake.submissions)
        assert submission.model == WAN26_I2V_FLASH.id


@pytest.mark.parametrize("model", ["wan_gone", WAN26_I2V_FLASH.id])
@pytest.mark.parametrize("emoji", ["🔁", "🎲", "✏️"])
async def test_a_model_that_is_no_longer_offered_is_told(
    emoji: str, model: str, bot: Bot, grace: Person
) -> None:
    message = await result(bot)
    gone = replace(parent(bot).request, model=model)
    bot.store.tasks[TASK_ID] = replace(parent(bot), request=gone)
    assert "is no longer offered" in refused(await grace.press(message, emoji))
    assert bot.intake.submissions == []
    assert replies(bot, message) == []


async def test_another_seed_is_the_only_difference(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    await grace.press(message, "🎲")
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.entry_point is EntryPoint.NEW_SEED
    assert submission.options.seed != parent(bot).options.seed
    assert replace(submission.options, seed=parent(bot).options.seed) == parent(bot).options


async def test_the_result_says_what_it_was_made_from(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    shown = await grace.press(message, "🔁")
    [child] = await until(lambda: [one for one in bot.store.tasks.values() if one.parent_id])
    task = await bot.rendered(child.id)
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    link = f"https://discord.com/channels/{message.guild_id}/{message.channel_id}/{message.id}"
    assert f"🔁 Reroll of [an earlier video]({link}), same seed" in words(shown)


async def test_info_shows_the_chain_and_what_a_seed_promises(bot: Bot, grace: Person) -> None:
    message = await result(bot, parent_id="oldest")
    bot.store.tasks["oldest"] = replace(parent(bot), id="oldest", parent_id=None)
    shown = await grace.press(message, "ℹ️")
    assert "**Made from**: [`oldest`](https://discord.com/channels/" in words(shown)
    assert "not necessarily identical" in words(shown)


async def test_info_says_which_of_the_chain_is_deleted(bot: Bot, ada: Person) -> None:
    message = await result(bot, parent_id="oldest")
    oldest = replace(
        parent(bot), id="oldest", parent_id=None, state=State.DELIVERED, result_message_id=None
    )
    bot.store.tasks["oldest"] = oldest
    assert "**Made from**: `oldest` (deleted)" in words(await ada.press(message, "ℹ️"))
    bot.store.tasks[TASK_ID] = replace(parent(bot), state=State.DELIVERED, result_message_id=None)
    assert "**State**: deleted" in words(await ada.press(message, "ℹ️"))


REFUSALS: dict[str, tuple[Exception, str]] = {
    "already": (AlreadyAgain(), "already making this one again"),
    "quota": (
        QuotaRefused(Denial(reason=Reason.ALLOWANCE, limit=5, used=5, held=0)),
        "You've reached your limit of 5 videos",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_refusal_is_ephemeral_and_the_channel_sees_nothing(
    case: str, bot: Bot, grace: Person
) -> None:
    error, expected = REFUSALS[case]
    message = await result(bot)
    bot.intake.early = error
    assert expected in refused(await grace.press(message, "🔁"))
    assert replies(bot, message) == []


async def test_refused_at_the_last_moment_its_message_goes_again(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    bot.intake.error = AlreadyAgain()
    await grace.press(message, "🔁")
    await until(lambda: not replies(bot, message))
    assert any("already making" in seen.text for seen in grace.sees() if seen.ephemeral)


async def test_a_picture_that_is_out_of_reach_is_told_so(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    bot.intake.error = FrameGone()
    await grace.press(message, "🔁")
    told = await until(lambda: [seen.text for seen in grace.sees() if seen.ephemeral])
    assert "I no longer have this video's picture" in told[0]
    assert len(bot.intake.submissions) == 1


@pytest.mark.parametrize("button", ["🔁", "🎲", "✏️", "ℹ️"])
async def test_a_video_that_is_no_longer_known_is_told_so_and_its_dead_buttons_go(
    button: str, bot: Bot, grace: Person
) -> None:
    message = await result(bot)
    bot.store.tasks.clear()
    shown = await grace.press(message, button)
    [told] = await until(lambda: shown.followups)
    assert "no longer have any record" in told.text
    assert told.ephemeral
    assert labels(message) == ["🗑️"]
    assert len(message.files) == 1
    assert "AI-generated" in message.text
    assert "no longer have any record" in refused(await grace.press(message, "🗑️"))


async def test_dead_buttons_that_discord_keeps_are_explained_as_well(
    bot: Bot, grace: Person
) -> None:
    message = await result(bot)
    bot.store.tasks.clear()
    bot.local.faults.add(Fault("POST", CALLBACK, status=400))
    assert "no longer have any record" in refused(await grace.press(message, "🔁"))
    assert "🔁" in labels(message)
    assert message.files


# --- after an ending without a video ----------------------------------------------------------


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
async def test_a_command_without_a_video_can_be_tried_again_or_changed(
    state: State, bot: Bot, grace: Person
) -> None:
    message = await ending(bot, state)
    assert (await grace.press(message, "✏️")).modal is not None
    shown = await grace.press(message, "🔁")
    assert "Making it again" in words(shown)
    [_, submission] = await until(lambda: bot.intake.submissions[1:] and bot.intake.submissions)
    assert (submission.person.id, submission.parent_id) == (grace.id, "task0001")
    task = await bot.rendered("task0002")
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert "🔁 Reroll of an earlier video (task0001), same seed" in words(shown)


@pytest.mark.parametrize("state", [State.UNKNOWN, State.UNDELIVERED])
async def test_no_second_try_is_offered_where_there_may_be_a_video(state: State, bot: Bot) -> None:
    message = await ending(bot, state)
    assert "flipbook:why:task0001" in json.dumps(message.components)
    assert "flipbook:same" not in json.dumps(message.components)


async def test_it_all_works_after_a_restart(bot: Bot, grace: Person, tmp_path: Path) -> None:
    message = await result(bot)
    tasks = bot.store.tasks
    await bot.client.close()
    async with connected_bot(tmp_path, local=bot.local) as again:
        again.store.tasks = tasks
        await grace.press(message, "🔁")
        await until(lambda: again.intake.submissions)
        assert (await grace.press(message, "✏️")).modal is not None


# --- who may --------------------------------------------------------------------------------


async def test_buttons_do_not_bypass_missing_application_commands(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    world = bot.local.world
    everyone = world.guild.roles[world.guild.id]
    everyone.permissions &= ~Permission.USE_APPLICATION_COMMANDS
    for button in ("🔁", "🎲", "✏️"):
        assert "doesn't let you use </animate:" in refused(await grace.press(message, button))
    assert bot.intake.submissions == []


def deny(bot: Bot, person: Person) -> None:
    registered = bot.local.commands.all(None)
    animate = next(int(one["id"]) for one in registered if one["name"] == "animate")
    entries = [{"id": str(person.id), "type": 2, "permission": False}]
    bot.local.set_command_permissions(animate, entries, bot.local.world.guild)


async def test_the_servers_overrides_for_the_command_hold_for_buttons(
    bot: Bot, grace: Person, ada: Person
) -> None:
    message = await result(bot)
    deny(bot, grace)
    assert "doesn't let you use </animate:" in refused(await grace.press(message, "🔁"))
    await ada.press(message, "🔁")
    await until(lambda: bot.intake.submissions)
    # The answer is asked for once, and kept for a minute.
    assert bot.local.count("GET", PERMISSIONS) == 1


async def test_a_change_of_the_servers_overrides_holds_at_once(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    await grace.press(message, "🔁")
    await until(lambda: bot.intake.submissions)
    deny(bot, grace)
    assert "doesn't let you use </animate:" in refused(await grace.press(message, "🎲"))


async def test_nobody_may_use_buttons_while_permissions_are_unknown(
    bot: Bot, grace: Person
) -> None:
    message = await result(bot)
    bot.local.faults.add(Fault("GET", PERMISSIONS, status=404, times=5))
    assert "busy right now" in refused(await grace.press(message, "🔁"))
    assert bot.intake.submissions == []


async def test_a_missing_permission_of_the_bot_is_named(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    world = bot.local.world
    me = world.guild.members[world.bot.id]
    world.set_overwrite(world.channel("general"), me, deny=Permission.ATTACH_FILES)
    assert "**Attach Files**" in refused(await grace.press(message, "🔁"))


async def test_a_server_that_is_not_on_the_list_is_left_alone(tmp_path: Path) -> None:
    async with connected_bot(tmp_path, places=InstallContext(guilds=frozenset({1}))) as bot:
        message = await result(bot)
        for button in ("🔁", "ℹ️", "🗑️"):
            shown = await bot.local.person("Ada").press(message, button)
            assert "set up for other servers" in refused(shown)
