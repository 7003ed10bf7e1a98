"""A day as it is printed: who comes, how to reach them, and where there is room to write."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.models import Patient, PatientPhone, table
from clinic_tui.domain.overview.day_sheet import DoctorSheet, day_sheet
from clinic_tui.domain.times.walltime import say_time
from tests.small_clinic import NOW, SmallClinic

from .given import add_visit, at

_TODAY = NOW.date()


def _lines(sheet: DoctorSheet) -> list[tuple[str, str, str]]:
    """When each begins, whose it is and where they are reached."""
    return [
        (
            say_time(line.starts_at, "Europe/Berlin"),
            line.visit.family_name or "busy" if line.visit else "",
            line.phone,
        )
        for line in sheet.lines
    ]


def test_visits_and_room_to_write(clinic: SmallClinic, database: Database) -> None:
    """Free time in pieces as long as most visits; a colleague's visit has no name and no number."""
    with Session(database.engine) as session:
        add_visit(session, clinic, at("09:20"))
        add_visit(session, clinic, at("10:00"), minutes=40, after=10)
        add_visit(session, clinic, at("11:00"), patient_id=clinic.maria)
        add_visit(session, clinic, at("14:00"))
        session.commit()
        phones = table(PatientPhone)
        session.execute(
            update(phones)
            .where(phones.c.patient_id == clinic.jonas, phones.c.position == 0)
            .values(number="+4930901820")
        )
        born = session.scalar(
            update(table(Patient))
            .where(table(Patient).c.id == clinic.jonas)
            .values(birth_date=_TODAY - timedelta(days=10_000))
            .returning(table(Patient).c.birth_date)
        )
        session.commit()
    seen = database.read(day_sheet, clinic.receptionist, _TODAY, NOW, doctor_ids=(clinic.lee,))
    (lee,) = seen.doctors
    assert _lines(lee)[:7] == [
        ("09:00", "", ""),
        ("09:20", "Lind", "+4930901820"),
        ("09:40", "", ""),
        ("10:00", "Lind", "+4930901820"),
        ("10:50", "", ""),
        ("11:00", "Garcia", lee.lines[5].phone),
        ("11:20", "", ""),
    ]
    assert _lines(lee)[7:11] == [
        ("11:40", "", ""),
        ("13:00", "", ""),
        ("13:20", "", ""),
        ("13:40", "", ""),
    ], "a visit of the afternoon leaves the morning as free as it is"
    assert lee.lines[1].birth_date == born
    assert lee.lines[2].ends_at - lee.lines[2].starts_at == timedelta(minutes=20)
    assert lee.lines[4].ends_at == at("11:00"), "the last piece is as long as there is room"
    park = clinic.doctor_park
    colleague = database.read(day_sheet, park, _TODAY, NOW, doctor_ids=(clinic.lee,))
    taken = [line for line in _lines(colleague.doctors[0]) if line[1]]
    assert taken == [(time, "busy", "") for time in ("09:20", "10:00", "11:00", "14:00")]


def test_a_day_off(clinic: SmallClinic, database: Database) -> None:
    sunday = _TODAY + timedelta(days=6)
    seen = database.read(day_sheet, clinic.receptionist, sunday, NOW, doctor_ids=(clinic.lee,))
    assert seen.doctors[0].lines == ()
    assert seen.doctors[0].closed_because
    assert database.read(day_sheet, clinic.receptionist, sunday, NOW).doctors == ()
