"""`flipbook animate`: makes one video from the terminal, on the same path as in Discord."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.cli.errors import plain
from bot.cli.terminal_messenger import TerminalMessenger, partial_of
from bot.domain.models.model import Model, Models, Options
from bot.domain.models.option_limits import check_options
from bot.domain.submission import Submission
from bot.domain.task import KEEP_UNDELIVERED, OPEN_STATES, EntryPoint, Person, Place, State, Task
from bot.errors import CommandError, OptionRefused, PictureUnavailable
from bot.services.model_choices import find_model
from bot.settings.loading import load_settings
from bot.settings.settings import Settings
from bot.storage.tasks.tasks import TaskStore
from bot.ui.texts import cards, endings

_CHUNK = 256 * 1024
_LOOK_SECONDS = 0.1
ENDED = frozenset(State) - OPEN_STATES
# The terminal has a single user; ids of Discord are far higher.
TERMINAL_PERSON = Person(id=0, name="terminal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Arguments of the command."""

    image: Path
    prompt: str
    output: Path | None = None
    negative_prompt: str | None = None
    model: str | None = None
    """Id or label of an offered model."""
    resolution: str | None = None
    seconds: int | None = None
    sound: bool = False
    seed: int | None = None
    prompt_extend: bool = True
    watermark: bool = False
    force: bool = False


def run_animate(wish: Wish) -> int:
    """Make the video; return 0 with a video, 1 without one, 130 if interrupted."""
    from bot.cli.run import quiet_logging, run_in_loop, until_signal

    settings = load_settings(needs_keys=True)
    quiet_logging(settings)
    check_image(wish.image)
    model = model_of(wish, settings.offered_models())
    options = check_options(options_of(wish, model), model, settings.offered_models().offered)
    output = output_of(wish, options.seed)
    console = Console(stderr=True, highlight=False)
    submission = _submission(wish.image, options, model)
    work = until_signal(lambda: _animate(settings, submission, output, console), interrupted=130)
    return run_in_loop(work)


def _submission(image: Path, options: Options, model: Model) -> Submission:
    return Submission(
        picture=FilePicture(image),
        options=options,
        model=model.id,
        person=TERMINAL_PERSON,
        place=Place(),
        entry_point=EntryPoint.TERMINAL,
    )


async def _animate(
    settings: Settings, submission: Submission, output: Path, console: Console
) -> int:
    from bot.app.persistence import open_persistence
    from bot.app.pipeline import make_allowances, open_pipeline

    with _bar(console) as progress:
        messenger = TerminalMessenger(output=output, progress=progress)
        async with (
            open_persistence(settings, exclusive=False) as store,
            open_pipeline(
                settings,
                store=store,
                allowances=make_allowances(settings, store),
                messenger=messenger,
                owner_kind="cli",
            ) as line,
            line.worker,
            line.retention.working(),
        ):
            task = await line.intake.accept(submission)
            task = await _ended(store.tasks, task, console)
    return report(task, output)


async def _ended(tasks: TaskStore, task: Task, console: Console) -> Task:
    """Wait until the stored task has ended."""
    if words := cards.mended(task.mended):
        console.print(words, markup=False)
    try:
        while task.state not in ENDED:
            await asyncio.sleep(_LOOK_SECONDS)
            task = await tasks.get(task.id) or task
    except asyncio.CancelledError:
        left = (
            f"{task.id} is not finished: `flipbook run` continues it, and the video is then "
            f"kept for {KEEP_UNDELIVERED.days} days as videos/{task.id}.mp4 in DATA_DIR"
        )
        console.print(left, markup=False)
        raise
    return task


def report(task: Task, output: Path) -> int:
    """Print the outcome: on standard output with a video, otherwise on standard error."""
    if task.state is State.DELIVERED:
        typer.echo(f"{output}")
        cost = f"cost {cards.charge(task)}"
        facts = (f"seed {task.options.seed}", kind_words(task), cards.taken(task), cost, task.id)
        typer.echo(", ".join(filter(None, facts)))
        return 0
    if task.state is State.UNDELIVERED:
        typer.echo(f"the video is kept as videos/{task.id}.mp4 in DATA_DIR", err=True)
        return 1
    provider_words = endings.provider_words(task)
    for text in (cards.ended(task), provider_words, task.video_url):
        if text:
            typer.echo(plain(text), err=True)
    typer.echo(f"{task.id}: {endings.state(task.state)}", err=True)
    return 1


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    # In a pipe, a progress bar would leave an empty line.
    quiet = not console.is_terminal
    return Progress(*columns, console=console, transient=True, disable=quiet)


def kind_words(task: Task) -> str:
    """Name what a video's price depends on."""
    model, resolution, seconds, audio = task.request.kind
    return f"{resolution}, {seconds} s, {'with sound, ' if audio else ''}{model}"


def check_image(image: Path) -> None:
    """Check that the picture can be read.

    Raises:
        CommandError: there is no such file, or it may not be read.
    """
    try:
        with image.open("rb"):
            return
    except OSError as error:
        raise CommandError(f"{image}: {error.strerror}") from error


def model_of(wish: Wish, models: Models) -> Model:
    """Return the model that the arguments name, or the default one.

    Raises:
        OptionRefused: no such model is offered.
    """
    if wish.model is None:
        return models.default
    found = find_model(models.offered, wish.model)
    if found is None:
        allowed = [one.id for one in models.offered]
        raise OptionRefused("model", given=wish.model, allowed=allowed)
    return found


def options_of(wish: Wish, model: Model) -> Options:
    """Return the options for the intake, which checks them; the seed is random by default."""
    seed = random.randint(0, model.seed_max) if wish.seed is None else wish.seed
    return Options(
        prompt=wish.prompt,
        negative_prompt=wish.negative_prompt,
        resolution=wish.resolution or model.default_resolution,
        seconds=model.default_seconds if wish.seconds is None else wish.seconds,
        audio=wish.sound,
        seed=seed,
        prompt_extend=wish.prompt_extend,
        watermark=wish.watermark,
    )


def output_of(wish: Wish, seed: int) -> Path:
    """Return the path of the video, after checking it before money is spent.

    Raises:
        CommandError: the file exists and may not be overwritten, or its folder is not writable.
    """
    output = wish.output or Path(f"{wish.image.stem}-{seed}.mp4")
    if output.is_dir():
        output /= f"{wish.image.stem}-{seed}.mp4"
    if output.exists() and not wish.force:
        raise CommandError(f"{output} already exists; --force overwrites it")
    if not os.access(output.parent, os.W_OK | os.X_OK):
        raise CommandError(f"{output.parent} is not a writable folder")
    _check_name(output)
    return output


def _check_name(output: Path) -> None:
    """Check the video's file name by creating a file.

    Raises:
        CommandError: the file system does not accept the name.
    """
    partial = partial_of(output)
    try:
        # Only trying shows what the file system accepts.
        partial.open("xb").close()
    except FileExistsError:
        return
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror}; choose another name with -o") from error
    partial.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class FilePicture:
    """A picture file on this machine."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def announced_bytes(self) -> int | None:
        try:
            return self.path.stat().st_size
        except OSError:
            return None

    async def read(self) -> AsyncIterator[bytes]:
        try:
            file = await asyncio.to_thread(self.path.open, "rb")
            with file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    yield chunk
        except OSError as error:
            raise PictureUnavailable(f"{self.path}: {error.strerror}") from error
