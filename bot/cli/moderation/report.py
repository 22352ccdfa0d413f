"""`flipbook report …`: reports that no moderators decide, or all of them."""

from typing import Annotated

import typer

app = typer.Typer(
    help="List and decide reports of videos.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def list_(
    server: Annotated[int | None, typer.Option(help="Only reports in this server, by id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many reports at most.")] = 50,
) -> None:
    """List reports that wait for a decision, oldest first."""
    from bot.cli.moderation.trust import report_line, undecided

    reports = undecided(server=server, limit=limit)
    for report in reports:
        typer.echo(report_line(report))
    if not reports:
        typer.echo("no reports wait for a decision")


@app.command()
def resolve(
    id: Annotated[
        int, typer.Argument(metavar="ID", min=1, max=2**31 - 1, help="The report's number.")
    ],
    remove: Annotated[
        bool,
        typer.Option(
            "--remove", help="Delete the video and its picture, and block the picture there."
        ),
    ] = False,
    dismiss: Annotated[bool, typer.Option("--dismiss", help="Leave the video as it is.")] = False,
    rerolls: Annotated[
        bool, typer.Option("--rerolls", help="With --remove: other videos of the picture as well.")
    ] = False,
) -> None:
    """Decide a report; the running bot carries it out within seconds, or the next start does.

    If the authorities may need the video or the picture, save both first: --remove deletes them.
    """
    if remove == dismiss:
        raise typer.BadParameter("give exactly one of --remove and --dismiss")
    if rerolls and not remove:
        raise typer.BadParameter("--rerolls goes with --remove only")
    from bot.cli.moderation.trust import decided

    for line in decided(id, remove=remove, rerolls=rerolls):
        typer.echo(line)
