"""``clinic absence``: what becomes of the visits in the way of an absence, planned and accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..domain.codes import Fate, Prefer
from ..domain.errors import BadInput
from .absence_json import plan_json, read_plan
from .ask import agreed, somebody_there
from .desks import signed_in
from .output import echo, echo_json, say_opening
from .verbs import PLAIN, Json, example
from .visit_shown import read_number
from .who import the_day, the_doctor, the_moment, the_room_id

if TYPE_CHECKING:
    from datetime import datetime

    from ..desk import Desk
    from ..domain.absence.absence import AcceptedPlan
    from ..domain.absence.causes import Cause
    from ..domain.absence.lines import AbsencePlan, Decision, PlanLine

verbs = typer.Typer(
    help="Plan what becomes of the visits in the way of an absence.",
    epilog=example("absence plan lee --today"),
    **PLAIN,
)

_Doctor = Annotated[
    str, typer.Argument(metavar="[DOCTOR]", help="Who is away, or whose hours change.")
]
_Today = Annotated[bool, typer.Option("--today", help="From now on for the rest of the day.")]
_From = Annotated[
    str, typer.Option("--from", metavar="WHEN", help="Away from this day, or day and time, on.")
]
_Until = Annotated[
    str,
    typer.Option(metavar="WHEN", help="Away, closed or out of use to the end of this day."),
]
_Reason = Annotated[
    str, typer.Option(metavar="TEXT", help="Why the doctor is away, or the clinic is closed.")
]
_Hours = Annotated[
    str, typer.Option(metavar="WEEK", help="The doctor's new hours, as “mon-fri 9:00-12:00”.")
]
_Room = Annotated[str, typer.Option(metavar="NAME", help="A room out of use from now on.")]
_Closed = Annotated[str, typer.Option(metavar="DAY", help="The clinic is closed from this day.")]
_Prefer = Annotated[Prefer, typer.Option(help="To whom a visit is proposed first.")]
_Days = Annotated[
    int, typer.Option(metavar="COUNT", help="How many days on to look.", min=0, max=90)
]
_Call = Annotated[
    list[int], typer.Option(metavar="VISIT", help="Left to call about.", parser=read_number)
]
_Cancel = Annotated[list[int], typer.Option(metavar="VISIT", help="Cancelled.", parser=read_number)]
_Keep = Annotated[list[int], typer.Option(metavar="VISIT", help="Kept.", parser=read_number)]
_Tell = Annotated[
    list[int],
    typer.Option(metavar="VISIT", help="Its patient is written to.", parser=read_number),
]


@verbs.command(
    "plan", epilog=example("absence plan lee --from tomorrow --until fri --prefer colleague")
)
def plan(
    context: typer.Context,
    doctor: _Doctor = "",
    today: _Today = False,
    since: _From = "",
    until: _Until = "",
    reason: _Reason = "",
    hours: _Hours = "",
    room: _Room = "",
    closed: _Closed = "",
    prefer: _Prefer = Prefer.SAME_DOCTOR,
    days: _Days = 14,
    as_json: Json = False,
) -> None:
    """Show a proposal for every visit in the way; nothing is written."""
    from ..domain.absence.absence import plan_absence  # noqa: PLC0415
    from ..domain.absence.lines import PlanWish  # noqa: PLC0415

    with signed_in(context) as desk:
        cause = _cause(desk, doctor, (since, until), reason, hours, room, closed, today=today)
        found = desk.read_now(plan_absence, cause, desk.now(), PlanWish(prefer, days))
        if as_json:
            echo_json(plan_json(found, desk.zone))
            return
        for line in found.lines:
            echo(_say(line, desk.zone))
        if not found.lines:
            echo("No visit is in the way.")


@verbs.command(
    "accept", epilog=example("absence accept lee --today --reason ill --call 12 --cancel 15")
)
def accept(
    context: typer.Context,
    doctor: _Doctor = "",
    today: _Today = False,
    since: _From = "",
    until: _Until = "",
    reason: _Reason = "",
    hours: _Hours = "",
    room: _Room = "",
    closed: _Closed = "",
    prefer: _Prefer = Prefer.SAME_DOCTOR,
    days: _Days = 14,
    plan_file: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", help="What “plan --json” wrote, as you want it."),
    ] = None,
    call: _Call = [],  # noqa: B006 - Typer takes its default from here and never changes it
    cancel: _Cancel = [],  # noqa: B006
    keep: _Keep = [],  # noqa: B006
    tell: _Tell = [],  # noqa: B006
    yes: Annotated[bool, typer.Option("--yes", help="Without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Bring the absence about and move, cancel or keep every visit, all or none.

    VISIT is a visit's number; visits not named go where the plan says. A plan in a file is
    accepted as it was made; without one it is made now, shown, and accepted if that is wanted.
    """
    from ..domain.absence.absence import Acceptance, PlanChanged, accept_plan, plan_absence  # noqa: PLC0415
    from ..domain.absence.lines import PlanWish  # noqa: PLC0415

    with signed_in(context) as desk:
        wish = PlanWish(prefer, days)
        by_hand = {Fate.CALL: call, Fate.CANCEL: cancel, Fate.KEEP: keep}
        if plan_file is not None:
            cause, decided = read_plan(plan_file)
            decided = _instead(decided, by_hand, tell)
        else:
            cause = _cause(desk, doctor, (since, until), reason, hours, room, closed, today=today)
            found = desk.read_now(plan_absence, cause, desk.now(), wish)
            cause, decided = found.cause, _instead(found.decisions(), by_hand, tell)
            if not yes:
                _ask(found, decided, desk.zone)
        acceptance = Acceptance(cause, decided, wish)
        try:
            done = desk.run_now(accept_plan, acceptance, desk.now())
        except PlanChanged as refusal:
            if as_json:
                echo_json({"refused": str(refusal), "plan": plan_json(refusal.plan, desk.zone)})
            _show(str(refusal), (_say(line, desk.zone) for line in refusal.plan.lines))
            raise typer.Exit(1) from refusal
        _tell(done, as_json=as_json)


def _cause(
    desk: Desk,
    doctor: str,
    span: tuple[str, str],
    reason: str,
    hours: str,
    room: str,
    closed: str,
    *,
    today: bool,
) -> Cause:
    """The one cause that was named; refused are none and several at once."""
    from ..domain.absence.causes import ClinicClosed, DoctorAway, HoursChanged, RoomOut  # noqa: PLC0415
    from ..domain.times.walltime import day_bounds, local_day  # noqa: PLC0415

    if sum(map(bool, (doctor, room, closed))) != 1:
        raise BadInput("Absence", "Name a doctor, a room with --room, or a day with --closed.")
    since, until = span
    if room:
        return RoomOut(the_room_id(desk, room), moment(desk, until, end=True) if until else None)
    if closed:
        first = the_day(desk, closed)
        return ClinicClosed(first, the_day(desk, until) if until else first, reason or "Closed")
    if hours:
        from ..domain.hours.text import WeekOfHours, parse_week  # noqa: PLC0415

        return HoursChanged(the_doctor(desk, doctor), WeekOfHours(parse_week(hours)).hours())
    if today == bool(since):
        raise BadInput("From", "Say when the doctor is away: --today, or --from and --until.")
    starts_at = desk.now() if today else moment(desk, since, end=False)
    end_of_day = day_bounds(local_day(starts_at, desk.zone), desk.zone)[1]
    ends_at = moment(desk, until, end=True) if until else end_of_day
    return DoctorAway(the_doctor(desk, doctor), starts_at, ends_at, reason)


def moment(desk: Desk, text: str, *, end: bool) -> datetime:
    """A day and time; of a day alone its beginning, or its end."""
    from ..domain.times.walltime import day_bounds  # noqa: PLC0415

    if ":" in text or text.casefold().endswith(("am", "pm")):
        return the_moment(desk, text)
    return day_bounds(the_day(desk, text), desk.zone)[end]


def _instead(
    decided: Iterable[Decision], fates: dict[Fate, list[int]], tell: list[int]
) -> tuple[Decision, ...]:
    """The decisions with those made by hand; refused for a visit that is not in the way."""
    by_hand = {number: fate for fate, numbers in fates.items() for number in numbers}
    found = {one.appointment_id: one for one in decided}
    for number in (*by_hand, *tell):
        if number not in found:
            raise BadInput("Visit", f"Visit {number} is not in the way.")
    for number, fate in by_hand.items():
        found[number] = replace(
            found[number], fate=fate, doctor_id=None, starts_at=None, room_id=None
        )
    for number in tell:
        found[number] = replace(found[number], tell=True)
    return tuple(found.values())


def _ask(found: AbsencePlan, decided: Iterable[Decision], zone: str) -> None:
    """Show the plan as it is to be, and go on only if that is wanted."""
    fates = {one.appointment_id: one for one in decided}
    lines = []
    for line in found.lines:
        one = fates[line.appointment_id]
        same = one.fate is line.fate
        shown = line if same else replace(line, fate=one.fate, to=None, why="")
        lines.append(_say(replace(shown, tell=one.tell), zone))
    if not somebody_there():
        _show("Nobody is there to ask: --yes accepts this plan.", lines)
        raise typer.Exit(1)
    for said in lines:
        echo(said, err=True)
    if not agreed("Accept this plan?"):
        raise typer.Abort


def _show(sentence: str, lines: Iterable[str]) -> None:
    """Why not, and the plan: its visits have numbers of their own to be named by."""
    echo(sentence, err=True)
    for line in lines:
        echo(f"  {line}", err=True)


def _say(line: PlanLine, zone: str) -> str:
    """ "12  Mon 23 Nov 2026 10:00–10:20  Maria Garcia, Follow-up, Dr Lee: call (no opening …)"."""
    from ..domain.times.walltime import say_span  # noqa: PLC0415

    when = say_span(line.starts_at, line.ends_at, zone)
    fate = f"move to {say_opening(line.to, zone)}" if line.to else line.fate.value
    if line.here:
        fate = "here, decide" if line.fate is Fate.CALL else f"here, {fate}"
    why = f" ({line.why})" if line.why else ""
    told = ", and write" if line.tell else ""
    return (
        f"{line.appointment_id}  {when}  {line.patient}, {line.visit_type}, {line.doctor}:"
        f" {fate}{told}{why}"
    )


def _tell(done: AcceptedPlan, *, as_json: bool) -> None:
    if as_json:
        said: dict[str, Any] = {name: getattr(done, name) for name in done.__dataclass_fields__}
        echo_json(said)
        return
    echo(f"{done.moved} moved, {done.cancelled} cancelled, {done.kept} kept as they are.")
    if done.to_call:
        echo(f"To call about: visit {', '.join(map(str, done.to_call))}.")
    echo(f"{done.notices} messages queued.")
