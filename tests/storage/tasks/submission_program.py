"""Tries to send tasks all at once, and prints the ids of those that the limits allowed.

`python submission_program.py DATABASE_URL TASK_ID …`
"""

import asyncio
import json
import sys

from bot.clock import SystemClock
from bot.errors import AccountFull
from bot.storage.engine.database import open_database
from bot.storage.tasks.tasks import TaskStore


async def _main(url: str, *task_ids: str) -> None:
    async with open_database(url) as database:
        store = TaskStore(database, clock=SystemClock())

        async def send(task_id: str) -> str | None:
            task = await store.get(task_id)
            assert task is not None
            try:
                return (await store.submitting(task)).id
            except AccountFull:
                return None

        sent = await asyncio.gather(*(send(task_id) for task_id in task_ids))
    sys.stdout.write(json.dumps([task_id for task_id in sent if task_id is not None]))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
