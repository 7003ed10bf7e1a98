"""The options before a verb, and bare ``clinic``, which opens the terminal program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .desks import Where, config_of
from .output import echo
from .program import open_program
from .verbs import PLAIN, Linear, Verbs, example

app = typer.Typer(
    name="clinic",
    cls=Verbs,
    help="A clinic's appointment book. Without a verb it opens in this terminal.",
    epilog=example("demo"),
    **(PLAIN | {"no_args_is_help": False}),
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from .. import __version__  # noqa: PLC0415

        echo(f"clinic {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def clinic(
    context: typer.Context,
    database: Annotated[
        str | None,
        typer.Option(
            help="Where the clinic is: sqlite:///file or postgresql://user@host/name.",
            metavar="URL",
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="The settings file to read.", metavar="FILE")
    ] = None,
    linear: Linear = False,
    _version: Annotated[
        bool | None,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = None,
) -> None:
    """Keep where the clinic is for the verb; without one, open the program."""
    context.obj = Where(database, config)
    if context.invoked_subcommand is None:
        raise typer.Exit(open_program(config_of(context), linear=linear))
    if linear:
        raise typer.BadParameter("--linear goes without a verb, or after it: clinic demo --linear")
