"""``clinic undo``: take the newest of one's own steps back, or list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .desks import signed_in
from .output import alternatives_shown, echo, echo_json, iso
from .verbs import PLAIN, Json, example

if TYPE_CHECKING:
    from ..domain.undo.undo import UndoableStep, Undone

verbs = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@verbs.command("undo", epilog=example("undo --list"))
def undo(
    context: typer.Context,
    listed: Annotated[
        bool, typer.Option("--list", help="Only say what can be undone, the newest first.")
    ] = False,
    leave: Annotated[
        bool,
        typer.Option(
            "--leave",
            help="Let the last step stand for good; the one before can be undone then.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Take back your own last step, or list the last twenty.

    A step that somebody has changed since stays, and those before it wait until it is left.
    Accounts and imports cannot be undone.
    """
    from ..domain.undo.undo import leave_last, undo_last, undoable  # noqa: PLC0415
    from ..domain.visits.requests import new_key  # noqa: PLC0415

    if listed and leave:
        raise typer.BadParameter("either --list or --leave")
    with signed_in(context) as desk:
        if listed or leave:
            steps = desk.read_now(undoable, desk.now())
            if leave:
                desk.run_now(leave_last, steps[0].step_id if steps else 0, desk.now())
                steps = desk.read_now(undoable, desk.now())
            _list(steps, desk.zone, as_json=as_json)
            return
        with alternatives_shown(desk, as_json=as_json):
            undone = desk.run_now(undo_last, desk.now(), new_key())
        if as_json:
            echo_json(_undone_json(undone))
        else:
            echo(undone.sentence)


def _list(steps: tuple[UndoableStep, ...], zone: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(
            [
                {"at": iso(one.at, zone), "operation": one.operation, "did": one.sentence}
                for one in steps
            ]
        )
        return
    from ..domain.times.walltime import say_time  # noqa: PLC0415

    for one in steps:
        echo(f"{say_time(one.at, zone)}  {one.sentence}")
    if not steps:
        echo("There is nothing to undo.")


def _undone_json(undone: Undone) -> dict[str, Any]:
    return {
        "operation": undone.operation,
        "undone": undone.sentence,
        "visit": undone.visit.appointment_id if undone.visit else None,
        "messages": undone.notices,
    }
