"""``clinic tray``: visits lifted to be put down elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .desks import signed_in
from .output import alternatives_shown, echo, echo_json, iso
from .verbs import PLAIN, Json, example
from .visit_shown import At, NewMinutes, ToDoctor, ToRoom, Visit, tell, visit_json
from .who import the_move

if TYPE_CHECKING:
    from ..domain.visits.tray import CarriedVisit

verbs = typer.Typer(
    help="Lift visits, and put them down elsewhere.", epilog=example("tray list"), **PLAIN
)


@verbs.command("lift", epilog=example("tray lift 12"))
def lift_one(
    context: typer.Context,
    visit: Visit,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Also from whoever carries it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a visit on your tray; it stays booked until it is put down."""
    from ..domain.visits.tray import lift  # noqa: PLC0415

    with signed_in(context) as desk:
        lifted = desk.run_now(lift, visit, desk.now(), take_over=take_over)
        if as_json:
            echo_json(_json(lifted, desk.zone))
            return
        echo(f"You carry: {lifted.visit.read_back(desk.zone)}")


@verbs.command("list", epilog=example("tray list"))
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """List what you carry."""
    from ..domain.visits.tray import carried  # noqa: PLC0415

    with signed_in(context) as desk:
        mine = desk.read_now(carried)
        if as_json:
            echo_json([_json(one, desk.zone) for one in mine])
            return
        for one in mine:
            moved = " Moved meanwhile: lift it again." if one.moved_meanwhile else ""
            read_back = one.visit.read_back(desk.zone)
            echo(f"{one.visit.appointment_id:>7}  {read_back}{moved}")
        if not mine:
            echo("You carry nothing.")


@verbs.command("put-down", epilog=example('tray put-down 12 --at "mon 9:20"'))
def put_down_one(
    context: typer.Context,
    visit: Visit,
    at: Annotated[str, At],
    doctor: ToDoctor = "",
    room: ToRoom = "",
    minutes: NewMinutes = "",
    as_json: Json = False,
) -> None:
    """Move a visit from your tray to its new place; a refused one stays on it."""
    from ..domain.visits.tray import put_down  # noqa: PLC0415

    with signed_in(context) as desk:
        request = the_move(desk, visit, at, doctor, room, minutes)
        with alternatives_shown(desk, as_json=as_json):
            answer = desk.run_now(put_down, request, desk.now())
        tell(answer, desk.zone, as_json=as_json)


@verbs.command("put-back", epilog=example("tray put-back 12"))
def put_back_one(context: typer.Context, visit: Visit, as_json: Json = False) -> None:
    """Take a visit off your tray; it stands where it stood."""
    from ..domain.visits.tray import put_back  # noqa: PLC0415

    with signed_in(context) as desk:
        desk.run_now(put_back, visit, desk.now())
    if as_json:
        echo_json({"put_back": visit})
        return
    echo("It stays where it is.")


def _json(carried: CarriedVisit, zone: str) -> dict[str, Any]:
    return visit_json(carried.visit, zone) | {
        "lifted_at": iso(carried.lifted_at, zone),
        "moved_meanwhile": carried.moved_meanwhile,
    }
