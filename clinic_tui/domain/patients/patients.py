"""Patients: registered and changed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import details_answered, record
from ..errors import AlreadyExists, ChangedMeanwhile, NotPermitted
from ..models import Patient, PatientPhone, PatientWord, table
from ..undo.row_changes import found_rows, left_rows, new_rows
from ..undo.ways_back import WayBack
from .details import (
    PatientDetails,
    clean_details,
    patient_columns,
    stored_details,
    words_of,
)
from .phones import insert_phones, write_phones
from .reach import permitted_row, reaches

_PATIENTS, _WORDS, _PHONES = table(Patient), table(PatientWord), table(PatientPhone)
_REGISTER = "register_patient"


def register_patient(
    session: Session,
    actor: Actor,
    details: PatientDetails,
    now: datetime,
    key: str | None = None,
) -> int:
    """Add a patient; returns the id. A request with a key that was already answered gets that
    answer again, so that whoever asks again on a slow line is registered once.

    Refused: ``BadInput`` naming the field, or for a key used for something else;
    ``AlreadyExists`` for a record number or an outside id that is taken.
    """
    require(actor, Permission.REGISTER_PATIENT)
    if key is not None:
        # Its twin at the same moment is undone by the key's being taken, and finds this when it
        # is run again.
        noted = details_answered(session, actor, _REGISTER, key)
        if noted is not None:
            return int(noted["patient"])
    return insert_patient(session, actor, details, now, alone=True, key=key)


def insert_patient(
    session: Session,
    actor: Actor,
    details: PatientDetails,
    now: datetime,
    *,
    alone: bool = False,
    key: str | None = None,
) -> int:
    """The shared step of registering and of booking somebody new: clean, insert, audit.

    ``alone`` makes it a step to undo; who was registered with a booking stays when that is undone.
    ``key`` is the request's own, where it is no booking's.
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
    insert_phones(session, patient_id, clean.phones)
    way_back = None
    if alone:
        way_back = WayBack(
            rows=(
                new_rows(session, _PATIENTS, id=patient_id),
                *(new_rows(session, owned, patient_id=patient_id) for owned in (_WORDS, _PHONES)),
            )
        )
    known = {"patient_id": patient_id, "patient": patient_id}
    record(session, actor, _REGISTER, now, key=key, way_back=way_back, **known)
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
    row = permitted_row(session, actor, Permission.EDIT_CONTACT, patient_id, to_change=True)
    stored = stored_details(session, row)
    may_alert = reaches(session, actor, Permission.SEE_ALERTS, patient_id)
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
