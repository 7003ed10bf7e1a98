"""Patients: registered, changed, read in full. Who may see what of whom is narrowed here."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    delete,
    exists,
    false,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from .access import REACHES, Actor, Permission, Reach, Role, reach, require, require_some
from .audit import record
from .codes import Channel, Sex, Status
from .contact import clean_email, clean_language, clean_phone, reversed_digits
from .dates import check_birth_date
from .errors import AlreadyExists, BadInput, ChangedMeanwhile, NotFound, NotPermitted
from .models import Appointment, Doctor, Patient, PatientPhone, PatientWord, VisitType, table
from .record_lock import merged_away
from .row_changes import found_rows, left_rows, new_rows
from .settings import load_settings
from .text import clean_identifier, clean_text, doctor_name, full_name, search_key
from .walltime import local_day
from .ways_back import WayBack

_PATIENTS, _WORDS, _PHONES = table(Patient), table(PatientWord), table(PatientPhone)
_APPOINTMENTS, _DOCTORS, _TYPES = table(Appointment), table(Doctor), table(VisitType)
MAX_PHONES = 5
_HISTORY = 100


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """What is known of a patient, as typed or as stored: the same shape both ways.

    ``phones`` in any form that the clinic's region dials; stored in E.164, the first is the one
    that gets messages. ``record_number`` empty lets the clinic number the patient. ``alert`` is
    what the desk must see before it books, and only staff who may see it change it.
    """

    family_name: str
    given_name: str
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    phones: tuple[str, ...] = ()
    email: str = ""
    address: str = ""
    language: str = ""
    prefers: Channel | None = None
    email_consent: bool = False
    sms_consent: bool = False
    alert: str = ""
    record_number: str = ""
    outside_id: str | None = None


@dataclass(frozen=True, slots=True)
class PastVisit:
    """One line of a patient's history. Times are aware UTC."""

    appointment_id: int
    starts_at: datetime
    ends_at: datetime
    doctor: str
    visit_type: str
    status: Status


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """A patient in full; ``alert`` in the details is empty for whoever may not see it.

    ``history`` is newest first and holds at most 100 visits, the coming ones included.
    """

    patient_id: int
    details: PatientDetails
    history: tuple[PastVisit, ...]
    next_visit: PastVisit | None
    no_shows: int

    @property
    def name(self) -> str:
        """As spoken: "Maria Garcia"."""
        return full_name(self.details.given_name, self.details.family_name)


def register_patient(session: Session, actor: Actor, details: PatientDetails, now: datetime) -> int:
    """Add a patient; returns the id. Refused with ``BadInput`` naming the field, or
    ``AlreadyExists`` for a record number or an outside id that is taken.
    """
    require(actor, Permission.REGISTER_PATIENT)
    return insert_patient(session, actor, details, now, alone=True)


def insert_patient(
    session: Session, actor: Actor, details: PatientDetails, now: datetime, *, alone: bool = False
) -> int:
    """The shared step of registering and of booking somebody new: clean, insert, audit.

    ``alone`` makes it a step to undo; who was registered with a booking stays when that is undone.
    """
    clean = clean_details(session, details, now)
    if clean.record_number:
        _refuse_taken(session, clean.record_number, 0)
    if clean.outside_id is not None and session.scalar(
        select(_PATIENTS.c.id).where(_PATIENTS.c.outside_id == clean.outside_id)
    ):
        raise AlreadyExists("That patient is on record already.")
    patient_id: int = session.execute(
        insert(_PATIENTS)
        .values(
            **patient_columns(clean),
            # The number comes from the id, which exists only once the row does.
            record_number=clean.record_number or f"new-{uuid.uuid4().hex}",
            alert=clean.alert,
            email_consent_at=now if clean.email_consent else None,
            sms_consent_at=now if clean.sms_consent else None,
            outside_id=clean.outside_id,
            created_at=now,
        )
        .returning(_PATIENTS.c.id)
    ).scalar_one()
    if not clean.record_number:
        _number(session, patient_id)
    _write_words(session, patient_id, clean)
    _insert_phones(session, patient_id, clean.phones)
    way_back = None
    if alone:
        way_back = WayBack(
            rows=(
                new_rows(session, _PATIENTS, id=patient_id),
                *(new_rows(session, owned, patient_id=patient_id) for owned in (_WORDS, _PHONES)),
            )
        )
    record(session, actor, "register_patient", now, patient_id=patient_id, way_back=way_back)
    return patient_id


def change_patient(
    session: Session,
    actor: Actor,
    patient_id: int,
    details: PatientDetails,
    now: datetime,
    seen: PatientDetails | None = None,
) -> None:
    """Replace what is known of a patient. ``seen`` is what the editor had been shown.

    Refused: ``BadInput`` naming the field; ``AlreadyExists`` for a record number that is taken;
    ``NotPermitted`` for a new one from whoever registers nobody, and for an alert from whoever
    may not see it; ``ChangedMeanwhile`` when it is not what was ``seen`` any more.
    """
    row = _stored(session, actor, Permission.EDIT_CONTACT, patient_id, to_change=True)
    stored = _details(session, row)
    may_alert = _reaches(session, actor, Permission.SEE_ALERTS, patient_id)
    if seen is not None and seen != (stored if may_alert else replace(stored, alert="")):
        raise ChangedMeanwhile("Somebody else has just changed this patient: please look again.")
    clean = clean_details(session, details, now)
    number = clean.record_number or stored.record_number
    if number != stored.record_number:
        require(actor, Permission.REGISTER_PATIENT)
        _refuse_taken(session, number, patient_id)
    values = patient_columns(clean) | {"record_number": number}
    if may_alert:
        values["alert"] = clean.alert
    elif clean.alert:
        raise NotPermitted("You may not change a patient's alert.")
    for name, before, after in (
        ("email_consent_at", stored.email_consent, clean.email_consent),
        ("sms_consent_at", stored.sms_consent, clean.sms_consent),
    ):
        if before != after:
            values[name] = now if after else None
    found = {
        _PATIENTS: found_rows(session, _PATIENTS, id=patient_id),
        **{owned: found_rows(session, owned, patient_id=patient_id) for owned in (_WORDS, _PHONES)},
    }
    session.execute(update(_PATIENTS).where(_PATIENTS.c.id == patient_id).values(values))
    session.execute(delete(_WORDS).where(_WORDS.c.patient_id == patient_id))
    _write_words(session, patient_id, clean)
    write_phones(session, patient_id, clean.phones)
    way_back = WayBack(rows=tuple(left_rows(session, *one) for one in found.items()))
    record(session, actor, "change_patient", now, patient_id=patient_id, way_back=way_back)


def patient_record(session: Session, actor: Actor, patient_id: int, now: datetime) -> PatientRecord:
    """A patient in full, with visits past and coming.

    Refused with ``NotPermitted`` to whom it is not theirs (a doctor needs a visit with them), in
    the same words whether the patient exists or not.
    """
    details = _details(session, _stored(session, actor, Permission.SEE_CONTACT, patient_id))
    if not _reaches(session, actor, Permission.SEE_ALERTS, patient_id):
        details = replace(details, alert="")
    history = _history(session, patient_id)
    coming = [
        visit
        for visit in history
        if visit.starts_at > now and visit.status in (Status.BOOKED, Status.PENDING)
    ]
    return PatientRecord(
        patient_id,
        details,
        history,
        min(coming, key=lambda visit: visit.starts_at, default=None),
        sum(visit.status is Status.NOSHOW for visit in history),
    )


def clean_details(session: Session, details: PatientDetails, now: datetime) -> PatientDetails:
    """The details in the one spelling that is stored; ``BadInput`` naming the first wrong field.

    A name may be a single one: of family and given name, one is needed.
    """
    settings = load_settings(session)
    return tidy_details(details, settings.region, local_day(now, settings.zone))


def tidy_details(details: PatientDetails, region: str, today: date) -> PatientDetails:
    """``clean_details`` for whoever knows the region and the date already."""
    family = clean_text(details.family_name, "Family name", max_length=80)
    given = clean_text(details.given_name, "Given name", max_length=80)
    if not search_key(f"{family} {given}"):
        raise BadInput("Family name", "A patient needs a name.")
    if details.birth_date is not None:
        check_birth_date(details.birth_date, today)
    numbers = dict.fromkeys(clean_phone(phone, region) for phone in details.phones if phone)
    if len(numbers) > MAX_PHONES:
        raise BadInput("Phone", f"At most {MAX_PHONES} phone numbers are kept.")
    return replace(
        details,
        family_name=family,
        given_name=given,
        phones=tuple(numbers),
        email=clean_email(details.email),
        address=clean_text(details.address, "Address"),
        language=clean_language(details.language),
        alert=clean_text(details.alert, "Alert"),
        record_number=clean_text(details.record_number, "Record number", max_length=40),
        outside_id=clean_identifier(details.outside_id),
    )


def words_of(details: PatientDetails) -> tuple[str, list[str]]:
    """The comparable whole name, family name first, and its words, each once."""
    name_key = search_key(f"{details.family_name} {details.given_name}")
    return name_key, list(dict.fromkeys(name_key.split()))


def restrict_to_reach(
    actor: Actor, permission: Permission, patient_id: ColumnElement[int]
) -> ColumnElement[bool] | None:
    """The condition that narrows a query to the patients within reach; None where all are.

    A doctor's patients are those who have, or had, a visit with them.
    """
    if require_some(actor, permission) is Reach.ANY:
        return None
    return in_reach(actor, permission, patient_id)


def in_reach(
    actor: Actor, permission: Permission, patient_id: ColumnElement[int]
) -> ColumnElement[bool]:
    """Whether the permission reaches a patient, as a condition; false where it reaches nobody."""
    if reach(actor, permission) is Reach.ANY:
        return true()
    within: list[ColumnElement[bool]] = []
    if _reaches_own(actor, permission, Role.DOCTOR) and actor.doctor_id is not None:
        within.append(
            exists().where(
                _APPOINTMENTS.c.patient_id == patient_id,
                _APPOINTMENTS.c.doctor_id == actor.doctor_id,
                _APPOINTMENTS.c.status != Status.ENTERED_IN_ERROR,
            )
        )
    if _reaches_own(actor, permission, Role.PATIENT) and actor.patient_id is not None:
        within.append(patient_id == actor.patient_id)
    return or_(false(), *within)


def _reaches_own(actor: Actor, permission: Permission, role: Role) -> bool:
    return role in actor.roles and REACHES[permission][role] is not Reach.NONE


def _reaches(session: Session, actor: Actor, permission: Permission, patient_id: int) -> bool:
    far = reach(actor, permission)
    if far is not Reach.OWN:
        return far is Reach.ANY
    within = in_reach(actor, permission, _PATIENTS.c.id)
    query = select(_PATIENTS.c.id).where(_PATIENTS.c.id == patient_id, within)
    return session.scalar(query) is not None


def _stored(
    session: Session,
    actor: Actor,
    permission: Permission,
    patient_id: int,
    *,
    to_change: bool = False,
) -> Row[Any]:
    """The patient's row, permitted before it is read; kept from other editors ``to_change``."""
    require_some(actor, permission)
    if not _reaches(session, actor, permission, patient_id):
        raise NotPermitted(f"You may not {permission.value}.")
    query = select(_PATIENTS).where(_PATIENTS.c.id == patient_id)
    if to_change:
        query = query.with_for_update(key_share=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such patient.")
    if row.merged_into is not None:
        raise merged_away()
    return row


def _details(session: Session, row: Row[Any]) -> PatientDetails:
    phones = session.scalars(
        select(_PHONES.c.number).where(_PHONES.c.patient_id == row.id).order_by(_PHONES.c.position)
    )
    return PatientDetails(
        family_name=row.family_name,
        given_name=row.given_name,
        birth_date=row.birth_date,
        sex=row.sex,
        phones=tuple(phones),
        email=row.email,
        address=row.address,
        language=row.language,
        prefers=row.prefers,
        email_consent=row.email_consent_at is not None,
        sms_consent=row.sms_consent_at is not None,
        alert=row.alert,
        record_number=row.record_number,
        outside_id=row.outside_id,
    )


def _history(session: Session, patient_id: int) -> tuple[PastVisit, ...]:
    rows = session.execute(
        select(
            _APPOINTMENTS.c.id,
            _APPOINTMENTS.c.starts_at,
            _APPOINTMENTS.c.ends_at,
            _DOCTORS.c.title,
            _DOCTORS.c.given_name,
            _DOCTORS.c.family_name,
            _TYPES.c.name,
            _APPOINTMENTS.c.status,
        )
        .join(_DOCTORS, _DOCTORS.c.id == _APPOINTMENTS.c.doctor_id)
        .join(_TYPES, _TYPES.c.id == _APPOINTMENTS.c.visit_type_id)
        .where(
            _APPOINTMENTS.c.patient_id == patient_id,
            _APPOINTMENTS.c.status != Status.ENTERED_IN_ERROR,
        )
        .order_by(_APPOINTMENTS.c.starts_at.desc())
        .limit(_HISTORY)
    )
    return tuple(
        PastVisit(row[0], row[1], row[2], doctor_name(*row[3:6]), row[6], row[7]) for row in rows
    )


def patient_columns(clean: PatientDetails) -> dict[str, Any]:
    """The columns that registering, changing and taking in from a file write alike."""
    return {
        "family_name": clean.family_name,
        "given_name": clean.given_name,
        "birth_date": clean.birth_date,
        "sex": clean.sex,
        "email": clean.email,
        "address": clean.address,
        "language": clean.language,
        "prefers": clean.prefers,
    }


def _refuse_taken(session: Session, number: str, patient_id: int) -> None:
    query = select(_PATIENTS.c.id).where(
        _PATIENTS.c.record_number == number, _PATIENTS.c.id != patient_id
    )
    if session.scalar(query) is not None:
        raise AlreadyExists(f"Record number {number} belongs to another patient.")


def _number(session: Session, patient_id: int) -> None:
    """Give the patient the number of its row, or the next free one if somebody brought that."""
    number = f"{patient_id:06}"
    suffix = 1
    while session.scalar(select(_PATIENTS.c.id).where(_PATIENTS.c.record_number == number)):
        suffix += 1
        number = f"{patient_id:06}-{suffix}"
    session.execute(
        update(_PATIENTS).where(_PATIENTS.c.id == patient_id).values(record_number=number)
    )


def _write_words(session: Session, patient_id: int, clean: PatientDetails) -> None:
    name_key, words = words_of(clean)
    session.execute(
        insert(_WORDS),
        [{"patient_id": patient_id, "word": word, "name_key": name_key} for word in words],
    )


def write_phones(session: Session, patient_id: int, numbers: Sequence[str]) -> None:
    """Replace a patient's numbers, the first the one that gets messages: a shared step."""
    session.execute(delete(_PHONES).where(_PHONES.c.patient_id == patient_id))
    _insert_phones(session, patient_id, numbers)


def _insert_phones(session: Session, patient_id: int, numbers: Sequence[str]) -> None:
    if not numbers:
        return
    session.execute(
        insert(_PHONES),
        [
            {
                "patient_id": patient_id,
                "position": position,
                "number": number,
                "reversed_digits": reversed_digits(number),
            }
            for position, number in enumerate(numbers)
        ],
    )
