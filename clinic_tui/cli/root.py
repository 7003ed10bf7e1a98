"""The options before a verb, and bare ``clinic``, which opens the terminal program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .desks import Where, config_of, open_desk, warn_of_network_share
from .output import echo
from .verbs import PLAIN, Verbs

app = typer.Typer(
    name="clinic",
    cls=Verbs,
    help="A clinic's appointment book. Without a verb it opens in this terminal.",
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
    _version: Annotated[
        bool | None,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = None,
) -> None:
    """Keep where the clinic is for the verb; without one, open the program."""
    context.obj = Where(database, config)
    if context.invoked_subcommand is not None:
        return
    from ..terminal import run_terminal  # noqa: PLC0415

    settings_here = config_of(context)
    warn_of_network_share(settings_here.database)
    raise typer.Exit(
        run_terminal(
            lambda: open_desk(settings_here),
            theme=settings_here.theme,
            keymap=dict(settings_here.keymap),
        )
    )
