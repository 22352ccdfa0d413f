"""`flipbook pause` and `flipbook resume` beside a running bot."""

import asyncio

from sandbox.discord import Person
from sandbox.vtrix import Fault, LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, open_watcher, reads, video


async def test_paused_in_the_middle_of_a_create_call_only_that_video_is_made(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    answer = asyncio.Event()
    fault = provider.faults.add(Fault(operation="create", when="after", until=answer))
    async with open_watcher(bot) as watcher:
        await bot.start()
        await animate(ada)
        await eventually(lambda: fault.met or None, "the create call arrives")
        code, out, _ = await bot.run("pause")
        assert (code, out.split(":")[0]) == (0, "paused")
        answer.set()
        await video(ada)
        await reads(ada, await animate(ada, "another"), "the bot's owner has paused me")
        await watcher.until(200, paused=True)
        assert len(provider.creates) == 1
        assert bot.states() == ["delivered"]
        code, out, _ = await bot.run("check")
        assert "warn  spending    paused since" in out
        assert (await bot.run("resume"))[1].startswith("resumed")
        await watcher.until(200, paused=False)
        await animate(ada, "a third")
        await bot.reaches("delivered", "delivered")
    assert await bot.stop() == 0
