"""`others_pictures`: a server lets people use others' pictures freely, if asked, or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.domain.consent import OthersPictures
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import WAN22_I2V_FLASH, WAN26_I2V_FLASH, Models
from bot.domain.quotas.quota import Denial, Reason
from bot.domain.task import EntryPoint, FoundPicture, Source
from bot.errors import InteractionTaken, QuotaRefused
from bot.storage.engine.database import Database, open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.people.picture_questions import PictureQuestionTable
from bot.ui.submission.source_images import pictures_of
from sandbox.discord import Fault, Interaction, LocalDiscord, Message, Person, Upload
from tests.cogs.moderation.moderation_helpers import answer
from tests.cogs.results.delivered_video import (
    TASK_ID,
    LivelyClock,
    parent,
    reacts,
    refused,
    result,
)
from tests.factories import make_picture
from tests.ui.client_fixture import MESSAGES, Bot, connected_bot, until

THEIRS = "somebody else's picture or video"
OVER = QuotaRefused(Denial(reason=Reason.ALLOWANCE, limit=5, used=5, held=0))


@dataclass
class Asking:
    """A bot in a server, and its database."""

    bot: Bot
    rules: ModerationStore
    database: Database

    async def allow(self, value: OthersPictures) -> None:
        guild_id = self.bot.local.world.guild.id
        settings = GuildSettings(others_pictures=value)
        await self.rules.set_settings(guild_id, settings, by_id=1)


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Asking]:
    async with open_asking(tmp_path) as found:
        yield found


@asynccontextmanager
async def open_asking(tmp_path: Path, **context: Any) -> AsyncIterator[Asking]:
    """Run a bot in a server where owners of pictures are asked."""
    clock = LivelyClock()
    async with open_database(f"sqlite:///{tmp_path / 'flipbook.db'}") as database:
        rules = ModerationStore(database, clock=clock)
        questions = PictureQuestionTable(database, clock=clock)
        async with connected_bot(
            tmp_path, clock=clock, rules=rules, picture_questions=questions, **context
        ) as bot:
            found = Asking(bot, rules, database)
            await found.allow(OthersPictures.ASK)
            yield found


@pytest.fixture
def bot(asking: Asking) -> Bot:
    return asking.bot


async def posted(person: Person, number: int = 1, channel: str = "general") -> Message:
    uploads = [Upload(f"photo{one}.png", make_picture("PNG")) for one in range(number)]
    return await person.say(channel, "look", *uploads)


async def asks(person: Person, message: Message, prompt: str = "waves roll in") -> Interaction:
    """Use Apps › Animate on the message, and send its form."""
    opened = await person.menu("Animate", message)
    return await person.submit_modal(opened, {"prompt": prompt, "seed": "5"})


def questions(bot: Bot) -> list[Message]:
    ada = bot.local.person("Ada")
    return [one for one in ada.sees("general") if "would like to make a video" in one.text]


async def question(bot: Bot) -> Message:
    found: list[Message] = await until(lambda: questions(bot), "the question")
    return found[-1]


async def told(shown: Interaction) -> str:
    """The ephemeral answer, once it is there."""

    def private() -> str | None:
        every = [one for one in (shown.message, *shown.followups) if one and one.ephemeral]
        return next((one.text for one in every if not one.loading), None)

    words: str = await until(private, "an answer")
    return words


async def says(message: Message, words: str) -> None:
    await until(lambda: words in message.text, words)
    assert message.components[1:] == []


async def test_with_ask_the_owner_is_asked_and_the_video_is_made_as_it_was_asked_for(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await posted(ada)
    shown = await asks(grace, message, "waves *roll* <@1>")
    assert "I've asked" in await told(shown)
    asked = await question(bot)
    assert [one.id for one in asked.mentions] == [ada.id]
    assert asked.reply_to == message.id
    assert "waves \\*roll\\*" in asked.text
    assert bot.intake.submissions == []
    assert bot.intake.pictures == []
    await ada.press(asked, "Allow")
    [submission] = await until(lambda: bot.intake.submissions)
    await says(asked, "allows")
    assert submission.person.id == grace.id
    assert (submission.options.prompt, submission.options.seed) == ("waves *roll* <@1>", 5)
    assert (submission.entry_point, submission.picture_owner_id) == (EntryPoint.MENU, ada.id)
    assert submission.interaction_id == asked.id
    assert bot.intake.pictures == [make_picture("PNG")]
    assert ada.direct_messages() == []


async def test_refused_nothing_is_made_and_nobody_asks_again_on_that_day(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await posted(ada)
    await asks(grace, message)
    asked = await question(bot)
    await ada.press(asked, "Refuse")
    await says(asked, "doesn't want")
    assert "waves" not in asked.text
    bot.clock.skip(hours=23)
    assert "already asked" in await told(await asks(grace, message))
    bot.clock.skip(hours=2)
    assert "I've asked" in await told(await asks(grace, message))
    assert bot.intake.submissions == []


async def test_ones_own_pictures_never_ask(bot: Bot, ada: Person) -> None:
    await asks(ada, await posted(ada))
    await until(lambda: bot.intake.submissions)
    assert questions(bot) == []


async def test_own_only_refuses_before_a_prompt_is_typed(
    asking: Asking, bot: Bot, ada: Person, grace: Person
) -> None:
    message = await posted(ada)
    opened = await grace.menu("Animate", message)
    await asking.allow(OthersPictures.OWN_ONLY)
    assert THEIRS in refused(await grace.menu("Animate", message))
    assert THEIRS in refused(await grace.submit_modal(opened, {"prompt": "x"}))
    await asks(ada, message)
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.person.id == ada.id


@pytest.mark.parametrize("kind", ["webhook", "forwarded"])
async def test_pictures_of_webhooks_and_forwarded_ones_have_nobody_to_ask(
    kind: str, bot: Bot, ada: Person, grace: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await posted(ada)
    if kind == "webhook":
        message.application_id = 5
    else:
        monkeypatch.setattr("cogs.menus.pictures_of", _forwarded)
    # A forwarded picture is not even of whoever forwarded it.
    for person in (grace, ada):
        assert THEIRS in refused(await person.menu("Animate", message))


def _forwarded(message: discord.Message) -> list[FoundPicture]:
    """The pictures as they would be in a forwarded message, which the local Discord lacks."""
    return [replace(one, is_forwarded=True) for one in pictures_of(message)]


async def test_only_the_owner_answers(bot: Bot, ada: Person, grace: Person) -> None:
    await asks(grace, await posted(ada))
    asked = await question(bot)
    for person in (grace, bot.local.person("Mona")):
        assert "Only the person whose picture" in await told(await person.press(asked, "Allow"))
    assert bot.intake.submissions == []
    assert "would like" in asked.text


async def test_after_an_hour_nobody_can_allow_it_and_it_can_be_asked_again(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await posted(ada)
    await asks(grace, message)
    asked = await question(bot)
    bot.clock.skip(minutes=61)
    await ada.press(asked, "Allow")
    await says(asked, "Nobody answered")
    assert bot.intake.submissions == []
    await asks(grace, message)
    await until(lambda: questions(bot), "another question")


async def test_what_was_made_before_a_kill_is_not_made_again(
    bot: Bot, ada: Person, grace: Person
) -> None:
    await asks(grace, await posted(ada))
    asked = await question(bot)
    # A kill after the task was committed, and before the question was removed.
    bot.intake.error = InteractionTaken("again")
    await ada.press(asked, "Allow")
    await says(asked, "allows")
    everything = bot.local.world.messages[asked.channel_id].values()
    assert [one for one in everything if one.reply_to == asked.id] == []


async def test_an_error_leaves_the_question_open(bot: Bot, ada: Person, grace: Person) -> None:
    await asks(grace, await posted(ada))
    asked = await question(bot)
    bot.intake.error = RuntimeError("the disk is on fire")
    assert "went wrong" in await told(await ada.press(asked, "Allow"))
    bot.intake.error = None
    await ada.press(asked, "Allow")
    await says(asked, "allows")
    assert len(bot.intake.submissions) == 2


async def test_limits_are_checked_before_asking_and_again_at_the_answer(
    bot: Bot, ada: Person, grace: Person
) -> None:
    bot.intake.early = OVER
    message = await posted(ada)
    shown = await asks(grace, message)
    words = await told(shown)
    assert "limit" in words
    assert "> waves roll in" in words
    assert questions(bot) == []
    bot.intake.early = None
    await asks(grace, message)
    asked = await question(bot)
    bot.intake.early = OVER
    await ada.press(asked, "Allow")
    await says(asked, "can't make it")
    assert bot.intake.submissions == []


async def test_a_picture_that_was_deleted_is_not_used(bot: Bot, ada: Person, grace: Person) -> None:
    message = await posted(ada)
    await asks(grace, message)
    asked = await question(bot)
    await ada.delete(message)
    await ada.press(asked, "Allow")
    await says(asked, "has been deleted")
    assert bot.intake.submissions == []


async def test_who_chose_nobody_meanwhile_is_not_overruled(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await posted(ada)
    await asks(grace, message)
    asked = await question(bot)
    await answer(ada, "privacy pictures", mine="nobody")
    await ada.press(asked, "Allow")
    await says(asked, "can't make it")
    assert bot.intake.submissions == []
    assert THEIRS in refused(await grace.menu("Animate", message))


async def test_three_questions_are_open_at_most_and_one_for_each_picture(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await posted(ada)
    await asks(grace, message)
    await question(bot)
    assert "already asked" in await told(await asks(grace, message))
    for _ in range(2):
        assert "I've asked" in await told(await asks(grace, await posted(ada)))
    assert "three open questions" in await told(await asks(grace, await posted(ada)))
    assert len(questions(bot)) == 3


async def test_where_it_cannot_be_posted_the_answer_is_no(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await posted(ada)
    locked = Fault("POST", MESSAGES, status=403, body={"message": "Thread locked", "code": 160005})
    bot.local.faults.add(locked)
    assert THEIRS in await told(await asks(grace, message))
    assert locked.hits == 1
    # It does not count as a question.
    assert "I've asked" in await told(await asks(grace, message))


async def test_an_owner_who_has_left_is_not_asked(bot: Bot, ada: Person, grace: Person) -> None:
    message = await posted(ada)
    opened = await grace.menu("Animate", message)
    del bot.local.world.guild.members[ada.id]
    assert THEIRS in await told(await grace.submit_modal(opened, {"prompt": "x"}))
    assert ada.direct_messages() == []


async def test_somebody_who_left_meanwhile_gets_no_video(
    bot: Bot, ada: Person, grace: Person
) -> None:
    await asks(grace, await posted(ada))
    asked = await question(bot)
    del bot.local.world.guild.members[grace.id]
    await ada.press(asked, "Allow")
    await says(asked, "has left this server")
    assert bot.intake.submissions == []


@pytest.mark.parametrize("way", ["🔁", "🎲", "✏️", "reaction"])
async def test_making_a_video_of_somebodys_picture_again_asks_as_well(
    way: str, bot: Bot, ada: Person, grace: Person
) -> None:
    message = await result(bot)
    picture = await posted(ada)
    await _comes_from(bot, picture, ada)
    if way == "reaction":
        await reacts(bot, grace, message, "🔁")
    else:
        shown = await grace.press(message, way)
        if way == "✏️":
            shown = await grace.submit_modal(shown, {"prompt": "fog"})
        assert "I've asked" in await told(shown)
    asked = await question(bot)
    assert bot.intake.submissions == []
    await ada.press(asked, "Allow")
    [submission] = await until(lambda: bot.intake.submissions)
    assert (submission.parent_id, submission.person.id) == (TASK_ID, grace.id)
    assert submission.options.prompt == ("fog" if way == "✏️" else parent(bot).options.prompt)


async def _comes_from(bot: Bot, picture: Message, ada: Person) -> None:
    """Make the delivered video one of Mona's, from a picture of Ada's."""
    found = FoundPicture(url=bot.local.files.url(picture.files[0]), name="photo.png")
    source = Source(channel_id=picture.channel_id, message_id=picture.id, number=0, picture=found)
    task = parent(bot)
    bot.store.tasks[TASK_ID] = replace(
        task,
        person=replace(task.person, id=bot.local.person("Mona").id),
        source=source,
        picture_owner_id=ada.id,
    )


async def test_the_setting_is_shown_and_logged(asking: Asking, bot: Bot) -> None:
    mona = bot.local.person("Mona")
    assert "others' if they allow it" in await answer(mona, "settings show")
    words = await answer(mona, "settings set", others_pictures="own_only")
    assert "Apps › Animate: only their own" in words
    log = await answer(mona, "quota-admin log")
    assert "pictures people may use: others' if they allow it → only their own" in log


async def test_the_chosen_model_and_length_wait_for_the_answer(tmp_path: Path) -> None:
    several = Models(default=WAN22_I2V_FLASH, others=(WAN26_I2V_FLASH,))
    async with open_asking(tmp_path, models=several) as asking:
        bot = asking.bot
        ada, grace = bot.local.person("Ada"), bot.local.person("Grace")
        opened = await grace.menu("Animate", await posted(ada))
        kind = f"{WAN26_I2V_FLASH.id}|1080P|15|1"
        await grace.submit_modal(opened, {"prompt": "waves", "kind": [kind]}, raw=True)
        await ada.press(await question(bot), "Allow")
        await until(lambda: bot.intake.submissions, "the video")
        [submission] = bot.intake.submissions
        options = submission.options
        assert submission.model == WAN26_I2V_FLASH.id
        assert (options.resolution, options.seconds, options.audio) == ("1080P", 15, True)


async def test_what_was_asked_for_with_the_default_model_is_made_with_no_other(
    tmp_path: Path,
) -> None:
    clock = LivelyClock()
    other = Models(default=WAN26_I2V_FLASH, others=(WAN22_I2V_FLASH,))
    async with LocalDiscord(clock=clock) as local:
        ada, grace = local.person("Ada"), local.person("Grace")
        async with open_asking(tmp_path, local=local) as asking:
            await asks(grace, await posted(ada))
            asked = await question(asking.bot)
        async with open_asking(tmp_path, local=local, models=other) as asking:
            await ada.press(asked, "Allow")
            [submission] = await until(lambda: asking.bot.intake.submissions, "the video")
            assert submission.model == WAN22_I2V_FLASH.id
