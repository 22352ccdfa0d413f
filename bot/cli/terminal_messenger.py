"""Shows a video's progress as a bar in the terminal, and delivers the video as a file."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.progress import Progress

from bot.cli.errors import plain
from bot.domain.delivery import DeliveryMethod, Posted, Told
from bot.domain.task import Task
from bot.errors import DeliveryRefused
from bot.ui.texts import cards, endings


def partial_of(output: Path) -> Path:
    """Return the temporary path that the video is written to before it is renamed."""
    return output.with_name(f".{output.name}.partial")


class TerminalMessenger:
    """Messenger that prints to the terminal; the delivery is writing the file."""

    def __init__(self, *, output: Path, progress: Progress) -> None:
        self._output = output
        self._progress = progress
        # Without a total, the bar is indeterminate, because the provider may not report progress.
        self._bar = progress.add_task("reading the picture", total=None)

    async def show(self, task: Task) -> None:
        total = None if task.progress is None else 1.0
        self._progress.update(
            self._bar,
            description=endings.state(task.state),
            completed=task.progress or 0.0,
            total=total,
        )

    async def tell_late(self, task: Task) -> None:
        self._progress.console.print(plain(cards.late()), markup=False)

    async def tell_ended(self, task: Task) -> Told:
        # The command itself prints the outcome, once it is stored.
        return Told.DELIVERED

    async def announce(self, task: Task) -> None:
        pass

    async def deliver(
        self, task: Task, method: DeliveryMethod, video: Path | None, *, search: bool
    ) -> Posted:
        if video is None or method is not DeliveryMethod.EDIT:
            raise DeliveryRefused("the terminal can only take a file")
        try:
            await asyncio.to_thread(_put, video, self._output)
        except OSError as error:
            raise DeliveryRefused(f"{self._output}: {error.strerror}") from error
        return Posted(channel_id=0, message_id=0)

    async def put_right(self, task: Task, video: Callable[[], Awaitable[Path | None]]) -> None:
        raise DeliveryRefused("the terminal's output cannot be edited")

    async def tell_operator(self, text: str) -> None:
        self._progress.console.print(text, markup=False)


def _put(video: Path, output: Path) -> None:
    """Copy to a temporary file first, so that no incomplete file ever has the final name."""
    partial = partial_of(output)
    try:
        with video.open("rb") as source, partial.open("wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
