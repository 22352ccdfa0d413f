"""Neighbors: what other accounts of the same machine could read or request."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from sandbox.dashscope import LocalDashScope
from sandbox.discord import LocalDiscord, Person
from sandbox.vtrix import LocalVtrix
from tests.flows.conftest import ada, bot, discord_, provider  # noqa: F401 - fixtures
from tests.flows.harness import BotProcess, animate, photo, video


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(*paths: Path) -> list[str]:
    """Return the paths, and everything below them, that the group or others may access."""
    found = [one for path in paths for one in (path, *path.rglob("*"))]
    modes = {}
    for one in found:
        # A running bot may delete a video that it has delivered.
        with suppress(FileNotFoundError):
            modes[str(one)] = stat.S_IMODE(one.stat().st_mode)
    return [f"{name}: {mode:o}" for name, mode in modes.items() if mode & 0o077]


async def test_every_file_is_for_its_account_alone(
    bot: BotProcess,  # noqa: F811
    discord_: LocalDiscord,  # noqa: F811
    ada: Person,  # noqa: F811
) -> None:
    bot.settings["FILE_STORE"] = f"file://{bot.folder}/shared"
    await bot.start()
    await animate(ada)
    await video(ada)
    await bot.reaches("delivered")
    data = bot.folder / "data"
    assert (data / "flipbook.db-wal").exists()
    assert [*(data / "images").glob("??/*")]
    assert open_to_others(data, bot.folder / "shared") == []
    assert (await bot.run("db", "backup", "copy.db"))[0] == 0
    (bot.folder / "photo.jpg").write_bytes(photo().data)
    made = await bot.run("animate", "photo.jpg", "--prompt", "waves", "-o", "video.mp4")
    assert made[0] == 0, made
    assert open_to_others(bot.folder / "copy.db", bot.folder / "video.mp4", data) == []


async def test_what_an_earlier_version_left_readable_is_closed_to_others(
    bot: BotProcess,  # noqa: F811
) -> None:
    assert (await bot.run("db", "upgrade"))[0] == 0
    bot.database.chmod(0o644)
    assert (await bot.run("db", "upgrade"))[0] == 0
    # The operator may have let the group in on purpose.
    assert stat.S_IMODE(bot.database.stat().st_mode) == 0o640


_PATHS = ("/model/v1/generation/task/x", "/api/v1/tasks/x", "/api/v10/gateway")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example"])
async def test_the_local_servers_answer_only_to_this_machines_name(host: str) -> None:
    """A page in a local browser could point its own host name at 127.0.0.1."""
    async with (
        LocalVtrix(key=secrets.token_hex(8)) as vtrix,
        LocalDashScope(key=secrets.token_hex(8)) as dashscope,
        LocalDiscord() as local,
        aiohttp.ClientSession() as http,
    ):
        for origin in (vtrix.origin, dashscope.origin, local.origin, local.cdn_url):
            for path in (*_PATHS, "/files/x.mp4"):
                async with http.get(f"{origin}{path}", headers={"Host": host}) as answer:
                    assert answer.status == 403, (origin, path)
        async with http.get(f"{local.origin}/api/v10/users/@me") as answer:
            assert answer.status == 401  # no token
