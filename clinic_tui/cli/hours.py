"""``clinic hours``: when a doctor works, shown and set over SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .ask import agreed, somebody_there
from .desks import signed_in
from .output import echo, echo_json, refuse
from .verbs import PLAIN, Json, example
from .who import the_doctor, the_notice, the_visit_type

if TYPE_CHECKING:
    from ..desk import Desk
    from ..domain.absence.stranded import StrandedVisit
    from ..domain.hours.reserved import Reserved
    from ..domain.hours.schedule import Hours

verbs = typer.Typer(
    help="Show and set when a doctor works.", epilog=example("hours show lee"), **PLAIN
)

_Doctor = Annotated[
    str, typer.Argument(metavar="DOCTOR", help="A name, a number or an outside identifier.")
]


@verbs.command("set", epilog=example('hours set lee "mon-thu 9-12 13-17; fri 9-12"'))
def set_hours(
    context: typer.Context,
    doctor: _Doctor,
    week: Annotated[
        list[str],
        typer.Argument(
            metavar="WEEK",
            help="As “mon-fri 9:00-12:00 13:00-17:00; sat 9-12”, or “daily closed”.",
        ),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Also when visits then stand outside the hours.")
    ] = False,
) -> None:
    """Replace a doctor's weekly hours. Visits already booked stay booked."""
    from ..domain.hours.hours import set_weekly_hours, stranded_by_hours  # noqa: PLC0415
    from ..domain.hours.text import WeekOfHours, named_days, parse_week, say_ranges  # noqa: PLC0415

    days = parse_week(" ".join(week))
    weekly = WeekOfHours(days).hours()
    with signed_in(context) as desk:
        doctor_id = the_doctor(desk, doctor)
        stranded = desk.read_now(stranded_by_hours, doctor_id, weekly, desk.now())
        if stranded and not yes:
            _decide(desk, stranded)
        desk.run_now(set_weekly_hours, doctor_id, weekly, desk.now())
        whose = _whose(desk, doctor_id)
    echo(whose)
    for name, ranges in named_days(days):
        echo(f"{name:<10}  {say_ranges(ranges)}")


@verbs.command("show", epilog=example("hours show lee"))
def show_hours(
    context: typer.Context,
    doctor: _Doctor,
    as_json: Json = False,
) -> None:
    """Show a doctor's weekly hours."""
    from ..domain.hours.hours import doctor_hours  # noqa: PLC0415
    from ..domain.hours.text import named_days, say_ranges, say_validity, weeks_of  # noqa: PLC0415

    with signed_in(context) as desk:
        doctor_id = the_doctor(desk, doctor)
        found = desk.read_now(doctor_hours, doctor_id)
        reserved = _reserved(desk, doctor_id)
        whose = _whose(desk, doctor_id)
    if as_json:
        weekly = [_span_json(one) | {"every_weeks": one.every_weeks} for one in found.weekly]
        echo_json({"weekly": weekly, "reserved": [_reserved_json(*one) for one in reserved]})
        return
    echo(whose)
    if not found.weekly:
        echo("  No weekly hours: closed.")
    for week in weeks_of(found.weekly):
        echo(say_validity(week))
        for name, ranges in named_days(week.days):
            echo(f"  {name:<10}  {say_ranges(ranges)}")
    for one, name in reserved:
        echo(f"  {_say_reserved(one, name)}")


@verbs.command(
    "reserve", epilog=example('hours reserve lee "new patient" "mon-fri 9-10"', "--open-at 8:00")
)
def reserve_hours(
    context: typer.Context,
    doctor: _Doctor,
    visit_type: Annotated[
        str, typer.Argument(metavar="TYPE", help="The visit type for which they are kept.")
    ],
    week: Annotated[
        list[str],
        typer.Argument(metavar="WEEK", help="As “mon-fri 9-10”, or “daily closed” for none."),
    ],
    open_at: Annotated[
        str, typer.Option(metavar="TIME", help="Open to all from this time of that day.")
    ] = "",
    open_before: Annotated[
        str, typer.Option(metavar="LENGTH", help="Open to all so long before, as 48h or 2d.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Keep hours of a doctor for a visit type, in place of those kept for it before."""
    from ..domain.hours.reserved import Reserved  # noqa: PLC0415
    from ..domain.hours.reserving import reserved_hours, set_reserved_hours  # noqa: PLC0415
    from ..domain.hours.text import parse_week  # noqa: PLC0415
    from ..domain.times.timeofday import read_time  # noqa: PLC0415

    minute = read_time(open_at) if open_at else None
    hours = -(-the_notice(open_before) // 60) if open_before else None
    with signed_in(context) as desk:
        doctor_id = the_doctor(desk, doctor)
        kind = the_visit_type(desk, visit_type)
        kept = tuple(
            Reserved(weekday, starts, ends, kind.visit_type_id, minute, hours)
            for weekday, ranges in enumerate(parse_week(" ".join(week)))
            for starts, ends in ranges
        )
        before = desk.read_now(reserved_hours, doctor_id)
        others = tuple(one for one in before if one.visit_type_id != kind.visit_type_id)
        desk.run_now(set_reserved_hours, doctor_id, (*others, *kept), desk.now())
        shown = _reserved(desk, doctor_id)
    if as_json:
        echo_json([_reserved_json(*one) for one in shown])
        return
    for one, name in shown:
        echo(_say_reserved(one, name))
    if not shown:
        echo("No reserved hours.")


def _reserved(desk: Desk, doctor_id: int) -> list[tuple[Reserved, str]]:
    """The doctor's reserved hours, each with the name of the visit type they are kept for."""
    from ..domain.clinic.visit_types import list_visit_types  # noqa: PLC0415
    from ..domain.hours.reserving import reserved_hours  # noqa: PLC0415

    listed = desk.read_now(list_visit_types, retired=True)
    names = {one.visit_type_id: one.details.name for one in listed}
    return [(one, names[one.visit_type_id]) for one in desk.read_now(reserved_hours, doctor_id)]


def _span_json(one: Hours | Reserved) -> dict[str, Any]:
    """When on which weekday, and from which day to which."""
    from ..domain.hours.text import WEEKDAYS  # noqa: PLC0415
    from ..domain.times.walltime import plain_clock  # noqa: PLC0415

    return {
        "weekday": WEEKDAYS[one.weekday],
        "starts": plain_clock(one.starts),
        "ends": plain_clock(one.ends),
        "valid_from": one.valid_from and one.valid_from.isoformat(),
        "valid_until": one.valid_until and one.valid_until.isoformat(),
    }


def _reserved_json(one: Reserved, name: str) -> dict[str, Any]:
    from ..domain.times.walltime import plain_clock  # noqa: PLC0415

    opens = one.release_minute
    return _span_json(one) | {
        "visit_type_id": one.visit_type_id,
        "visit_type": name,
        "open_at": None if opens is None else plain_clock(opens),
        "open_hours_before": one.release_hours,
    }


def _say_reserved(one: Reserved, name: str) -> str:
    """As "Monday  09:00–10:00  kept for New patient, open to all from 08:00"."""
    from ..domain.hours.text import WEEKDAYS  # noqa: PLC0415
    from ..domain.times.walltime import clock, say_day  # noqa: PLC0415

    words = f"{WEEKDAYS[one.weekday]:<10}  {clock(one.starts)}–{clock(one.ends)}  kept for {name}"
    if one.release_minute is not None:
        words += f", open to all from {clock(one.release_minute)} that day"
    if one.release_hours is not None:
        words += f", open to all {one.release_hours} h before"
    if one.valid_from is not None:
        words += f", from {say_day(one.valid_from)}"
    return words if one.valid_until is None else f"{words}, until {say_day(one.valid_until)}"


def _whose(desk: Desk, doctor_id: int) -> str:
    """The whole name, with the number: a part of the name, or the number, was all that was said."""
    from ..domain.staff.doctors import doctor_details  # noqa: PLC0415
    from ..domain.text import full_name  # noqa: PLC0415

    found = desk.read_now(doctor_details, doctor_id)
    name = f"{found.title} {full_name(found.given_name, found.family_name)}".strip()
    return f"{name} (number {doctor_id})"


def _decide(desk: Desk, stranded: tuple[StrandedVisit, ...]) -> None:
    """Show the visits that the new hours leave outside, and go on only if that is wanted."""
    from ..domain.times.walltime import say_span  # noqa: PLC0415

    lines = [
        f"{say_span(one.starts_at, one.ends_at, desk.zone)}  {one.patient}" for one in stranded
    ]
    count = "1 visit" if len(lines) == 1 else f"{len(lines)} visits"
    sentence = f"{count} would stand outside these hours:"
    if not somebody_there():
        raise refuse(f"{sentence} --yes sets them all the same.", lines)
    echo(sentence, err=True)
    for line in lines:
        echo(f"  {line}", err=True)
    if not agreed("Set these hours?"):
        raise typer.Abort
