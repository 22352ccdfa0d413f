"""Places of the local Discord with an application that only a person installed."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.discord import ClientRefused, Interaction, LocalDiscord, Person
from sandbox.discord.rules.rates import Rates

EVERYWHERE: dict[str, Any] = {"integration_types": [0, 1], "contexts": [0, 1, 2]}


@pytest.fixture
async def local() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(rates=Rates(enforced=False)) as running:
        running.commands.put(None, {"name": "try", "description": "Try"} | EVERYWHERE)
        running.commands.put(None, {"name": "here", "description": "Try"})
        yield running


@pytest.fixture
def ada(local: LocalDiscord) -> Person:
    ada = local.person("Ada")
    ada.user.has_installed = True
    return ada


async def _ask(local: LocalDiscord, method: str, path: str, body: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bot {local.token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, local.api_url + path, headers=headers, json=body) as answer,
    ):
        return answer.status, None if answer.status == 204 else await answer.json()


async def _answered(local: LocalDiscord, interaction: Interaction) -> str:
    """Answer the interaction, and return the path of its webhook."""
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    status, _ = await _ask(local, "POST", path, {"type": 4, "data": {"content": "hello"}})
    assert status == 204
    return f"/webhooks/{local.world.application_id}/{interaction.token}"


async def test_commands_are_offered_by_who_installed_what_and_where(
    local: LocalDiscord, ada: Person
) -> None:
    grace = local.person("Grace")
    friends = local.world.add_group("friends", ada.user, grace.user)
    assert ada.offered(friends) == ["try"]
    assert grace.offered(friends) == []
    assert ada.offered("general") == grace.offered("general") == ["here", "try"]
    with pytest.raises(ClientRefused):
        await ada.command("here", channel=friends)


async def test_the_bot_s_own_token_opens_nothing_there(local: LocalDiscord, ada: Person) -> None:
    friends = local.world.add_group("friends", ada.user)
    posted = await ada.say(friends, "nobody's business")
    path = f"/channels/{friends.id}/messages"
    for method, route in [("POST", path), ("GET", path), ("PATCH", f"{path}/{posted.id}")]:
        status, told = await _ask(local, method, route, {"content": "x"})
        assert (status, told["code"]) == (403, 50001)


async def test_there_are_five_follow_ups_beside_any_number_of_edits(
    local: LocalDiscord, ada: Person
) -> None:
    friends = local.world.add_group("friends", ada.user)
    interaction = await ada.command("try", channel=friends, wait=False)
    hook = await _answered(local, interaction)
    for number in range(7):
        edit = {"content": f"edit {number}"}
        assert (await _ask(local, "PATCH", f"{hook}/messages/@original", edit))[0] == 200
    sent = [await _ask(local, "POST", hook, {"content": str(number)}) for number in range(6)]
    assert [status for status, _ in sent] == [200] * 5 + [400]
    assert sent[-1][1]["code"] == 40094
    # Servers with the bot in them have no such limit.
    hook = await _answered(local, await ada.command("try", wait=False))
    sent = [await _ask(local, "POST", hook, {"content": str(number)}) for number in range(6)]
    assert [status for status, _ in sent] == [200] * 6
