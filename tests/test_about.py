import asyncio

from bot.about import About, about, begin_about, current


def test_what_is_within_is_about_it_and_what_comes_after_is_not() -> None:
    with about(server=7), about(task="t1"):
        assert current() == About(task="t1", server=7)
    assert current() == About()


async def test_pieces_of_work_at_once_do_not_mix_and_hand_on_what_they_are_about() -> None:
    async def inner() -> About:
        await asyncio.sleep(0)
        return current()

    async def work(task: str) -> About:
        begin_about(task=task, server=1)
        return await asyncio.create_task(inner())

    assert list(await asyncio.gather(work("t1"), work("t2"))) == [About("t1", 1), About("t2", 1)]
    assert current() == About()
