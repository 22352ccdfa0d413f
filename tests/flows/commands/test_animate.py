"""The main flow: a picture and a sentence become a video with its seed and its cost."""

from sandbox.discord import Person
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess, animate, is_video, video


async def test_a_photograph_becomes_a_video_with_its_seed_and_its_cost(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    # This test takes no shortcut: the process is a new one with the machine's own clock, and the
    # video is rendered for it.
    bot.fork_server, provider.video, bot.program = None, None, ("bot",)
    await bot.start()
    shown = await animate(ada, "the waves roll in", seed=41)
    assert shown.message is not None
    acknowledged = shown.message.id
    result = await video(ada)
    assert result.id == acknowledged
    assert "the waves roll in" in result.text
    assert "41" in result.text
    assert "$0.20" in result.text
    assert len(provider.creates) == 1
    assert is_video(result.files[0].data)
    await bot.reaches("delivered")
    assert await bot.stop() == 0
