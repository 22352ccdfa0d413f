"""SIGKILL at the worst moments: nothing is lost, paid twice or posted twice."""

from sandbox.discord import Fault as DiscordFault
from sandbox.discord import LocalDiscord, Person
from sandbox.vtrix import Fault, LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, video, videos

EDIT = ("PATCH", "/channels/{channel_id}/messages/{message_id}")


async def test_killed_while_queued_it_is_sent_once_after_the_next_start(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    await provider.stop()
    await bot.start()
    await animate(ada)
    # The first attempt fails, as during an attempt nobody could say what becomes of it.
    waits = "SELECT 1 FROM tasks WHERE state = 'queued' AND not_before IS NOT NULL"
    await eventually(lambda: bot.rows(waits) or None, "the task to wait")
    await bot.kill()
    await provider.start()
    await bot.start()
    await _delivered_once(bot, ada, provider)


async def test_killed_in_the_middle_of_the_create_call_it_is_unclear_and_never_sent_again(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    # The provider accepts the task, but its answer never arrives.
    fault = provider.faults.add(Fault(operation="create", when="after", hang=True, times=1))
    await bot.start()
    await animate(ada)
    await eventually(lambda: fault.met or None, "the create call arrives")
    await bot.reaches("submitting")
    await bot.kill()
    await bot.start()
    await bot.reaches("unknown")
    told = await eventually(
        lambda: _words(ada, "can't tell whether it arrived"), "the message that the task is unclear"
    )
    assert "doesn't count towards your limit" in told
    assert len(provider.creates) == 1
    assert [row["state"] for row in bot.rows("SELECT state FROM allowance_holds")] == ["returned"]
    assert [row["state"] for row in bot.rows("SELECT state FROM money_holds")] == ["held"]


async def test_killed_while_it_runs_the_video_arrives_after_the_next_start(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    provider.slow = 1000
    await bot.start()
    await animate(ada)
    await bot.reaches("running")
    await bot.kill()
    provider.slow = 1
    provider.finish()
    await bot.start()
    await _delivered_once(bot, ada, provider)


async def test_killed_when_rendered_the_video_is_fetched_and_posted_once(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    stuck = provider.faults.add(Fault(operation="file", when="before", hang=True, times=None))
    await bot.start()
    await animate(ada)
    await eventually(lambda: stuck.met or None, "the download begins")
    await bot.reaches("rendered")
    await bot.kill()
    provider.faults.clear()
    await bot.start()
    await _delivered_once(bot, ada, provider)


async def test_killed_after_posting_but_before_knowing_it_is_not_posted_twice(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    # The command's message was deleted, so a new one is posted; the response never arrives.
    route = ("POST", "/channels/{channel_id}/messages")
    lost = discord_.faults.add(DiscordFault(*route, times=1, reset="after", delay=0.0))
    provider.slow = 1000
    await bot.start()
    shown = await animate(ada)
    await bot.reaches("running")
    assert shown.message is not None
    await discord_.person("Olive").delete(shown.message)
    provider.slow = 1
    provider.finish()
    await eventually(lambda: lost.hits or None, "the result is posted")
    await bot.kill()
    await bot.start()
    await _delivered_once(bot, ada, provider)


async def test_stopped_by_sigterm_it_ends_well_and_goes_on_after_the_next_start(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    provider.slow = 1000
    await bot.start()
    await animate(ada)
    await bot.reaches("running")
    assert await bot.stop() == 0
    provider.slow = 1
    provider.finish()
    await bot.start()
    await _delivered_once(bot, ada, provider)


async def _delivered_once(bot: BotProcess, person: Person, provider: LocalVtrix) -> None:
    await video(person)
    await bot.reaches("delivered")
    # Anything that is done twice has happened by the time that another command is complete.
    await animate(person, "a second one")
    await eventually(lambda: len(videos(person)) >= 2 or None, "the second video")
    await bot.reaches("delivered", "delivered")
    assert len(videos(person)) == 2
    assert len(provider.creates) == 2
    ends = bot.rows("SELECT state, settled FROM money_holds")
    assert [end["state"] for end in ends] == ["settled", "settled"]
    assert await bot.stop() == 0


def _words(person: Person, words: str) -> str | None:
    texts = (seen.text for seen in person.sees("general"))
    return next((text for text in texts if words in text), None)
