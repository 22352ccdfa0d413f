"""`flipbook db …`: migrations, a copy, a look at the integrity."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look after the database.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def upgrade() -> None:
    """Bring the database to this version; makes it where there is none. `run` does it as well."""
    from bot.cli.database import upgraded

    url, before, after = upgraded()
    came = "was already" if before == after else f"from {before}, now" if before else "new,"
    typer.echo(f"{url}: {came} at version {after}")


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The copy. It must not exist yet.")],
) -> None:
    """Make a consistent copy of the database, also while the bot runs."""
    from bot.cli.database import backed_up

    typer.echo(f"{path}: {backed_up(path)} bytes")


@app.command("check")
def check_() -> None:
    """Look at every page of the database for damage."""
    from bot.cli.database import problems

    found = problems()
    for problem in found:
        typer.echo(problem, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("no damage found")
