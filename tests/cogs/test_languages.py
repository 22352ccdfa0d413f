"""Languages: private answers use the person's language, and channels use the server's."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.guilds.guild import GuildSettings
from bot.domain.quotas.limits import Window
from bot.domain.quotas.quota import Denial, Reason
from bot.domain.task import Failure, FailureKind, State
from bot.errors import QuotaRefused, StorageError
from bot.storage.guilds.moderation import ModerationStore
from bot.ui.delivery.guild_locales import KNOWN_FOR
from sandbox.discord import Message, Person, Upload
from tests.cogs.results.delivered_video import LivelyClock, invited, parent, reacts, replies, result
from tests.factories import make_picture
from tests.ui.client_fixture import Bot, connected_bot, until

CHINESE = "zh-CN"
_HAN = re.compile(r"[\u4e00-\u9fff]")


class Chosen:
    """A server's settings, with or without a language."""

    def __init__(self) -> None:
        self.language: str | None = None
        self.is_broken = False
        self.read = 0

    async def settings(self, guild_id: int) -> GuildSettings:
        self.read += 1
        if self.is_broken:
            raise StorageError("the database is away")
        return GuildSettings(language=self.language)


@pytest.fixture
def chosen() -> Chosen:
    return Chosen()


@pytest.fixture
async def bot(tmp_path: Path, chosen: Chosen) -> AsyncIterator[Bot]:
    rules = cast("ModerationStore", chosen)
    async with connected_bot(tmp_path, clock=LivelyClock(), rules=rules) as running:
        yield running


@pytest.fixture
def ada(bot: Bot) -> Person:
    """A member who reads Chinese."""
    ada = bot.local.person("Ada")
    _user(bot, ada).locale = CHINESE
    return ada


@pytest.fixture
def grace(bot: Bot) -> Person:
    """A member who reads English."""
    return bot.local.person("Grace")


def _user(bot: Bot, person: Person) -> Any:
    return bot.local.world.users[person.id]


async def _server_is_chinese(bot: Bot) -> None:
    guild = bot.local.world.guild
    guild.preferred_locale = CHINESE
    bot.local.tell_guild(guild)
    await until(lambda: str(bot.client.guilds[0].preferred_locale) == CHINESE, "the bot knows")


async def _asks(person: Person) -> Message:
    picture = Upload("photo.png", make_picture("PNG"))
    shown = await person.command("animate", image=picture, prompt="waves roll in")
    assert shown.message is not None
    return shown.message


def _public(person: Person) -> list[Message]:
    return [seen for seen in person.sees("general") if not seen.ephemeral]


def _is_chinese(text: str) -> bool:
    return bool(_HAN.search(text))


# --- a Chinese reader in an English server ------------------------------------------------


async def test_an_answer_to_one_person_is_in_their_language(
    bot: Bot, ada: Person, grace: Person
) -> None:
    hers = await ada.command("help", channel="no-files")
    other = await grace.command("help", channel="no-files")
    assert hers.ephemeral
    assert hers.message is not None
    assert "这个频道里缺少：**附加文件**" in hers.message.text
    assert other.message is not None
    assert not _is_chinese(other.message.text)


async def test_people_who_ask_at_once_each_get_their_own(
    bot: Bot, ada: Person, grace: Person
) -> None:
    asked = [person.command("help") for person in (ada, grace) * 5]
    answers = [(await one).message for one in asyncio.as_completed(asked)]
    chinese = [_is_chinese(answer.text) for answer in answers if answer]
    assert sorted(chinese) == [False] * 5 + [True] * 5


async def test_the_channel_reads_the_server_s_language(bot: Bot, ada: Person) -> None:
    message = await _asks(ada)
    assert not _is_chinese(message.text)
    await until(lambda: "Queued" in message.text, "queued")
    task = await bot.rendered()
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert not _is_chinese(message.text)
    info = await ada.press(message, "ℹ️")
    assert info.message is not None
    assert "**种子**：" in info.message.text


async def test_a_refusal_is_in_their_language_and_leaves_nothing_in_the_channel(
    bot: Bot, ada: Person
) -> None:
    denial = Denial(reason=Reason.ALLOWANCE, limit=5, used=5, held=0, window=Window.DAY)
    bot.intake.error = QuotaRefused(denial)
    await _asks(ada)
    [told] = await until(lambda: [seen for seen in ada.sees("general") if seen.ephemeral])
    assert told.text.startswith("你已达到每 24 小时 5 个视频的上限。")
    await until(lambda: not _public(ada), "the channel is as it was")


async def test_the_end_is_told_in_the_persons_language_and_shown_in_the_servers(
    bot: Bot, ada: Person
) -> None:
    message = await _asks(ada)
    await until(lambda: "Queued" in message.text, "queued")
    task = bot.store.tasks["task0001"]
    failure = Failure(kind=FailureKind.GENERATION)
    await bot.messenger.tell_ended(bot.becomes(task, state=State.FAILED, failure=failure))
    assert "No video for" in message.text
    [told] = [seen for seen in ada.sees("general") if seen.ephemeral]
    assert "视频服务没能制作这个视频" in told.text


async def test_a_direct_message_is_in_the_persons_language_and_its_note_in_the_servers(
    bot: Bot, ada: Person
) -> None:
    message = await _asks(ada)
    await until(lambda: "Queued" in message.text, "queued")
    task = await bot.rendered()
    await bot.messenger.deliver(task, DeliveryMethod.DIRECT, bot.video(), search=False)
    [direct] = ada.direct_messages()
    assert "种子" in direct.text
    assert "in a direct message" in message.text


async def test_a_form_is_in_the_language_of_who_opens_it(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await invited(bot)
    hers, other = await ada.press(message, "✏️"), await grace.press(message, "✏️")
    assert hers.modal is not None
    assert other.modal is not None
    assert hers.modal["title"] == "修改后重新制作"
    assert other.modal["title"] == "Change it and make it again"


# --- an English reader in a Chinese server ------------------------------------------------


async def test_a_chinese_server_reads_chinese_and_its_english_member_english(
    bot: Bot, grace: Person
) -> None:
    await _server_is_chinese(bot)
    message = await _asks(grace)
    assert _is_chinese(message.text)
    await until(lambda: "排队中" in message.text, "queued")
    task = await bot.rendered()
    assert task.place.locale == CHINESE
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert "种子 " in message.text
    assert "$0.25（预计 $0.21）" in message.text
    info = await grace.press(message, "ℹ️")
    assert info.message is not None
    assert not _is_chinese(info.message.text)


async def test_an_announcement_is_in_the_server_s_language(bot: Bot, grace: Person) -> None:
    message = await result(bot)
    done = replace(
        parent(bot),
        place=replace(parent(bot).place, locale=CHINESE),
        person=replace(parent(bot).person, id=grace.id),
    )
    await bot.messenger.announce(done)
    assert [one.content for one in replies(bot, message)] == [f"<@{grace.id}>，你的视频做好了。"]


async def test_answers_to_reactions_are_in_the_server_s_language(bot: Bot, grace: Person) -> None:
    await _server_is_chinese(bot)
    message = await invited(bot)
    await reacts(bot, grace, message, "🔁")
    [again] = await until(lambda: replies(bot, message), "a reply")
    await until(lambda: "排队中" in again.text, "queued")
    assert "🔁" not in parent(bot).options.prompt
    await reacts(bot, grace, message, "🗑️")
    told = await until(lambda: replies(bot, message)[1:], "a refusal")
    assert "只有请求这个视频的人和管理员可以这样做。" in told[0].text


# --- the language in `/settings` ----------------------------------------------------------


@pytest.mark.parametrize(("own", "language"), [("en-US", CHINESE), (CHINESE, "en-US")])
async def test_the_language_of_settings_wins(
    bot: Bot, chosen: Chosen, grace: Person, own: str, language: str
) -> None:
    bot.local.world.guild.preferred_locale = own
    chosen.language = language
    message = await _asks(grace)
    assert _is_chinese(message.text) is (language == CHINESE)
    await until(lambda: bot.intake.submissions, "handed in")
    assert bot.intake.submissions[0].place.locale == language


async def test_a_change_holds_within_a_minute_and_is_not_asked_for_each_time(
    bot: Bot, chosen: Chosen, grace: Person
) -> None:
    assert not _is_chinese((await _asks(grace)).text)
    chosen.language = CHINESE
    assert not _is_chinese((await _asks(grace)).text)
    assert chosen.read == 1
    bot.clock.skip(seconds=KNOWN_FOR)
    assert _is_chinese((await _asks(grace)).text)


async def test_a_database_that_is_away_keeps_nobody_waiting_for_words(
    bot: Bot, chosen: Chosen, grace: Person
) -> None:
    chosen.language = CHINESE
    assert _is_chinese((await _asks(grace)).text)
    chosen.is_broken = True
    bot.clock.skip(seconds=KNOWN_FOR)
    assert _is_chinese((await _asks(grace)).text), "the last known language is not used"
