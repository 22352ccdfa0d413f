"""The command line: `flipbook …`, which is the same as `python -m bot …`.

Each command imports what it needs when it runs, so that `flipbook --help` is fast.
"""

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import db, prices, task
from bot.cli.errors import exit_code
from bot.cli.moderation import block, report
from bot.hardening import hide_memory
from bot.roles import Role, Shards

app = typer.Typer(
    name="flipbook",
    help="A Discord bot that turns a picture and a sentence into a short video.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)
app.add_typer(task.app, name="task")
app.add_typer(prices.app, name="prices")
app.add_typer(db.app, name="db")
app.add_typer(report.app, name="report")
app.add_typer(block.app, name="block")
app.command()(block.unblock)


def main() -> None:
    """Run one command; exit with 0 on success, 1 on failure, or 2 if it was called wrongly."""
    # Texts may contain characters that the terminal's encoding lacks; they are escaped.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Files made from here on (database, pictures, videos, backups), even by programs that are
    # started, are readable by this account only.
    os.umask(0o077)
    hide_memory()
    try:
        app(prog_name="flipbook")
    except Exception as error:  # noqa: BLE001 - the last resort: a message instead of a traceback
        sys.exit(exit_code(error))


@app.command()
def run(
    role: Annotated[
        Role,
        typer.Option(help="What this process does if several share one PostgreSQL database."),
    ] = Role.ALL,
    shards: Annotated[
        str | None,
        typer.Option(
            metavar="FIRST-LAST/COUNT",
            help="The Discord shards of this process, for example 0-3/16.",
        ),
    ] = None,
) -> None:
    """Run the bot until it is stopped (Ctrl-C, SIGTERM)."""
    from bot.cli.run import run_bot

    raise typer.Exit(run_bot(role=role, shards=Shards.parse(shards) if shards else None))


@app.command()
def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The page's port; 0 picks a free one.")
    ] = 8480,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Keep the bot's database, pictures and log there. Default: delete them.",
        ),
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Don't open a browser.")] = False,
) -> None:
    """Try the bot with a local Discord and a local provider: no account, no key."""
    from bot.cli.demo import run_demo

    raise typer.Exit(run_demo(port=port, keep=keep, open_browser=not no_open))


@app.command()
def pause() -> None:
    """Spend nothing new: no process takes or sends tasks. What is already paid is delivered."""
    from bot.cli.spending import paused

    typer.echo(paused())


@app.command()
def resume() -> None:
    """End a pause: tasks that waited are sent, and new ones are taken."""
    from bot.cli.spending import resumed

    typer.echo(resumed())


@app.command()
def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models that people can choose from, their prices, and whether their keys work.

    The first model is the default. Exits 1 if a provider does not answer or refuses the key.
    """
    from bot.cli.models import run_models

    raise typer.Exit(run_models(as_json=as_json))


@app.command()
def check() -> None:
    """Check settings, database, Discord and the providers, one line each. Spends nothing."""
    from bot.cli.check.checks import run_checks

    raise typer.Exit(run_checks())


@app.command()
def animate(
    image: Annotated[
        Path, typer.Argument(metavar="IMAGE", help="The picture: JPEG, PNG, BMP or WEBP.")
    ],
    prompt: Annotated[str, typer.Option(help="What should happen in the video.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Where to save the video. Default: IMAGE-SEED.mp4 in this folder.",
        ),
    ] = None,
    negative_prompt: Annotated[
        str | None, typer.Option(help="What the video should not show.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="One of `flipbook models`, by id or label. Default: the first one."),
    ] = None,
    resolution: Annotated[
        str | None,
        typer.Option(help="One of the model's resolutions. Default: the model's default."),
    ] = None,
    seconds: Annotated[
        int | None,
        typer.Option(help="One of the model's lengths. Default: the model's default."),
    ] = None,
    sound: Annotated[bool, typer.Option("--sound", help="Make sound, if the model can.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="A whole number. Default: random, and printed.")
    ] = None,
    prompt_extend: Annotated[
        bool, typer.Option(help="Let the provider expand the prompt; helps short ones.")
    ] = True,
    watermark: Annotated[
        bool, typer.Option(help="Put a watermark in the lower right corner.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing video.")] = False,
) -> None:
    """Make a video from a picture on this machine. It is charged like any video."""
    from bot.cli.animate import Wish, run_animate

    wish = Wish(
        image=image,
        prompt=prompt,
        output=output,
        negative_prompt=negative_prompt,
        model=model,
        resolution=resolution,
        seconds=seconds,
        sound=sound,
        seed=seed,
        prompt_extend=prompt_extend,
        watermark=watermark,
        force=force,
    )
    raise typer.Exit(run_animate(wish))


@app.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, readable=True, help="The video: an MP4."
        ),
    ],
) -> None:
    """Say whether a video's file is labeled as AI-generated, by which model, and when.

    Exits 0 if it is, 1 if it is an MP4 without a label, 65 if it is no MP4 or breaks off before
    any label.
    """
    from bot.cli.verify import run_verify

    raise typer.Exit(run_verify(file))


@app.command()
def version() -> None:
    """Print the version."""
    from bot import __version__

    typer.echo(f"flipbook {__version__}")
