"""✏️ and 🗑️ under a result: the form for changes, and who may delete."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.domain.guilds.guild import GuildSettings
from bot.domain.task import EntryPoint
from sandbox.discord import Fault, Person
from tests.cogs.results.delivered_video import (
    TASK_ID,
    LivelyClock,
    asked_to_delete,
    confirms,
    deletes,
    parent,
    reacts,
    refused,
    result,
)
from tests.factories import make_options
from tests.ui.client_fixture import MESSAGE, Bot, connected_bot, until

# --- the form -------------------------------------------------------------------------------


async def test_the_form_comes_filled_in_and_what_is_left_alone_stays(
    bot: Bot, grace: Person
) -> None:
    options = make_options(resolution="480P", negative_prompt="rain", watermark=True)
    message = await result(bot)
    bot.store.tasks[TASK_ID] = replace(
        parent(bot), request=replace(parent(bot).request, options=options)
    )
    opened = await grace.press(message, "✏️")
    sent = await grace.submit_modal(opened, {"prompt": "the tide goes out"})
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.options == replace(options, prompt="the tide goes out")
    assert (submission.entry_point, submission.person.id) == (EntryPoint.EDIT, grace.id)
    assert sent.message is not None
    assert sent.message.reply_to == message.id


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "seed": ({"seed": "12"}, {"seed": 12}),
    "resolution": ({"resolution": ["480P"]}, {"resolution": "480P"}),
    "negative": ({"negative_prompt": "fog"}, {"negative_prompt": "fog"}),
}


@pytest.mark.parametrize("case", CHANGES)
async def test_each_field_can_be_changed(case: str, bot: Bot, grace: Person) -> None:
    fields, changes = CHANGES[case]
    message = await result(bot)
    await grace.submit_modal(await grace.press(message, "✏️"), fields)
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.options == replace(parent(bot).options, **changes)


async def test_an_empty_seed_is_drawn_anew(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    await grace.submit_modal(await grace.press(message, "✏️"), {"seed": ""})
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.options.seed != parent(bot).options.seed


async def test_a_seed_that_is_no_number_is_refused_and_nothing_typed_is_lost(
    bot: Bot, grace: Person
) -> None:
    message = await result(bot)
    fields = {"seed": "seven", "prompt": "the tide goes out"}
    sent = await grace.submit_modal(await grace.press(message, "✏️"), fields)
    assert "whole number" in refused(sent)
    assert "not seven" in refused(sent)
    assert "> the tide goes out" in refused(sent)
    assert bot.intake.submissions == []


@pytest.mark.parametrize("seed", ["seven", "2147483648"])
async def test_a_refused_form_is_opened_again_as_it_was_filled_in(
    seed: str, bot: Bot, grace: Person
) -> None:
    message = await result(bot)
    fields = {"seed": seed, "prompt": "the tide goes out", "resolution": ["480P"]}
    told = await grace.submit_modal(await grace.press(message, "✏️"), fields)
    assert told.message is not None
    opened = await grace.press(told.message, "Open the form again")
    await grace.submit_modal(opened, {"seed": "12"})
    [submission] = await until(lambda: bot.intake.submissions)
    options = submission.options
    assert (options.prompt, options.resolution) == ("the tide goes out", "480P")
    assert options.seed == 12


async def test_a_refused_form_is_opened_again_after_a_restart(
    bot: Bot, grace: Person, tmp_path: Path
) -> None:
    message = await result(bot)
    told = await grace.submit_modal(await grace.press(message, "✏️"), {"seed": "seven"})
    tasks = bot.store.tasks
    await bot.client.close()
    async with connected_bot(tmp_path, local=bot.local) as again:
        again.store.tasks = tasks
        assert told.message is not None
        opened = await grace.press(told.message, "Open the form again")
        await grace.submit_modal(opened, {})
        [submission] = await until(lambda: again.intake.submissions)
        assert submission.options == tasks[TASK_ID].options


async def test_a_form_that_is_sent_after_a_restart_works(
    bot: Bot, grace: Person, tmp_path: Path
) -> None:
    message = await result(bot)
    opened = await grace.press(message, "✏️")
    tasks = bot.store.tasks
    await bot.client.close()
    async with connected_bot(tmp_path, local=bot.local) as again:
        again.store.tasks = tasks
        await grace.submit_modal(opened, {"prompt": "the tide goes out"})
        [submission] = await until(lambda: again.intake.submissions)
        assert submission.options.prompt == "the tide goes out"
        assert submission.options.seed == tasks[TASK_ID].options.seed


async def test_a_form_is_good_for_the_person_it_was_opened_for(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await result(bot)
    opened = await grace.press(message, "✏️")
    opened.person = ada.user  # a client that passes the form on
    sent = await ada.submit_modal(opened, {"prompt": "mine now"})
    assert "Only the person" in refused(sent)
    assert bot.intake.submissions == []


class Rules:
    """The settings of a server's moderators."""

    settings_now = GuildSettings()

    async def settings(self, guild_id: int) -> GuildSettings:
        return self.settings_now


# --- deleting -------------------------------------------------------------------------------


async def test_the_person_who_asked_is_asked_once_and_the_task_forgets_its_result(
    bot: Bot, ada: Person
) -> None:
    message = await result(bot)
    question = await asked_to_delete(ada, message)
    assert "Delete this video for everyone?" in question.text
    assert "still counts towards your limit" in question.text
    assert not message.deleted
    assert parent(bot).result_message_id == message.id
    await confirms(ada, question)
    assert message.deleted
    assert parent(bot).result_message_id is None
    assert "Deleted. It still counts towards your limit" in question.text


async def test_who_thinks_better_of_it_deletes_nothing(bot: Bot, ada: Person) -> None:
    message = await result(bot)
    question = await asked_to_delete(ada, message)
    await ada.press(question, "Cancel")
    assert question.text == "Nothing was deleted."
    assert not question.buttons
    assert not message.deleted


async def test_a_stranger_does_not_delete_but_a_moderator_does(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    assert "Only the person who asked" in refused(await grace.press(message, "🗑️"))
    told = await deletes(bot.local.person("Mona"), message)
    assert message.deleted
    assert "It still counts for the person who asked for it." in told.text


async def test_who_is_no_moderator_any_more_cannot_confirm_it(bot: Bot) -> None:
    message = await result(bot)
    mona = bot.local.person("Mona")
    question = await asked_to_delete(mona, message)
    member = bot.local.world.guild.members[mona.id]
    member.roles.clear()
    bot.local.tell_member(bot.local.world.guild, member)
    assert "Only the person who asked" in refused(await mona.press(question, "Delete"))
    assert not message.deleted


async def test_what_two_delete_at_the_same_time_is_deleted(bot: Bot, ada: Person) -> None:
    message = await result(bot)
    mona = bot.local.person("Mona")
    late = await asked_to_delete(mona, message)
    await deletes(ada, message)
    assert "Deleted." in (await confirms(mona, late)).text


async def test_it_is_confirmed_after_a_restart(bot: Bot, ada: Person, tmp_path: Path) -> None:
    message = await result(bot)
    question = await asked_to_delete(ada, message)
    tasks = bot.store.tasks
    await bot.client.close()
    async with connected_bot(tmp_path, local=bot.local) as again:
        again.store.tasks = tasks
        await confirms(ada, question)
        assert message.deleted


async def test_deleting_is_apart_from_the_other_buttons(bot: Bot, ada: Person) -> None:
    message = await result(bot)
    rows = [
        [button["emoji"]["name"] for button in row["components"]]
        for row in message.components[0]["components"]
        if row["type"] == 1
    ]
    assert rows == [["🔁", "🎲", "✏️", "ℹ️"], ["🗑️"]]


async def test_the_moderator_role_deletes_by_button_and_by_reaction(tmp_path: Path) -> None:
    rules = Rules()
    async with connected_bot(tmp_path, clock=LivelyClock(), rules=cast("Any", rules)) as bot:
        world = bot.local.world
        role = world.add_role(world.guild, "Keepers")
        bot.local.tell_role(role, new=True)
        keeper = world.add_member(world.guild, "Kim", role)
        rules.settings_now = GuildSettings(moderator_role_id=role.id)
        kim = bot.local.person(keeper.user.name)
        first = await result(bot)
        await deletes(kim, first)
        assert first.deleted
        second = await result(bot)
        await reacts(bot, kim, second, "🗑️")
        await until(lambda: second.deleted)


async def test_a_message_that_discord_does_not_delete_is_not_called_deleted(
    bot: Bot, ada: Person
) -> None:
    message = await result(bot)
    refusal = {"message": "Missing Permissions", "code": 50013}
    bot.local.faults.add(Fault("DELETE", MESSAGE, status=403, body=refusal, times=1))
    assert "didn't let me delete it" in (await deletes(ada, message)).text
    assert parent(bot).result_message_id == message.id
