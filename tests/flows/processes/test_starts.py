"""Startup that fails or waits: one clear line, and an exit code for supervisors."""

import re
import signal
import socket

import pytest

from sandbox.discord import Fault, LocalDiscord, Person
from tests.flows.harness import BotProcess, animate, eventually, video

WRONG, MAY_PASS = 78, 75


def log_of(bot: BotProcess) -> str:
    """Return the log, which must contain no traceback and nothing of a library's internals."""
    words = bot.log.read_text()
    assert "Traceback" not in words
    assert "AttributeError" not in words
    assert "Unclosed" not in words
    return words


async def waits(bot: BotProcess, words: str) -> None:
    pattern = re.compile(rf"{words}.*; trying again in \d+ s")
    await eventually(lambda: pattern.search(log_of(bot)), f"it waits: {words}")


async def ends(bot: BotProcess, code: int, words: str) -> None:
    await bot.launch()
    assert await bot.died() == code
    assert words in log_of(bot)


async def test_a_wrong_token_is_told_and_not_tried_again(bot: BotProcess) -> None:
    bot.settings["DISCORD_TOKEN"] = "not-the-token"
    await ends(bot, WRONG, "DISCORD_TOKEN: Discord does not accept it")


@pytest.mark.parametrize("resumes", [False, True])
async def test_a_token_that_is_reset_while_it_runs_is_told_and_not_tried_again(
    resumes: bool, bot: BotProcess, discord_: LocalDiscord
) -> None:
    """Discord closes with 4004, at once or when the client resumes its session."""
    await bot.start()
    discord_.gateway.token = "another-one"
    if resumes:
        discord_.gateway.ask_to_reconnect()
    else:
        await discord_.gateway.close(4004)
    assert await bot.died() == WRONG
    log_of = bot.log.read_text()
    assert "DISCORD_TOKEN: Discord no longer accepts it: it was reset" in log_of
    assert "Traceback" not in log_of


@pytest.mark.parametrize("form", ["text", "json"])
async def test_a_missing_setting_is_told_and_not_tried_again(bot: BotProcess, form: str) -> None:
    bot.settings |= {"VTRIX_API_KEY": "", "LOG_FORMAT": form}
    await ends(bot, WRONG, "VTRIX_API_KEY is missing")


async def test_an_api_address_that_is_not_discords_is_told(
    bot: BotProcess, discord_: LocalDiscord
) -> None:
    bot.settings["DISCORD_API_URL"] = f"{discord_.origin}/nothing"
    await ends(bot, WRONG, "DISCORD_API_URL: it answers, but not as Discord does")


async def test_a_port_that_is_taken_may_be_free_again(bot: BotProcess) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        bot.settings["HEALTH_PORT"] = str(port)
        await ends(bot, MAY_PASS, f"HEALTH_PORT ({port}) cannot be opened")


async def test_a_second_run_on_one_database_may_start_later(bot: BotProcess) -> None:
    await bot.start()
    code, _, words = await bot.run("run")
    assert code == MAY_PASS
    assert "Traceback" not in words


@pytest.mark.parametrize("address", ["https://discord.invalid/api/v10", "http://127.0.0.1:9/api"])
async def test_without_a_way_to_discord_it_waits_and_ends_when_told(
    bot: BotProcess, address: str
) -> None:
    bot.settings["DISCORD_API_URL"] = address
    await bot.launch()
    await waits(bot, "DISCORD_API_URL: Discord does not answer")
    assert await bot.stop() == 0
    assert "stopped" in log_of(bot)


@pytest.mark.parametrize("route", ["/gateway/bot", "/users/@me"])
async def test_a_discord_in_trouble_is_waited_for(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, route: str
) -> None:
    # discord.py itself tries a request five times before it gives up.
    discord_.faults.add(Fault("GET", route, times=5 if route != "/gateway/bot" else 1, status=503))
    await bot.launch()
    await waits(bot, "DISCORD_API_URL: Discord does not answer")
    await eventually(lambda: "ready as" in log_of(bot) or None, "it is there")
    await animate(ada)
    await video(ada)
    bot.send(signal.SIGTERM)
    assert await bot.died() == 0
