"""The bot starts on a database of the last version with one model, and finishes its tasks."""

import base64
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from sandbox.discord import LocalDiscord
from sandbox.vtrix import LocalVtrix
from tests.faults.bot_environment import BotEnvironment
from tests.faults.database.postgres_bot import PostgresBot
from tests.flows.harness import BotProcess, eventually, videos
from tests.fork_server import ForkServer
from tests.postgres import Cluster
from tests.storage import earlier_version as earlier


async def _running_job(provider: LocalVtrix) -> str:
    """Make the task that the earlier version has left running, and return its id."""
    picture = base64.b64encode(earlier.FRAME.read_bytes()).decode()
    words = {"prompt": "the tide turns", "img_url": f"data:image/png;base64,{picture}"}
    body = {"model": "wan22_i2v_flash", "input": words, "parameters": {}}
    headers = {"Authorization": f"Bearer {provider.key}"}
    async with (
        aiohttp.ClientSession(provider.base_url, headers=headers) as http,
        http.post("/model/v1/generation", json=body) as answer,
    ):
        assert answer.status == 200
    return provider.creates[0].id


def _sql(engine: str, discord_: LocalDiscord, job: str) -> str:
    """Return the database with the ids of this Discord and of this provider's task."""
    world = discord_.world
    ids: dict[object, object] = {
        earlier.GUILD: world.guild.id,
        earlier.CHANNEL: world.channel("general").id,
        earlier.ADA: world.user("Ada").id,
        earlier.GRACE: world.user("Grace").id,
        earlier.RUNNING_JOB: job,
    }
    return earlier.script(engine, ids)


@pytest.fixture(params=["sqlite", "postgresql"])
async def bot(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    discord_: LocalDiscord,
    provider: LocalVtrix,
    fork_server: ForkServer,
) -> AsyncIterator[BotProcess]:
    """A bot that finds the database and the pictures of the earlier version, and its date."""
    sql = _sql(request.param, discord_, await _running_job(provider))
    process: BotProcess
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        process = PostgresBot(tmp_path, discord_, provider, fork_server)
        process.use(cluster, earlier.make_postgres(cluster, tmp_path, sql))
    else:
        process = BotProcess(tmp_path, discord_, provider, fork_server)
        earlier.make_sqlite(process.database, sql)
    picture = tmp_path / "data" / "images" / earlier.FRAME_DIGEST[:2] / earlier.FRAME_DIGEST
    picture.parent.mkdir(parents=True)
    shutil.copy(earlier.FRAME, picture)
    since = (earlier.STOPPED_AT - datetime.now(UTC)).total_seconds()
    process.program = BotEnvironment(wall=since, speed=5).program()
    yield process
    await process.close()


async def test_what_was_queued_or_running_is_delivered_and_paid(
    bot: BotProcess, discord_: LocalDiscord, provider: LocalVtrix
) -> None:
    left = {"cancelled": 1, "delivered": 7, "failed": 1, "undelivered": 1, "unknown": 1}
    await bot.start()
    await eventually(lambda: _states(bot) == left or None, "all tasks to end")
    assert {create.prompt for create in provider.creates} == {
        *("the tide turns", "a boat sets sail", "leaves drift down")
    }
    (sail,) = [create for create in provider.creates if create.prompt == "a boat sets sail"]
    assert (sail.seed, sail.request["parameters"]["resolution"]) == (7, "720P")
    # Their messages were in another Discord, so the videos are in new ones.
    assert len(videos(discord_.person("Ada"))) == 3
    (settled,) = bot.rows("SELECT sum(settled) AS micros FROM money_holds")
    assert settled["micros"] == 1_100_000 + 500_000
    kinds = bot.rows("SELECT DISTINCT model, seconds, audio FROM tasks")
    assert [dict(kind) for kind in kinds] == [
        {"model": "wan22_i2v_flash", "seconds": 5, "audio": False}
    ]
    assert await bot.stop() == 0


def _states(bot: BotProcess) -> dict[str, int]:
    rows = bot.rows("SELECT state, count(*) AS count FROM tasks GROUP BY state ORDER BY state")
    return {row["state"]: row["count"] for row in rows}
