"""`flipbook task …`: shows tasks, and resolves unclear ones."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

app = typer.Typer(
    help="Show tasks, and resolve unclear ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The task's id, as users see it.")]


@app.command("list")
def list_(
    state: Annotated[
        list[str] | None,
        typer.Option(
            help="Only tasks in this state, by its name (unknown) or the word users see (unclear); "
            "can be repeated."
        ),
    ] = None,
    person: Annotated[int | None, typer.Option(help="Only tasks of this person, by id.")] = None,
    server: Annotated[int | None, typer.Option(help="Only tasks in this server, by id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many tasks at most.")] = 50,
    as_json: Json = False,
) -> None:
    """List tasks, newest first."""
    wanted = _states(state or ())
    from bot.cli.database import listed, unclear
    from bot.cli.output import as_data, as_json_text, held, table

    tasks = listed(states=wanted, person=person, server=server, limit=limit)
    if as_json:
        typer.echo(as_json_text([as_data(task) for task in tasks]))
        return
    table(tasks)
    if any(task.state.value == "unknown" for task in tasks):
        typer.echo(held(unclear()))


@app.command()
def show(id: Id, as_json: Json = False) -> None:
    """Show everything known about one task."""
    from bot.cli.database import found
    from bot.cli.output import as_data, as_json_text, sheet

    task = found(id)
    if as_json:
        typer.echo(as_json_text(as_data(task)))
    else:
        sheet(task)


@app.command()
def resolve(
    id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The task's id, as users see it.")
    ] = None,
    all_since: Annotated[
        str | None,
        typer.Option(
            "--all-since",
            metavar="WHEN",
            help="Resolve every unclear task sent since then, instead of one: 2026-11-23T14:30 "
            "(UTC), or a time span such as 90m, 6h or 2d.",
        ),
    ] = None,
    created: Annotated[
        str | None,
        typer.Option(metavar="PROVIDER_ID", help="The provider has it under this ID: continue it."),
    ] = None,
    not_created: Annotated[
        bool, typer.Option("--not-created", help="The provider never got it; nothing was charged.")
    ] = False,
    charged: Annotated[
        str | None,
        typer.Option(
            metavar="USD", help="The provider charged this (for each task), and there is no video."
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --all-since: don't ask for confirmation.")
    ] = False,
) -> None:
    """Resolve unclear tasks according to the provider's account.

    Give exactly one of --created, --not-created and --charged; --created takes one task only.
    """
    given = [created is not None, not_created, charged is not None]
    if sum(given) != 1:
        raise typer.BadParameter("give exactly one of --created, --not-created and --charged")
    if (id is None) == (all_since is None):
        raise typer.BadParameter("give either a task's ID or --all-since")
    from bot.cli.database import resolved
    from bot.cli.output import line

    amount = _amount(charged)
    if id is not None:
        typer.echo(line(resolved(id, created=created, charged=amount)))
        return
    if created is not None:
        raise typer.BadParameter(
            "--created takes one task only: each has its own id at the provider"
        )
    _resolve_all(all_since or "", amount, yes=yes)


def _resolve_all(all_since: str, charged: str | None, *, yes: bool) -> None:
    from bot.cli.database import resolved_or_changed, unclear_since
    from bot.cli.output import line, table

    tasks = unclear_since(_since(all_since))
    if not tasks:
        typer.echo("no unclear task was sent since then")
        return
    table(tasks)
    how = "not created, nothing charged" if charged is None else f"charged {charged} USD each"
    if not yes:
        typer.confirm(f"Resolve these {len(tasks)} unclear tasks as {how}?", abort=True)
    for task, ended in zip(tasks, resolved_or_changed(tasks, charged), strict=True):
        typer.echo(line(ended) if ended is not None else f"{task.id} is no longer unclear")


def _since(text: str) -> datetime:
    from bot.clock import SystemClock

    try:
        return since(text, SystemClock().now())
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a date and time nor a time span", param_hint="--all-since"
        ) from None


_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def since(text: str, now: datetime) -> datetime:
    """Parse a time (UTC if it has no zone), or a time span before ``now``.

    Raises:
        ValueError: ``text`` is neither.
    """
    span = re.fullmatch(r"(\d{1,6})([mhd])", text.strip())
    if span is not None:
        return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


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
