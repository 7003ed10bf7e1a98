"""A series as it stands: its rule, and its visits on the days that the rule gave them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may
from ..errors import NotFound
from ..models import Appointment, Series, SeriesVisit, table
from ..times.walltime import local_day, say_day, say_time
from ..visits.appointments import BookedAppointment, booked_all, existing
from ..waitlist.freed import FreedTime

_SERIES, _VISITS, _APPOINTMENTS = table(Series), table(SeriesVisit), table(Appointment)


@dataclass(frozen=True, slots=True)
class SeriesVisitStands:
    """A visit of a series: the day that the rule gave it, and where it stands now."""

    day: date
    visit: BookedAppointment


@dataclass(frozen=True, slots=True)
class SeriesDetails:
    """A series: its rule and first day, and its visits in the order of the rule's days.

    ``minute`` is the wall clock's time for which it was booked.
    """

    series_id: int
    patient_id: int
    rule: str
    first_day: date
    minute: int
    visits: tuple[SeriesVisitStands, ...]

    @property
    def notices(self) -> int:
        """How many messages the operation queued that answered with it."""
        return sum(one.visit.notices for one in self.visits)

    @property
    def freed(self) -> tuple[FreedTime, ...]:
        """The times that it left free and that somebody waits for, the soonest first."""
        found = (one.visit.freed for one in self.visits if one.visit.freed is not None)
        return tuple(sorted(found, key=lambda one: one.starts_at))

    def read_back(self, zone: str) -> str:
        """One sentence to read to the caller: who, how often, from when until when, with whom."""
        first, last = self.visits[0].visit, self.visits[-1].visit
        days = [say_day(local_day(visit.starts_at, zone)) for visit in (first, last)]
        said = f"{len(self.visits)} visits from {days[0]} to {days[1]}"
        if len(self.visits) == 1:
            said = f"1 visit on {days[0]}"
        return f"{first.patient}, {said}, {say_time(first.starts_at, zone)}, {first.doctor}."


def series_details(session: Session, actor: Actor, appointment_id: int) -> SeriesDetails:
    """The series to which a visit belongs, with those of its visits that the actor may see.

    Refused: ``NotPermitted`` as for the visit itself; ``NotFound`` where it is in no series.
    """
    query = select(_APPOINTMENTS).where(_APPOINTMENTS.c.id == appointment_id)
    existing(actor, Permission.SEE_CONTACT, session.execute(query).one_or_none())
    return seen_by(actor, load_series(session, appointment_id))


def seen_by(actor: Actor, details: SeriesDetails) -> SeriesDetails:
    """The series with those of its visits that the actor may see."""
    seen = tuple(
        one
        for one in details.visits
        if may(
            actor,
            Permission.SEE_CONTACT,
            doctor_id=one.visit.doctor_id,
            patient_id=one.visit.patient_id,
        )
    )
    return replace(details, visits=seen)


def load_series(session: Session, appointment_id: int) -> SeriesDetails:
    """The series to which a visit belongs; ``NotFound`` where it is in none."""
    mine = select(_VISITS.c.series_id).where(_VISITS.c.appointment_id == appointment_id)
    rows = session.execute(
        select(_SERIES, _VISITS.c.appointment_id, _VISITS.c.day)
        .join(_VISITS, _VISITS.c.series_id == _SERIES.c.id)
        .where(_SERIES.c.id == mine.scalar_subquery())
        .order_by(_VISITS.c.day, _VISITS.c.appointment_id)
    ).all()
    if not rows:
        raise NotFound("That visit is in no series.")
    visits = booked_all(session, [row.appointment_id for row in rows])
    series = rows[0]
    return SeriesDetails(
        series.id,
        series.patient_id,
        series.rule,
        series.first_day,
        series.minute,
        tuple(SeriesVisitStands(row.day, visits[row.appointment_id]) for row in rows),
    )
