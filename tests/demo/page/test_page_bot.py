"""The page with the real bot behind it: its process, its tasks, and the failures it can meet."""

import aiohttp
import pytest

from sandbox.demo import Demo
from tests.demo.page_client import Json, Refused, Tab, tab, text, upload
from tests.flows.harness import PATIENCE

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def animate(ada: Tab, demo: Demo, prompt: str = "waves", sample: str = "fine") -> None:
    _, kept = await upload(demo.url, None, sample=sample)
    options = {"image": {"upload": kept["id"]}, "prompt": prompt, "resolution": "480P"}
    await ada.ask("command", channel=ada.scene["channel"], name="animate", options=options)


async def video(ada: Tab) -> Json:
    """Wait for a message with a video."""
    found = await ada.until(
        lambda: [one for one in ada.messages.values() if ".mp4" in text(one)], "a video"
    )
    return found[0]


async def states(ada: Tab, *wanted: str) -> None:
    """Wait until the panel shows tasks in exactly these states, newest first."""
    await ada.until(
        lambda: [one["state"] for one in ada.panel["tasks"]] == list(wanted), f"{wanted}"
    )


async def status_of_an_unknown_job(demo: Demo) -> int:
    """Return the status code for an unknown job: 404, or 401 while the key is refused."""
    headers = {"Authorization": f"Bearer {demo.provider.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{demo.provider.base_url}/model/v1/generation/task/none") as answer,
    ):
        return answer.status


async def turn(ada: Tab, name: str, value: bool) -> None:
    await ada.ask("switch", name=name, value=value)
    await ada.until(lambda: ada.panel["switches"][name] is value, f"{name} is {value}")


async def test_a_video_is_made_and_the_panel_shows_how(demo: Demo) -> None:
    async with tab(demo.url) as ada, tab(demo.url, "Grace") as grace:
        await animate(ada, demo, prompt="the boat drifts")
        await video(ada)
        await video(grace)
        await states(ada, "delivered")
        (task,) = ada.panel["tasks"]
        assert (task["prompt"], task["person"], task["cost"]) == ("the boat drifts", "Ada", "0.10")
        assert ada.panel["counts"] == {"delivered": 1}
        assert ada.panel["provider"] == {"balance": "9.90", "jobs": 1}
        first = ada.panel["requests"][0]
        assert (first["method"], first["status"], first["to"]) == ("POST", 200, "provider")
        assert "the boat drifts" in text(first)
        assert demo.provider.key not in text(ada.panel)
        assert len(text(first)) < 4000


async def test_a_kill_in_the_middle_loses_nothing_and_pays_once(demo: Demo) -> None:
    async with tab(demo.url) as ada:
        await turn(ada, "provider_slow", True)
        await animate(ada, demo)
        await states(ada, "running")
        await ada.ask("bot", action="kill")
        await ada.until(lambda: not ada.panel["bot"]["running"], "the bot to be dead")
        assert ada.panel["bot"]["last_words"]
        demo.discord.acknowledge = 0.2
        with pytest.raises(Refused, match="The application did not respond"):
            await ada.ask("command", channel=ada.scene["channel"], name="help", options={})
        demo.discord.acknowledge = PATIENCE
        demo.provider.finish()
        await ada.ask("bot", action="start")
        await video(ada)
        await states(ada, "delivered")
        assert ada.panel["bot"]["restarts"] == 1
        assert ada.panel["provider"]["jobs"] == 1
        await ada.ask("bot", action="stop")
        await ada.until(lambda: not ada.panel["bot"]["running"], "the task to end")
        assert "stopped" in ada.panel["bot"]["last_words"]


async def test_a_broken_picture_is_refused_to_its_person_alone(demo: Demo) -> None:
    async with tab(demo.url) as ada, tab(demo.url, "Grace") as grace:
        await animate(ada, demo, sample="broken")
        refused = await ada.until(
            lambda: [one for one in ada.messages.values() if one["ephemeral"]], "a refusal"
        )
        await ada.until(lambda: len(ada.messages) == 1, "the public message is gone")
        await grace.until(lambda: not grace.messages, "Grace sees nothing of it")
        assert refused[0]["id"] not in grace.messages
        assert ada.panel["provider"]["jobs"] == 0


async def test_a_provider_that_fails_is_told_and_costs_nothing(demo: Demo) -> None:
    async with tab(demo.url) as ada:
        await turn(ada, "provider_failing", True)
        await animate(ada, demo)
        await states(ada, "failed")
        assert ada.panel["provider"]["balance"] == "10"
        await turn(ada, "provider_failing", False)
        await animate(ada, demo)
        await states(ada, "delivered", "failed")


async def test_a_full_provider_keeps_a_video_queued_until_it_has_room(demo: Demo) -> None:
    async with tab(demo.url) as ada:
        await turn(ada, "provider_full", True)
        await animate(ada, demo)
        answered = await ada.until(
            lambda: [one for one in ada.panel["requests"] if one["method"] == "POST"], "an order"
        )
        assert answered[0]["status"] == 429
        await states(ada, "queued")
        await turn(ada, "provider_full", False)
        await states(ada, "delivered")
        assert ada.panel["provider"]["jobs"] == 1


@pytest.mark.parametrize("name", ["provider_balance_empty", "provider_key_refused"])
async def test_a_provider_that_takes_no_orders_makes_no_video(name: str, demo: Demo) -> None:
    async with tab(demo.url) as ada:
        await turn(ada, name, True)
        await animate(ada, demo)
        answered = await ada.until(
            lambda: [one for one in ada.panel["requests"] if one["method"] == "POST"], "an order"
        )
        assert answered[0]["status"] in (401, 403)
        assert ada.panel["provider"]["jobs"] == 0
        await turn(ada, name, False)
        assert ada.panel["provider"]["balance"] == "10"
        assert await status_of_an_unknown_job(demo) == 404


async def test_discord_is_away_and_comes_back(demo: Demo) -> None:
    async with tab(demo.url) as ada:
        await turn(ada, "discord_away", True)
        assert ada.panel["switches"]["discord_away_until"] is not None
        assert not demo.discord.gateway.ready
        with pytest.raises(Refused, match="Discord is away"):
            await ada.ask("say", channel=ada.scene["channel"], content="hello?")
        await turn(ada, "discord_away", False)
        await demo.discord.ready(within=PATIENCE)
        await animate(ada, demo)
        await video(ada)
