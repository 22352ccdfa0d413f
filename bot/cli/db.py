"""`flipbook db …`: upgrade, backup and check of the database."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Migrate, back up and check the database.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def upgrade() -> None:
    """Migrate the database to this version, or create it. `run` does so as well."""
    from bot.cli.database import upgraded

    url, before, after = upgraded()
    if before == after:
        done = f"already at version {after}"
    elif before:
        done = f"migrated from version {before} to {after}"
    else:
        done = f"created at version {after}"
    typer.echo(f"{url}: {done}")


@app.command()
def backup(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="The file to create; it must not exist yet.")
    ],
) -> None:
    """Make a consistent copy of the database, even while the bot is running."""
    from bot.cli.database import backed_up

    typer.echo(f"{path}: {backed_up(path)} bytes")


@app.command("check")
def check_() -> None:
    """Check the database for damage, and its tasks against its money."""
    from bot.cli.database import problems

    found = problems()
    for problem in found:
        typer.echo(problem, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("no damage found")
