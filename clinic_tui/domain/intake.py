"""Taking in patients and doctors from another system's file: many rows, one transaction.

A row is refused alone, with its line; the rest goes on. Unless ``partial``, any refusal then
undoes the whole. Who is known by the identifier of the other system is not added again, so that
the same file may be taken in twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Any, Generic, TypeVar

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from .access import Actor, Permission, require
from .audit import record
from .contact import reversed_digits
from .doctor_names import keep_names, name_doctors
from .doctors import DoctorDetails, doctor_columns, tidy_doctor
from .errors import BadInput, Refusal
from .models import Doctor, DoctorSpecialty, Patient, PatientPhone, PatientWord, table
from .patient_details import PatientDetails, patient_columns, tidy_details, words_of
from .settings import load_settings
from .specialties import specialty_ids
from .text import may_be_stored, search_key
from .walltime import local_day

T = TypeVar("T")

_PATIENTS, _WORDS, _PHONES = table(Patient), table(PatientWord), table(PatientPhone)
_DOCTORS, _LINKS = table(Doctor), table(DoctorSpecialty)
_BATCH = 500
"""Rows to a round of statements; a few parameters each stay within SQLite's bounds."""
_INTAKE_LOCK = 7422


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A row that is left out on purpose, and why: somebody who has died."""

    why: str


@dataclass(frozen=True, slots=True)
class Incoming(Generic[T]):
    """One row of a file: on which line it begins, and what it says or why it cannot be read.

    ``checked`` says that what it says is as it may be stored.
    """

    line: int
    what: T | BadInput | PassedOver
    checked: bool = False


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: its line, the field that is wrong, and a sentence."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file's rows. ``already_there`` are known from an earlier intake.

    ``marked`` are visits in the book of which a file only said whether the patient came.
    """

    added: int
    already_there: int
    passed_over: int
    refused: tuple[RefusedRow, ...]
    marked: int = 0


class RowsRefused(Refusal):
    """Some rows were refused, therefore none was taken; ``taken`` is what would have become."""

    def __init__(self, taken: Taken) -> None:
        count = len(taken.refused)
        rows = "1 row was" if count == 1 else f"{count} rows were"
        super().__init__(f"{rows} refused, therefore nothing was taken in.")
        self.taken = taken


@dataclass(slots=True)
class Tally:
    """Counts as an intake goes along."""

    added: int = 0
    already_there: int = 0
    passed_over: int = 0
    marked: int = 0
    refused: list[RefusedRow] = field(default_factory=list)

    def refuse(self, line: int, refusal: Refusal) -> None:
        """Note a refused row."""
        where = refusal.field if isinstance(refusal, BadInput) else ""
        self.refused.append(RefusedRow(line, where, str(refusal)))

    def taken(self, *, partial: bool) -> Taken:
        """The end of it, refused as a whole if rows were and that matters."""
        in_order = tuple(sorted(self.refused, key=lambda row: row.line))
        taken = Taken(self.added, self.already_there, self.passed_over, in_order, self.marked)
        if in_order and not partial:
            raise RowsRefused(taken)
        return taken


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
        new = _not_yet_known(session, _PATIENTS, batch, tally)
        _insert_patients(session, _numbered(session, new, tally), now, tally)
    record(session, actor, "import_patients", now, added=tally.added, refused=len(tally.refused))
    return tally.taken(partial=partial)


def take_doctors(
    session: Session,
    actor: Actor,
    rows: Iterable[Incoming[DoctorDetails]],
    now: datetime,
    *,
    partial: bool = False,
) -> Taken:
    """Add the doctors of a file, and the specialties that are new.

    Refused with ``RowsRefused`` when a row is and not ``partial``.
    """
    tally = start_intake(session, actor)
    region = load_settings(session).region
    keep_names(session)
    known: dict[str, int] = {}
    for batch in batches(rows, tally):
        clean: list[tuple[int, DoctorDetails]] = []
        for line, details in batch:
            try:
                clean.append((line, tidy_doctor(details, region)))
            except BadInput as wrong:
                tally.refuse(line, wrong)
        new = [details for _, details in _not_yet_known(session, _DOCTORS, clean, tally)]
        _insert_doctors(session, new, known)
        tally.added += len(new)
    name_doctors(session)
    record(session, actor, "import_doctors", now, added=tally.added, refused=len(tally.refused))
    return tally.taken(partial=partial)


def start_intake(session: Session, actor: Actor) -> Tally:
    """The first step of every intake: permitted, and one at a time, so that two do not add twice.

    SQLite has one writer at a time anyway; PostgreSQL keeps the second waiting, then refuses it.
    """
    require(actor, Permission.IMPORT)
    return one_at_a_time(session)


def one_at_a_time(session: Session) -> Tally:
    """Wait until nobody else takes in a file, and begin to count."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _INTAKE_LOCK})
    return Tally()


def batches(rows: Iterable[Incoming[T]], tally: Tally) -> Iterator[list[tuple[int, T]]]:
    """The readable rows a few hundred at a time; the others are noted."""
    remaining = iter(rows)
    while chunk := list(islice(remaining, _BATCH)):
        readable: list[tuple[int, T]] = []
        for row in chunk:
            if isinstance(row.what, BadInput):
                tally.refuse(row.line, row.what)
            elif isinstance(row.what, PassedOver):
                tally.passed_over += 1
            else:
                readable.append((row.line, row.what))
        yield readable


def known_ids(session: Session, owner: Table, outside_ids: Iterable[str | None]) -> dict[str, int]:
    """Identifiers of another system → ours, of those that are on record."""
    wanted = {one for one in outside_ids if one is not None and may_be_stored(one)}
    query = select(owner.c.outside_id, owner.c.id).where(owner.c.outside_id.in_(wanted))
    return dict(session.execute(query).all())


Person = TypeVar("Person", PatientDetails, DoctorDetails)


def _not_yet_known(
    session: Session, owner: Table, rows: Sequence[tuple[int, Person]], tally: Tally
) -> list[tuple[int, Person]]:
    """The rows whose identifier nobody has, on record or further up in the file."""
    seen = set(known_ids(session, owner, (details.outside_id for _, details in rows)))
    new = []
    for line, details in rows:
        if details.outside_id in seen:
            tally.already_there += 1
            continue
        if details.outside_id is not None:
            seen.add(details.outside_id)
        new.append((line, details))
    return new


def _new_ids(session: Session, owner: Table, count: int) -> list[int]:
    """Numbers for rows to come, so that what belongs to them can be written without asking."""
    if session.get_bind().dialect.name == "postgresql":
        drawn = text(
            "SELECT nextval(pg_get_serial_sequence(:owner, 'id')) FROM generate_series(1, :count)"
        )
        return list(session.scalars(drawn, {"owner": owner.name, "count": count}))
    highest = session.scalar(select(func.max(owner.c.id))) or 0
    return list(range(highest + 1, highest + 1 + count))


def _numbered(
    session: Session, rows: list[tuple[int, PatientDetails]], tally: Tally
) -> list[tuple[int, str, PatientDetails]]:
    """The rows with the ids and record numbers they will have; a number that is taken refuses."""
    ids = _new_ids(session, _PATIENTS, len(rows))
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


def _insert_doctors(session: Session, doctors: list[DoctorDetails], known: dict[str, int]) -> None:
    """``known`` keeps the ids of specialties met so far, by comparable name."""
    if not doctors:
        return
    rows: list[dict[str, Any]] = []
    links: list[dict[str, int]] = []
    for doctor_id, clean in zip(_new_ids(session, _DOCTORS, len(doctors)), doctors, strict=True):
        rows.append(doctor_columns(clean) | {"id": doctor_id, "outside_id": clean.outside_id})
        for name in clean.specialties:
            key = search_key(name)
            if key not in known:
                [known[key]] = specialty_ids(session, (name,))
            links.append({"doctor_id": doctor_id, "specialty_id": known[key]})
    session.execute(insert(_DOCTORS), rows)
    if links:
        session.execute(insert(_LINKS), links)
