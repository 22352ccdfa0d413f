"""Apps › Animate: pictures found in messages, and the form, on the same path as the command."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

import pytest

from bot.domain.guilds.guild import GuildSettings
from bot.domain.task import EntryPoint
from bot.errors import PictureProblem, PictureRefused, StorageError
from sandbox.discord import Interaction, Message, Person, Upload
from tests.cogs.results.delivered_video import refused
from tests.factories import make_picture
from tests.ui.client_fixture import Bot, connected_bot, until

ONE = make_picture("PNG")
OTHER = make_picture("JPEG", (500, 400))


def photo(name: str = "photo.png", data: bytes = ONE) -> Upload:
    return Upload(name, data)


def private(person: Person) -> list[str]:
    return [seen.text for seen in person.sees("general") if seen.ephemeral]


async def test_somebody_elses_picture_becomes_a_video_of_whoever_asked(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await ada.say("general", "look", photo())
    opened = await grace.menu("Animate", message)
    assert opened.modal is not None
    sent = await grace.submit_modal(opened, {"prompt": "waves roll in", "seed": "5"})
    assert sent.message is not None
    assert not sent.ephemeral
    [submission] = await until(lambda: bot.intake.submissions)
    await until(lambda: bot.intake.pictures)
    assert bot.intake.pictures == [ONE]
    assert (submission.person.id, submission.entry_point) == (grace.id, EntryPoint.MENU)
    assert (submission.options.prompt, submission.options.seed) == ("waves roll in", 5)
    assert submission.options.resolution == "720P"
    assert submission.place.message_id == sent.message.id


async def test_one_of_several_pictures_is_chosen(bot: Bot, ada: Person) -> None:
    message = await ada.say("general", "", photo(), photo("other.jpg", OTHER))
    opened = await ada.menu("Animate", message)
    assert opened.modal is not None
    labels = [one["label"] for one in _choices(opened)]
    assert labels == ["1. photo.png", "2. other.jpg"]
    await ada.submit_modal(opened, {"prompt": "x", "picture": ["1"]})
    await until(lambda: bot.intake.pictures)
    assert bot.intake.pictures == [OTHER]
    [submission] = bot.intake.submissions
    source = submission.source
    assert source is not None
    assert (source.channel_id, source.message_id) == (message.channel_id, message.id)
    assert source.number == 1
    # The picture is kept as it was found, since Discord does not show it to the bot again.
    assert source.picture is not None
    assert (source.picture.name, source.picture.bytes) == ("other.jpg", len(OTHER))
    assert source.picture.url.startswith(bot.local.cdn_url)


async def test_the_first_picture_is_the_default(bot: Bot, ada: Person) -> None:
    message = await ada.say("general", "", photo(), photo("other.jpg", OTHER))
    await ada.submit_modal(await ada.menu("Animate", message), {"prompt": "x"})
    await until(lambda: bot.intake.pictures)
    assert bot.intake.pictures == [ONE]


def _choices(opened: Interaction) -> list[dict[str, str]]:
    assert opened.modal is not None
    inner = [part["component"] for part in opened.modal["components"]]
    return next(one["options"] for one in inner if one["custom_id"] == "picture")


async def test_a_message_without_a_picture_is_refused(bot: Bot, ada: Person) -> None:
    message = await ada.say("general", "words", Upload("notes.txt", b"no picture"))
    assert "There's no picture" in refused(await ada.menu("Animate", message))


async def test_only_discords_own_copy_of_a_link_is_read(bot: Bot, ada: Person) -> None:
    message = await _linked(bot, ada, proxied=True)
    await ada.submit_modal(await ada.menu("Animate", message), {"prompt": "x"})
    await until(lambda: bot.intake.pictures)
    assert bot.intake.pictures == [ONE]


async def test_a_link_that_discord_does_not_serve_is_no_picture(bot: Bot, ada: Person) -> None:
    message = await _linked(bot, ada, proxied=False)
    assert "There's no picture" in refused(await ada.menu("Animate", message))


async def _linked(bot: Bot, ada: Person, *, proxied: bool) -> Message:
    """Post a message with a link, and its picture as Discord shows it."""
    served = await ada.say("general", "", photo())
    message = await ada.say("general", "a link")
    image = {"url": "http://127.0.0.1:1/elsewhere.png"}
    if proxied:
        image["proxy_url"] = bot.local.files.url(served.files[0])
    message.embeds = [{"type": "image", "image": image}]
    return message


async def test_a_picture_that_was_hidden_stays_hidden(bot: Bot, ada: Person) -> None:
    message = await ada.say("general", "", photo("SPOILER_end.png"))
    await ada.submit_modal(await ada.menu("Animate", message), {"prompt": "x"})
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.options.spoiler


async def test_a_refusal_gives_back_what_was_typed(bot: Bot, ada: Person) -> None:
    bot.intake.error = PictureRefused(PictureProblem.FORMAT, found="GIF")
    message = await ada.say("general", "", photo())
    await ada.submit_modal(await ada.menu("Animate", message), {"prompt": "waves roll in"})
    [told] = await until(lambda: private(ada))
    assert "This is a GIF" in told
    assert "> waves roll in" in told


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_refused_form_is_opened_again_with_its_picture(
    restarts: bool, bot: Bot, ada: Person, tmp_path: Path
) -> None:
    message = await ada.say("general", "", photo(), photo("other.jpg", OTHER))
    bad = {"prompt": "waves", "picture": ["1"], "resolution": ["480P"], "seed": "seven"}
    told = (await ada.submit_modal(await ada.menu("Animate", message), bad)).message
    assert told is not None
    assert "whole number" in told.text
    async with AsyncExitStack() as stack:
        running = bot
        if restarts:
            await bot.client.close()
            again = connected_bot(tmp_path, local=bot.local, menu_forms=bot.menu_forms)
            running = await stack.enter_async_context(again)
        opened = await ada.press(told, "Open the form again")
        fields = {"seed": "12"} | ({"prompt": "tide"} if restarts else {})
        await ada.submit_modal(opened, fields)
        [submission] = await until(lambda: running.intake.submissions)
        await until(lambda: running.intake.pictures)
    # A restart loses what was filled in, and never the pictures.
    is_kept = not restarts
    assert running.intake.pictures == [OTHER if is_kept else ONE]
    options = submission.options
    assert (options.prompt, options.seed) == ("waves" if is_kept else "tide", 12)
    assert options.resolution == ("480P" if is_kept else "720P")


async def test_a_missing_permission_is_told_before_anything_is_typed(bot: Bot, ada: Person) -> None:
    message = await ada.say("no-files", "", photo())
    assert "**Attach Files**" in refused(await ada.menu("Animate", message))


async def _opened_before_a_restart(bot: Bot, ada: Person) -> Interaction:
    opened = await ada.menu("Animate", await ada.say("general", "", photo()))
    await until(lambda: bot.menu_forms.kept)
    await bot.client.close()
    return opened


async def test_after_a_restart_the_form_is_about_the_same_picture(
    bot: Bot, ada: Person, tmp_path: Path
) -> None:
    opened = await _opened_before_a_restart(bot, ada)
    async with connected_bot(tmp_path, local=bot.local, menu_forms=bot.menu_forms) as again:
        await ada.submit_modal(opened, {"prompt": "x"})
        await until(lambda: again.intake.pictures)
        assert again.intake.pictures == [ONE]


async def test_a_forgotten_form_is_told_and_nothing_typed_is_lost(
    bot: Bot, ada: Person, tmp_path: Path
) -> None:
    opened = await _opened_before_a_restart(bot, ada)
    async with connected_bot(tmp_path, local=bot.local) as again:
        sent = await ada.submit_modal(opened, {"prompt": "waves roll in"})
        assert "lost track of which picture" in refused(sent)
        assert "> waves roll in" in refused(sent)
        assert again.intake.submissions == []


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_form_that_outlived_the_link_is_told_and_nothing_typed_is_lost(
    restarts: bool, bot: Bot, ada: Person, tmp_path: Path
) -> None:
    opened = await ada.menu("Animate", await ada.say("general", "", photo()))
    await until(lambda: bot.menu_forms.kept)
    async with AsyncExitStack() as stack:
        running = bot
        if restarts:
            await bot.client.close()
            again = connected_bot(
                tmp_path, local=bot.local, clock=bot.clock, menu_forms=bot.menu_forms
            )
            running = await stack.enter_async_context(again)
        bot.clock.skip(hours=25)
        sent = await ada.submit_modal(opened, {"prompt": "waves roll in"})
        assert "Discord's link to it has expired" in refused(sent)
        assert "use Apps › Animate on its message again" in refused(sent)
        assert "> waves roll in" in refused(sent)
        assert running.intake.submissions == []


async def test_a_database_that_cannot_be_written_does_not_keep_the_form_from_working(
    bot: Bot, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(bot.menu_forms, "keep", full)
    opened = await ada.menu("Animate", await ada.say("general", "", photo()))
    await ada.submit_modal(opened, {"prompt": "x"})
    await until(lambda: bot.intake.pictures)
    assert [one for one in private(ada) if "went wrong" in one] == []


async def test_a_form_is_good_for_the_person_it_was_opened_for(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await ada.say("general", "", photo())
    opened = await grace.menu("Animate", message)
    opened.person = ada.user  # a client that passes the form on
    assert "Only the person" in refused(await ada.submit_modal(opened, {"prompt": "x"}))


async def test_the_form_comes_with_the_servers_own_resolution(tmp_path: Path) -> None:
    async with connected_bot(tmp_path, rules=cast("Any", Rules())) as bot:
        ada = bot.local.person("Ada")
        message = await ada.say("general", "", photo())
        await ada.submit_modal(await ada.menu("Animate", message), {"prompt": "x"})
        [submission] = await until(lambda: bot.intake.submissions)
        assert submission.options.resolution == "480P"


class Rules:
    """A server whose moderators chose a resolution."""

    async def settings(self, guild_id: int) -> GuildSettings:
        return GuildSettings(resolution="480P")
