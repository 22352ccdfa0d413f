"""Untrusted text in the bot's messages: nobody is pinged, and nothing is linked or formatted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import Failure, FailureKind, State
from sandbox.discord import Message, Upload
from tests.factories import make_options, make_picture, make_request
from tests.ui.client_fixture import Bot, connected_bot, until

HOSTILE = [
    "@everyone @here <@{ada}> <@&{role}> <#{channel}>",
    "[click](https://example.com) <https://example.com> https://example.com",
    "# heading\n> quote\n- list\n1. list\n-# small",
    "**bold** __u__ ~~s~~ `code` ||spoiler||",
    "```\nblock\n```",
    "<t:0:R> </animate:1> <:name:1> <id:guide>",
    "\u202egnp.exe \u200b\u2066hidden\u2069",
    "\\*already\\* \\\\@everyone",
]
_STARTS = ("#", ">", "-", "1.")


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path) as running:
        yield running


def filled(bot: Bot, words: str) -> str:
    world = bot.local.world
    return words.format(
        ada=world.user("Ada").id, role=world.guild.id, channel=world.channel("general").id
    )


def harmless(message: Message, words: str) -> None:
    """Check that the text has no effect: every control character of Markdown is escaped."""
    assert message.mentions == []
    for raw in ("@everyone", "@here", "](http", "**bold", "||spoiler", "```", "<t:0", "</animate"):
        where = message.text.find(raw)
        assert where < 0 or raw not in words or message.text[where - 1] == "\\", raw
    assert "\u202e" not in message.text
    assert "\u2066" not in message.text


@pytest.mark.parametrize("words", HOSTILE)
async def test_a_prompt_is_only_ever_words(words: str, bot: Bot) -> None:
    ada, prompt = bot.local.person("Ada"), filled(bot, words)
    picture = Upload("photo.png", make_picture("PNG"))
    shown = await ada.command("animate", image=picture, prompt=prompt)
    message = shown.message
    assert message is not None
    await until(lambda: "Queued" in message.text)
    harmless(message, prompt)
    quoted = [line for line in message.text.splitlines() if line.startswith("> ")]
    assert len(quoted) == 1  # the prompt cannot leave its quotation


@pytest.mark.parametrize("words", HOSTILE)
async def test_names_and_what_the_provider_says_are_only_words(words: str, bot: Bot) -> None:
    ada, text = bot.local.person("Ada"), filled(bot, words)
    task = bot.task_of(await ada.say("general", "x"), state=State.FAILED)
    failure = Failure(kind=FailureKind.REJECTED, code="Bad", message=text)
    person = replace(task.person, id=ada.id, name=text)
    task = replace(task, person=person, failure=failure)
    await bot.messenger.tell_ended(task)
    told = [one for one in ada.sees("general") if one.author.bot] + ada.direct_messages()
    assert told
    for message in told:
        harmless(message, text)
        first = [line.lstrip() for line in message.text.splitlines()]
        assert not any(line.startswith(_STARTS) and line in text for line in first)


async def test_words_in_a_result_are_only_words(bot: Bot) -> None:
    ada, prompt = bot.local.person("Ada"), filled(bot, " ".join(HOSTILE))
    request = make_request(options=make_options(prompt=prompt))
    task = bot.task_of(await ada.say("general", "x"), request=request)
    posted = await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=False)
    harmless(bot.local.world.messages[posted.channel_id][posted.message_id], prompt)
