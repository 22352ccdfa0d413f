"""`flipbook task …`: the operator's view of tasks, and the end of an `unknown` one."""

from collections.abc import Sequence
from typing import Annotated

import typer

app = typer.Typer(
    help="Look at tasks, and end those that are unclear.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The task's id, as people see it.")]


@app.command("list")
def list_(
    state: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this state, by its own name (unknown) or as people read it (unclear); "
            "may be given again."
        ),
    ] = None,
    person: Annotated[int | None, typer.Option(help="Only of this person, by id.")] = None,
    server: Annotated[int | None, typer.Option(help="Only in this server, by id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List tasks, newest first."""
    wanted = _states(state or ())
    from bot.cli.showing import as_data, as_json_text, table
    from bot.cli.stored import listed

    tasks = listed(states=wanted, person=person, server=server, limit=limit)
    if as_json:
        typer.echo(as_json_text([as_data(task) for task in tasks]))
    else:
        table(tasks)


@app.command()
def show(id: Id, as_json: Json = False) -> None:
    """Show everything that is known of one task."""
    from bot.cli.showing import as_data, as_json_text, sheet
    from bot.cli.stored import found

    task = found(id)
    if as_json:
        typer.echo(as_json_text(as_data(task)))
    else:
        sheet(task)


@app.command()
def resolve(
    id: Id,
    created: Annotated[
        str | None,
        typer.Option(metavar="PROVIDER_ID", help="The provider has it, under this id: go on."),
    ] = None,
    not_created: Annotated[
        bool, typer.Option("--not-created", help="The provider never had it: nothing was charged.")
    ] = False,
    charged: Annotated[
        str | None,
        typer.Option(metavar="USD", help="The provider charged this, and there is no video."),
    ] = None,
) -> None:
    """End an unclear task, as the provider's own account shows it. Exactly one of the three."""
    given = [created is not None, not_created, charged is not None]
    if sum(given) != 1:
        raise typer.BadParameter("say one of --created, --not-created and --charged")
    from bot.cli.showing import line
    from bot.cli.stored import resolved

    typer.echo(line(resolved(id, created=created, charged=_amount(charged))))


def _amount(text: str | None) -> str | None:
    from bot.domain.money import parse_charge

    if text is not None and parse_charge(text) is None:
        raise typer.BadParameter(f"{text!r} is not an amount in USD", param_hint="--charged")
    return text


def _states(names: Sequence[str]) -> list[str]:
    from bot.domain.task import State
    from bot.ui.texts import endings

    known = {state.value: state.value for state in State}
    known |= {endings.state(state): state.value for state in State}
    for name in names:
        if name not in known:
            raise typer.BadParameter(
                f"{name!r} is not one of {', '.join(known)}", param_hint="--state"
            )
    return [known[name] for name in names]
