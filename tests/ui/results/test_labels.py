"""Every result is labeled as AI-generated, in the text above it and in its alt text."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import Place, Task
from bot.ui.results import cards
from bot.ui.texts.cards import alt_text
from bot.ui.texts.catalogues import speaking_in
from sandbox.discord import Message
from tests.cogs.results.delivered_video import TASK_ID, LivelyClock, result
from tests.factories import make_options, make_request, make_task
from tests.ui.client_fixture import Bot, connected_bot

URL = "https://example.com/v.mp4"
# Discord's limit for the alt text of one picture or video.
MOST_ALT_TEXT = 1024
LANGUAGES = {
    "en-US": ("**AI-generated**", "AI-generated video: waves roll in"),
    "zh-CN": ("**AI 生成**", "AI 生成的视频：waves roll in"),
}


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path, clock=LivelyClock()) as running:
        yield running


async def rendered(bot: Bot, locale: str = "en-US") -> Task:
    """Return Ada's rendered task, with a message that the bot can edit."""
    seen = await result(bot)
    task = bot.store.tasks[TASK_ID]
    return replace(
        task,
        # The task has an id of its own, since Discord remembers the nonce of the first.
        id="t0000002",
        request=make_request(frame=bot.frame()),
        person=replace(task.person, locale=locale),
        place=replace(task.place, message_id=seen.id, locale=locale),
        video_url=URL,
    )


def first_words_and_alt_texts(message: Message) -> tuple[str, list[str]]:
    """Return the text above the video or frame, and the alt texts."""
    before, alts = "", list[str]()
    for part in message.every_component():
        if part["type"] == 10 and not alts:
            before += part["content"]
        if part["type"] == 12:
            alts += [item["description"] for item in part["items"]]
    return before, alts


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("method", DeliveryMethod)
async def test_every_method_says_it_above_the_video_and_in_its_alt_text(
    method: DeliveryMethod, locale: str, bot: Bot
) -> None:
    task = await rendered(bot, locale)
    video = None if method is DeliveryMethod.LINK else bot.video()
    posted = await bot.messenger.deliver(task, method, video, search=False)
    message = bot.local.world.messages[posted.channel_id][posted.message_id]
    label, alt = LANGUAGES[locale]
    words, alts = first_words_and_alt_texts(message)
    assert label in words
    assert alts == [alt]


async def test_a_link_in_direct_messages_says_it_too_and_that_its_file_carries_no_label(
    bot: Bot,
) -> None:
    task = await rendered(bot)
    video = bot.video(size=10 * 1024 * 1024 + 1)
    posted = await bot.messenger.deliver(task, DeliveryMethod.DIRECT, video, search=False)
    message = bot.local.world.messages[posted.channel_id][posted.message_id]
    words, alts = first_words_and_alt_texts(message)
    assert "**AI-generated**" in words
    assert alts == ["AI-generated video: waves roll in"]
    assert "I haven't labeled the file behind the link" in message.text


async def test_where_only_a_person_installed_the_bot_it_says_it_too() -> None:
    card = cards.result(make_task(place=Place(reachable=False)), outside=True)
    assert "**AI-generated**" in card.text


@pytest.mark.parametrize("prompt", ["*" * 800, "😀" * 800, "\u202eevil\u202c\nlines " * 60])
async def test_the_longest_alt_text_fits_and_keeps_its_beginning(prompt: str) -> None:
    task = make_task(request=make_request(options=make_options(prompt=prompt)))
    for locale, (_, begins) in LANGUAGES.items():
        with speaking_in(locale):
            text = alt_text(task)
        assert text.startswith(begins.removesuffix("waves roll in"))
        assert len(text.encode("utf-16-le")) // 2 <= MOST_ALT_TEXT
        assert not set(text) & {"\u202e", "\u202c", "\n"}


async def test_a_video_whose_prompt_is_forgotten_has_an_alt_text_all_the_same() -> None:
    task = make_task(request=make_request(options=make_options(prompt="")))
    assert alt_text(task) == "AI-generated video"
