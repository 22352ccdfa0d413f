"""Requests to Discord that one video takes, counted by a local Discord.

Each case has its own bot, Discord and provider, and all run side by side, since nothing is timed.
Edits that only show progress are counted separately; there is at most one in 5 s.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Row, met
from sandbox.discord import LocalDiscord, Person
from sandbox.discord.http.request_log import LoggedRequest
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, video

MOST = 6
# After this many seconds without a request, no more will come.
QUIET_SECONDS = 3.0
START_WITHIN = 60.0
SOON = 1.0
LATE = 63.0
TOO_LARGE_BYTES = 11_000_000
_EDIT = ("PATCH", "/channels/{channel_id}/messages/{message_id}")
_SHORT = {
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): "acknowledge",
    ("POST", "/channels/{channel_id}/messages"): "message",
    _EDIT: "edit",
    (
        "PUT",
        "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me",
    ): "reaction",
}

Act = Callable[[LocalDiscord, Person], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """A way to ask for a video."""

    what: str
    act: Act
    floor: int
    """The least number of requests with which people could see the same."""
    needs: str
    """What these requests are for."""
    again: bool = False
    """Whether only requests after a first video are counted."""
    seconds: float = SOON
    """The seconds that the provider takes."""
    bytes: int | None = None
    """The size of the video; ``None`` is a real one."""


async def _ask(local: LocalDiscord, ada: Person) -> None:
    await animate(ada)


async def _press(local: LocalDiscord, ada: Person) -> None:
    await ada.press(await video(ada), "🔁")


async def _react(local: LocalDiscord, ada: Person) -> None:
    await local.person("Grace").react(await video(ada), "🔁")


CASES = (
    Case("plain", _ask, 4, "acknowledge, result, 2 reactions"),
    Case("reroll by button", _press, 4, "acknowledge, result, 2 reactions", again=True),
    Case("reroll by reaction", _react, 4, "message, result, 2 reactions", again=True),
    Case("after 63 s, announced", _ask, 5, "… and the announcement", seconds=LATE),
    Case("too large for the server", _ask, 4, "as plain, with a link", bytes=TOO_LARGE_BYTES),
)


def main() -> Sequence[Row]:
    """Run all cases at once."""
    return asyncio.run(_measure())


async def _measure() -> list[Row]:
    turn = asyncio.Lock()
    found = await asyncio.gather(*(_count(case, turn) for case in CASES))
    return [_row(case, requests) for case, requests in zip(CASES, found, strict=True)]


def _row(case: Case, requests: Sequence[LoggedRequest]) -> Row:
    progress = sum(map(_is_progress, requests))
    count = len(requests) - progress
    kinds = Counter(_kind(one) for one in requests if not _is_progress(one))
    listed = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    return Row(
        what=f"Discord requests for one video: {case.what}",
        ours=f"{count} ({listed}), and {progress} to show progress",
        beside=f"{case.floor} ({case.needs})",
        ratio=f"{count / case.floor:.2f}x",
        figure=f"at most {MOST}: {met(count <= MOST)}",
    )


def _kind(one: LoggedRequest) -> str:
    return _SHORT.get((one.method, one.route), f"{one.method} {one.route}")


def _is_progress(one: LoggedRequest) -> bool:
    """Return whether a request is an edit without a file and without buttons."""
    if (one.method, one.route) != _EDIT or one.multipart:
        return False
    return "custom_id" not in str(one.body)


async def _count(case: Case, turn: asyncio.Lock) -> list[LoggedRequest]:
    video = None if case.bytes is None else b"\0\0\0\x18ftypmp42".ljust(case.bytes, b"\0")
    with tempfile.TemporaryDirectory() as folder:
        async with (
            LocalDiscord(acknowledge=30) as local,
            LocalVtrix(seconds=case.seconds, video=video, render_early=True) as provider,
        ):
            bot = BotProcess(Path(folder), local, provider)
            try:
                async with turn:
                    await _started(bot, local)
                return await _counted(case, local, bot)
            finally:
                await bot.close()


async def _started(bot: BotProcess, local: LocalDiscord) -> None:
    await bot.launch()
    await local.ready(START_WITHIN)
    await local.synced("animate", START_WITHIN)


async def _counted(case: Case, local: LocalDiscord, bot: BotProcess) -> list[LoggedRequest]:
    ada = local.person("Ada")
    if case.again:
        await animate(ada)
        await bot.reaches("delivered")
    await _quiet(local)
    before = len(local.requests)
    await case.act(local, ada)
    await _delivered(bot, 2 if case.again else 1)
    await _quiet(local)
    return local.requests[before:]


async def _delivered(bot: BotProcess, videos: int) -> None:
    wanted = ["delivered"] * videos
    await eventually(lambda: bot.states() == wanted or None, "the video", LATE + 60)


async def _quiet(local: LocalDiscord) -> None:
    seen = -1
    while seen != len(local.requests):
        seen = len(local.requests)
        await asyncio.sleep(QUIET_SECONDS)
