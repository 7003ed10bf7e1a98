"""``clinic room``: where visits happen."""

from __future__ import annotations

from typing import Annotated

import typer

from .desks import signed_in
from .output import echo, echo_json
from .verbs import PLAIN, Json, example

verbs = typer.Typer(help="Add and list rooms.", epilog=example("room list"), **PLAIN)


@verbs.command("add", epilog=example('room add "Room 1"'))
def add_one(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As “Room 1”.")],
) -> None:
    """Add a room."""
    from ..domain.clinic.rooms import add_room  # noqa: PLC0415

    with signed_in(context) as desk:
        desk.run_now(add_room, name, desk.now())
    echo(f"{name} can be used.")


@verbs.command("list", epilog=example("room list"))
def list_all(
    context: typer.Context,
    as_json: Json = False,
) -> None:
    """List the rooms."""
    from ..domain.clinic.rooms import list_rooms  # noqa: PLC0415

    with signed_in(context) as desk:
        found = desk.read_now(list_rooms)
    if as_json:
        echo_json([{"room_id": one.room_id, "name": one.name} for one in found])
        return
    for one in found:
        echo(one.name)
