"""A day as text."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from sqlalchemy import text

from clinic_tui.domain.visits.booking import BookingRequest, book_appointment

from ..small_clinic import NOW
from .conftest import Clinic, SignedIn


def book(
    desk_line: SignedIn,
    minutes: int,
    doctor_id: int,
    patient_id: int,
    *,
    visit_type_id: int | None = None,
    room_id: int | None = None,
) -> None:
    """Book a visit so many minutes after 09:00."""
    clinic = desk_line.clinic
    request = BookingRequest(
        doctor_id=doctor_id,
        visit_type_id=visit_type_id or clinic.follow_up,
        starts_at=NOW + timedelta(minutes=minutes),
        patient_id=patient_id,
        room_id=room_id,
    )
    desk_line.database.transact(book_appointment, clinic.receptionist, request, NOW)


def test_a_day(desk_line: SignedIn, ana: Clinic) -> None:
    clinic = desk_line.clinic
    book(desk_line, 20, clinic.lee, clinic.maria, room_id=clinic.room_one)
    book(desk_line, 60, clinic.lee, clinic.jonas, visit_type_id=clinic.new_patient)
    assert ana.ok("agenda", "--doctor", "lee").splitlines() == [
        "Riverside Clinic · Mon 23 Nov 2026 · week 48",
        "",
        "Dr Lee · General practice",
        "  09:00–09:20  · free for 20 min",
        "  09:20–09:40  Garcia, Maria        Follow-up   Room 1  booked                1",
        "  09:40–09:55  · free for 15 min",
        "  10:00–10:40  Lind, Jonas          New patient         booked                2",
        "  10:50–12:00  · free for 70 min",
        "  13:00–17:00  · free for 4 h",
    ]
    found = ana("agenda", "--doctor", "lee", "--json").json["doctors"][0]
    assert found["free"][1]["ends_at"] == "2026-11-23T09:55:00+01:00"
    assert found["visits"][1]["visit"] == 2
    assert [column["doctor"] for column in ana("agenda", "--json").json["doctors"]] == [
        "Dr Lee",
        "Dr Okafor",
        "Dr Park",
    ]


def test_columns_stay_aligned_and_within_eighty(desk_line: SignedIn, ana: Clinic) -> None:
    clinic = desk_line.clinic
    names = ("山田花子" * 10, "e\u0301" * 40, "Featherstonehaugh-Wolfeschlegelsteinhausen", "김")
    with desk_line.database.engine.begin() as connection:
        for name, patient in zip(
            names, (clinic.maria, clinic.jonas, clinic.ozlem, clinic.thuy), strict=True
        ):
            connection.execute(
                text("UPDATE patients SET family_name = :name WHERE id = :id"),
                {"name": name, "id": patient},
            )
        connection.execute(text("UPDATE appointments SET id = id"))
    for at, patient in enumerate((clinic.maria, clinic.jonas, clinic.ozlem, clinic.thuy)):
        book(desk_line, at * 20, clinic.lee, patient, room_id=clinic.room_two)
    lines = ana.ok("agenda", "--doctor", "lee").splitlines()[3:7]
    assert {cell_len(line) for line in lines} == {79}
    assert {cell_len(line[: line.index("Follow-up")]) for line in lines} == {36}
    assert lines[0].startswith("  09:00–09:20  山田花子山田花子山… ")


def test_whose_day_a_doctor_sees(desk_line: SignedIn) -> None:
    clinic, run = desk_line.clinic, desk_line.run
    book(desk_line, 20, clinic.okafor, clinic.maria)
    desk_line.be(clinic.doctor_lee)
    own = run.ok("agenda")
    assert "Dr Lee" in own
    assert "Dr Okafor" not in own
    everybody = run.ok("agenda", "--doctor", "all")
    assert "09:20–09:40  busy" in everybody
    assert "Garcia" not in everybody
    busy = run("agenda", "--doctor", "okafor", "--json").json["doctors"][0]["visits"]
    assert busy == [
        {
            "starts_at": "2026-11-23T09:20:00+01:00",
            "ends_at": "2026-11-23T09:40:00+01:00",
            "busy": True,
        }
    ]


@pytest.mark.parametrize(
    ("day", "line"),
    [
        ("sat", "Nobody works on that day."),
        ("tomorrow", "Riverside Clinic · Tue 24 Nov 2026 · week 48"),
        ("24.12.2026", "Riverside Clinic · Thu 24 Dec 2026 · week 52"),
    ],
)
def test_other_days(ana: Clinic, day: str, line: str) -> None:
    assert line in ana.ok("agenda", "--day", day)


def test_a_doctor_who_is_closed_says_why(ana: Clinic) -> None:
    out = ana.ok("agenda", "--doctor", "lee", "--day", "sat")
    assert "Dr Lee does not work on Sat 28 Nov 2026" in out


def test_refused(desk_line: SignedIn, ana: Clinic) -> None:
    assert "is no day" in ana.refused("agenda", "--day", "someday")
    assert ana.refused("agenda", "--doctor", "house") == "There is no doctor “house”."
    desk_line.be(desk_line.clinic.patient)
    assert ana.refused("agenda") == "You may not see the calendar."


def test_on_paper(desk_line: SignedIn, ana: Clinic, tmp_path: Path) -> None:
    """One sentence where the file cannot be written."""
    sheets = tmp_path / "monday.pdf"
    assert ana.ok("agenda", "--pdf", str(sheets)) == f"Written to {sheets}: 3 pages.\n"
    assert sheets.read_bytes().startswith(b"%PDF")
    refused = ana("agenda", "--pdf", str(tmp_path / "nowhere" / "monday.pdf"))
    assert refused.code == 1
    assert len(refused.err.splitlines()) == 1
