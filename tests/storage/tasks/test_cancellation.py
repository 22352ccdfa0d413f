"""Tasks that the provider canceled before it began."""

import pytest

from bot.domain.money import ZERO
from bot.domain.task import State
from bot.errors import StaleTask
from bot.storage.tasks.tasks import TaskStore
from tests.storage.state_builder import WIDE, task_in


async def test_what_the_provider_canceled_costs_nothing(store: TaskStore) -> None:
    running = await task_in(store, State.RUNNING)
    assert running.provider_id is not None
    with pytest.raises(StaleTask):
        await store.canceled(running.id, "another-job")
    for _ in range(2):
        canceled = await store.canceled(running.id, running.provider_id)
        assert canceled.state is State.CANCELLED
    use = await store.use(running.person.id, running.place.guild_id, WIDE)
    assert (use.used, use.held, use.operator_spend.counted) == (0, 0, ZERO)
    rendered = await task_in(store, State.RENDERED, "t2")
    with pytest.raises(StaleTask):
        await store.canceled(rendered.id, rendered.provider_id or "")
