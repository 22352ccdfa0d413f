"""The time from `flipbook run` until the bot is ready: started, logged in, commands registered.

The floor is a bare discord.py client with one command. Each is started several times with the same
local Discord. Flipbook's first start, which creates its database and registers its commands, has a
row of its own.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.parts.answering import ROOT
from benchmarks.parts.bot_settings import bot_settings
from benchmarks.table import Row
from sandbox.discord import LocalDiscord
from sandbox.discord.rules.rates import Rates
from sandbox.vtrix import LocalVtrix

TIMES = 5
READY_WITHIN = 60.0
# Seconds to wait before stopping: Python 3.11 can lose a cancellation during the handshake with the
# gateway, and the bare client would not notice.
SETTLED_AFTER = 0.5
_KINDS = {"flipbook": ("-m", "bot", "run"), "bare": ("-m", "benchmarks.parts.bot", "bare")}
_IMPORTS = {"flipbook": "import bot.app.run", "bare": "import discord.app_commands, aiohttp"}


def main() -> Sequence[Row]:
    """Measure starts, and imports alone."""
    first, ours = asyncio.run(_starts("flipbook"))
    _, bare = asyncio.run(_starts("bare"))
    imports = {kind: _imported(code) for kind, code in _IMPORTS.items()}
    return [
        _row("from nothing to ready: `flipbook run`", statistics.median(ours), _of(bare)),
        _row("the same, the first time: database and commands are made", first, _of(bare)),
        _row("CPU of importing it", imports["flipbook"], imports["bare"], "discord.py, aiohttp"),
    ]


def _of(found: Sequence[float]) -> float:
    return statistics.median(found)


def _row(what: str, ours: float, bare: float, peer: str = "bare discord.py") -> Row:
    return Row(
        what=what,
        ours=f"{ours:.2f} s",
        beside=f"{peer}: {bare:.2f} s",
        ratio=f"{ours / bare:.2f}x",
    )


async def _starts(kind: str) -> tuple[float, list[float]]:
    """Return the seconds of the first start, and those of the later ones."""
    async with LocalDiscord(rates=Rates(enforced=False)) as local, LocalVtrix() as provider:
        with tempfile.TemporaryDirectory() as folder:
            settings = bot_settings(local, provider)
            took = [await _start(kind, folder, local, settings) for _ in range(TIMES + 1)]
    return took[0], took[1:]


async def _start(kind: str, folder: str, local: LocalDiscord, settings: dict[str, str]) -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *_KINDS[kind]),
        cwd=Path(folder),
        env=settings,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await local.ready(READY_WITHIN)
        await local.synced("animate", READY_WITHIN)
        took = time.perf_counter() - began
        await asyncio.sleep(SETTLED_AFTER)
        return took
    finally:
        process.terminate()
        await process.wait()
        await local.world.changes.until(lambda: not local.gateway.ready, READY_WITHIN)


def _imported(code: str) -> float:
    """Return the seconds of CPU for an import in a process of its own; the median of several."""
    script = f"import time; t = time.process_time(); {code}; print(time.process_time() - t)"
    found = [
        float(
            subprocess.run(
                [sys.executable, "-c", script],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                check=True,
                timeout=READY_WITHIN,
            ).stdout
        )
        for _ in range(TIMES)
    ]
    return statistics.median(found)
