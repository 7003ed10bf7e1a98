"""``clinic demo``: the program on a made-up clinic."""

from __future__ import annotations

from typing import Annotated

import typer

from .desks import config_of
from .program import open_demo
from .verbs import PLAIN, Linear, example

verbs = typer.Typer(**PLAIN)


@verbs.command("demo", epilog=example("demo --fresh"))
def demo(
    context: typer.Context,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew, without your changes.")
    ] = False,
    linear: Linear = False,
    tour: Annotated[
        bool, typer.Option("--tour", help="With a guided tour of two minutes; Esc leaves it.")
    ] = False,
) -> None:
    """Open a made-up clinic, signed in as its receptionist.

    It lives in a throw-away file, stands around today and is built anew every day. The other
    accounts are ada (admin), lee (doctor) and maria (patient); the password of all is
    “six calm herons wade”.
    """
    if tour and linear:
        raise typer.BadParameter("either --tour or --linear")
    raise typer.Exit(open_demo(config_of(context), fresh=fresh, linear=linear, tour=tour))
