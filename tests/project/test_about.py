import asyncio

from bot.about import About, about, begin_about, current


def test_the_subject_is_set_only_within_its_block() -> None:
    with about(server=7), about(task="t1"):
        assert current() == About(task="t1", server=7)
    assert current() == About()


async def test_concurrent_tasks_keep_and_pass_on_their_own_subjects() -> None:
    async def inner() -> About:
        await asyncio.sleep(0)
        return current()

    async def work(task: str) -> About:
        begin_about(task=task, server=1)
        return await asyncio.create_task(inner())

    assert list(await asyncio.gather(work("t1"), work("t2"))) == [About("t1", 1), About("t2", 1)]
    assert current() == About()
