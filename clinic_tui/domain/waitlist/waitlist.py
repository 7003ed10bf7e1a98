"""The waitlist: who wants a visit, or an earlier one than they have."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may, owns
from ..audit import details_answered, record
from ..clinic.settings import load_settings
from ..clinic.terms import fit_of
from ..codes import Urgency, WaitlistStatus
from ..errors import AlreadyExists, BadInput, NotFound, NotPermitted, WrongStatus
from ..models import Appointment, Patient, Specialty, WaitlistDoctor, WaitlistEntry, table
from ..patients.reach import in_reach
from ..patients.record_lock import kept_record
from ..staff.who_does import doctors_for
from ..text import clean_text
from ..times.dates import check_day
from ..times.walltime import MINUTES_PER_DAY, local_day
from ..undo.row_changes import found_rows, left_rows, new_rows
from ..undo.ways_back import RowsBefore, WayBack
from ..visits.appointments import existing
from ..visits.requests import MOVABLE, new_key, wait_for_twin
from .waiting import leave_list, locked_entry, running_offer
from .wanting import Times, check_times, mask

_APPOINTMENTS, _PATIENTS = table(Appointment), table(Patient)
_WAITLIST, _NAMED, _SPECIALTIES = table(WaitlistEntry), table(WaitlistDoctor), table(Specialty)
_MOST_DOCTORS = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody waits for.

    A visit of that type with one of ``doctor_ids``, or of a specialty, or with anybody who does
    it, between two dates (None: from today on, without an end), on ``weekdays`` (0 = Monday;
    empty: all), between two wall minutes of the day. ``minutes`` None is the type's length.
    With ``appointment_id`` an earlier time for that visit, which keeps its patient, type and
    length: those may be left out then.
    """

    patient_id: int | None = None
    visit_type_id: int | None = None
    doctor_ids: tuple[int, ...] = ()
    specialty_id: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    weekdays: frozenset[int] = frozenset()
    from_minute: int = 0
    until_minute: int = MINUTES_PER_DAY
    minutes: int | None = None
    urgency: Urgency = Urgency.ROUTINE
    note: str = ""
    appointment_id: int | None = None
    key: str = field(default_factory=new_key)


def add_to_waitlist(session: Session, actor: Actor, wish: Wish, now: datetime) -> int:
    """Put somebody on the waitlist; returns the number of their place.

    A request with a key that was already answered gets that answer again. Refused:
    ``NotPermitted``; ``NotFound`` and ``BadInput`` for what is named wrongly or can never be;
    ``WrongStatus`` for an earlier time than that of a visit that has begun or is over;
    ``AlreadyExists`` where an earlier time is already waited for.
    """
    visit = None
    if wish.appointment_id is not None:
        query = select(_APPOINTMENTS).where(_APPOINTMENTS.c.id == wish.appointment_id)
        row = session.execute(query.with_for_update()).one_or_none()
        visit = existing(actor, Permission.WAIT, row)
    patient_id = wish.patient_id if visit is None else visit.patient_id
    _require(session, actor, patient_id, wish)
    wait_for_twin(session, wish.key)
    if noted := details_answered(session, actor, "add_to_waitlist", wish.key):
        answer: int = noted["entry"]
        return answer
    if visit is not None:
        _refuse_unless_ahead(visit, wish, now)
    elif patient_id is None or session.scalar(kept_record(patient_id)) is None:
        raise NotFound("There is no such patient.")
    columns = _columns(session, wish, visit, now)
    fresh = {"patient_id": patient_id, "appointment_id": wish.appointment_id, "created_at": now}
    entry_id = _insert(session, columns | fresh | {"status": WaitlistStatus.WAITING})
    _name(session, entry_id, wish.doctor_ids)
    record(
        session, actor, "add_to_waitlist", now, key=wish.key, patient_id=patient_id,
        way_back=WayBack(rows=(_left(session, entry_id, now),)), entry=entry_id,
    )  # fmt: skip
    return entry_id


def change_waitlist_entry(
    session: Session, actor: Actor, entry_id: int, wish: Wish, now: datetime
) -> None:
    """Replace what somebody waits for; whose place it is, since when, and for which visit stays.

    Refused: as adding is; ``WrongStatus`` once it is left, or while an opening is being offered.
    """
    row = locked_entry(session, actor, entry_id)
    _refuse_left(row)
    if running_offer(session, entry_id, now) is not None:
        raise WrongStatus("An opening is being offered: let that be answered first.")
    kept = ((wish.patient_id, row.patient_id), (wish.appointment_id, row.appointment_id))
    if any(said not in (None, stands) for said, stands in kept):
        raise BadInput("Patient", "A place on the waitlist keeps its patient and its visit.")
    _require_urgency(actor, wish)
    visit = None
    if row.appointment_id is not None:
        query = select(_APPOINTMENTS).where(_APPOINTMENTS.c.id == row.appointment_id)
        visit = session.execute(query).one()
    columns = _columns(session, wish, visit, now)
    found = (
        found_rows(session, _WAITLIST, id=entry_id),
        found_rows(session, _NAMED, entry_id=entry_id),
    )
    session.execute(update(_WAITLIST).where(_WAITLIST.c.id == entry_id).values(columns))
    session.execute(delete(_NAMED).where(_NAMED.c.entry_id == entry_id))
    _name(session, entry_id, wish.doctor_ids)
    left = (
        left_rows(session, owned, one)
        for owned, one in zip((_WAITLIST, _NAMED), found, strict=True)
    )
    record(
        session, actor, "change_waitlist_entry", now, patient_id=row.patient_id,
        way_back=WayBack(rows=tuple(left)), entry=entry_id,
    )  # fmt: skip


def withdraw_from_waitlist(session: Session, actor: Actor, entry_id: int, now: datetime) -> None:
    """Take somebody off the waitlist; what is being offered to them is free at once.

    Refused with ``WrongStatus`` when the place was left before.
    """
    row = locked_entry(session, actor, entry_id)
    _refuse_left(row)
    back = leave_list(session, [entry_id], WaitlistStatus.WITHDRAWN, now)
    record(
        session, actor, "withdraw_from_waitlist", now, patient_id=row.patient_id,
        way_back=WayBack(rows=back), entry=entry_id,
    )  # fmt: skip


def _require(session: Session, actor: Actor, patient_id: int | None, wish: Wish) -> None:
    """A doctor's own are patients of theirs, and whoever waits for them by name."""
    names_me = any(
        owns(actor, Permission.WAIT, doctor_id=doctor_id, patient_id=patient_id)
        for doctor_id in (None, *wish.doctor_ids)
    )
    if not names_me and not may(actor, Permission.WAIT):
        theirs = in_reach(actor, Permission.WAIT, _PATIENTS.c.id)
        query = select(_PATIENTS.c.id).where(_PATIENTS.c.id == (patient_id or 0), theirs)
        if session.scalar(query) is None:
            raise NotPermitted(f"You may not {Permission.WAIT.value}.")
    _require_urgency(actor, wish)


def _require_urgency(actor: Actor, wish: Wish) -> None:
    speaks = may(actor, Permission.OFFER, doctor_id=actor.doctor_id)
    if wish.urgency is not Urgency.ROUTINE and not speaks:
        raise NotPermitted("How urgent it is is for the clinic to say.")


def _refuse_left(row: Row[Any]) -> None:
    if row.status not in (WaitlistStatus.WAITING, WaitlistStatus.OFFERED):
        raise WrongStatus("That place on the waitlist was left already.")


def _refuse_unless_ahead(visit: Row[Any], wish: Wish, now: datetime) -> None:
    if visit.status not in MOVABLE or visit.starts_at <= now:
        raise WrongStatus("Only a visit that is ahead can be had earlier.")
    if wish.patient_id not in (None, visit.patient_id):
        raise BadInput("Patient", "That visit is somebody else's.")


def _columns(session: Session, wish: Wish, visit: Row[Any] | None, now: datetime) -> dict[str, Any]:
    """The columns that say what is waited for, checked."""
    if visit is None:
        visit_type_id, length = _type(session, wish)
    else:
        visit_type_id = visit.visit_type_id
        length = (visit.ends_at - visit.starts_at) // timedelta(minutes=1)
        if wish.visit_type_id not in (None, visit_type_id) or wish.minutes not in (None, length):
            raise BadInput("Visit type", "An earlier visit keeps its type and its length.")
    today = local_day(now, load_settings(session).zone)
    for day, called in ((wish.first_day, "First day"), (wish.last_day, "Last day")):
        if day is not None:
            check_day(day, called)
    times = Times(
        wish.first_day or today,
        wish.last_day,
        mask(wish.weekdays),
        wish.from_minute,
        wish.until_minute,
    )
    if times.last_day is not None and times.last_day < today:
        raise BadInput("Last day", "The last day has passed.")
    check_times(times, length)
    _check_doctors(session, wish, visit_type_id)
    return {
        "visit_type_id": visit_type_id,
        "specialty_id": wish.specialty_id,
        "minutes": wish.minutes if visit is None else None,
        "first_day": times.first_day,
        "last_day": times.last_day,
        "weekdays": times.weekdays,
        "from_minute": times.from_minute,
        "until_minute": times.until_minute,
        "urgency": wish.urgency,
        "note": clean_text(wish.note, "Note"),
    }


def _type(session: Session, wish: Wish) -> tuple[int, int]:
    """The visit type and how long the visit is to be."""
    if wish.visit_type_id is None:
        raise BadInput("Visit type", "Somebody waits for a visit of some type: say which.")
    return wish.visit_type_id, fit_of(session, wish.visit_type_id, wish.minutes).minutes


def _check_doctors(session: Session, wish: Wish, visit_type_id: int) -> None:
    doctors = set(wish.doctor_ids)
    if doctors and wish.specialty_id is not None:
        raise BadInput("Doctor", "Either doctors by name are waited for or a specialty, not both.")
    if len(doctors) > _MOST_DOCTORS:
        raise BadInput("Doctor", f"At most {_MOST_DOCTORS} doctors can be named.")
    if wish.specialty_id is not None:
        query = select(_SPECIALTIES.c.id).where(_SPECIALTIES.c.id == wish.specialty_id)
        if session.scalar(query) is None:
            raise NotFound("There is no such specialty.")
    known = doctors_for(session, visit_type_id, wish.specialty_id, tuple(doctors))
    if not known or doctors - known.keys():
        whose = "No such doctor does" if doctors else "Nobody there does"
        raise NotFound(f"{whose} this visit type.")


def _insert(session: Session, values: dict[str, Any]) -> int:
    try:
        with session.begin_nested():
            entry_id: int = session.execute(
                insert(_WAITLIST).values(values).returning(_WAITLIST.c.id)
            ).scalar_one()
    except IntegrityError as error:
        if values["appointment_id"] is None:
            raise
        raise AlreadyExists("An earlier time for that visit is waited for already.") from error
    return entry_id


def _left(session: Session, entry_id: int, now: datetime) -> RowsBefore:
    """The way back from a new place: it is left. What was offered meanwhile refers to it."""
    made = new_rows(session, _WAITLIST, id=entry_id)
    gone = {"status": WaitlistStatus.WITHDRAWN.value, "closed_at": now.astimezone(UTC).isoformat()}
    return replace(made, before=tuple({**row, **gone} for row in made.after))


def _name(session: Session, entry_id: int, doctor_ids: tuple[int, ...]) -> None:
    if doctor_ids:
        rows = [{"entry_id": entry_id, "doctor_id": one} for one in sorted(set(doctor_ids))]
        session.execute(insert(_NAMED), rows)
