"""clinic check: finds what the guards have let through, and what else is wrong."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, text

from clinic_tui.domain.clinic.integrity import BookCounts, count_book
from clinic_tui.domain.codes import Status
from clinic_tui.domain.models import Appointment, table
from clinic_tui.domain.visits.guards import DOCTOR_FREE, GUARDS, PATIENT_FREE, ROOM_FREE

from ..small_clinic import NOW
from .conftest import Clinic, SignedIn


def add(desk_line: SignedIn, start: int, end: int, **given: object) -> None:
    clinic = desk_line.clinic
    starts_at, ends_at = (NOW + timedelta(minutes=at) for at in (start, end))
    values = {
        "patient_id": clinic.maria,
        "doctor_id": clinic.lee,
        "visit_type_id": clinic.follow_up,
        "room_id": None,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "blocked_from": starts_at,
        "blocked_until": ends_at,
        "status": Status.BOOKED,
        "created_at": NOW,
    }
    with desk_line.database.engine.begin() as connection:
        connection.execute(insert(table(Appointment)).values(values | given))


def without_guards(desk_line: SignedIn) -> None:
    """Take the guards away, as a hand at the database could."""
    with desk_line.database.engine.begin() as connection:
        for name in GUARDS:
            if desk_line.database.is_sqlite:
                connection.exec_driver_sql(f"DROP TRIGGER {name}_insert")
            else:
                connection.exec_driver_sql(f"ALTER TABLE appointments DROP CONSTRAINT {name}")


def test_all_is_well_without_signing_in(desk_line: SignedIn) -> None:
    add(desk_line, 0, 20)
    out = desk_line.run.ok("check")
    assert "0 overlaps in 1 appointments" in out
    found = desk_line.run("check", "--json").json
    assert all(one["is_well"] for one in found)


def test_overlaps_are_counted_whatever_hides_them(desk_line: SignedIn) -> None:
    clinic = desk_line.clinic
    assert {DOCTOR_FREE, PATIENT_FREE, ROOM_FREE} == set(GUARDS)
    without_guards(desk_line)
    # A long visit, a short one that ends within it, and a third that only the long one meets.
    add(desk_line, 0, 600)
    add(desk_line, 10, 20, patient_id=clinic.jonas)
    add(desk_line, 300, 320, patient_id=clinic.ozlem)
    add(desk_line, 600, 620, patient_id=clinic.ozlem)
    counts = desk_line.database.read(count_book)
    assert counts == BookCounts(4, 0, 2, 0, 0)
    # What frees its time, and what was overbooked, is no overlap of the doctor's.
    add(desk_line, 5, 25, status=Status.CANCELLED)
    add(desk_line, 5, 25, patient_id=clinic.thuy, overbooked=True, room_id=clinic.room_one)
    assert desk_line.database.read(count_book) == BookCounts(6, 1, 2, 0, 0)
    add(desk_line, 15, 35, doctor_id=clinic.park, patient_id=clinic.thuy, room_id=clinic.room_one)
    assert desk_line.database.read(count_book) == BookCounts(7, 1, 2, 1, 1)
    said = desk_line.run("check")
    assert said.code == 1
    assert said.err.splitlines() == [
        "WRONG  doctors       2 overlaps in 7 appointments",
        "WRONG  patients      1 overlaps in 7 appointments",
        "WRONG  rooms         1 overlaps in 7 appointments",
    ]


def test_buffers_count_for_the_doctor(desk_line: SignedIn) -> None:
    without_guards(desk_line)
    add(desk_line, 0, 20, blocked_until=NOW + timedelta(minutes=30))
    add(desk_line, 20, 40)
    assert desk_line.database.read(count_book) == BookCounts(2, 0, 1, 0, 0)


def test_a_damaged_file_is_said_to_be_damaged(desk_line: SignedIn, tmp_path: Path) -> None:
    if not desk_line.database.is_sqlite:
        with desk_line.database.engine.begin() as connection:
            connection.execute(text("DELETE FROM clinic"))
        assert "clinic init" in desk_line.run("check").err
        return
    path = Path(desk_line.database.url.database or "")
    desk_line.database.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA foreign_keys = OFF")
        file.execute("INSERT INTO doctor_specialties VALUES (99, 99)")
    said = desk_line.run("check", "--json")
    assert said.code == 1
    [wrong] = [one for one in json.loads(said.out) if not one["is_well"]]
    assert "rows that are not there" in wrong["found"]


def test_a_book_that_may_only_be_read(desk_line: SignedIn) -> None:
    if not desk_line.database.is_sqlite:
        return  # Whoever may sign in at the server may write.
    path = Path(desk_line.database.url.database or "")
    desk_line.database.close()
    with closing(sqlite3.connect(path)) as log:
        log.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(18)  # SQLite only reads a file whose write version is not its own.
        file.write(b"\x03")
    said = desk_line.run("check")
    assert (said.code, said.err) == (
        1,
        "WRONG  writing       The clinic's database may not be written from here.\n",
    )
    assert "0 overlaps" in said.out, "the rest is looked at all the same"


def test_no_clinic_at_all(run: Clinic) -> None:
    said = run("check")
    assert said.code == 1
    assert "clinic init" in said.err


def test_the_folder_for_day_sheets(desk_line: SignedIn, tmp_path: Path) -> None:
    """It is there, or it is said that it is not."""
    path = tmp_path / "config.toml"
    path.write_text(f'[sheets]\nat = "18:00"\nfolder = "{tmp_path}/sheets"\n')
    said = desk_line.run("--config", str(path), "check")
    assert said.code == 1
    assert f"WRONG  sheets        Day sheets cannot be written: there is no folder {tmp_path}" in (
        said.err
    )
    (tmp_path / "sheets").mkdir()
    assert f"ok     sheets        at 18:00 to {tmp_path}/sheets" in desk_line.run.ok(
        "--config", str(path), "check"
    )
