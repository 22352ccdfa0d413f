"""`flipbook prices …`: what estimates are made of."""

from typing import Annotated

import typer

app = typer.Typer(
    help="See what estimates are made of, and start them anew.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]


@app.command()
def show(as_json: Json = False) -> None:
    """Show the estimate for each kind of video, and the charges that it is made of."""
    from bot.cli.database import price_basis
    from bot.cli.output import as_data, as_json_text, prices_table

    found = price_basis()
    if as_json:
        typer.echo(as_json_text([as_data(one) for one in found]))
    else:
        prices_table(found)


@app.command()
def reset() -> None:
    """Forget the charges: estimates are the configured prices again. No budget changes."""
    from bot.cli.database import forgotten_charges

    typer.echo(f"{forgotten_charges()} charges forgotten: estimates are the configured prices")
