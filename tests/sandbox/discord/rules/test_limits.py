"""Rate limits and their scopes, and the ban for invalid requests, on raw requests."""

import asyncio

import aiohttp

from sandbox.discord import LocalDiscord
from sandbox.discord.rules.bans import Bans
from sandbox.discord.rules.rates import Rate, Rates
from tests.sandbox.discord.raw_requests import Wire

SEND = ("POST", "/channels/{channel_id}/messages")


async def test_a_resource_that_others_have_used_up(wire: Wire) -> None:
    wire.local.rates.enforced = True
    wire.local.rates.share(*SEND, seconds=90)
    url = f"{wire.local.api_url}{wire.channel}/messages"
    headers = {"Authorization": f"Bot {wire.local.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json={"content": "x"}) as answer,
    ):
        assert (answer.status, answer.headers["X-RateLimit-Scope"]) == (429, "shared")
        assert answer.headers["X-RateLimit-Remaining"] == "5", "its own limit is not reached"
        assert "X-RateLimit-Global" not in answer.headers
        told = await answer.json()
    assert told["message"] == "The resource is being rate limited."
    assert (told["global"], 80 < told["retry_after"] <= 90) == (False, True)
    assert (await wire.ask("GET", f"{wire.channel}/messages"))[0] == 200


async def test_without_a_token_fifty_requests_a_second_from_one_address() -> None:
    async with LocalDiscord() as local, aiohttp.ClientSession() as session:

        async def ask() -> tuple[int, str | None]:
            async with session.get(f"{local.api_url}/gateway") as answer:
                return answer.status, answer.headers.get("X-RateLimit-Scope")

        local.rates.table["GET", "/gateway"] = Rate(100, 1.0)
        answers = await asyncio.gather(*(ask() for _ in range(55)))
        assert answers.count((200, None)) == 50
        assert answers.count((429, "global")) == 5


async def test_an_address_with_too_many_invalid_requests_is_banned() -> None:
    rates = Rates(enforced=False, bans=Bans(limit=5, seconds=600))
    async with LocalDiscord(rates=rates) as local, aiohttp.ClientSession() as session:
        for number in range(6):
            url = f"{local.api_url}/channels/{number}"
            async with session.get(url, headers={"Authorization": "Bot wrong"}) as answer:
                assert answer.status == (401 if number < 5 else 429)
        headers = {"Authorization": f"Bot {local.token}"}
        async with session.get(f"{local.api_url}/users/@me", headers=headers) as answer:
            assert answer.status == 429
            assert 500 < int(answer.headers["Retry-After"]) <= 600
            assert not {"Via", "X-RateLimit-Scope", "X-RateLimit-Limit"} & set(answer.headers)
            assert answer.content_type != "application/json"
            assert await answer.text() == "error code: 1015"


async def test_requests_refused_by_shared_limits_and_bad_forms_do_not_count(wire: Wire) -> None:
    wire.local.rates.enforced = True
    wire.local.rates.bans.limit = 3
    wire.local.rates.share(*SEND, seconds=90)
    for _ in range(5):
        assert (await wire.ask("POST", f"{wire.channel}/messages", {}))[0] == 429
        assert (await wire.ask("GET", "/channels/1"))[0] == 404
        assert (await wire.ask("GET", f"{wire.channel}/messages?limit=0"))[0] == 400
    assert (await wire.ask("GET", "/users/@me"))[0] == 200
