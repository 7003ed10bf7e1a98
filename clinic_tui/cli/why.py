"""``clinic why``: one minute of one doctor explained."""

from __future__ import annotations

from typing import Annotated

import typer

from .desks import signed_in
from .output import echo, echo_json, iso
from .verbs import PLAIN, Json, example
from .who import the_doctor, the_moment, the_visit_type

verbs = typer.Typer(**PLAIN)


@verbs.command("why", epilog=example('why lee "fri 3pm" --type follow-up'))
def why(
    context: typer.Context,
    doctor: Annotated[
        str, typer.Argument(metavar="DOCTOR", help="A name, a number or an outside identifier.")
    ],
    at: Annotated[str, typer.Argument(metavar="WHEN", help="As “2026-11-24 15:00” or “fri 3pm”.")],
    visit_type: Annotated[
        str, typer.Option("--type", metavar="NAME", help="Whether such a visit could be there.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Say what a doctor has at a time, or why nothing can be booked then."""
    from ..domain.openings.cells import explain_cell  # noqa: PLC0415

    with signed_in(context) as desk:
        type_id = the_visit_type(desk, visit_type).visit_type_id if visit_type else None
        found = desk.read_now(
            explain_cell, the_doctor(desk, doctor), the_moment(desk, at), type_id, desk.now()
        )
        if as_json:
            until = iso(found.held_until, desk.zone) if found.held_until else None
            echo_json(
                {
                    "reason": found.reason,
                    "sentence": found.sentence,
                    "held_by": found.held_by or None,
                    "held_until": until,
                }
            )
        else:
            echo(found.sentence)
