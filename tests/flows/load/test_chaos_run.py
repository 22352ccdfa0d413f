"""Two gateways and three workers, which are killed one after another: the invariants hold.

A run at full size: `python -m tests.flows.load.chaos_run 2000`.
"""

from pathlib import Path

from bot.domain.task import State
from tests.flows.load.chaos_run import ChaosRun, run
from tests.fork_server import ForkServer
from tests.postgres import Cluster

ENDS = {State.DELIVERED, State.UNKNOWN}


async def test_nothing_is_lost_or_doubled_while_workers_are_killed(
    cluster: Cluster, fork_server: ForkServer, tmp_path: Path
) -> None:
    chaos = ChaosRun(tasks=32, speed=3.0, kill_every=6.0, pause_seconds=26.0, video_seconds=8.0)
    found = await run(chaos, cluster, fork_server, tmp_path)
    assert found.kills >= 3
    assert found.unanswered == 0
    # I1, I2, I3
    assert not found.doubled
    assert set(found.states) <= ENDS
    assert sum(found.states.values()) >= chaos.tasks
    assert max(found.videos.values()) == 1
    assert len(found.videos) == found.states[State.DELIVERED]
    assert found.not_shown == []
    assert found.on_the_way == []
    assert found.rerolls >= chaos.tasks // 4
    # I4
    assert found.ledger == []
    assert found.settled == found.charged
    # I6: the paused worker came back to tasks that others had taken, and none waited long for a
    # dead one.
    assert found.longest_orphaned <= 30.0
