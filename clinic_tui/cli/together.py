"""``clinic together``: two or three visits of one patient on one day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..domain.errors import BadInput
from .desks import signed_in
from .output import alternatives_shown, echo, echo_json, iso
from .verbs import PLAIN, Json, example
from .who import the_day, the_doctor, the_patient, the_room_id, the_visit_type

if TYPE_CHECKING:
    from ..desk import Desk
    from ..domain.visits.appointments import BookedAppointment
    from ..domain.visits.together_search import FoundTogether, TogetherSearch, VisitWanted

verbs = typer.Typer(
    help="Find and book several visits on one day.",
    epilog=example(
        'together find --patient garcia --visit "new patient @lee"',
        '--visit "vaccination #room 1" --most-gap 30',
    ),
    **PLAIN,
)

_VISIT = re.compile(r"([^@#]+)(?:@([^@#]+))?(?:#([^@#]+))?")

_Patient = Annotated[
    str, typer.Option(metavar="WHO", help="A record number, or words as in a search.")
]
_Visits = Annotated[
    list[str],
    typer.Option(
        "--visit",
        metavar="VISIT",
        help="Two or three times: a visit type, “@” a doctor and “#” a room if they matter:"
        " “follow-up @lee #room 1”.",
    ),
]
_Day = Annotated[str, typer.Option(metavar="DAY", help="From this day on.")]
_LastDay = Annotated[
    str, typer.Option(metavar="DAY", help="The last day; sixty days on if not given.")
]
_LeastGap = Annotated[int, typer.Option(metavar="MINUTES", help="At least so long between two.")]
_MostGap = Annotated[int, typer.Option(metavar="MINUTES", help="At most so long between two.")]
_AnyOrder = Annotated[
    bool, typer.Option("--any-order", help="In whatever order they fit, not only as given.")
]


@verbs.command(
    "find",
    epilog=example(
        'together find --patient garcia --visit "new patient @lee"',
        '--visit "vaccination #room 1" --most-gap 30',
    ),
)
def find(
    context: typer.Context,
    patient: _Patient,
    visit: _Visits,
    day: _Day = "today",
    last_day: _LastDay = "",
    least_gap: _LeastGap = 0,
    most_gap: _MostGap = 0,
    any_order: _AnyOrder = False,
    limit: Annotated[int, typer.Option(metavar="COUNT", help="How many ways.", min=1, max=20)] = 3,
    as_json: Json = False,
) -> None:
    """Find the first ways in which all of the visits fit on one day."""
    from ..domain.visits.together_search import find_together  # noqa: PLC0415

    with signed_in(context) as desk:
        search = _search(
            desk, patient, visit, day, last_day, (least_gap, most_gap), limit, any_order=any_order
        )
        found = desk.read_now(find_together, search, desk.now())
        if as_json:
            echo_json([_way_json(one, desk.zone) for one in found])
            return
        for number, one in enumerate(found, start=1):
            echo(f"{number}  {_say_way(one, desk.zone)}")
        if not found:
            echo("There is no such day in that time.")


@verbs.command(
    "book",
    epilog=example(
        'together book --patient garcia --visit "new patient @lee"',
        "--visit vaccination --choice 2",
    ),
)
def book(
    context: typer.Context,
    patient: _Patient,
    visit: _Visits,
    day: _Day = "today",
    last_day: _LastDay = "",
    least_gap: _LeastGap = 0,
    most_gap: _MostGap = 0,
    any_order: _AnyOrder = False,
    choice: Annotated[
        int,
        typer.Option(metavar="NUMBER", help="Which of the ways that “find” shows.", min=1, max=20),
    ] = 1,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why the patient comes.")] = "",
    as_json: Json = False,
) -> None:
    """Book one of the ways in which all of the visits fit on one day: all of them, or none."""
    from ..domain.visits.together import TogetherRequest, book_together  # noqa: PLC0415
    from ..domain.visits.together_search import find_together  # noqa: PLC0415

    with signed_in(context) as desk:
        search = _search(
            desk,
            patient,
            visit,
            day,
            last_day,
            (least_gap, most_gap),
            choice,
            any_order=any_order,
        )
        found = desk.read_now(find_together, search, desk.now())
        if len(found) < choice:
            raise BadInput("Choice", "There are not so many ways in which those visits fit.")
        request = TogetherRequest(search.patient_id, found[choice - 1].visits, note)
        with alternatives_shown(desk, as_json=as_json):
            booked = desk.run_now(book_together, request, desk.now())
        _tell(booked, desk.zone, as_json=as_json)


def _search(
    desk: Desk,
    patient: str,
    visits: list[str],
    day: str,
    last_day: str,
    gaps: tuple[int, int],
    limit: int,
    *,
    any_order: bool,
) -> TogetherSearch:
    from ..domain.visits.together_search import TogetherSearch  # noqa: PLC0415

    least, most = gaps
    return TogetherSearch(
        patient_id=the_patient(desk, patient),
        parts=tuple(_part(desk, text) for text in visits),
        first_day=the_day(desk, day),
        last_day=the_day(desk, last_day) if last_day else None,
        least_gap=least,
        most_gap=max(least, most),
        any_order=any_order,
        limit=limit,
    )


def _part(desk: Desk, text: str) -> VisitWanted:
    from ..domain.visits.together_search import VisitWanted  # noqa: PLC0415

    match = _VISIT.fullmatch(text)
    if match is None:
        raise BadInput("Visit", f"Visit: “{text}” is none; one looks like follow-up @lee #room 1.")
    visit_type, doctor, room = match.groups()
    return VisitWanted(
        the_visit_type(desk, visit_type).visit_type_id,
        (the_doctor(desk, doctor.strip()),) if doctor else (),
        room_id=the_room_id(desk, room) if room else None,
    )


def _say_way(way: FoundTogether, zone: str) -> str:
    """One way in a line: "Tue 24 Nov 2026 09:00 Dr Lee, 09:20 Dr Park"."""
    from ..domain.times.walltime import local_day, say_day, say_time  # noqa: PLC0415

    stops = ", ".join(
        f"{say_time(one.starts_at, zone)} {doctor}"
        for one, doctor in zip(way.visits, way.doctors, strict=True)
    )
    return f"{say_day(local_day(way.visits[0].starts_at, zone))} {stops}"


def _way_json(way: FoundTogether, zone: str) -> list[dict[str, Any]]:
    return [
        {
            "visit_type_id": one.visit_type_id,
            "doctor_id": one.doctor_id,
            "doctor": doctor,
            "room_id": one.room_id,
            "starts_at": iso(one.starts_at, zone),
            "minutes": one.minutes,
        }
        for one, doctor in zip(way.visits, way.doctors, strict=True)
    ]


def _tell(booked: tuple[BookedAppointment, ...], zone: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(
            [
                {
                    "visit": one.appointment_id,
                    "doctor_id": one.doctor_id,
                    "doctor": one.doctor,
                    "visit_type": one.visit_type,
                    "room": one.room,
                    "starts_at": iso(one.starts_at, zone),
                    "ends_at": iso(one.ends_at, zone),
                    "status": one.status,
                    "messages": one.notices,
                }
                for one in booked
            ]
        )
        return
    for one in booked:
        echo(f"{one.appointment_id}  {one.read_back(zone)}")
    echo(f"{sum(one.notices for one in booked)} messages queued.")
