"""A blockade in front of Discord: few requests are made, and nothing is given up."""

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import Task
from bot.errors import DeliveryRefused, DeliveryUnclear
from bot.ui.delivery.requests.blockade import LONGEST_PAUSE, Blockade, Blocked, verdict
from bot.ui.delivery.requests.discord_errors import judged
from sandbox.discord import BLOCK_PAGE, NETWORK_ERROR, Fault, Message, Person, Upload
from tests.clock import VirtualClock
from tests.factories import make_picture
from tests.ui.client_fixture import MESSAGE, ORIGINAL, Bot, until

RESET_TOKEN: dict[str, Any] = {
    "status": 401,
    "body": {"message": "401: Unauthorized", "code": 0},
}
BANNED: dict[str, Any] = {"status": 429, "body": "error code: 1015", "headers": {"Via": ""}}
PORTAL: dict[str, Any] = {"status": 200, "body": "<html>Please log in</html>"}
BLOCKS = {
    "403 with 40333": NETWORK_ERROR,
    "403 with a page": BLOCK_PAGE,
    "404 with a page": {"status": 404, "body": "<html>no such site</html>"},
    "401 without a code": RESET_TOKEN,
    "403 without a code": {"status": 403, "body": {"message": "403: Forbidden", "code": 0}},
    "429 with a page": BANNED,
    "200 with a page": PORTAL,
}


async def _asked(bot: Bot, ada: Person) -> tuple[Task, Message]:
    picture = Upload("photo.png", make_picture("PNG"))
    shown = await ada.command("animate", image=picture, prompt="waves")
    message = shown.message
    assert message is not None
    await until(lambda: "Queued" in message.text, "queued")
    return await bot.rendered(), message


# --- what counts as a blockade ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "method"),
    [
        *((name, DeliveryMethod.EDIT) for name in BLOCKS),
        *(
            ("403 with a page", method)
            for method in (DeliveryMethod.POST, DeliveryMethod.LINK, DeliveryMethod.DIRECT)
        ),
    ],
)
async def test_no_method_is_given_up_for_a_blockade(
    name: str, method: DeliveryMethod, bot: Bot, ada: Person
) -> None:
    task, _ = await _asked(bot, ada)
    bot.local.faults.add(Fault("*", "*", times=1000, **BLOCKS[name]))
    with pytest.raises(DeliveryUnclear) as caught:
        await bot.messenger.deliver(task, method, bot.video(), search=False)
    assert caught.value.retry_after is not None


@pytest.mark.parametrize("code", [50001, 50013, 50007, 40007])
def test_discord_s_own_codes_are_a_definite_no(code: int) -> None:
    assert verdict(403, "application/json", f'{{"message": "x", "code": {code}}}') is None


def test_a_file_that_is_too_large_for_a_proxy_is_too_large() -> None:
    assert verdict(413, "text/html", "<html>413 Request Entity Too Large</html>") is None


def test_a_limit_of_discord_s_own_is_left_to_discord_py() -> None:
    own = '{"message": "You are being rate limited.", "retry_after": 1.5, "global": false}'
    assert verdict(429, "application/json", own) is None


# --- one pause, one probe ---------------------------------------------------------------------


async def test_an_hour_of_blockade_costs_few_requests_whatever_the_number_of_tasks() -> None:
    clock = VirtualClock()
    blockade = Blockade(clock=clock)
    sent = 0

    async def task() -> None:
        nonlocal sent
        while clock.passed < 3600:
            try:
                probe = blockade.enter()
                sent += 1
                await clock.sleep(0.2)
                raise blockade.refused("403", is_probe=probe)
            except Blocked as error:
                await clock.sleep(error.retry_after)

    work = [asyncio.create_task(task()) for _ in range(40)]
    while not all(one.done() for one in work):
        await clock.forward(0.5)
    assert 3600 / LONGEST_PAUSE <= sent < 100
    await asyncio.gather(*work)


async def test_a_successful_probe_opens_for_all_and_a_lost_one_for_the_next() -> None:
    clock = VirtualClock()
    blockade = Blockade(clock=clock)
    blockade.refused("403", is_probe=blockade.enter())
    with pytest.raises(Blocked):
        blockade.enter()
    await clock.forward(1.5)
    assert blockade.enter()
    with pytest.raises(Blocked):
        blockade.enter()
    blockade.left(is_probe=True)
    assert blockade.enter()
    blockade.passed(is_probe=True)
    assert not blockade.is_up
    assert not blockade.enter()


async def test_everything_waits_for_the_same_probe_and_then_goes_on(
    bot: Bot, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ui.delivery.requests.blockade.FIRST_PAUSE", 60.0)
    task, message = await _asked(bot, ada)
    fault = bot.local.faults.add(Fault("*", "*", times=1000, **BLOCK_PAGE))
    for _ in range(5):
        with pytest.raises(DeliveryUnclear):
            await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
        with pytest.raises(aiohttp.ClientError):
            await bot.client.get_partial_messageable(message.channel_id).send("x")
    # A progress edit may have been under way at the first attempt.
    assert fault.hits <= 2
    bot.local.faults.remove(fault)
    bot.clock.skip(seconds=61)
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert message.files


async def test_a_refusal_by_discord_itself_stops_nobody(bot: Bot, ada: Person) -> None:
    task, message = await _asked(bot, ada)
    missing = {"message": "Missing Permissions", "code": 50013}
    bot.local.faults.add(Fault("PATCH", MESSAGE, status=403, body=missing, times=1))
    bot.tokens.drop(message.id)
    with pytest.raises(DeliveryRefused):
        await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert message.files


async def test_progress_goes_on_afterwards(bot: Bot, ada: Person) -> None:
    _, message = await _asked(bot, ada)
    await bot.answered()
    fault = bot.local.faults.add(Fault("PATCH", MESSAGE, times=1000, **BLOCK_PAGE))
    bot.clock.skip(seconds=10)
    running = {"state": "running"}
    await bot.messenger.show(await bot.rendered(**running, progress=0.2))
    await until(lambda: fault.hits, "a progress edit")
    bot.local.faults.remove(fault)
    bot.clock.skip(seconds=10)
    await bot.messenger.show(await bot.rendered(**running, progress=0.7))
    await until(lambda: "70%" in message.text, "the next one")


# --- interaction tokens ---------------------------------------------------------------------------


async def test_a_token_that_discord_ends_is_over_whatever_the_clock_says(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    missing = {"message": "Missing Access", "code": 50001}
    over = {"message": "Invalid Webhook Token", "code": 50027}
    bot.local.faults.add(Fault("PATCH", MESSAGE, status=403, body=missing, times=1000))
    ended = bot.local.faults.add(Fault("PATCH", ORIGINAL, status=401, body=over, times=1000))
    for _ in range(3):
        with pytest.raises(DeliveryRefused):
            await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert ended.hits == 1
    assert bot.tokens.get(message.id) is None


def test_a_request_that_was_not_sent_is_unclear() -> None:
    error = judged(Blocked("403", retry_after=30.0))
    assert isinstance(error, DeliveryUnclear)
    assert error.retry_after == 30.0
