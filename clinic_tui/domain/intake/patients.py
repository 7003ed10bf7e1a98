"""Taking in patients from another system's file."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import record
from ..clinic.settings import load_settings
from ..errors import BadInput
from ..models import Patient, PatientPhone, PatientWord, table
from ..patients.contact import reversed_digits
from ..patients.details import PatientDetails, patient_columns, tidy_details, words_of
from ..times.walltime import local_day
from .intake import Incoming, Taken, Tally, batches, new_ids, not_yet_known, start_intake

_PATIENTS, _WORDS, _PHONES = table(Patient), table(PatientWord), table(PatientPhone)


def check_patients(
    session: Session, actor: Actor, rows: Iterable[Incoming[PatientDetails]], now: datetime
) -> list[Incoming[PatientDetails]]:
    """The patients of a file as they may be stored; writes nothing.

    Half of an intake's work is done here, where nobody has to wait for it: on SQLite all other
    desks wait while ``take_patients`` runs. Takes about 1 KB of memory a row.
    """
    require(actor, Permission.IMPORT)
    settings = load_settings(session)
    return list(_checked(rows, settings.region, local_day(now, settings.zone)))


def _checked(
    rows: Iterable[Incoming[PatientDetails]], region: str, today: date
) -> Iterator[Incoming[PatientDetails]]:
    for row in rows:
        if row.checked or not isinstance(row.what, PatientDetails):
            yield row
            continue
        try:
            details = tidy_details(row.what, region, today)
        except BadInput as wrong:
            yield replace(row, what=wrong)
        else:
            yield replace(row, what=details, checked=True)


def take_patients(
    session: Session,
    actor: Actor,
    rows: Iterable[Incoming[PatientDetails]],
    now: datetime,
    *,
    partial: bool = False,
) -> Taken:
    """Add the patients of a file. ``rows`` may be gone through again if the database asks.

    What ``check_patients`` has not checked before is checked here. Refused with ``RowsRefused``
    when a row is and not ``partial``.
    """
    tally = start_intake(session, actor)
    settings = load_settings(session)
    checked = _checked(rows, settings.region, local_day(now, settings.zone))
    for batch in batches(checked, tally):
        new = not_yet_known(session, _PATIENTS, batch, tally)
        _insert_patients(session, _numbered(session, new, tally), now, tally)
    record(session, actor, "import_patients", now, added=tally.added, refused=len(tally.refused))
    return tally.taken(partial=partial)


def _numbered(
    session: Session, rows: list[tuple[int, PatientDetails]], tally: Tally
) -> list[tuple[int, str, PatientDetails]]:
    """The rows with the ids and record numbers they will have; a number that is taken refuses."""
    ids = new_ids(session, _PATIENTS, len(rows))
    brought = {details.record_number for _, details in rows if details.record_number}
    ours = [f"{number:06}" for number in ids]
    taken = set(
        session.scalars(
            select(_PATIENTS.c.record_number).where(
                _PATIENTS.c.record_number.in_([*brought, *ours])
            )
        )
    )
    numbered = []
    for patient_id, given, (line, details) in zip(ids, ours, rows, strict=True):
        number = details.record_number
        if number and number in taken:
            refusal = BadInput(
                "Record number", f"Record number {number} belongs to another patient."
            )
            tally.refuse(line, refusal)
            continue
        if not number:
            free = given not in taken and given not in brought
            number = given if free else f"{given}-{uuid.uuid4().hex[:4]}"
        taken.add(number)
        numbered.append((patient_id, number, details))
    return numbered


def _insert_patients(
    session: Session,
    rows: list[tuple[int, str, PatientDetails]],
    now: datetime,
    tally: Tally,
) -> None:
    if not rows:
        return
    patients: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    phones: list[dict[str, Any]] = []
    for patient_id, number, clean in rows:
        patients.append(
            patient_columns(clean)
            | {
                "id": patient_id,
                "record_number": number,
                "alert": clean.alert,
                "email_consent_at": now if clean.email_consent else None,
                "sms_consent_at": now if clean.sms_consent else None,
                "outside_id": clean.outside_id,
                "created_at": now,
            }
        )
        name_key, parts = words_of(clean)
        words += [{"patient_id": patient_id, "word": one, "name_key": name_key} for one in parts]
        phones += [
            {
                "patient_id": patient_id,
                "position": position,
                "number": phone,
                "reversed_digits": reversed_digits(phone),
            }
            for position, phone in enumerate(clean.phones)
        ]
    for owner, values in ((_PATIENTS, patients), (_WORDS, words), (_PHONES, phones)):
        if values:
            session.execute(insert(owner), values)
    tally.added += len(rows)
