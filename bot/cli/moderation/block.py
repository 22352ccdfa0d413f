"""`flipbook block …` and `flipbook unblock`: people, servers and pictures, everywhere."""

from typing import Annotated

import typer

app = typer.Typer(
    help="Block people, servers and pictures everywhere.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Reason = Annotated[
    str | None, typer.Option(help="The reason, for the list and the blocked person's data export.")
]


@app.command()
def person(
    id: Annotated[str, typer.Argument(metavar="ID", help="The person's id at Discord.")],
    reason: Reason = None,
) -> None:
    """Block a person: no videos and no reports, in any place."""
    _block("person", id, reason)


@app.command()
def server(
    id: Annotated[str, typer.Argument(metavar="ID", help="The server's id at Discord.")],
    reason: Reason = None,
) -> None:
    """Block a server: no videos are made there."""
    _block("server", id, reason)


@app.command()
def digest(
    value: Annotated[
        str,
        typer.Argument(
            metavar="SHA256", help="The first frame's digest, as flipbook task show prints it."
        ),
    ],
    reason: Reason = None,
) -> None:
    """Block a picture. A cropped or changed one has another digest and is not blocked."""
    _block("digest", value, reason)


@app.command("list")
def list_() -> None:
    """List all blocks, newest first, those of pictures in servers included."""
    from bot.cli.moderation.trust import block_line, blocks

    found = blocks()
    for entry in found:
        typer.echo(block_line(entry))
    if not found:
        typer.echo("nothing is blocked")


def unblock(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="person, server or digest.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The id or the digest.")],
) -> None:
    """Lift a block; of a picture, also those in servers where a video of it was removed."""
    from bot.cli.moderation.trust import unblocked

    typer.echo(unblocked(kind, value))


def _block(kind: str, subject: str, reason: str | None) -> None:
    from bot.cli.moderation.trust import blocked

    typer.echo(blocked(kind, subject, reason))
