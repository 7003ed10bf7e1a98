"""``clinic hours``: when a doctor works, shown and set over SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .ask import agreed, somebody_there
from .desks import signed_in
from .output import echo, echo_json, refuse
from .verbs import PLAIN, Json
from .who import the_doctor

if TYPE_CHECKING:
    from ..desk import Desk
    from ..domain.hours import StrandedVisit

verbs = typer.Typer(help="Show and set when a doctor works.", **PLAIN)

_Doctor = Annotated[
    str, typer.Argument(metavar="DOCTOR", help="A name, a number or an outside identifier.")
]


@verbs.command("set")
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
    from ..domain.hours import set_weekly_hours, stranded_by_hours  # noqa: PLC0415
    from ..domain.hours_text import WEEKDAYS, WeekOfHours, parse_week, say_ranges  # noqa: PLC0415

    days = parse_week(" ".join(week))
    weekly = WeekOfHours(days).hours()
    with signed_in(context) as desk:
        doctor_id = the_doctor(desk, doctor)
        stranded = desk.read_now(stranded_by_hours, doctor_id, weekly, desk.now())
        if stranded and not yes:
            _decide(desk, stranded)
        desk.run_now(set_weekly_hours, doctor_id, weekly, desk.now())
    for name, ranges in zip(WEEKDAYS, days, strict=True):
        echo(f"{name:<10}  {say_ranges(ranges)}")


@verbs.command("show")
def show_hours(
    context: typer.Context,
    doctor: _Doctor,
    as_json: Json = False,
) -> None:
    """Show a doctor's weekly hours."""
    from ..domain.hours import doctor_hours  # noqa: PLC0415
    from ..domain.hours_text import WEEKDAYS, say_ranges, say_validity, weeks_of  # noqa: PLC0415
    from ..domain.walltime import clock  # noqa: PLC0415

    with signed_in(context) as desk:
        found = desk.read_now(doctor_hours, the_doctor(desk, doctor))
    if as_json:
        echo_json(
            [
                {
                    "weekday": WEEKDAYS[one.weekday],
                    "starts": clock(one.starts),
                    "ends": clock(one.ends),
                    "valid_from": one.valid_from.isoformat() if one.valid_from else None,
                    "valid_until": one.valid_until.isoformat() if one.valid_until else None,
                    "every_weeks": one.every_weeks,
                }
                for one in found.weekly
            ]
        )
        return
    if not found.weekly:
        echo("No weekly hours: closed.")
    for week in weeks_of(found.weekly):
        echo(say_validity(week))
        for name, ranges in zip(WEEKDAYS, week.days, strict=True):
            echo(f"  {name:<10}  {say_ranges(ranges)}")


def _decide(desk: Desk, stranded: tuple[StrandedVisit, ...]) -> None:
    """Show the visits that the new hours leave outside, and go on only if that is wanted."""
    from ..domain.walltime import say_span  # noqa: PLC0415

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
