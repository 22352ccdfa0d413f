"""Reports by the menu and ℹ️, the card in the log channel, decisions, and what follows."""

from pathlib import Path
from typing import Any

import pytest

from bot.domain.report import BlockKind, Report
from bot.domain.task import State
from sandbox.discord import Interaction, LocalDiscord, Message, Person
from tests.cogs.moderation.moderation_helpers import Moderated, answer, ask, moderated
from tests.cogs.results.delivered_video import deletes, refused, result
from tests.factories import make_person, make_place, make_request
from tests.storage.state_builder import task_in
from tests.ui.client_fixture import Bot, until

WORDS = "that is my *sister* in the picture"


async def delivered(bot: Bot) -> Message:
    return await result(bot, state=State.DELIVERED)


async def log_to_general(bot: Bot, mona: Person) -> None:
    await answer(mona, "settings set", log_channel=bot.local.world.channel("general"))


async def sent(person: Person, opened: Interaction, **values: Any) -> str:
    """Submit the form as a client that checks no lengths, and return the answer."""
    assert opened.modal is not None
    fields = {"reason": ["person"], "words": WORDS} | values
    shown = await person.submit_modal(opened, fields, raw=True)
    return await _answer_text(shown)


async def _answer_text(shown: Interaction) -> str:
    def private() -> Message | None:
        found = (one for one in (*shown.followups, shown.message) if one is not None)
        return next((one for one in found if one.ephemeral and not one.loading), None)

    found: Message = await until(private, "an answer")
    return found.text


async def reported(person: Person, message: Message, **values: Any) -> str:
    return await sent(person, await person.menu("Report video", message), **values)


def shows_video(message: Message) -> bool:
    return "attachment://" in str(message.components)


async def hidden(bot: Bot, reporter: Person, mona: Person) -> Message:
    """A video that somebody says shows them, in a server that hides such videos."""
    await log_to_general(bot, mona)
    await answer(mona, "settings set", hide_reported=True)
    message = await delivered(bot)
    assert shows_video(message)
    assert "The video is hidden until the decision." in await reported(reporter, message)
    await until(lambda: "is hidden until moderators" in message.text, "the video is hidden")
    assert not shows_video(message)
    return message


async def card(bot: Bot, person: Person) -> Message:
    def there() -> Message | None:
        shown = (one for one in person.sees() if "🚩 **" in one.text and not one.ephemeral)
        return next(shown, None)

    found: Message = await until(there, "the card")
    return found


async def reported_video(
    bot: Bot, reporter: Person, mona: Person, **values: Any
) -> tuple[Message, Message]:
    """Return a video that somebody reported, and the card about it."""
    await log_to_general(bot, mona)
    message = await delivered(bot)
    await reported(reporter, message, **values)
    return message, await card(bot, mona)


async def press(person: Person, message: Message, label: str) -> str:
    return await _answer_text(await person.press(message, label))


# --- the way of a report ---------------------------------------------------------------------


async def test_a_moderator_removes_a_reported_video_and_the_reporter_reads_it(
    bot: Bot, ada: Person, grace: Person, mona: Person
) -> None:
    await log_to_general(bot, mona)
    frame = bot.frame()
    request = make_request(frame=frame)
    message = await result(bot, state=State.DELIVERED, request=request)
    assert "Your report has arrived" in await reported(grace, message)
    posted = await card(bot, mona)
    assert "1 report" in posted.text
    assert "It shows me or somebody I know" in posted.text
    assert "my \\*sister\\* in" in posted.text
    assert f"<@{ada.id}>" in posted.text
    assert "Grace" not in posted.text
    assert str(grace.id) not in str(posted.text) + str(posted.components)
    assert "Removed" in await press(mona, posted, "Remove")
    await until(lambda: message not in mona.sees(), "the video is gone")
    await until(lambda: "was **removed**" in posted.text, "the card says so")
    await until(lambda: not (bot.folder / frame.digest).exists(), "the frame is gone")
    await grace.command("help")
    told = await until(lambda: [one for one in grace.sees() if "Your report was" in one.text])
    assert "was removed. Thank you." in told[0].text
    await grace.command("help")
    assert len([one for one in grace.sees() if "Your report was" in one.text]) == 1
    assert "removed after a report" in await answer(mona, "quota-admin log")


async def test_a_dismissed_report_leaves_the_video_and_says_so(
    bot: Bot, grace: Person, mona: Person
) -> None:
    message, posted = await reported_video(bot, grace, mona, reason=["violence"], words="")
    assert "Dismissed" in await press(mona, posted, "Dismiss")
    assert "Somebody else has decided" in await _second_press(bot, mona)
    assert message in mona.sees()
    await grace.command("help")
    await until(lambda: any("stays:" in one.text for one in grace.sees()), "the verdict")


async def _second_press(bot: Bot, mona: Person) -> str:
    """Press a button that an old client still shows."""
    posted = await card(bot, mona)
    posted.components = [
        {
            "id": 1,
            "type": 1,
            "components": [
                {
                    "id": 2,
                    "type": 2,
                    "style": 4,
                    "label": "Remove",
                    "custom_id": "flipbook:report-remove:1",
                }
            ],
        }
    ]
    return await press(mona, posted, "Remove")


async def test_the_button_below_the_details_opens_the_same_form(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await delivered(bot)
    details = (await grace.press(message, "ℹ️")).message
    assert details is not None
    opened = await grace.press(details, "Report video")
    assert "Your report has arrived" in await sent(grace, opened)
    own = (await ada.press(message, "ℹ️")).message
    assert own is not None
    assert "Report video" not in str(own.components)


async def test_many_reports_of_one_video_are_one_card(
    bot: Bot, grace: Person, mona: Person
) -> None:
    message, posted = await reported_video(bot, grace, mona)
    await reported(mona, message, reason=["sexual"], words="")
    await until(lambda: "2 reports" in posted.text, "the card has both")
    assert len([one for one in mona.sees() if "🚩" in one.text and not one.ephemeral]) == 1


async def test_without_a_log_channel_the_operator_and_the_list_have_it(
    bot: Bot, grace: Person, mona: Person, caplog: pytest.LogCaptureFixture
) -> None:
    message = await delivered(bot)
    await reported(grace, message)
    await until(lambda: "flipbook report resolve 1" in caplog.text, "the operator is told")
    assert str(grace.id) not in caplog.text
    listed = await ask(mona, "quota-admin reports")
    assert "1: It shows me" in listed.text
    chosen = await mona.select(listed, "flipbook:report-choose", ["1"])
    text = await _answer_text(chosen)
    assert "1 report" in text


async def test_all_of_one_persons_videos_are_removed(
    bot: Bot, moderated_bot: Moderated, ada: Person, mona: Person
) -> None:
    assert "has no videos here" in await answer(mona, "quota-admin remove-all", user=ada)
    place = make_place(guild_id=bot.local.world.guild.id)
    await task_in(
        moderated_bot.tasks, State.DELIVERED, "t1", person=make_person(id=ada.id), place=place
    )
    assert "1 video of" in await answer(mona, "quota-admin remove-all", user=ada, days=1)
    assert "removed (days: 1)" in await answer(mona, "quota-admin log")


async def test_block_the_person_leaves_the_report_open(
    bot: Bot, ada: Person, grace: Person, mona: Person
) -> None:
    await log_to_general(bot, mona)
    await reported(grace, await delivered(bot))
    posted = await card(bot, mona)
    assert "is blocked in this server" in await press(mona, posted, "Block the person")
    assert "is blocked" in await answer(mona, "quota-admin log")
    assert "1:" in await answer(mona, "quota-admin reports")


async def test_a_video_that_shows_the_reporter_is_hidden_until_it_is_dismissed(
    bot: Bot, ada: Person, grace: Person, mona: Person
) -> None:
    message = await hidden(bot, grace, mona)
    before = message.files[0].data
    posted = await card(bot, mona)
    assert "is hidden until you decide" in posted.text
    for person in (ada, grace):
        assert "Only moderators" in await press(person, posted, "Show the video")
    assert "flipbook-7.mp4" in await press(mona, posted, "Show the video")
    await ada.react(message, "🔁")
    await until(lambda: any("can't make it again" in one.text for one in ada.sees()), "words")
    await press(mona, posted, "Dismiss")
    await until(lambda: shows_video(message), "the video is back")
    assert message.files[0].data == before
    assert "AI-generated" in message.text
    # Whoever keeps reporting it does not keep it hidden.
    assert "hidden" not in await reported(mona, message)
    assert shows_video(message)


async def test_a_hidden_video_can_still_be_deleted_by_its_person(
    bot: Bot, ada: Person, grace: Person, mona: Person
) -> None:
    message = await hidden(bot, grace, mona)
    await deletes(ada, message)
    await until(lambda: message not in mona.sees(), "the video is gone")
    posted = await card(bot, mona)
    assert "deleted already" in await press(mona, posted, "Show the video")
    assert "Dismissed" in await press(mona, posted, "Dismiss")


async def test_what_cannot_be_hidden_keeps_no_report_from_the_moderators(
    bot: Bot, grace: Person, mona: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await log_to_general(bot, mona)
    await answer(mona, "settings set", hide_reported=True)

    async def hide(report: Report) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(bot.client.context.report_board.hidden, "hide", hide)
    await reported(grace, await delivered(bot))
    assert "1 report" in (await card(bot, mona)).text


async def test_nothing_is_hidden_for_other_reasons_or_without_the_setting(
    bot: Bot, grace: Person, mona: Person
) -> None:
    message = await delivered(bot)
    assert "hidden" not in await reported(mona, message)
    await answer(mona, "settings set", hide_reported=True)
    assert "hidden" not in await reported(grace, message, reason=["copyright"])


# --- bad input -------------------------------------------------------------------------------


async def test_reports_that_are_refused_in_words(bot: Bot, ada: Person, grace: Person) -> None:
    message = await delivered(bot)
    assert "your own video" in await reported(ada, message)
    assert "the limit is 1000" in await reported(grace, message, words="x" * 4000)
    await reported(grace, message)
    assert "reported this video before" in await reported(grace, message)
    words = await ada.say("general", "just words")
    assert "isn't a video of mine" in refused(await grace.menu("Report video", words))


async def test_a_servers_block_does_not_hold_for_reports_but_the_operators_does(
    bot: Bot, grace: Person, mona: Person
) -> None:
    message = await delivered(bot)
    await answer(mona, "quota-admin block", user=grace)
    assert "Your report has arrived" in await reported(grace, message)
    await bot.client.context.blocks.block(BlockKind.PERSON, str(mona.id), reason=None)
    assert "owner has blocked you" in await reported(mona, message)
    assert "Grace" not in await answer(mona, "quota-admin reports")


async def test_moderators_of_another_server_decide_nothing_here(
    bot: Bot, ada: Person, grace: Person, mona: Person
) -> None:
    message, posted = await reported_video(bot, grace, mona)
    world = bot.local.world
    elsewhere = world.add_guild("Elsewhere", owner=ada.user)
    channel = world.add_channel(elsewhere, "elsewhere")
    bot.local.tell_guild(elsewhere)
    there = await result(bot, channel, state=State.DELIVERED)
    there.components = posted.components
    for label in ("Remove", "Dismiss", "Block the person"):
        assert "couldn't find" in await press(ada, there, label)
    assert "1 report" in posted.text
    assert message in mona.sees()


async def test_a_card_that_somebody_deleted_comes_back_with_the_next_report(
    bot: Bot, grace: Person, mona: Person
) -> None:
    message, posted = await reported_video(bot, grace, mona)
    bot.local.world.messages[posted.channel_id].pop(posted.id)
    await reported(mona, message, reason=["sexual"])
    assert "2 reports" in (await card(bot, mona)).text


async def test_a_video_that_was_deleted_while_the_form_was_open(bot: Bot, grace: Person) -> None:
    message = await delivered(bot)
    opened = await grace.menu("Report video", message)
    bot.local.world.messages[message.channel_id].pop(message.id)
    assert "has been deleted already" in await sent(grace, opened)


async def test_a_form_about_another_message_or_by_another_person(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await delivered(bot)
    other = await ada.say("general", "the bot has another message")
    opened = await grace.menu("Report video", message)
    assert opened.modal is not None
    opened.modal["custom_id"] = opened.modal["custom_id"].replace(str(message.id), str(other.id))
    assert "has been deleted already" in await sent(grace, opened)
    again = await grace.menu("Report video", message)
    again.person = ada.user
    assert "Only the person" in await sent(ada, again)


async def test_the_buttons_of_a_card_are_for_moderators_of_that_server(
    bot: Bot, grace: Person, mona: Person
) -> None:
    message, posted = await reported_video(bot, grace, mona)
    for label in ("Remove", "Block the person", "Dismiss"):
        assert "Only moderators" in await press(grace, posted, label)
    assert message in grace.sees()


async def test_after_a_restart_the_card_works_and_what_was_decided_is_finished(
    tmp_path: Path,
) -> None:
    async with LocalDiscord() as local:
        grace, mona = local.person("Grace"), local.person("Mona")
        async with moderated(tmp_path, local=local) as first:
            await log_to_general(first.bot, mona)
            message = await delivered(first.bot)
            await reported(grace, message)
            posted = await card(first.bot, mona)
            tasks = dict(first.bot.store.tasks)
        async with moderated(tmp_path, local=local) as again:
            again.bot.store.tasks.update(tasks)
            assert "Removed" in await press(mona, posted, "Remove")
            await until(lambda: message not in mona.sees(), "the video is gone")
