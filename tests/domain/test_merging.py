"""Two records of one person: found, made one with everything that is tied to them, parted again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Sex
from clinic_tui.domain.errors import BadInput, ChangedMeanwhile, NotFound, SlotTaken
from clinic_tui.domain.intake.intake import Incoming
from clinic_tui.domain.intake.visits import IncomingVisit, take_appointments
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.duplicates import find_duplicates
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.patients.lookup import patient_known_as
from clinic_tui.domain.patients.merging import merge_patients, part_patients
from clinic_tui.domain.patients.patients import change_patient, register_patient
from clinic_tui.domain.patients.resemblance import Person, resemblance
from clinic_tui.domain.patients.search import find_patients, possible_duplicates
from clinic_tui.domain.visits.booking import book_appointment
from tests.domain.given import NOBODY, add_visit, at, booking, everything, refused, visit
from tests.small_clinic import NOW, SmallClinic

_BORN = date(1984, 3, 9)
_AGAIN = PatientDetails(
    "Garcia", "Maria", _BORN, Sex.FEMALE, phones=("+4915199887766",), address="Seestr. 1",
    alert="Latex", record_number="G-77",
)  # fmt: skip


def _register(database: Database, clinic: SmallClinic, details: PatientDetails) -> int:
    return database.transact(register_patient, clinic.receptionist, details, NOW)


_SAME_DAY = "same birth date"


@pytest.mark.parametrize(
    ("one", "other", "shares_phone", "why"),
    [
        (("Garcia", "Maria", _BORN), ("García", "MARIA", _BORN), False, f"same name, {_SAME_DAY}"),
        (
            ("Maria", "Garcia", _BORN),
            ("Garcia", "Maria", _BORN),
            False,
            f"names swapped, {_SAME_DAY}",
        ),
        (
            ("Meier", "Jon", _BORN),
            ("Mayer", "John", _BORN),
            False,
            f"name sounds alike, {_SAME_DAY}",
        ),
        (
            ("Kathryn", "Smyth", _BORN),
            ("Smith", "Catherine", _BORN),
            False,
            f"name sounds alike, {_SAME_DAY}",
        ),
        (
            ("Garcia", "Maria", _BORN),
            ("Garzia", "Maria", _BORN),
            False,
            f"similar name, {_SAME_DAY}",
        ),
        (("Garcia", "Maria", None), ("Garcia", "Maria", _BORN), False, "same name"),
        (("Garcia", "Maria", None), ("Garcia", "Maria", _BORN), True, "same name, same phone"),
        # A family on one phone, namesakes, twins, two who only sound a little alike.
        (("Garcia", "Maria", _BORN), ("Garcia", "José", date(2015, 1, 1)), True, ""),
        (("Garcia", "Maria", _BORN), ("Garcia", "Maria", date(1950, 1, 1)), False, ""),
        (("Garcia", "Maria", _BORN), ("Garcia", "Lucía", _BORN), True, ""),
        (("Schmidt", "Jan", _BORN), ("Smith", "John", _BORN), False, ""),
        (("王", "芳", _BORN), ("李", "娜", _BORN), False, ""),
    ],
)
def test_what_speaks_for_one_person(one: Any, other: Any, shares_phone: bool, why: str) -> None:
    for pair in ((one, other), (other, one)):
        people = [Person(*each) for each in pair]
        found, score = resemblance(*people, shares_phone=shares_phone)
        assert found == why
        assert bool(score) == bool(why)


def test_pairs_are_listed_most_likely_first(clinic: SmallClinic, database: Database) -> None:
    twice = _register(database, clinic, _AGAIN)
    family = PatientDetails("Garcia", "José", date(2015, 1, 1), phones=("+4915123456789",))
    _register(database, clinic, family)
    (pair,) = database.read(find_duplicates, clinic.receptionist)
    assert (pair.one.patient_id, pair.other.patient_id) == (clinic.maria, twice)
    assert pair.why == "same name, same birth date"
    assert database.read(find_duplicates, clinic.receptionist, 0) == ()
    database.transact(merge_patients, clinic.receptionist, clinic.maria, twice, NOW)
    assert database.read(find_duplicates, clinic.receptionist) == ()


def test_a_name_of_which_no_word_is_spelled_alike_is_listed_too(
    clinic: SmallClinic, database: Database
) -> None:
    """Misheard, and given and family name in each other's place; beside another of that day."""
    for family, given in (("Smith", "Catherine"), ("Kathryn", "Smyth"), ("Brown", "Leo")):
        _register(database, clinic, PatientDetails(family, given, _BORN))
    (pair,) = database.read(find_duplicates, clinic.receptionist)
    assert (pair.one.family_name, pair.other.family_name) == ("Smith", "Kathryn")
    assert pair.why == "name sounds alike, same birth date"


def test_the_visits_follow_and_the_record_is_filled(
    clinic: SmallClinic, database: Database
) -> None:
    twice = _register(database, clinic, _AGAIN)
    past = database.transact(add_visit, clinic, at("10:00", -7), patient_id=twice)
    request = booking(clinic, patient_id=twice)
    coming = database.transact(book_appointment, clinic.receptionist, request, NOW)
    before = database.read(patient_record, clinic.receptionist, clinic.maria, NOW).details
    done = database.transact(merge_patients, clinic.receptionist, clinic.maria, twice, NOW)
    assert (done.kept, done.merged, done.visits) == ("Maria Garcia", "Maria Garcia", 2)
    for appointment_id in (past, coming.appointment_id):
        assert database.read(visit, appointment_id).patient_id == clinic.maria
    kept = database.read(patient_record, clinic.receptionist, clinic.maria, NOW)
    assert {one.appointment_id for one in kept.history} == {past, coming.appointment_id}
    assert kept.details.phones == (*before.phones, "+4915199887766")
    assert (kept.details.address, kept.details.email) == (
        before.address or "Seestr. 1",
        before.email,
    )
    assert kept.details.alert.endswith("Latex")
    _nobody_finds(database, clinic, twice)


def _nobody_finds(database: Database, clinic: SmallClinic, merged: int) -> None:
    """The merged record is out of every search; its number leads to the one that was kept."""
    for typed in ("garcia maria", "9mar1984", "99887766"):
        found = database.read(find_patients, clinic.receptionist, typed, NOW)
        assert merged not in {one.patient_id for one in found}
        assert clinic.maria in {one.patient_id for one in found}
    assert database.read(patient_known_as, clinic.receptionist, "G-77") == clinic.maria
    alike = database.read(
        possible_duplicates, clinic.receptionist, replace(_AGAIN, record_number=""), NOW
    )
    assert [one.patient.patient_id for one in alike] == [clinic.maria]
    refused(
        database,
        NotFound,
        book_appointment,
        clinic.receptionist,
        booking(clinic, patient_id=merged),
        NOW,
    )
    refused(database, NotFound, patient_record, clinic.receptionist, merged, NOW)


def test_parted_again_both_are_as_they_were(clinic: SmallClinic, database: Database) -> None:
    twice = _register(database, clinic, _AGAIN)
    for patient, day in ((twice, -7), (twice, -6), (clinic.maria, -5)):
        database.transact(add_visit, clinic, at("10:00", day), patient_id=patient)
    before = database.read(_people)
    done = database.transact(merge_patients, clinic.receptionist, clinic.maria, twice, NOW)
    assert database.read(_people) != before
    database.transact(part_patients, clinic.receptionist, done.merge_id, NOW)
    assert database.read(_people) == before


def _people(session: Session) -> dict[str, Any]:
    """All that belongs to patients, without the trail of what was done."""
    trail = ("audit", "patient_merges", "undo_steps")
    return {name: rows for name, rows in everything(session).items() if name not in trail}


def test_what_was_done_since_stays_with_the_kept_record(
    clinic: SmallClinic, database: Database
) -> None:
    twice = _register(database, clinic, _AGAIN)
    done = database.transact(merge_patients, clinic.receptionist, clinic.maria, twice, NOW)
    since = database.transact(book_appointment, clinic.receptionist, booking(clinic), NOW)
    record = database.read(patient_record, clinic.receptionist, clinic.maria, NOW)
    typed = replace(record.details, address="Neue Str. 2", alert="Latex, since 2020")
    database.transact(change_patient, clinic.receptionist, clinic.maria, typed, NOW)
    database.transact(part_patients, clinic.receptionist, done.merge_id, NOW)
    assert database.read(visit, since.appointment_id).patient_id == clinic.maria
    kept = database.read(patient_record, clinic.receptionist, clinic.maria, NOW).details
    assert (kept.address, kept.alert) == ("Neue Str. 2", "Latex, since 2020")
    assert "+4915199887766" not in kept.phones


def test_what_was_booked_during_the_merge_stands_where_it_is(
    clinic: SmallClinic, database: Database
) -> None:
    """Nobody is in two places: to part them again, one of the two visits has to go first."""
    database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.jonas)
    done = database.transact(merge_patients, clinic.receptionist, clinic.sam, clinic.jonas, NOW)
    theirs = {"doctor_id": clinic.okafor, "patient_id": clinic.jonas}
    database.transact(add_visit, clinic, at("10:00"), **theirs)
    before = database.read(everything)
    with pytest.raises(SlotTaken):
        database.transact(part_patients, clinic.receptionist, done.merge_id, NOW)
    assert database.read(everything) == before


def test_a_request_that_was_answered_before_the_merge(
    clinic: SmallClinic, database: Database
) -> None:
    """Sent again, it names a record that is gone, and is answered all the same."""
    request = booking(clinic, patient_id=clinic.jonas)
    first = database.transact(book_appointment, clinic.receptionist, request, NOW)
    database.transact(merge_patients, clinic.receptionist, clinic.sam, clinic.jonas, NOW)
    again = database.transact(book_appointment, clinic.receptionist, request, NOW)
    assert (again.appointment_id, again.patient_id) == (first.appointment_id, clinic.sam)


def test_nobody_is_in_two_places(clinic: SmallClinic, database: Database) -> None:
    twice = _register(database, clinic, _AGAIN)
    database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.maria)
    database.transact(add_visit, clinic, at("10:10"), patient_id=twice, doctor_id=clinic.park)
    refusal = refused(
        database, SlotTaken, merge_patients, clinic.receptionist, clinic.maria, twice, NOW
    )
    assert "Dr Lee, Mon 23 Nov 2026 10:00–10:20" in str(refusal)


def test_a_file_names_the_merged_record(clinic: SmallClinic, database: Database) -> None:
    """What it brings goes to the record that was kept."""
    twice = _register(database, clinic, _AGAIN)
    database.transact(merge_patients, clinic.receptionist, clinic.maria, twice, NOW)
    coming = IncomingVisit("G-77", "Dr Hannah Lee", "Follow-up", at("10:00"))
    database.transact(take_appointments, clinic.admin, [Incoming(2, coming)], NOW)
    assert database.read(visit, 1).patient_id == clinic.maria


def test_one_merge_after_another(clinic: SmallClinic, database: Database) -> None:
    """Reversed in the order in which they were made, the last one first."""
    second, third = (
        _register(database, clinic, replace(_AGAIN, record_number=number))
        for number in ("G-2", "G-3")
    )
    before = database.read(_people)
    into_second = database.transact(merge_patients, clinic.receptionist, second, third, NOW)
    into_first = database.transact(merge_patients, clinic.receptionist, clinic.maria, second, NOW)
    assert database.read(patient_known_as, clinic.receptionist, "G-3") == clinic.maria
    refused(
        database, ChangedMeanwhile, part_patients, clinic.receptionist, into_second.merge_id, NOW
    )
    for merge in (into_first, into_second):
        database.transact(part_patients, clinic.receptionist, merge.merge_id, NOW)
    assert database.read(_people) == before
    refused(
        database, ChangedMeanwhile, part_patients, clinic.receptionist, into_first.merge_id, NOW
    )


def test_what_cannot_be_merged(clinic: SmallClinic, database: Database) -> None:
    ana = clinic.receptionist
    twice = _register(database, clinic, _AGAIN)
    refused(database, BadInput, merge_patients, ana, clinic.maria, clinic.maria, NOW)
    for pair in ((clinic.maria, NOBODY), (NOBODY, clinic.maria)):
        refused(database, NotFound, merge_patients, ana, *pair, NOW)
    refused(database, NotFound, part_patients, ana, NOBODY, NOW)
    database.transact(merge_patients, ana, clinic.maria, twice, NOW)
    for pair in ((clinic.maria, twice), (twice, clinic.sam)):
        refused(database, NotFound, merge_patients, ana, *pair, NOW)
