"""Patients: what is stored is what was typed, in any script; two editors; whose data is whose."""

from __future__ import annotations

import csv
import json
import os
import unicodedata
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Role
from clinic_tui.domain.codes import Channel, Sex, Status
from clinic_tui.domain.errors import (
    AlreadyExists,
    BadInput,
    ChangedMeanwhile,
    NotFound,
    NotPermitted,
    Refusal,
)
from clinic_tui.domain.models import Patient, PatientPhone, PatientWord, table
from clinic_tui.domain.patients.details import PatientDetails, tidy_details
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.patients.patients import change_patient, register_patient
from clinic_tui.domain.text import search_key
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, at_once, refused

_PATIENTS, _WORDS, _PHONES = table(Patient), table(PatientWord), table(PatientPhone)
FIELD_DATA = os.environ.get("CLINIC_FIELD_DATA")
needs_field_data = pytest.mark.skipif(
    FIELD_DATA is None, reason="CLINIC_FIELD_DATA names no folder with facts from the field"
)
FULL = PatientDetails(
    family_name="Weiß",
    given_name="Bo Ann",
    birth_date=date(1970, 2, 28),
    sex=Sex.OTHER,
    phones=("+4915123456788", "+4930901820"),
    email="bo@example.org",
    address="Am Ufer 3, 10115 Berlin",
    language="pt-BR",
    prefers=Channel.SMS,
    email_consent=True,
    sms_consent=True,
    alert="Penicillin [allergy]",
    record_number="A-17",
    outside_id="urn:uuid:1",
)


def _register(clinic: SmallClinic, database: Database, details: PatientDetails) -> int:
    return database.transact(register_patient, clinic.receptionist, details, NOW)


def _stored(clinic: SmallClinic, database: Database, patient_id: int) -> PatientDetails:
    return database.read(patient_record, clinic.receptionist, patient_id, NOW).details


def test_everything_is_kept(clinic: SmallClinic, database: Database) -> None:
    patient_id = _register(clinic, database, FULL)
    assert _stored(clinic, database, patient_id) == FULL
    row = database.read(
        lambda session: session.execute(select(_PATIENTS).where(_PATIENTS.c.id == patient_id)).one()
    )
    assert (row.email_consent_at, row.sms_consent_at, row.created_at) == (NOW, NOW, NOW)


def test_one_spelling_is_stored(clinic: SmallClinic, database: Database) -> None:
    typed = replace(
        FULL,
        family_name="  Wei\u00df ",
        given_name="Bo   Ann",
        phones=("0151 2345-6788", "", "+49 (0)30 901820", "+49 30 901820"),
        email=" bo@example.org",
    )
    assert _stored(clinic, database, _register(clinic, database, typed)) == FULL


def test_the_clinic_numbers_its_patients(clinic: SmallClinic, database: Database) -> None:
    first = _register(clinic, database, PatientDetails("One", ""))
    assert _stored(clinic, database, first).record_number == f"{first:06}"
    taken = PatientDetails("Two", "", record_number=f"{first + 2:06}")
    _register(clinic, database, taken)
    third = _register(clinic, database, PatientDetails("Three", ""))
    assert _stored(clinic, database, third).record_number == f"{third:06}-2"


WRONG: dict[str, tuple[type[Refusal], str, dict[str, Any]]] = {
    "no name": (BadInput, "Family name", {"family_name": " ", "given_name": ""}),
    "a name of signs": (BadInput, "Family name", {"family_name": "!?", "given_name": "-"}),
    "a name too long": (BadInput, "Family name", {"family_name": "x" * 81}),
    "a name with an escape": (BadInput, "Given name", {"given_name": "Bo\x1b[2J"}),
    "a name that runs backwards": (BadInput, "Given name", {"given_name": "Bo\u202eAnn"}),
    "an empty name of two": (BadInput, "Given name", {"given_name": "Bo\u200bAnn"}),
    "born tomorrow": (BadInput, "Birth date", {"birth_date": date(2026, 11, 24)}),
    "born long ago": (BadInput, "Birth date", {"birth_date": date(1895, 1, 1)}),
    "no phone": (BadInput, "Phone", {"phones": ("12",)}),
    "words for a phone": (BadInput, "Phone", {"phones": ("ask Bo",)}),
    "an extension": (BadInput, "Phone", {"phones": ("030 901820 ext. 4",)}),
    "six phones": (
        BadInput,
        "Phone",
        {"phones": tuple(f"+4930901820{number}" for number in range(6))},
    ),
    "no e-mail": (BadInput, "E-mail", {"email": "bo at example"}),
    "two e-mails": (BadInput, "E-mail", {"email": "bo@example.org,al@example.org"}),
    "no language": (BadInput, "Language", {"language": "Portuguese!"}),
    "an address of two lines": (BadInput, "Address", {"address": "Am Ufer 3\n10115 Berlin"}),
    "an alert too long": (BadInput, "Alert", {"alert": "x" * 201}),
    "a number too long": (BadInput, "Record number", {"record_number": "9" * 41}),
    "a number with a tab": (BadInput, "Record number", {"record_number": "9\t9"}),
    "a number that is taken": (AlreadyExists, "", {"record_number": "000001"}),
    "an id that is taken": (AlreadyExists, "", {"record_number": "", "outside_id": "known"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_details_are_refused_by_field(
    clinic: SmallClinic, database: Database, case: str
) -> None:
    known = PatientDetails("Known", "", outside_id="known")
    patient_id = _register(clinic, database, known)
    kind, field, given = WRONG[case]
    wrong = replace(FULL, **given)
    new = refused(database, kind, register_patient, clinic.receptionist, wrong, NOW)
    if isinstance(new, BadInput):
        assert new.field == field
    if "outside_id" not in given:
        refused(database, kind, change_patient, clinic.receptionist, patient_id, wrong, NOW)


def test_a_change_replaces_everything(clinic: SmallClinic, database: Database) -> None:
    patient_id = _register(clinic, database, FULL)
    later = NOW + timedelta(days=1)
    other = PatientDetails("Nguyễn", "", phones=("+4930901821",), sms_consent=True, alert="none")
    database.transact(change_patient, clinic.receptionist, patient_id, other, later, FULL)
    expected = replace(other, record_number="A-17", outside_id="urn:uuid:1")
    assert _stored(clinic, database, patient_id) == expected

    def owned(session: Session) -> tuple[list[str], list[str], Any]:
        mine = (
            select(owner.c[column]).where(owner.c.patient_id == patient_id)
            for owner, column in ((_WORDS, "word"), (_PHONES, "number"))
        )
        words, phones = (list(session.scalars(query)) for query in mine)
        row = session.execute(select(_PATIENTS).where(_PATIENTS.c.id == patient_id)).one()
        return words, phones, row

    words, phones, row = database.read(owned)
    assert (words, phones) == (["nguyen"], ["+4930901821"])
    assert (row.email_consent_at, row.sms_consent_at) == (None, NOW)


def test_what_was_seen_has_changed(clinic: SmallClinic, database: Database) -> None:
    patient_id = _register(clinic, database, FULL)
    mine, theirs = replace(FULL, address="Here 1"), replace(FULL, address="There 2")
    database.transact(change_patient, clinic.receptionist, patient_id, mine, NOW, FULL)
    refused(
        database,
        ChangedMeanwhile,
        change_patient,
        clinic.receptionist,
        patient_id,
        theirs,
        NOW,
        FULL,
    )
    database.transact(change_patient, clinic.receptionist, patient_id, theirs, NOW)
    assert _stored(clinic, database, patient_id) == theirs


def test_of_two_editors_at_once_one_is_told(clinic: SmallClinic, database: Database) -> None:
    patient_id = _register(clinic, database, FULL)
    seen = FULL
    for number in range(6):
        calls = [
            (change_patient, clinic.receptionist, patient_id, changed, NOW, seen)
            for changed in (
                replace(seen, address=f"Here {number}"),
                replace(seen, given_name=f"Bo {'I' * (number + 1)}"),
            )
        ]
        answers = at_once(database, *calls)
        told = [type(answer) for answer in answers if answer is not None]
        assert told == [ChangedMeanwhile]
        seen = _stored(clinic, database, patient_id)


def test_an_editor_without_alerts_keeps_them(clinic: SmallClinic, database: Database) -> None:
    patient_id = _register(clinic, database, FULL)
    shown = database.read(patient_record, clinic.admin, patient_id, NOW).details
    assert shown == replace(FULL, alert="")
    changed = replace(shown, address="Here 1")
    warned = replace(changed, alert="nothing")
    refused(database, NotPermitted, change_patient, clinic.admin, patient_id, warned, NOW, shown)
    database.transact(change_patient, clinic.admin, patient_id, changed, NOW, shown)
    assert _stored(clinic, database, patient_id) == replace(FULL, address="Here 1")


def test_a_patient_keeps_own_data_current(clinic: SmallClinic, database: Database) -> None:
    """But neither the number under which the clinic knows them, nor what it warns of."""
    mine = database.read(patient_record, clinic.patient, clinic.maria, NOW).details
    moved = replace(mine, address="Here 1", phones=("+4930901899",))
    database.transact(change_patient, clinic.patient, clinic.maria, moved, NOW, mine)
    assert _stored(clinic, database, clinic.maria) == moved
    warned = replace(moved, alert="none at all")
    refused(database, NotPermitted, change_patient, clinic.patient, clinic.maria, warned, NOW)
    other = replace(moved, record_number="000002")
    refused(database, NotPermitted, change_patient, clinic.patient, clinic.maria, other, NOW)
    free = replace(moved, record_number="Q-1")
    refused(database, NotPermitted, change_patient, clinic.patient, clinic.maria, free, NOW)
    database.transact(change_patient, clinic.receptionist, clinic.maria, free, NOW)


def test_a_doctor_reads_own_patients(clinic: SmallClinic, database: Database) -> None:
    """A visit with them is what makes them so, past or coming; the answer to others is one."""
    for patient_id in (clinic.ozlem, NOBODY):
        args = (clinic.doctor_lee, patient_id, NOW)
        refused(database, NotPermitted, patient_record, *args)
        refused(database, NotPermitted, patient_record, clinic.patient, patient_id, NOW)
        refused(database, NotPermitted, change_patient, clinic.doctor_lee, patient_id, FULL, NOW)
    refused(database, NotFound, patient_record, clinic.receptionist, NOBODY, NOW)
    database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.ozlem)
    record = database.read(patient_record, clinic.doctor_lee, clinic.ozlem, NOW)
    assert record.details.alert == "Penicillin [allergy]"
    refused(database, NotPermitted, patient_record, clinic.doctor_park, clinic.ozlem, NOW)


def test_a_doctor_who_is_a_patient_reads_own_record_without_alerts(
    clinic: SmallClinic, database: Database
) -> None:
    both = replace(
        clinic.doctor_lee,
        roles=frozenset({Role.DOCTOR, Role.PATIENT}),
        patient_id=clinic.ozlem,
    )
    assert database.read(patient_record, both, clinic.ozlem, NOW).details.alert == ""
    database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.ozlem)
    assert database.read(patient_record, both, clinic.ozlem, NOW).details.alert != ""


def test_history(clinic: SmallClinic, database: Database) -> None:
    def fill(session: Session) -> None:
        for days, status in (
            (-3, Status.FULFILLED),
            (-2, Status.NOSHOW),
            (1, Status.CANCELLED),
            (2, Status.PENDING),
            (3, Status.BOOKED),
        ):
            add_visit(session, clinic, at("10:00", days), patient_id=clinic.sam, status=status)

    database.transact(fill)
    record = database.read(patient_record, clinic.receptionist, clinic.sam, NOW)
    assert [visit.starts_at for visit in record.history] == [
        at("10:00", days) for days in (3, 2, 1, -2, -3)
    ]
    assert record.next_visit is not None
    assert record.next_visit.starts_at == at("10:00", 2)
    assert (record.no_shows, record.name) == (1, "Sam Okoye")
    assert record.history[-1].doctor == "Dr Lee"


TEXT_FIELDS = ("family_name", "given_name", "address", "alert", "record_number", "outside_id")


@pytest.mark.proof
@needs_field_data
def test_text_from_the_field_is_refused_or_kept(clinic: SmallClinic, database: Database) -> None:
    """Names in 17 scripts, and strings that broke other programs, in every field of text."""
    assert FIELD_DATA is not None
    folder = Path(FIELD_DATA) / "strings"
    with (folder / "names.csv").open(encoding="utf-8", newline="") as file:
        names = list(csv.DictReader(file))
    scripts = {row["script"] for row in names}
    assert len(scripts) == 17
    naughty = json.loads((folder / "blns.json").read_text(encoding="utf-8"))
    few = [
        row["name"]
        for script in sorted(scripts)
        for row in [row for row in names if row["script"] == script][:8]
    ]

    def fit_for(text: str) -> dict[str, Any]:
        """The fields that take the text, each by itself."""
        fit: dict[str, Any] = {}
        for field in TEXT_FIELDS:
            given: dict[str, Any] = {"family_name": "Weiß", "given_name": "Bo", field: text}
            try:
                tidy_details(PatientDetails(**given), "DE", NOW.date())
            except BadInput:
                continue
            fit[field] = text
        if not search_key(text):
            fit.pop("given_name", None)  # Two names of signs alone are none.
        return fit

    def keep(session: Session, text: str) -> int:
        """Store the text in all fields that take it, and read it back; how many there are."""
        fit = fit_for(text)
        given: dict[str, Any] = {"family_name": "Weiß", "given_name": "Bo"}
        with session.begin_nested() as undo:
            details = PatientDetails(**(given | fit))
            patient_id = register_patient(session, clinic.receptionist, details, NOW)
            stored = patient_record(session, clinic.receptionist, patient_id, NOW).details
            undo.rollback()
        expected = " ".join(unicodedata.normalize("NFC", text).split())
        for field in fit:
            if expected or field not in ("record_number", "outside_id"):
                assert getattr(stored, field) == expected
        return len(fit)

    def try_all(session: Session) -> tuple[int, int]:
        assert all(keep(session, text) == len(TEXT_FIELDS) for text in few)
        kept = [keep(session, text) for text in naughty]
        return kept.count(0), kept.count(len(TEXT_FIELDS))

    refused_everywhere, kept_everywhere = database.transact(try_all)
    assert refused_everywhere > 20
    assert kept_everywhere > 200


def test_every_field_of_text_is_tried() -> None:
    """Another field of text must be added above, or be one of those with rules of their own."""
    ruled = {"phones", "email", "language", "birth_date", "sex", "prefers"}
    consent = {"email_consent", "sms_consent"}
    assert {field.name for field in fields(PatientDetails)} == {*TEXT_FIELDS, *ruled, *consent}
