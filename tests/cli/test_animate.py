"""`flipbook animate` as a process, with a local provider."""

import asyncio
import math
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.video.survey import TRAINED_ALGORITHMIC_MEDIA
from sandbox.vtrix import LocalVtrix
from tests.factories import make_picture

ROOT = Path(__file__).parents[2]
VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(1000)


@dataclass
class Terminal:
    """A shell in a folder that contains a picture."""

    folder: Path
    provider: LocalVtrix

    async def start(self, *arguments: str, **settings: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "VTRIX_API_KEY": self.provider.key,
                "VTRIX_BASE_URL": self.provider.base_url,
                **settings,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def animate(self, *arguments: str, **settings: str) -> tuple[int, str, str]:
        command = ("animate", "photo.png", "--prompt", "waves roll in", *arguments)
        process = await self.start(*command, **settings)
        out, err = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    (tmp_path / "photo.png").write_bytes(make_picture())
    async with LocalVtrix(seconds=0.1, video=VIDEO) as provider:
        yield Terminal(tmp_path, provider)


async def test_a_picture_becomes_a_video_with_its_seed_and_its_cost(terminal: Terminal) -> None:
    code, out, err = await terminal.animate("--seed", "7", "-o", "waves.mp4")
    assert (code, err) == (0, "")
    name, facts = out.splitlines()
    assert name == "waves.mp4"
    assert facts.startswith("seed 7, 720P")
    assert "cost $0.20" in facts
    video = (terminal.folder / "waves.mp4").read_bytes()
    assert video.count(TRAINED_ALGORITHMIC_MEDIA.encode()) == 1
    assert len(VIDEO) < len(video) < len(VIDEO) + 1500
    assert not list(terminal.folder.glob(".*partial"))
    (create,) = terminal.provider.creates
    assert create.request["parameters"]["seed"] == 7


async def test_what_does_not_fit_is_refused_in_the_words_of_discord(terminal: Terminal) -> None:
    (terminal.folder / "photo.png").write_bytes(make_picture(size=(359, 500)))
    code, out, err = await terminal.animate()
    assert (code, out) == (1, "")
    assert "359×500" in err
    assert len(err.splitlines()) == 1
    assert not terminal.provider.requests, "nothing was sent"


async def test_the_operators_budget_holds_in_the_terminal_too(terminal: Terminal) -> None:
    code, out, err = await terminal.animate(BUDGET_USD_MONTH="0.10")
    assert (code, out) == (1, "")
    assert err.startswith("flipbook: ")
    assert not terminal.provider.requests


async def test_a_video_that_failed_says_why_and_what_it_costs(terminal: Terminal) -> None:
    terminal.provider.fail_next("DataInspectionFailed", "the picture was refused")
    code, out, err = await terminal.animate()
    assert (code, out) == (1, "")
    assert "DataInspectionFailed" in err
    assert "failed" in err.splitlines()[-1]
    assert not list(terminal.folder.glob("*.mp4"))


async def test_a_refused_key_is_told(terminal: Terminal) -> None:
    code, _, err = await terminal.animate(VTRIX_API_KEY="wrong-key")
    assert code == 1
    assert "key" in err
    assert "wrong-key" not in err


async def test_ctrl_c_leaves_a_task_that_can_be_found(terminal: Terminal) -> None:
    terminal.provider.slow = math.inf
    process = await terminal.start("animate", "photo.png", "--prompt", "waves")
    await terminal.provider.created(1)
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 130
    assert b"is not finished" in err
    task_id = err.decode().split()[0]
    shown = await terminal.start("task", "show", task_id, "--json")
    found, _ = await shown.communicate()
    assert b'"state": "running"' in found
