"""``clinic series``: visits that repeat, looked at, booked, moved and cancelled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from ..domain.codes import CancelledBy
from ..domain.errors import BadInput
from ..domain.series.words import OnHoliday, Scope
from .desks import signed_in
from .output import alternatives_shown, echo, echo_json
from .series_shown import date_json, say_date, tell
from .verbs import PLAIN, Json, example
from .visit_shown import read_number
from .who import the_day, the_doctor, the_patient, the_room_id, the_visit_type

if TYPE_CHECKING:
    from ..desk import Desk
    from ..domain.series.series import SeriesRequest

verbs = typer.Typer(
    help="Book, move and cancel visits that repeat.", epilog=example("series show 12"), **PLAIN
)

_EVERY = re.compile(r"(?:(\d{1,3}) )?(day|week|month|year)s?")
_FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}

_Visit = Annotated[
    int, typer.Argument(metavar="VISIT", help="A visit of the series.", parser=read_number)
]
_Patient = Annotated[
    str, typer.Option(metavar="WHO", help="A record number, or words as in a search.")
]
_Doctor = Annotated[str, typer.Option(metavar="NAME", help="A name, a number or an identifier.")]
_Type = Annotated[str, typer.Option("--type", metavar="NAME", help="The visit type.")]
_Day = Annotated[str, typer.Option(metavar="DAY", help="From this day on.")]
_Time = Annotated[str, typer.Option("--time", metavar="TIME", help="The time of day, as 15:20.")]
_Rule = Annotated[
    str, typer.Option(metavar="RRULE", help="As RFC 5545 writes it: “FREQ=WEEKLY;COUNT=10”.")
]
_Every = Annotated[str, typer.Option(metavar="PERIOD", help="As “week”, “2 weeks”, “month”.")]
_Times = Annotated[int | None, typer.Option(metavar="COUNT", help="With --every: how many.")]
_LastDay = Annotated[str, typer.Option(metavar="DAY", help="With --every: the last day.")]
_Minutes = Annotated[str, typer.Option(metavar="LENGTH", help="As 20 or 1h30; else the type's.")]
_Room = Annotated[str, typer.Option(metavar="NAME", help="Where.")]
_Holidays = Annotated[OnHoliday, typer.Option(help="What becomes of a date on a holiday.")]
_Scope = Annotated[Scope, typer.Option(help="Which visits, seen from this one.")]


@verbs.command(
    "preview",
    epilog=example(
        "series preview --patient garcia --doctor lee --type follow-up",
        '--day mon --time 9:20 --every "2 weeks" --times 6',
    ),
)
def preview(
    context: typer.Context,
    patient: _Patient,
    doctor: _Doctor,
    visit_type: _Type,
    time: _Time,
    day: _Day = "today",
    rule: _Rule = "",
    every: _Every = "",
    times: _Times = None,
    last_day: _LastDay = "",
    minutes: _Minutes = "",
    room: _Room = "",
    holidays: _Holidays = OnHoliday.SKIP,
    as_json: Json = False,
) -> None:
    """Show each date of a series: whether it fits, why not, and what would. Writes nothing."""
    from ..domain.series.series import preview_series  # noqa: PLC0415

    with signed_in(context) as desk:
        repeats = _rule(desk, rule, every, times, last_day)
        request = _request(
            desk, patient, doctor, visit_type, day, time, repeats, minutes, room, holidays
        )
        dates = desk.read_now(preview_series, request, desk.now())
        if as_json:
            echo_json([date_json(one, desk.zone) for one in dates])
            return
        for one in dates:
            echo(say_date(one, desk.zone))


@verbs.command(
    "book",
    epilog=example(
        "series book --patient garcia --doctor lee --type follow-up",
        '--day mon --time 9:20 --rule "FREQ=WEEKLY;COUNT=6" --nearest',
    ),
)
def book(
    context: typer.Context,
    patient: _Patient,
    doctor: _Doctor,
    visit_type: _Type,
    time: _Time,
    day: _Day = "today",
    rule: _Rule = "",
    every: _Every = "",
    times: _Times = None,
    last_day: _LastDay = "",
    minutes: _Minutes = "",
    room: _Room = "",
    holidays: _Holidays = OnHoliday.SKIP,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why the patient comes.")] = "",
    fitting: Annotated[
        bool, typer.Option("--fitting", help="Only the dates that fit, without the others.")
    ] = False,
    nearest: Annotated[
        bool, typer.Option("--nearest", help="Where a date does not fit, what is nearest to it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Book a series: all of its dates, or none."""
    from dataclasses import replace  # noqa: PLC0415

    from ..domain.series.series import ChosenDate, book_series, preview_series  # noqa: PLC0415

    with signed_in(context) as desk:
        repeats = _rule(desk, rule, every, times, last_day)
        request = _request(
            desk, patient, doctor, visit_type, day, time, repeats, minutes, room, holidays
        )
        if fitting or nearest:
            dates = desk.read_now(preview_series, request, desk.now())
            chosen = [ChosenDate(one.day, one.starts_at) for one in dates if one.fits]
            if nearest:
                others = (one for one in dates if one.alternative)
                chosen += [
                    ChosenDate(one.day, one.alternative.starts_at)
                    for one in others
                    if one.alternative
                ]
            if not chosen:
                raise BadInput("Dates", "No date of that series fits.")
            request = replace(request, chosen=tuple(chosen))
        with alternatives_shown(desk, as_json=as_json):
            booked = desk.run_now(book_series, replace(request, note=note), desk.now())
        tell(booked, desk.zone, as_json=as_json)


@verbs.command("show", epilog=example("series show 12"))
def show(context: typer.Context, visit: _Visit, as_json: Json = False) -> None:
    """Show the series that a visit belongs to."""
    from ..domain.series.details import series_details  # noqa: PLC0415

    with signed_in(context) as desk:
        tell(desk.read_now(series_details, visit), desk.zone, as_json=as_json)


@verbs.command("move", epilog=example("series move 12 --scope following --time 10:00"))
def move(
    context: typer.Context,
    visit: _Visit,
    scope: _Scope,
    time: Annotated[str, typer.Option("--time", metavar="TIME", help="To this time of day.")] = "",
    days: Annotated[
        int,
        typer.Option(
            metavar="DAYS",
            help="So many days on, or back with a minus.",
        ),
    ] = 0,
    doctor: Annotated[str, typer.Option(metavar="NAME", help="To this doctor.")] = "",
    room: Annotated[str, typer.Option(metavar="NAME", help="To this room.")] = "",
    no_room: Annotated[bool, typer.Option("--no-room", help="To no room.")] = False,
    minutes: Annotated[str, typer.Option(metavar="LENGTH", help="How long.")] = "",
    as_json: Json = False,
) -> None:
    """Move visits of a series that are still ahead: all that are meant, or none."""
    from ..domain.series.moving import SeriesMove, move_series  # noqa: PLC0415
    from ..domain.times.timeofday import read_length, read_time  # noqa: PLC0415

    with signed_in(context) as desk:
        request = SeriesMove(
            visit,
            scope,
            minute=read_time(time) if time else None,
            days=days,
            doctor_id=the_doctor(desk, doctor) if doctor else None,
            room_id=the_room_id(desk, room) if room else None,
            no_room=no_room,
            minutes=read_length(minutes) if minutes else None,
        )
        with alternatives_shown(desk, as_json=as_json):
            moved = desk.run_now(move_series, request, desk.now())
        tell(moved, desk.zone, as_json=as_json)


@verbs.command("cancel", epilog=example('series cancel 12 --scope all --reason "moves away"'))
def cancel(
    context: typer.Context,
    visit: _Visit,
    scope: _Scope,
    by: Annotated[CancelledBy, typer.Option(help="Whose wish it is.")] = CancelledBy.PATIENT,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, in a few words.")] = "",
    as_json: Json = False,
) -> None:
    """Cancel visits of a series that are still ahead."""
    from ..domain.series.cancelling import SeriesCancel, cancel_series  # noqa: PLC0415

    with signed_in(context) as desk:
        request = SeriesCancel(visit, scope, by, reason)
        tell(desk.run_now(cancel_series, request, desk.now()), desk.zone, as_json=as_json)


def _rule(desk: Desk, rule: str, every: str, times: int | None, last_day: str) -> str:
    """The rule that is written out, or said by --every with --times or --last-day."""
    if rule and not (every or times or last_day):
        return rule
    match = _EVERY.fullmatch(every.strip().lower())
    if rule or match is None or bool(times) == bool(last_day):
        raise BadInput(
            "Rule",
            "Say how it repeats: --rule “FREQ=WEEKLY;COUNT=10”, or --every “2 weeks” with --times"
            " or --last-day.",
        )
    end = f"COUNT={times}" if times else f"UNTIL={the_day(desk, last_day):%Y%m%d}"
    return f"FREQ={_FREQUENCIES[match[2]]};INTERVAL={match[1] or 1};{end}"


def _request(
    desk: Desk,
    patient: str,
    doctor: str,
    visit_type: str,
    first_day: str,
    time: str,
    rule: str,
    minutes: str,
    room: str,
    holidays: OnHoliday,
) -> SeriesRequest:
    from ..domain.series.series import SeriesRequest  # noqa: PLC0415
    from ..domain.times.timeofday import read_length, read_time  # noqa: PLC0415

    return SeriesRequest(
        patient_id=the_patient(desk, patient),
        doctor_id=the_doctor(desk, doctor),
        visit_type_id=the_visit_type(desk, visit_type).visit_type_id,
        first_day=the_day(desk, first_day),
        minute=read_time(time),
        rule=rule,
        minutes=read_length(minutes) if minutes else None,
        room_id=the_room_id(desk, room) if room else None,
        on_holiday=holidays,
    )
