"""Which visits stand in the way of another, in words; the refusal that says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Reach, may, reach
from ..clinic.settings import ClinicSettings
from ..codes import Status
from ..errors import CannotBook, Obstacle, ObstacleKind, SlotTaken
from ..models import Account, Appointment, Doctor, Patient, Room, table
from ..text import full_name
from ..times.walltime import say_span
from .conflicts import Place, alternatives
from .guards import MAX_BLOCK_MINUTES
from .occupied import occupies

_ACCOUNTS, _APPOINTMENTS, _DOCTORS = table(Account), table(Appointment), table(Doctor)
_PATIENTS, _ROOMS = table(Patient), table(Room)
_LONGEST_BLOCK = timedelta(minutes=MAX_BLOCK_MINUTES)
_NAMED: Select[Any] = (
    select(
        _APPOINTMENTS.c.id,
        _APPOINTMENTS.c.doctor_id,
        _APPOINTMENTS.c.patient_id,
        _APPOINTMENTS.c.starts_at,
        _APPOINTMENTS.c.ends_at,
        _APPOINTMENTS.c.blocked_from,
        _APPOINTMENTS.c.blocked_until,
        _APPOINTMENTS.c.overbooked,
        _APPOINTMENTS.c.status,
        _PATIENTS.c.given_name,
        _PATIENTS.c.family_name,
        _DOCTORS.c.shown_name,
        _ROOMS.c.name.label("room"),
        _ACCOUNTS.c.username.label("holder"),
    )
    .join(_DOCTORS, _DOCTORS.c.id == _APPOINTMENTS.c.doctor_id)
    .outerjoin(_PATIENTS, _PATIENTS.c.id == _APPOINTMENTS.c.patient_id)
    .outerjoin(_ROOMS, _ROOMS.c.id == _APPOINTMENTS.c.room_id)
    .outerjoin(
        _ACCOUNTS,
        and_(_APPOINTMENTS.c.status == Status.HELD, _ACCOUNTS.c.id == _APPOINTMENTS.c.held_by),
    )
)


def obstacles(
    session: Session, place: Place, zone: str, giving_way: Collection[int] = ()
) -> tuple[Obstacle, ...]:
    """The visits that stand in the way: of the doctor (buffers included), the patient, the room.

    Those ``giving_way`` go elsewhere together with it and are none.
    """
    query = _in_the_way(place)
    if giving_way:
        query = query.where(_APPOINTMENTS.c.id.not_in(giving_way))
    return tuple(obstacle_of(row, place, zone) for row in session.execute(query))


def obstacle_of(visit: Row[Any], place: Place, zone: str) -> Obstacle:
    """In which way a visit, as ``named_visits`` reads it, stands in the way of a place."""
    kind, text = _in_words(visit, place)
    span = _span(visit, place, zone)
    return Obstacle(kind, visit.starts_at, visit.ends_at, f"{text} {span}")


def _span(visit: Row[Any], place: Place, zone: str) -> str:
    """From when to when; with what is kept free around it where only that is in the way."""
    plain = say_span(visit.starts_at, visit.ends_at, zone)
    if visit.starts_at < place.ends_at and place.starts_at < visit.ends_at:
        return plain
    if visit.blocked_from < place.ends_at and place.starts_at < visit.blocked_until:
        return f"{say_span(visit.blocked_from, visit.blocked_until, zone)} with buffers"
    return f"{plain}, too near with buffers"


def named_visits(session: Session, appointment_ids: Iterable[int]) -> dict[int, Row[Any]]:
    """By number, the visits with the names that an obstacle is told with."""
    ids = sorted(set(appointment_ids))
    if not ids:
        return {}
    rows = session.execute(_NAMED.where(_APPOINTMENTS.c.id.in_(ids)))
    return {row.id: row for row in rows.all()}


def taken(
    session: Session,
    settings: ClinicSettings,
    place: Place,
    doctor: str,
    giving_way: Collection[int] = (),
) -> CannotBook:
    """The refusal for a place that is taken: what stands there, and where the visit could stand.

    Asked for when the locks of whoever is refused are let go of, because it takes a while.
    """
    in_the_way = obstacles(session, place, settings.zone, giving_way)
    return _taken(session, settings, place, doctor, in_the_way)


def refuse_taken(
    session: Session,
    settings: ClinicSettings,
    place: Place,
    doctor: str,
    giving_way: Collection[int] = (),
) -> None:
    """The friendly look before anything is locked: most refusals then keep nobody waiting.

    Refused with ``SlotTaken`` as a guard would, which has the last word all the same.
    """
    in_the_way = obstacles(session, place, settings.zone, giving_way)
    if in_the_way:
        raise _taken(session, settings, place, doctor, in_the_way)


def _taken(
    session: Session,
    settings: ClinicSettings,
    place: Place,
    doctor: str,
    in_the_way: tuple[Obstacle, ...],
) -> CannotBook:
    sentence = f"{in_the_way[0].text}." if in_the_way else "That time was taken just now."
    return SlotTaken(sentence, in_the_way, alternatives(session, settings, place, doctor))


def _may_see(actor: Actor, visit: Row[Any]) -> bool:
    """Whether a visit is more than busy time to somebody."""
    return may(
        actor, Permission.SEE_CONTACT, doctor_id=visit.doctor_id, patient_id=visit.patient_id
    )


def _in_words(row: Row[Any], place: Place) -> tuple[ObstacleKind, str]:
    """Who is taken by what stands there; only staff hear who holds an opening."""
    is_staff = reach(place.asked_by, Permission.SEE_CALENDAR) is Reach.ANY
    held = ""
    if row.status is Status.HELD and is_staff:
        held = f"held by {row.holder or 'the waitlist'}"
    doctor = row.shown_name
    if _takes_the_doctor(row, place):
        return ObstacleKind.DOCTOR, f"{doctor} is {held or 'taken'}"
    if row.patient_id == place.patient_id:
        patient = full_name(row.given_name or "", row.family_name or "")
        visit = f"a visit with {doctor}" if _may_see(place.asked_by, row) else "another visit"
        return ObstacleKind.PATIENT, f"{patient} has {visit}{held and f', {held},'}"
    return ObstacleKind.ROOM, f"{row.room} is {held or 'taken'}"


def _takes_the_doctor(row: Row[Any], place: Place) -> bool:
    return (
        row.doctor_id == place.doctor_id
        and not (row.overbooked or place.overbooked)
        and row.blocked_from < place.blocked_until
        and place.blocked_from < row.blocked_until
    )


def _in_the_way(place: Place) -> Select[Any]:
    columns = _APPOINTMENTS.c
    visits_meet = and_(columns.starts_at < place.ends_at, columns.ends_at > place.starts_at)
    mine = and_(
        columns.doctor_id == place.doctor_id,
        columns.blocked_from < place.blocked_until,
        columns.blocked_until > place.blocked_from,
        ~columns.overbooked,
    )
    same = [and_(columns.patient_id == place.patient_id, visits_meet)]
    if not place.overbooked:
        same.append(mine)
    if place.room_id is not None:
        same.append(and_(columns.room_id == place.room_id, visits_meet))
    return _NAMED.where(
        # Bounded on both sides, so that it costs the same in a full book as in an empty one.
        columns.starts_at > place.blocked_from - _LONGEST_BLOCK,
        columns.starts_at < place.blocked_until + _LONGEST_BLOCK,
        occupies(place.asked_at),
        columns.id != (place.appointment_id or 0),
        or_(*same),
    ).order_by(columns.starts_at)
