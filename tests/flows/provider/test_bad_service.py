"""A provider that misbehaves, and a bot that cannot start: people read why."""

import io
import math
import os

import pytest
from PIL import Image

from sandbox.discord import LocalDiscord, Person, Upload
from sandbox.vtrix import Fault, LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, reads, told, video


def _holds(bot: BotProcess) -> list[tuple[str, str]]:
    query = (
        "SELECT a.state AS allowance, m.state AS money FROM allowance_holds a "
        "JOIN money_holds m USING (task_id)"
    )
    return [(row["allowance"], row["money"]) for row in bot.rows(query)]


async def test_a_refused_key_is_told_kindly_and_the_next_command_is_refused_at_once(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    bot.settings["VTRIX_API_KEY"] = "another-key"
    await bot.start()
    first = await animate(ada)
    await reads(ada, first, "isn't accepting my key")
    await bot.reaches("failed")
    assert _holds(bot) == [("returned", "released")]
    second = await animate(ada)
    await reads(ada, second, "Please try again later")
    assert bot.states() == ["failed"]
    assert provider.creates == []
    words = "the provider refuses the key (VTRIX_API_KEY)"
    await eventually(lambda: words in bot.log.read_text() or None, words)
    assert "another-key" not in bot.log.read_text()


async def test_an_empty_balance_costs_nobody_anything(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    provider.balance = "0"
    await bot.start()
    shown = await animate(ada)
    await reads(ada, shown, "account with the video service is out of credit")
    await bot.reaches("failed")
    assert _holds(bot) == [("returned", "released")]


async def test_a_provider_that_answers_html_leaves_the_task_unclear_and_unsent(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    page = "<html><h1>Welcome</h1></html>"
    provider.faults.add(Fault(operation="create", status=200, body=page, times=None))
    await bot.start()
    shown = await animate(ada)
    await reads(ada, shown, "can't tell whether it arrived")
    await bot.reaches("unknown")
    assert _holds(bot) == [("returned", "held")]
    assert provider.counts["create"] == 1


async def test_a_refused_prompt_is_told_in_words_and_charged_to_nobody(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    provider.fail_next("DataInspectionFailed", "inappropriate content")
    await bot.start()
    shown = await animate(ada)
    await reads(ada, shown, "because of its content")
    assert "Nothing was charged" in told(ada, shown)
    assert _holds(bot) == [("returned", "released")]


async def test_a_photograph_of_12_mb_is_made_to_fit_and_that_is_told(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    # The server is boosted, since Discord would take only 10 MiB otherwise.
    discord_.world.guild.premium_tier = 2
    drawn = io.BytesIO()
    # Noise cannot be compressed without loss.
    Image.frombytes("RGB", (2000, 2000), os.urandom(12_000_000)).save(drawn, "PNG")
    large = drawn.getvalue()
    assert len(large) > 11_900_000
    await bot.start()
    await animate(ada, image=Upload("scan.png", large))
    assert "compressed to fit" in (await video(ada)).text


async def test_a_missing_token_stops_the_start_in_one_line(bot: BotProcess) -> None:
    bot.settings["DISCORD_TOKEN"] = ""
    code, out, err = await bot.run("run")
    assert code == 78
    assert "DISCORD_TOKEN is missing" in out + err
    assert "Traceback" not in out + err
    assert not bot.database.exists()


async def test_a_second_run_on_the_same_database_is_refused_in_words(bot: BotProcess) -> None:
    await bot.start()
    code, out, err = await bot.run("run")
    assert code == 75
    assert "another" in (out + err).lower()
    assert "Traceback" not in out + err
    assert await bot.stop() == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"this is no database at all, " * 200, "cannot be used"), (None, "use the newer program")],
    ids=["not a database", "from a newer version"],
)
async def test_a_database_that_cannot_be_used_stops_the_start(
    bot: BotProcess, content: bytes | None, words: str
) -> None:
    bot.database.parent.mkdir()
    if content is None:
        assert (await bot.run("db", "upgrade"))[0] == 0
        bot.write("UPDATE alembic_version SET version_num = '9999'")
    else:
        bot.database.write_bytes(content)
    code, out, err = await bot.run("run")
    assert code == 78
    assert words in out + err
    assert "Traceback" not in out + err


async def test_a_provider_that_takes_its_time_is_waited_for(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    provider.slow = math.inf
    await bot.start()
    shown = await animate(ada)
    await bot.reaches("running")
    await reads(ada, shown, "Making your video")
    provider.finish()
    await video(ada)
    edits = discord_.count("PATCH", "/channels/{channel_id}/messages/{message_id}")
    assert edits <= 4
