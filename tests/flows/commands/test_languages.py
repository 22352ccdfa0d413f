"""A server in Chinese, members who read English, and a restart in between."""

import math

from sandbox.discord import Interaction, LocalDiscord, Message, Person
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, video, videos


def _private(shown: Interaction) -> str | None:
    """Return the ephemeral answer, if there is one yet."""
    answers = [
        one for one in (shown.message, *shown.followups) if one is not None and one.ephemeral
    ]
    return answers[-1].text if answers and not answers[-1].loading else None


async def _answer(person: Person, name: str, **options: object) -> str:
    shown = await person.command(name, options=options)
    return await eventually(lambda: _private(shown), f"/{name} answers")


async def _logged(person: Person, number: int) -> list[Message]:
    def lines() -> list[Message] | None:
        seen = [one for one in person.sees("no-files") if not one.ephemeral]
        return seen if len(seen) == number else None

    return await eventually(lines, f"{number} lines in the log channel")


async def _reads(person: Person, words: str) -> None:
    """Wait for a message in the channel with these words."""
    await eventually(
        lambda: [one for one in person.sees("general") if words in one.text] or None, words
    )


async def test_the_choice_holds_at_once_and_for_what_was_asked_before_a_restart(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    mona = discord_.person("Mona")
    await _answer(mona, "settings set", log_channel=discord_.world.channel("no-files"))
    await animate(ada, "one")
    assert "seed" in (await video(ada)).text

    words = await _answer(mona, "settings set", language="zh-CN")
    assert "Language of public messages: 简体中文" in words
    provider.slow = math.inf
    await animate(ada, "two")
    await _reads(ada, "正在")
    await bot.reaches("delivered", "running")
    await bot.kill()
    provider.slow = 1.0
    provider.finish()
    await bot.start()
    _one, two = await eventually(
        lambda: seen if len(seen := videos(ada)) == 2 else None, "the second video"
    )
    assert "种子" in two.text
    # Ada reads English. Mona's change is logged in the server's language, which is Chinese by now.
    assert "videos left" in await _answer(ada, "quota")
    assert [("language" in one.text, "语言" in one.text) for one in await _logged(mona, 2)] == [
        (False, False),
        (False, True),
    ]

    await _answer(mona, "settings set", language="none")
    await animate(ada, "three")
    await _reads(ada, "Making your video")
