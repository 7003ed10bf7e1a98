"""Finding a patient by what a caller says, and whom somebody new might already be."""

from __future__ import annotations

import csv
import os
import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor, Role
from clinic_tui.domain.errors import BadInput, NotPermitted
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.patients.search import (
    PatientQuery,
    find_patients,
    parse_query,
    possible_duplicates,
)
from clinic_tui.domain.text import search_key
from tests.small_clinic import NOW, SmallClinic

from .given import add_visit, at, refused

FIELD_DATA = os.environ.get("CLINIC_FIELD_DATA")
needs_field_data = pytest.mark.skipif(
    FIELD_DATA is None, reason="CLINIC_FIELD_DATA names no folder with facts from the field"
)
_TODAY = NOW.date()


def _add(clinic: SmallClinic, database: Database, *people: PatientDetails) -> list[int]:
    def add(session: Session) -> list[int]:
        return [register_patient(session, clinic.receptionist, one, NOW) for one in people]

    return database.transact(add)


def _found(actor: Actor, database: Database, text: str, **more: Any) -> list[int]:
    found = database.read(find_patients, actor, text, NOW, **more)
    return [one.patient_id for one in found]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", PatientQuery((), (), None)),
        ("Garcia", PatientQuery(("garcia",), (), None)),
        ("  gar  MAR ", PatientQuery(("gar", "mar"), (), None)),
        ("O'Neil-Smith", PatientQuery(("o", "neil", "smith"), (), None)),
        ("Özlem", PatientQuery(("ozlem",), (), None)),
        ("6789", PatientQuery((), ("6789",), None)),
        ("garcia 6789", PatientQuery(("garcia",), ("6789",), None)),
        ("67", PatientQuery(("67",), (), None)),
        ("9mar84", PatientQuery((), (), date(1984, 3, 9))),
        ("garcia 1984-03-09", PatientQuery(("garcia",), (), date(1984, 3, 9))),
        ("09.03.1984 678", PatientQuery((), ("678",), date(1984, 3, 9))),
        ("030901820", PatientQuery((), ("030901820",), None, "+4930901820")),
        ("030 90 18 20", PatientQuery((), ("030",), None, "+4930901820")),
        ("(030) 901820", PatientQuery((), ("030", "901820"), None, "+4930901820")),
        ("+49 30 901820", PatientQuery((), ("901820",), None, "+4930901820")),
        ("0049 30 901820 lind", PatientQuery(("lind",), ("0049", "901820"), None, "+4930901820")),
        ("!? -", PatientQuery((), (), None)),
        ("\x00\x1b[2J", PatientQuery(("2j",), (), None)),
    ],
)
def test_a_line_is_taken_apart(text: str, query: PatientQuery) -> None:
    assert parse_query(text, "DE", _TODAY) == query


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("garcia", {"maria"}),
        ("GAR", {"maria"}),
        ("mar", {"maria"}),
        ("maria g", {"maria"}),
        ("g m", {"maria"}),
        ("arcia", set()),
        ("garcia jonas", set()),
        ("ozlem", {"ozlem"}),
        ("ÖZLEM yıl", {"ozlem"}),
        ("yilmaz", {"ozlem"}),
        ("nguyen", {"thuy"}),
        ("thuy nguyễn", {"thuy"}),
        ("6789", {"maria"}),
        ("9", set()),
        ("56789 maria", {"maria"}),
        ("6789 jonas", set()),
        ("0151 23456789", {"maria"}),
        ("+49 151 234 567 89", {"maria"}),
        ("(0151) 234-567-89", {"maria"}),
        ("015123456789", {"maria"}),
        ("0151 23456788", set()),
        ("030 901820", {"jonas"}),
        ("030 901820 garcia", set()),
        ("8210", {"thuy"}),
        ("820", {"jonas"}),
        ("1984-03-09", {"maria"}),
        ("9mar84", {"maria"}),
        ("09.03.1984 gar", {"maria"}),
        ("10.03.1984", set()),
        ("000003", {"ozlem"}),
        ("00000", {"maria", "jonas", "ozlem", "thuy", "sam"}),
        ("000003 jonas", set()),
        ("", set()),
        ("   ", set()),
        ("%", set()),
        ("_", set()),
        ("' OR 1=1 --", set()),
        ("\x00", set()),
        ("\ud800", set()),
    ],
)
def test_who_is_found(clinic: SmallClinic, database: Database, text: str, who: set[str]) -> None:
    expected = {getattr(clinic, name) for name in who}
    assert set(_found(clinic.receptionist, database, text)) == expected


def test_a_record_number_with_letters(clinic: SmallClinic, database: Database) -> None:
    (bo,) = _add(clinic, database, PatientDetails("Weiß", "Bo", record_number="MRN-47.11"))
    assert _found(clinic.receptionist, database, "MRN-47.11") == [bo]
    assert _found(clinic.receptionist, database, " mrn-47.11 ") == [bo]
    assert _found(clinic.receptionist, database, "mrn-47.1") == []
    assert _found(clinic.doctor_lee, database, "MRN-47.11") == []


def test_each_is_found_once_and_in_order(clinic: SmallClinic, database: Database) -> None:
    people = [
        PatientDetails("Garza Garcia", "Gar"),
        PatientDetails("Gara", "Zoe"),
        PatientDetails("Gara", "Abe"),
    ]
    garza, zoe, abe = _add(clinic, database, *people)
    assert _found(clinic.receptionist, database, "gar") == [garza, abe, zoe, clinic.maria]
    assert _found(clinic.receptionist, database, "gara") == [abe, zoe]
    assert _found(clinic.receptionist, database, "gar", limit=2) == [garza, abe]


def test_a_line_of_a_search(clinic: SmallClinic, database: Database) -> None:
    (maria,) = database.read(find_patients, clinic.receptionist, "garcia", NOW)
    assert (maria.name, maria.birth_date) == ("Maria Garcia", date(1984, 3, 9))
    assert (maria.phone, maria.record_number) == ("+4915123456789", f"{clinic.maria:06}")


def test_alerts_are_for_whom_they_are(clinic: SmallClinic, database: Database) -> None:
    """Each line by itself: an admin who is a doctor reads those of own patients alone."""

    def alerts(actor: Actor, text: str) -> list[str]:
        return [one.alert for one in database.read(find_patients, actor, text, NOW)]

    ozlem = "Penicillin [allergy]"
    doctor_admin = replace(clinic.doctor_lee, roles=frozenset({Role.DOCTOR, Role.ADMIN}))
    doctor_patient = replace(
        clinic.doctor_lee, roles=frozenset({Role.DOCTOR, Role.PATIENT}), patient_id=clinic.ozlem
    )
    own = replace(clinic.patient, patient_id=clinic.ozlem)
    assert alerts(clinic.receptionist, "ozlem") == [ozlem]
    assert alerts(clinic.admin, "ozlem") == [""]
    assert alerts(clinic.doctor_lee, "ozlem") == []
    assert alerts(doctor_admin, "ozlem") == [""]
    assert alerts(doctor_patient, "ozlem") == [""]
    assert alerts(own, "ozlem") == [""]
    database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.ozlem)
    assert alerts(clinic.doctor_lee, "ozlem") == [ozlem]
    assert alerts(doctor_admin, "ozlem") == [ozlem]
    assert alerts(doctor_patient, "ozlem") == [ozlem]
    assert alerts(clinic.doctor_park, "ozlem") == []

    again = PatientDetails("Yılmaz", "Özlem", date(1990, 6, 1))
    for actor, alert in (
        (clinic.receptionist, ozlem),
        (clinic.admin, ""),
        (doctor_admin, ozlem),
        (replace(doctor_admin, doctor_id=clinic.park), ""),
    ):
        (match,) = database.read(possible_duplicates, actor, again, NOW)
        assert match.patient.alert == alert


def test_reach(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_visit, clinic, at("10:00"))
    assert _found(clinic.doctor_lee, database, "0000") == [clinic.jonas]
    assert _found(clinic.doctor_park, database, "0000") == []
    assert _found(clinic.patient, database, "0000") == [clinic.maria]
    assert len(_found(clinic.admin, database, "0000")) == 5
    nobody = replace(clinic.receptionist, roles=frozenset())
    refused(database, NotPermitted, find_patients, nobody, "garcia", NOW)


BORN = date(1984, 3, 9)
DUPLICATES: dict[str, tuple[PatientDetails, str]] = {
    # Somebody new beside Maria Garcia, born on 9 March 1984, and what speaks for her.
    "the same": (PatientDetails("Garcia", "Maria", BORN), "same name, same birth date"),
    "swapped": (PatientDetails("Maria", "Garcia", BORN), "names swapped, same birth date"),
    "accents": (PatientDetails("García", "María", BORN), "same name, same birth date"),
    "a slip": (PatientDetails("Garzia", "Maria", BORN), "similar name, same birth date"),
    "phone": (
        PatientDetails("Garcia", "Maria", phones=("0151 23456789",)),
        "same name, same phone",
    ),
    "all": (
        PatientDetails("Garcia", "Maria", BORN, phones=("0151 23456789",)),
        "same name, same birth date, same phone",
    ),
    "nothing but the name": (PatientDetails("Garcia", "Maria"), "same name"),
    "a slip and the phone": (
        PatientDetails("Garzia", "Maria", phones=("0151 23456789",)),
        "similar name, same phone",
    ),
    "the day misheard": (
        PatientDetails("Garcia", "Maria", date(1984, 3, 12)),
        "same name, nearly the same birth date",
    ),
    "day and month swapped": (
        PatientDetails("Maria", "Garcia", date(1984, 9, 3)),
        "names swapped, nearly the same birth date",
    ),
    "a sister a year older": (PatientDetails("Garcia", "Mara", date(1983, 3, 9)), ""),
    "a sister": (PatientDetails("Garcia", "Elena", BORN, phones=("0151 23456789",)), ""),
    "a namesake": (PatientDetails("Garcia", "Maria", date(1999, 1, 1)), ""),
    "born on the same day": (PatientDetails("Okafor", "Ben", BORN), ""),
    "a slip alone": (PatientDetails("Garzia", "Maria"), ""),
}


@pytest.mark.parametrize("case", DUPLICATES)
def test_who_might_be_on_record(clinic: SmallClinic, database: Database, case: str) -> None:
    details, why = DUPLICATES[case]
    matches = database.read(possible_duplicates, clinic.receptionist, details, NOW)
    assert [(one.patient.patient_id, one.why) for one in matches] == (
        [(clinic.maria, why)] if why else []
    )


def test_the_likeliest_comes_first(clinic: SmallClinic, database: Database) -> None:
    people = [PatientDetails("Garcia", "Maria", record_number=f"Q{n}") for n in range(9)]
    _add(clinic, database, *people)
    details = PatientDetails("Garcia", "Maria", BORN, phones=("0151 23456789",))
    matches = database.read(possible_duplicates, clinic.receptionist, details, NOW)
    assert matches[0].patient.patient_id == clinic.maria
    assert len(matches) == 5


def test_duplicates_of_nobody(clinic: SmallClinic, database: Database) -> None:
    refused(
        database, BadInput, possible_duplicates, clinic.receptionist, PatientDetails("", ""), NOW
    )
    for actor in (clinic.doctor_lee, clinic.patient):
        details = PatientDetails("Garcia", "Maria")
        refused(database, NotPermitted, possible_duplicates, actor, details, NOW)


@pytest.mark.proof
@needs_field_data
def test_whoever_of_a_thousand_is_found(clinic: SmallClinic, database: Database) -> None:
    """By the beginning of any word of the name, the phone's end, the birth date, the number."""
    assert FIELD_DATA is not None
    with (Path(FIELD_DATA) / "strings" / "names.csv").open(encoding="utf-8", newline="") as file:
        names = list(csv.DictReader(file))
    dice = random.Random(17)
    families = [row["name"] for row in names if row["kind"] == "family"]
    givens = [row["name"] for row in names if row["kind"] == "given"]
    people = [
        PatientDetails(
            dice.choice(families),
            dice.choice(givens),
            date(1930 + dice.randrange(90), 1 + dice.randrange(12), 1 + dice.randrange(28)),
            phones=(f"+4930{901000000 + number * 7}",),
        )
        for number in range(1000)
    ]
    ids = _add(clinic, database, *people)

    def look(session: Session) -> list[str]:
        def finds(text: str, patient_id: int) -> bool:
            found = find_patients(session, clinic.receptionist, text, NOW, 1100)
            return patient_id in {one.patient_id for one in found}

        missed = []
        for patient_id, one in list(zip(ids, people, strict=True))[::4]:
            assert one.birth_date is not None
            word = dice.choice(search_key(f"{one.family_name} {one.given_name}").split())
            typed = [
                word[: dice.randint(min(2, len(word)), len(word))],
                f"{one.given_name} {one.family_name}",
                one.phones[0][-4:],
                one.birth_date.isoformat(),
                f"{patient_id:06}",
            ]
            missed += [text for text in typed if not finds(text, patient_id)]
        return missed

    assert database.read(look) == []
