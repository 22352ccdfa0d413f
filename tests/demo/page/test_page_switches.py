"""The switches of the side panel: each takes effect, and can be turned back."""

from decimal import Decimal
from unittest.mock import ANY

import aiohttp
import pytest

from sandbox.dashscope import STYLES as DASHSCOPE_STYLES
from sandbox.discord import LocalDiscord
from sandbox.page.panel.switches import Switches
from sandbox.vtrix import STYLES
from tests.demo.conftest import Page
from tests.flows.harness import PATIENCE

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def status(discord: LocalDiscord) -> int:
    headers = {"Authorization": f"Bot {discord.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{discord.api_url}/users/@me") as answer,
    ):
        return answer.status


async def test_discord_comes_back_by_itself(page: Page) -> None:
    switches = Switches(page.discord, page.provider, page.dashscope, away_seconds=0.3)
    await switches.turn("discord_away", True)
    until = switches.values()["discord_away_until"]
    assert until is not None
    assert await status(page.discord) == 503
    # Turning the switch on again does not move the end.
    await switches.turn("discord_away", True)
    assert switches.values()["discord_away_until"] == until
    await page.discord.world.changes.until(lambda: not page.discord.away, PATIENCE)
    assert await status(page.discord) == 200
    assert switches.values()["discord_away_until"] is None
    await switches.close()


async def test_nobody_connects_while_discord_is_away(page: Page) -> None:
    await page.discord.go_away()
    async with aiohttp.ClientSession() as session:
        try:
            async with session.ws_connect(f"{page.discord.gateway.url}?v=10"):
                got = 200
        except aiohttp.WSServerHandshakeError as refused:
            got = refused.status
        assert got == 503
        page.discord.come_back()
        async with session.ws_connect(f"{page.discord.gateway.url}?v=10") as socket:
            assert (await socket.receive_json())["op"] == 10


async def test_an_empty_balance_is_filled_with_what_is_left(page: Page) -> None:
    switches = Switches(page.discord, page.provider, page.dashscope)
    page.provider.balance = "7"
    await switches.turn("provider_balance_empty", True)
    assert page.provider.balance == 0
    page.provider.balance = Decimal("-0.20")  # a video that was already in the making
    await switches.turn("provider_balance_empty", False)
    assert page.provider.balance == Decimal("6.80")


async def test_a_slow_provider_and_a_refused_key_are_put_right(page: Page) -> None:
    switches = Switches(page.discord, page.provider, page.dashscope)
    before = page.provider.key
    for name in ("provider_slow", "provider_key_refused", "provider_failing"):
        await switches.turn(name, True)
        assert switches.values()[name] is True
    assert page.provider.slow > 1
    assert page.provider.key != before
    for name in ("provider_slow", "provider_key_refused", "provider_failing"):
        await switches.turn(name, False)
        assert switches.values()[name] is False
    assert (page.provider.slow, page.provider.key) == (1, before)


async def test_a_provider_that_charges_too_much_goes_back_to_its_prices(page: Page) -> None:
    switches = Switches(page.discord, page.provider, page.dashscope)
    await switches.turn("provider_charging", True)
    assert page.provider.cost_factor == 10
    await switches.turn("provider_charging", False)
    assert page.provider.cost_factor == 1


async def test_the_provider_answers_in_the_style_that_is_chosen(page: Page) -> None:
    switches = Switches(page.discord, page.provider, page.dashscope)
    values = switches.values()
    assert values["provider_style"] == values["provider_styles"][0]
    for name in values["provider_styles"]:
        await switches.turn("provider_style", name)
        assert switches.values()["provider_style"] == name
        assert page.provider.style == STYLES[name]


async def test_the_second_provider_has_switches_of_its_own(page: Page) -> None:
    switches = Switches(page.discord, page.provider, page.dashscope)
    own = [name for name, value in switches.values().items() if value is False]
    own = [name for name in own if name.startswith("dashscope_")]
    assert len(own) == 9
    key, links = page.dashscope.key, page.dashscope.link_seconds
    for name in own:
        await switches.turn(name, True)
        assert switches.values()[name] is True
    assert page.dashscope.failing == ("DataInspectionFailed", ANY)
    assert not page.dashscope.running
    assert page.dashscope.full
    assert page.dashscope.link_seconds == 0
    assert page.dashscope.in_arrears
    assert page.dashscope.waiting is not None
    assert page.dashscope.key != key
    assert not page.provider.full, "the other provider changed"
    for name in own:
        await switches.turn(name, False)
        assert switches.values()[name] is False
    assert page.dashscope.running
    assert page.dashscope.failing is None
    assert (page.dashscope.key, page.dashscope.link_seconds) == (key, links)
    await switches.turn("dashscope_style", "no usage")
    assert page.dashscope.style == DASHSCOPE_STYLES["no usage"]
