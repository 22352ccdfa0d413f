"""`flipbook prices …`: shows what estimates are based on."""

from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Show what estimates are based on, and reset them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def show(
    model: Annotated[
        str | None, typer.Option(metavar="ID", help="Only the videos of this model.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the estimate for each kind of video and the charges it is based on."""
    from bot.cli.database import price_basis
    from bot.cli.output import as_data, as_json_text, prices_table

    found = price_basis(model)
    if as_json:
        typer.echo(
            as_json_text([one.kind._asdict() | _without_kind(as_data(one)) for one in found])
        )
    else:
        prices_table(found)


def _without_kind(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "kind"}


@app.command()
def reset() -> None:
    """Forget the charges, so that the configured prices are the estimates again. Budgets stay."""
    from bot.cli.database import forgotten_charges

    typer.echo(
        f"{forgotten_charges()} charges forgotten; the configured prices are the estimates again"
    )
