"""Records of one person, found and made one by typing."""

from __future__ import annotations

from datetime import date

from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient

from ..small_clinic import NOW
from .conftest import Clinic, SignedIn


def test_one_person_twice(desk_line: SignedIn, ana: Clinic) -> None:
    assert ana.ok("patient", "duplicates") == "No two records look like one person's.\n"
    again = PatientDetails("Garcia", "María", date(1984, 3, 9), record_number="G-77")
    actor = desk_line.clinic.receptionist
    twice = desk_line.database.transact(register_patient, actor, again, NOW)
    assert "same name, same birth date" in ana.ok("patient", "duplicates")
    (pair,) = ana("patient", "duplicates", "--json").json
    assert pair["other"]["patient_id"] == twice
    first = pair["one"]["record_number"]

    done = ana("patient", "merge", "--keep", first, "--merge", "G-77", "--json").json
    assert (done["kept_id"], done["merged_id"]) == (desk_line.clinic.maria, twice)
    assert ana.ok("patient", "duplicates") == "No two records look like one person's.\n"
    assert "two again; 0 visits went back" in ana.ok("patient", "part", str(done["merge_id"]))
    assert "reversed already" in ana.refused("patient", "part", str(done["merge_id"]))


def test_one_and_the_same(ana: Clinic) -> None:
    said = ana.refused("patient", "merge", "--keep", "garcia", "--merge", "garcia")
    assert said == "Those are one and the same record."
