"""Synthea's files, as they come: 1,171 patients, 5,855 doctors, 2,590 encounters."""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import datetime
from itertools import combinations
from pathlib import Path

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.clinic.integrity import count_book
from clinic_tui.domain.intake.doctors import take_doctors
from clinic_tui.domain.intake.intake import RowsRefused, Taken
from clinic_tui.domain.intake.patients import take_patients
from clinic_tui.domain.intake.visits import take_appointments
from clinic_tui.interchange.columns import APPOINTMENT_COLUMNS, DOCTOR_COLUMNS, PATIENT_COLUMNS
from clinic_tui.interchange.incoming import Clock, appointments_in, doctors_in, patients_in
from clinic_tui.interchange.overlaps import overlaps
from clinic_tui.interchange.tables import open_csv

from ..small_clinic import NOW, ZONE, SmallClinic

_FOLDER = os.environ.get("CLINIC_FIELD_DATA")
pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(
        not _FOLDER, reason="CLINIC_FIELD_DATA names no folder with facts from the field"
    ),
]
_CLOCK = Clock("US", ZONE, NOW.date())


def folder(name: str) -> Path:
    return Path(_FOLDER or "") / name


def take_people(database: Database, clinic: SmallClinic, name: str) -> tuple[Taken, Taken]:
    patients = patients_in(open_csv(folder(name) / "patients.csv", PATIENT_COLUMNS), _CLOCK)
    doctors = doctors_in(open_csv(folder(name) / "providers.csv", DOCTOR_COLUMNS), _CLOCK)
    return (
        database.transact(take_patients, clinic.admin, patients, NOW),
        database.transact(take_doctors, clinic.admin, doctors, NOW),
    )


def test_the_well_known_sample(database: Database, clinic: SmallClinic) -> None:
    patients, doctors = take_people(database, clinic, "synthea_1171")
    assert (patients.added, patients.passed_over, patients.refused) == (1000, 171, ())
    assert (doctors.added, doctors.refused) == (5855, ())
    patients, doctors = take_people(database, clinic, "synthea_1171")
    assert (patients.added, patients.already_there) == (0, 1000)
    assert (doctors.added, doctors.already_there) == (0, 5855)


def pairs_by_hand(column: str) -> set[frozenset[int]]:
    """Every two encounters of one, compared with each other: by seconds, by nothing of ours."""
    with (folder("synthea_ca59") / "encounters.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    groups: dict[str, list[tuple[datetime, datetime, int]]] = {}
    for line, row in enumerate(rows, start=2):
        start, stop = (datetime.fromisoformat(row[name]) for name in ("START", "STOP"))
        groups.setdefault(row[column], []).append((start, stop, line))
    return {
        frozenset((line, other_line))
        for visits in groups.values()
        for (start, stop, line), (other_start, other_stop, other_line) in combinations(visits, 2)
        if start < other_stop and other_start < stop
    }


def test_exactly_the_pairs_that_overlap_are_told(database: Database, clinic: SmallClinic) -> None:
    take_people(database, clinic, "synthea_ca59")
    file = open_csv(folder("synthea_ca59") / "encounters.csv", APPOINTMENT_COLUMNS)
    rows = appointments_in(file, _CLOCK)
    found = overlaps(rows)
    of_doctors, of_patients = (
        {frozenset((pair.line, pair.other_line)) for pair in pairs}
        for pairs in (found.of_doctors, found.of_patients)
    )
    assert (len(found.of_doctors), len(found.of_patients)) == (28, 40)
    assert of_doctors == pairs_by_hand("PROVIDER")
    assert of_patients == pairs_by_hand("PATIENT")

    with pytest.raises(RowsRefused):
        database.transact(take_appointments, clinic.admin, rows, NOW)
    assert database.read(count_book).appointments == 0

    taken = database.transact(take_appointments, clinic.admin, rows, NOW, partial=True)
    reasons = Counter(row.field for row in taken.refused)
    # 509 of people who have died, 59 of the others longer than twelve hours.
    assert (reasons["Patient"], reasons["Length"]) == (509, 59)
    assert taken.added + len(taken.refused) == 2590
    refused_for_time = {row.line for row in taken.refused if row.field == "Start"}
    assert refused_for_time <= {line for pair in of_doctors | of_patients for line in pair}
    counts = database.read(count_book)
    assert (counts.overlaps_of_doctors, counts.overlaps_of_patients) == (0, 0)
    # Of every pair at most one stands.
    refused = {row.line for row in taken.refused}
    assert all(pair & refused for pair in of_doctors | of_patients)

    again = database.transact(take_appointments, clinic.admin, rows, NOW, partial=True)
    assert (again.added, again.already_there) == (0, taken.added)
