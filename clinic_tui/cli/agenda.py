"""``clinic agenda``: a day as plain text, one doctor after another, for eyes and printers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..domain.access import Role
from .desks import signed_in
from .output import echo, echo_json, iso
from .verbs import PLAIN, Json, example
from .who import the_day, the_doctor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ..desk import Desk
    from ..domain.overview.calendar import DayColumn
    from ..domain.overview.calendar_visits import CalendarVisit

verbs = typer.Typer(**PLAIN)

_MINUTE = timedelta(minutes=1)
_WIDTHS = (20, 11, 7, 15)
"""Of patient, visit type, room and status: with the times and the number less than 80 columns."""


@verbs.command("agenda", epilog=example("agenda --doctor lee --day fri"))
def agenda(
    context: typer.Context,
    doctor: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Only this doctor's; “all” for everybody's. A doctor's own if not."
        ),
    ] = "",
    day: Annotated[
        str, typer.Option(metavar="DAY", help="Which day: today, fri, 24nov, 2026-11-24.")
    ] = "today",
    pdf: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="As day sheets to print, free time left blank to write in."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a day's visits and free time, doctor by doctor."""
    from ..domain.overview.calendar import calendar_day  # noqa: PLC0415

    with signed_in(context) as desk:
        shown = the_day(desk, day)
        if pdf is not None:
            _print(desk, shown, _whose(desk, doctor), pdf)
            return
        columns = desk.read_now(
            calendar_day, shown, desk.now(), doctor_ids=_whose(desk, doctor)
        ).columns
        if as_json:
            doctors = [_column_json(column, desk.zone) for column in columns]
            echo_json({"day": shown.isoformat(), "zone": desk.zone, "doctors": doctors})
            return
        from ..domain.times.walltime import say_day  # noqa: PLC0415

        week = shown.isocalendar().week
        echo(f"{desk.settings.name} · {say_day(shown)} · week {week}")
        for column in columns:
            echo()
            for line in _lines(column, desk.zone):
                echo(line)
        if not columns:
            echo()
            echo("Nobody works on that day.")


def _print(desk: Desk, day: date, doctor_ids: tuple[int, ...], path: Path) -> None:
    """Write the day sheets, a doctor a page or more, and say where."""
    from ..domain.overview.day_sheet import day_sheet  # noqa: PLC0415
    from ..interchange.sheet import write_sheets  # noqa: PLC0415

    sheet = desk.read_now(day_sheet, day, desk.now(), doctor_ids=doctor_ids)
    pages = write_sheets(sheet, path)
    echo(f"Written to {path}: {pages} {'page' if pages == 1 else 'pages'}.")


def _whose(desk: Desk, doctor: str) -> tuple[int, ...]:
    """Whose day: those named, a doctor's own, else everybody's."""
    if doctor and doctor.lower() != "all":
        return (the_doctor(desk, doctor),)
    own = desk.actor.doctor_id
    if not doctor and own is not None and desk.actor.roles <= {Role.DOCTOR}:
        return (own,)
    return ()


def _lines(column: DayColumn, zone: str) -> Iterator[str]:
    from ..domain.openings.why import say_free  # noqa: PLC0415
    from ..domain.overview.day_sheet import stretches  # noqa: PLC0415
    from ..domain.times.walltime import say_time  # noqa: PLC0415

    yield f"{column.doctor} · {column.specialty}" if column.specialty else column.doctor
    if column.closed_because:
        yield f"  {column.closed_because}"
    for starts_at, ends_at, visit in stretches(column):
        times = f"{say_time(starts_at, zone)}–{say_time(ends_at, zone)}"
        if visit is None:
            yield f"  {times}  · {say_free((ends_at - starts_at) // _MINUTE)}"
        else:
            yield f"  {times}  {_visit_line(visit)}".rstrip()


def _visit_line(visit: CalendarVisit) -> str:
    from ..domain.visits.status_words import STATUS_WORDS  # noqa: PLC0415
    from ..screens.widgets.cells import fit  # noqa: PLC0415

    name = "busy" if visit.busy else _name(visit)
    if visit.held_until is not None:
        name = f"held by {visit.held_by}"
    status = f"{STATUS_WORDS[visit.status]}{' +' if visit.overbooked else ''}"
    cells = (name, visit.visit_type, visit.room, status)
    shown = " ".join(fit(cell, width) for cell, width in zip(cells, _WIDTHS, strict=True))
    return shown if visit.busy else f"{shown} {visit.appointment_id:>7}"


def _name(visit: CalendarVisit) -> str:
    return ", ".join(part for part in (visit.family_name, visit.given_name) if part)


def _column_json(column: DayColumn, zone: str) -> dict[str, Any]:
    from ..domain.overview.day_sheet import stretches  # noqa: PLC0415

    return {
        "doctor_id": column.doctor_id,
        "doctor": column.doctor,
        "specialty": column.specialty,
        "closed_because": column.closed_because,
        "open": [{"starts_at": iso(a, zone), "ends_at": iso(b, zone)} for a, b in column.open],
        "free": [
            {"starts_at": iso(a, zone), "ends_at": iso(b, zone)}
            for a, b, visit in stretches(column)
            if visit is None
        ],
        "visits": [_visit_json(visit, zone) for visit in column.visits],
    }


def _visit_json(visit: CalendarVisit, zone: str) -> dict[str, Any]:
    """A visit; a colleague's is nothing but busy time."""
    times = {"starts_at": iso(visit.starts_at, zone), "ends_at": iso(visit.ends_at, zone)}
    if visit.held_until is not None:
        times |= {"held_by": visit.held_by, "held_until": iso(visit.held_until, zone)}
    if visit.busy:
        return times | {"busy": True}
    return times | {
        "visit": visit.appointment_id,
        "patient_id": visit.patient_id,
        "family_name": visit.family_name,
        "given_name": visit.given_name,
        "visit_type": visit.visit_type,
        "room": visit.room,
        "status": visit.status,
        "overbooked": visit.overbooked,
        "confirmed": visit.confirmed,
    }
