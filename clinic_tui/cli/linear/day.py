"""The day: who is here and who is expected, and a doctor's visits and free time in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...domain.access import Permission, Reach, Role, reach
from ...domain.overview.board import BoardVisit, Part, board_of_today
from ...domain.overview.calendar import calendar_day
from ...domain.overview.day_sheet import stretches
from ...domain.text import full_name
from ...domain.times.walltime import say_day, say_moment, say_time
from ...domain.visits.status_words import STATUS_WORDS
from ..bar_line import vocabulary
from ..who import today
from . import words
from .people import is_patient
from .places import place_said

if TYPE_CHECKING:
    from ...desk import Desk
    from ...domain.overview.calendar import DayColumn
    from ...domain.overview.calendar_visits import CalendarVisit
    from .talk import Talk

_MINUTE = timedelta(minutes=1)


def board(desk: Desk, talk: Talk, _: str) -> None:
    """Today's list: who has arrived, is in the room, is expected, has no outcome."""
    now = desk.now()
    found = desk.read_now(board_of_today, now)
    parts = found.parts(found.visits, now)
    counts = ", ".join(f"{len(visits)} {part}" for part, visits in parts.items())
    talk.say(f"{say_day(found.day)}: {counts}.")
    talk.tell(
        f"{part.capitalize()}: {_on_board(visit, part, desk.zone, now)}."
        for part, visits in parts.items()
        for visit in visits
        if part is not Part.DONE
    )


def agenda(desk: Desk, talk: Talk, text: str) -> None:
    """A day of one doctor, as in agenda lee fri; of all; a doctor's own where nobody is named."""
    line = [word for word in text.split() if word.lower() != "all"]
    everybody = line != text.split()
    said = place_said(desk, " ".join(line), vocabulary(desk))
    doctor_ids = tuple(one.id for one in said.doctors)
    own = desk.actor.doctor_id
    if not (doctor_ids or everybody) and own is not None and desk.actor.roles <= {Role.DOCTOR}:
        doctor_ids = (own,)
    day = said.day or today(desk)
    columns = desk.read_now(
        calendar_day,
        day,
        desk.now(),
        doctor_ids=doctor_ids,
        specialty_id=said.specialty.id if said.specialty else None,
    ).columns
    talk.say(f"{say_day(day)}.")
    talk.tell(line for column in columns for line in _column(column, desk.zone))
    if not columns:
        talk.say("Nobody works on that day.")


def greeting(desk: Desk) -> Iterator[str]:
    """Where one is, as whom, and when."""
    yield f"{desk.settings.name}, {say_moment(desk.now(), desk.zone)}."
    yield f"Signed in as {desk.actor.name}, {', '.join(sorted(desk.actor.roles))}."
    if is_patient(desk):
        yield "Type find for your visits, help for what else there is."
    elif reach(desk.actor, Permission.RUN_VISITS) is Reach.NONE:
        yield "Type help for what there is."
    else:
        yield "Type today for today's list, help for what else there is."


def _on_board(visit: BoardVisit, part: Part, zone: str, now: datetime) -> str:
    name = full_name(visit.given_name, visit.family_name)
    begins = say_moment if part is Part.UNRESOLVED else say_time
    parts = [name, begins(visit.starts_at, zone), visit.doctor, visit.visit_type, visit.room]
    if part is Part.ARRIVED and visit.arrived_at is not None:
        parts.append(f"waiting {(now - visit.arrived_at) // _MINUTE} minutes")
    if part is Part.EXPECTED and visit.starts_at < now:
        parts.append(f"{(now - visit.starts_at) // _MINUTE} minutes late")
    if visit.first_visit:
        parts.append("first visit")
    if visit.alert:
        parts.append(f"alert: {visit.alert}")
    parts.append(f"visit {visit.appointment_id}")
    return ", ".join(one for one in parts if one)


def _column(column: DayColumn, zone: str) -> Iterator[str]:
    """A doctor's name, then each stretch of the day."""
    yield ", ".join(filter(None, (column.doctor, column.specialty, column.closed_because))) + "."
    for starts_at, ends_at, visit in stretches(column):
        what = f"free for {words.length((ends_at - starts_at) // _MINUTE)}"
        if visit is not None:
            what = _visit(visit)
        yield f"{words.times(starts_at, ends_at, zone)}, {what}."


def _visit(visit: CalendarVisit) -> str:
    if visit.held_until is not None:
        return f"held by {visit.held_by}" if visit.held_by else "offered to somebody who waits"
    if visit.busy:
        return "busy"
    parts = [full_name(visit.given_name, visit.family_name), visit.visit_type, visit.room]
    parts += [STATUS_WORDS[visit.status], "overbooked" if visit.overbooked else ""]
    parts.append(f"visit {visit.appointment_id}")
    return ", ".join(one for one in parts if one)
