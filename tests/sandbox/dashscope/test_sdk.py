"""DashScope's own SDK works on the local server, unchanged but for the address.

It has many dependencies, so it is in the environment of the benchmarks' peers, which `make peers`
and the gate install. PEERS_SDK names another one.
"""

import asyncio
import json
import math
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.dashscope import Excess, LocalDashScope
from tests.requirements import missing
from tests.sandbox.provider_data import CLIP, URI

ROOT = Path(__file__).parents[3]
PEERS = Path(os.environ.get("PEERS_SDK", ROOT / ".venv-peers"))
PROGRAM = Path(__file__).parent / "sdk_program.py"
PATIENCE = 60.0
# A line of the program can have a picture in it.
_LINE_BYTES = 2**20

Json = dict[str, Any]


class Sdk:
    """One of the SDK's two classes, in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, key: str) -> None:
        self._process = process
        self.key = key

    async def __call__(self, method: str, **arguments: object) -> Json:
        """Call a method, and return the response."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps([method, {"api_key": self.key, **arguments}])
        self._process.stdin.write(line.encode() + b"\n")
        answer = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        response: Json = json.loads(answer)
        return response

    async def submit(self, **changes: object) -> Json:
        """Submit a task, and return the response."""
        asked: Json = {"model": "wan2.6-i2v-flash", "prompt": "waves", "img_url": URI}
        options = {"resolution": "720P", "duration": 3, "audio": True, "seed": 7}
        return await self("async_call", **(asked | options | changes))


@asynccontextmanager
async def _sdk(provider: LocalDashScope, kind: str, home: Path) -> AsyncIterator[Sdk]:
    python = PEERS / "bin" / "python"
    if not python.exists():
        missing(f"the SDK is not installed: make {PEERS.name}/.locked")
    process = await asyncio.create_subprocess_exec(
        *(python, PROGRAM, provider.base_url, kind),
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE_BYTES,
    )
    try:
        yield Sdk(process, provider.key)
        assert process.stdin is not None
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_the_sdk(kind: str, tmp_path: Path) -> None:
    async with (
        LocalDashScope(seconds=0.5, video=CLIP, excess=Excess.QUEUED, rates=10) as provider,
        _sdk(provider, kind, tmp_path) as sdk,
    ):
        await _one_call(provider, sdk)
        await _steps(provider, sdk)
        await _cancellation(provider, sdk)
        await _refusals(provider, sdk)
        assert not [one for one in provider.requests if (one.status or 500) in (404, 405, 500)]


async def _one_call(provider: LocalDashScope, sdk: Sdk) -> None:
    """`call` submits, and waits for the end."""
    asked = {"model": "wan2.2-i2v-flash", "img_url": URI, "resolution": "480P", "prompt": "waves"}
    done = await sdk("call", **asked, negative_prompt="rain", watermark=True)
    assert (done["status_code"], done["output"]["task_status"]) == (200, "SUCCEEDED")
    assert done["output"]["video_url"].startswith(provider.origin)
    assert (done["usage"]["duration"], done["usage"]["SR"]) == (5, 480)
    (create,) = provider.creates
    assert (create.model, create.negative_prompt) == ("wan2.2-i2v-flash", "rain")
    assert create.request["parameters"] == {"resolution": "480P", "watermark": True}


async def _steps(provider: LocalDashScope, sdk: Sdk) -> None:
    """`async_call`, `fetch` and `wait`, each for itself."""
    provider.waiting = math.inf
    submitted = await sdk.submit()
    task = submitted["output"]["task_id"]
    assert (submitted["status_code"], submitted["output"]["task_status"]) == (200, "PENDING")
    assert (await sdk("fetch", task=task))["output"]["task_status"] == "PENDING"
    provider.begin()
    done = await sdk("wait", task=task)
    assert done["output"]["task_status"] == "SUCCEEDED"
    assert done["usage"]["output_video_duration"] == 3
    assert done["usage"]["audio"] is True
    provider.waiting = None
    provider.fail_next("DataInspectionFailed", "Output data may contain inappropriate content.")
    failed = await sdk("wait", task=(await sdk.submit())["output"]["task_id"])
    assert failed["output"]["task_status"] == "FAILED"
    assert failed["output"]["code"] == "DataInspectionFailed"


async def _cancellation(provider: LocalDashScope, sdk: Sdk) -> None:
    provider.waiting = math.inf
    task = (await sdk.submit())["output"]["task_id"]
    assert (await sdk("cancel", task=task))["status_code"] == 200
    assert (await sdk("wait", task=task))["output"]["task_status"] == "CANCELED"
    refused = await sdk("cancel", task=task)
    assert (refused["status_code"], refused["code"]) == (400, "UnsupportedOperation")
    provider.waiting = None


async def _refusals(provider: LocalDashScope, sdk: Sdk) -> None:
    assert (await sdk("fetch", task="none"))["output"]["task_status"] == "UNKNOWN"
    refused = await sdk.submit(duration=16)
    assert (refused["status_code"], refused["code"]) == (400, "InvalidParameter")
    sdk.key = "sk-another"
    for method, arguments in (("fetch", {"task": "none"}), ("cancel", {"task": "none"})):
        refused = await sdk(method, **arguments)
        assert (refused["status_code"], refused["code"]) == (401, "InvalidApiKey")
    refused = await sdk.submit()
    assert (refused["status_code"], refused["code"]) == (401, "InvalidApiKey")
    sdk.key = provider.key
    provider.full = True
    assert (await sdk.submit())["status_code"] == 429
