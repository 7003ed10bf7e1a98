"""``clinic openings``: the first places at which a visit fits, or why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..domain.codes import Spread
from .desks import signed_in
from .output import echo, echo_json, opening_json, say_opening
from .verbs import PLAIN, Json, example
from .visit_shown import Minutes, NotBefore, OnlyDoctors, OnlySpecialty, OverBy, Type
from .who import (
    the_day,
    the_doctor,
    the_length,
    the_patient,
    the_room_id,
    the_specialty,
    the_times_of_day,
    the_visit_type,
    the_weekdays,
)

if TYPE_CHECKING:
    from ..desk import Desk

verbs = typer.Typer(**PLAIN)
_ANY_ROOM = "any"


@verbs.command(
    "openings",
    epilog=example(
        'openings --type follow-up --doctor lee --weekday "mon, wed"', "--from 9 --until 12:30"
    ),
)
def openings(
    context: typer.Context,
    visit_type: Type,
    doctor: OnlyDoctors = None,
    specialty: OnlySpecialty = "",
    day: Annotated[str, typer.Option(metavar="DAY", help="From this day on.")] = "today",
    last_day: Annotated[
        str, typer.Option(metavar="DAY", help="The last day; sixty days on if not given.")
    ] = "",
    weekday: Annotated[
        str, typer.Option(metavar="DAYS", help="Only on these, as “mon, wed-fri” or weekends.")
    ] = "",
    from_: NotBefore = "",
    until: OverBy = "",
    room: Annotated[
        str, typer.Option(metavar="NAME", help="With this room free, or with “any” room.")
    ] = "",
    patient: Annotated[
        str, typer.Option(metavar="WHO", help="Keeping clear of this patient's visits.")
    ] = "",
    minutes: Minutes = "",
    spread: Annotated[
        Spread,
        typer.Option(help="Every start, a visit apart, or: soonest, later, as usual."),
    ] = Spread.SPACED,
    limit: Annotated[int, typer.Option(metavar="COUNT", help="How many.", min=1, max=200)] = 10,
    as_json: Json = False,
) -> None:
    """Find the first openings at which a visit fits."""
    from ..domain.openings.openings import OpeningSearch, find_openings  # noqa: PLC0415
    from ..domain.times.walltime import day_bounds  # noqa: PLC0415

    day_from, day_until = the_times_of_day(from_, until)
    with signed_in(context) as desk:
        search = OpeningSearch(
            visit_type_id=the_visit_type(desk, visit_type).visit_type_id,
            from_at=day_bounds(the_day(desk, day), desk.zone)[0],
            doctor_ids=tuple(the_doctor(desk, one) for one in doctor or ()),
            specialty_id=the_specialty(desk, specialty) if specialty else None,
            until=day_bounds(the_day(desk, last_day), desk.zone)[1] if last_day else None,
            minutes=the_length(minutes),
            limit=limit,
            spread=spread,
            weekdays=the_weekdays(weekday),
            day_from=day_from,
            day_until=day_until,
            patient_id=the_patient(desk, patient) if patient else None,
            **_room(desk, room),
        )
        found = desk.read_now(find_openings, search, desk.now())
        if as_json:
            shown = [opening_json(one, desk.zone) for one in found.openings]
            echo_json({"openings": shown, "reason": found.reason, "why_none": found.why_none})
            return
        for one in found.openings:
            echo(say_opening(one, desk.zone))
        if not found.openings:
            echo(f"There is no opening in that time. {found.why_none}")


def _room(desk: Desk, text: str) -> dict[str, Any]:
    if text.lower() == _ANY_ROOM:
        return {"any_room": True}
    return {"room_id": the_room_id(desk, text) if text else None}
