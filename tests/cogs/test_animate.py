"""`/animate` through the real client: checks, acknowledgment, submission, refusals."""

import logging
from pathlib import Path
from typing import Any

import pytest

from bot.domain.task import EntryPoint
from bot.errors import Busy, PictureProblem, PictureRefused
from bot.ui.access.install_context import InstallContext
from sandbox.discord import Fault, Permission, Person, Upload
from tests.factories import make_picture
from tests.ui.client_fixture import CALLBACK, ORIGINAL, Bot, connected_bot, until

PNG = make_picture("PNG")


def photo() -> Upload:
    return Upload("photo.png", PNG)


def _public(person: Person) -> list[str]:
    return [seen.text for seen in person.sees("general") if not seen.ephemeral]


def _private(person: Person, channel: str = "general") -> list[str]:
    return [seen.text for seen in person.sees(channel) if seen.ephemeral]


async def test_it_answers_in_public_at_once_and_hands_in_a_typed_request(
    bot: Bot, ada: Person
) -> None:
    shown = await ada.command(
        "animate", image=photo(), prompt="  waves roll in ", resolution="480P", seed=5,
        negative_prompt="rain", prompt_extend=False, watermark=True, spoiler=True,
    )  # fmt: skip
    assert shown.message is not None
    assert not shown.ephemeral
    [submission] = await until(lambda: bot.intake.submissions)
    await until(lambda: bot.intake.pictures)
    assert bot.intake.pictures == [PNG]
    options = submission.options
    assert (options.prompt, options.resolution, options.seed) == ("waves roll in", "480P", 5)
    assert (options.negative_prompt, options.prompt_extend) == ("rain", False)
    assert (options.watermark, options.spoiler) == (True, True)
    assert (submission.person.id, submission.entry_point) == (ada.id, EntryPoint.SLASH)
    place = submission.place
    assert (place.channel_id, place.message_id) == (shown.message.channel_id, shown.message.id)
    assert place.guild_id == bot.local.world.guild.id


async def test_the_first_words_say_what_it_will_cost_and_what_to_do_if_nothing_happens(
    bot: Bot, ada: Person
) -> None:
    bot.local.faults.add(Fault("GET", "*", delay=0.5, times=5))  # so that the picture takes a while
    shown = await ada.command("animate", image=photo(), prompt="waves", resolution="480P")
    assert shown.message is not None
    assert "Reading your picture" in shown.message.text
    assert "about $0.10" in shown.message.text
    assert "Still stuck after a minute? Send it again; nothing was charged." in shown.message.text


async def test_left_out_options_take_their_defaults_and_the_seed_is_drawn(
    bot: Bot, ada: Person
) -> None:
    await ada.command("animate", image=photo(), prompt="waves")
    await ada.command("animate", image=photo(), prompt="waves")
    one, two = await until(lambda: bot.intake.submissions[1:] and bot.intake.submissions)
    assert one.options.resolution == "720P"
    assert one.options.prompt_extend is True
    assert one.options.seed != two.options.seed
    assert 0 <= one.options.seed <= 2_147_483_647


async def test_then_the_same_message_says_that_it_is_queued_with_the_prompt_quoted(
    bot: Bot, ada: Person
) -> None:
    shown = await ada.command("animate", image=photo(), prompt="*waves* @everyone")
    message = shown.message
    assert message is not None
    await until(lambda: "Queued" in message.text)
    assert f"<@{ada.id}>" in message.text
    assert "> \\*waves\\* \\@everyone" in message.text
    assert message.mentions == []
    assert len(_public(ada)) == 1


OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "empty": ({"prompt": "   "}, "Your prompt is empty"),
    "801": ({"prompt": "x" * 801}, "801 characters; the limit is 800"),
    "negative": ({"prompt": "x", "negative_prompt": "y" * 501}, "501 characters"),
    "seed": ({"prompt": "x", "seed": -1}, ", not -1"),
    "resolution": ({"prompt": "x", "resolution": "1080P"}, "I can't make videos in 1080P"),
}


@pytest.mark.parametrize("case", OPTIONS)
async def test_an_option_out_of_bounds_is_refused_to_its_author_only(
    case: str, bot: Bot, ada: Person
) -> None:
    options, words = OPTIONS[case]
    shown = await ada.command("animate", image=photo(), raw=True, **options)
    assert shown.ephemeral
    assert shown.message is not None
    assert words in shown.message.text
    assert _public(ada) == []
    assert bot.intake.submissions == []


async def test_a_picture_too_large_by_its_announced_size_is_not_even_fetched(
    bot: Bot, ada: Person
) -> None:
    huge = Upload("huge.png", PNG + bytes(50_000_001 - len(PNG)))
    shown = await ada.command("animate", image=huge, prompt="x", raw=True)
    assert shown.ephemeral
    assert shown.message is not None
    assert "This file is 50.1 MB, over my 50 MB limit." in shown.message.text
    assert bot.intake.submissions == []


async def test_a_missing_permission_is_named_before_anything_is_spent(
    bot: Bot, ada: Person
) -> None:
    shown = await ada.command("animate", channel="no-files", image=photo(), prompt="x", raw=True)
    assert shown.ephemeral
    assert shown.message is not None
    assert "**Attach Files**" in shown.message.text
    assert bot.intake.submissions == []


async def test_a_thread_needs_its_own_permission(bot: Bot, ada: Person) -> None:
    world = bot.local.world
    thread = world.add_thread(world.channel("general"), "side talk", owner=ada.user)
    bot.local.tell_channel(thread, new=True)
    world.set_overwrite(
        world.channel("general"),
        world.guild.members[world.bot.id],
        deny=Permission.SEND_MESSAGES_IN_THREADS,
    )
    shown = await ada.command("animate", channel=thread, image=photo(), prompt="x")
    assert shown.message is not None
    assert "**Send Messages in Threads**" in shown.message.text


async def test_a_refusal_after_the_acknowledgment_is_ephemeral_and_the_public_message_is_deleted(
    bot: Bot, ada: Person
) -> None:
    bot.intake.error = PictureRefused(PictureProblem.FORMAT, found="GIF")
    await ada.command("animate", image=photo(), prompt="waves roll in")
    await until(lambda: _private(ada) and not _public(ada))
    why = "This is a GIF. I can animate JPEG, PNG, BMP and WEBP pictures."
    assert _private(ada) == [f"{why}\nYou wrote:\n> waves roll in"]
    assert _public(bot.local.person("Grace")) == []
    assert _private(bot.local.person("Grace")) == []


async def test_a_mistake_of_the_program_gets_a_number_that_is_in_the_log(
    bot: Bot, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    bot.intake.error = ZeroDivisionError("a bug")
    with caplog.at_level(logging.ERROR):
        await ada.command("animate", image=photo(), prompt="x")
        await until(lambda: _private(ada) and not _public(ada))
    [words] = _private(ada)
    assert "Something went wrong on my side" in words
    error_id = words.splitlines()[0].rstrip(".").rsplit(" ", 1)[-1]
    assert f"error {error_id}: animate" in caplog.text
    assert "a bug" in caplog.text


async def test_where_the_follow_up_does_not_get_through_the_public_message_says_it(
    bot: Bot, ada: Person
) -> None:
    bot.intake.error = Busy()
    followup = "/webhooks/{webhook_id}/{webhook_token}"
    gone = {"message": "Unknown Webhook", "code": 10015}
    bot.local.faults.add(Fault("POST", followup, status=404, body=gone))
    await ada.command("animate", image=photo(), prompt="x")
    await until(lambda: any("busy right now" in text for text in _public(ada)))


async def test_an_answer_that_is_lost_to_a_500_was_given_all_the_same(
    bot: Bot, ada: Person
) -> None:
    fault = bot.local.faults.add(Fault("POST", CALLBACK, status_after=500))
    shown = await ada.command("animate", image=photo(), prompt="x")
    [submission] = await until(lambda: bot.intake.submissions)
    assert fault.hits == 1
    assert shown.message is not None
    assert submission.place.message_id == shown.message.id
    assert bot.local.count("GET", ORIGINAL) == 1


async def test_a_server_that_is_not_on_the_list_is_told_so_and_left_alone(tmp_path: Path) -> None:
    async with connected_bot(tmp_path, places=InstallContext(guilds=frozenset({1}))) as bot:
        ada = bot.local.person("Ada")
        shown = await ada.command("animate", image=photo(), prompt="x")
        assert shown.ephemeral
        assert shown.message is not None
        assert "I'm only set up for other servers" in shown.message.text
        assert bot.intake.submissions == []


async def test_direct_messages_are_refused_in_words(bot: Bot, ada: Person) -> None:
    shown = await ada.command("animate", channel="@me", image=photo(), prompt="x", raw=True)
    assert shown.message is not None
    assert "I only make videos in servers" in shown.message.text


async def test_direct_messages_work_where_the_operator_allows_them(tmp_path: Path) -> None:
    async with connected_bot(tmp_path, places=InstallContext(user_install=True)) as bot:
        ada = bot.local.person("Ada")
        await ada.command("animate", channel="@me", image=photo(), prompt="x")
        [submission] = await until(lambda: bot.intake.submissions)
        assert submission.place.guild_id is None
