"""A day sheet typed back in: booked by the same checks, marked, once, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_tui.domain.codes import NoticeKind, Status
from clinic_tui.domain.models import Appointment, Notice, table
from tests.domain.given import add_visit, at

from .conftest import Clinic, SignedIn

_HEAD = "day,doctor,time,patient,birth_date,visit_type,note,came\n"
_GOOD = (
    "2026-11-20,lee,10:00,000001,,f/up,walked in,came\n"
    '2026-11-20,Dr Lee,10:20,"Lind, Jonas",31.12.1951,Follow-up,,did not come\n'
    "2026-11-24,Hannah Lee,3pm,garcia,9mar84,vacc,,\n"
    "2026-11-23,Okafor,9:00,000002,,,,arrived\n"
)


def file(folder: Path, rows: str) -> str:
    path = folder / "sheet.csv"
    path.write_text(_HEAD + rows, encoding="utf-8")
    return str(path)


def book(session: Session) -> list[tuple[int, Status, str]]:
    """Whose visit, its status and its note, by start."""
    columns = table(Appointment).c
    query = select(columns.patient_id, columns.status, columns.note).order_by(columns.starts_at)
    return [(who, status, note) for who, status, note in session.execute(query)]


def last_of(session: Session) -> int:
    """The visit that begins last."""
    columns = table(Appointment).c
    return session.scalars(select(columns.id).order_by(columns.starts_at.desc())).first() or 0


def confirmations(session: Session) -> int:
    query = select(func.count()).where(table(Notice).c.kind == NoticeKind.CONFIRMATION)
    return session.scalar(query) or 0


def test_what_was_written_by_hand(desk_line: SignedIn, ana: Clinic, tmp_path: Path) -> None:
    clinic, database = desk_line.clinic, desk_line.database
    database.transact(
        add_visit, clinic, at("09:00"), doctor_id=clinic.okafor, patient_id=clinic.jonas
    )
    path = file(tmp_path, _GOOD)
    assert ana.ok("import", "sheet", path).splitlines() == [
        "sheet.csv: 4 rows of visits, parted by commas, UTF-8.",
        "  line 2: Fri 20 Nov 2026 10:00, lee, 000001, came",
        "  line 3: Fri 20 Nov 2026 10:20, Dr Lee, Lind, Jonas, did not come",
        "  line 4: Tue 24 Nov 2026 15:00, Hannah Lee, garcia",
        "3 added, 1 marked, 0 already there, 0 left out, 0 refused.",
    ]
    stands = [
        (clinic.maria, Status.FULFILLED, "walked in"),
        (clinic.jonas, Status.NOSHOW, ""),
        (clinic.jonas, Status.ARRIVED, ""),
        (clinic.maria, Status.BOOKED, ""),
    ]
    assert database.read(book) == stands
    told = database.read(confirmations)
    assert told > 0, "of the visit that is to come"
    # The same file again, whoever types it and whatever became of the visits since.
    ana.ok("cancel", str(database.read(last_of)))
    desk_line.be(clinic.doctor_lee)
    again = desk_line.run("import", "sheet", path, "--json", "--partial").json
    assert (again["added"], again["marked"], again["already_there"]) == (0, 0, 4)
    other = file(tmp_path, "2026-11-24,okafor,10:00,000001,,f/up,,\n")
    assert "You may not book" in desk_line.run("import", "sheet", other).err
    file(tmp_path, _GOOD)
    desk_line.be(clinic.receptionist)
    assert "0 added, 4 already there" in ana.ok("import", "sheet", path)
    assert [status for _, status, _ in database.read(book)] == [
        *(status for _, status, _ in stands[:3]),
        Status.CANCELLED,
    ]
    assert database.read(confirmations) == told


@pytest.mark.parametrize("kind", ["sqlite"])
def test_refused_row_by_row(desk_line: SignedIn, ana: Clinic, tmp_path: Path) -> None:
    """Line, column and reason; the rest only with --partial."""
    rows = (
        "2026-11-22,lee,10:00,000001,,f/up,,came\n"
        "2026-11-20,lee,12:30,000001,,f/up,,\n"
        "2026-11-20,lee,10:00,000001,,f/up,,\n"
        "2026-11-20,lee,10:10,000002,,f/up,,\n"
        "2026-11-20,okafor,10:10,000001,,f/up,,\n"
        "2026-11-20,lee,11:00,garcia,,f/up,,\n"
        "2026-11-20,lee,11:00,nobody,12mar84,f/up,,\n"
        "2026-02-30,lee,11:00,000001,,f/up,,\n"
        "fri,lee,11:00,000001,,f/up,,\n"
        "2026-11-20,lee,25:00,000001,,f/up,,\n"
        "2026-11-20,lee,11:00,000001,,f/up,,maybe\n"
        "2026-11-24,lee,11:00,000001,,f/up,,came\n"
        "2026-10-01,lee,11:00,000001,,f/up,,\n"
        "2026-11-20,nobody,11:00,000001,,f/up,,\n"
        "2026-11-20,lee,11:00,000001,,x-ray,,\n"
    )
    path = file(tmp_path, rows)
    said = ana("import", "sheet", path)
    assert said.code == 1
    assert said.err.splitlines()[:14] == [
        "line 2: Dr Lee does not work on Sun 22 Nov 2026.",
        "line 3: Dr Lee works 09:00–12:00, 13:00–17:00 on Fri 20 Nov 2026.",
        "line 5: Dr Lee is taken Fri 20 Nov 2026 10:00–10:20.",
        "line 6: Maria Garcia has a visit with Dr Lee Fri 20 Nov 2026 10:00–10:20.",
        "line 7: Patient: “garcia” is nobody on record of that number, and a name needs a birth"
        " date.",
        "line 8: Patient: “nobody” is nobody on record.",
        "line 9: Day: “2026-02-30” is no date; one looks like 2026-11-24.",
        "line 10: Day: “fri” is no date; one looks like 2026-11-24.",
        "line 11: Time: “25:00” is none; a day goes from 0:00 to 23:59.",
        "line 12: Came: “maybe” is none of arrived, came, did not come.",
        "line 13: It is too soon: that visit has not begun yet.",
        "line 14: Day: a sheet is typed back in within 31 days.",
        "line 15: Doctor: there is no doctor “nobody”.",
        "line 16: Visit type: there is none called “x-ray”.",
    ]
    assert desk_line.database.read(book) == []
    assert "1 added" in ana("import", "sheet", path, "--partial").out
    assert len(desk_line.database.read(book)) == 1


@pytest.mark.parametrize("kind", ["sqlite"])
def test_who_may(desk_line: SignedIn, ada: Clinic, tmp_path: Path) -> None:
    """Who runs visits, not who manages the clinic, and no patient."""
    path = file(tmp_path, _GOOD)
    assert "You may not" in ada.refused("import", "sheet", path)
    desk_line.be(desk_line.clinic.patient)
    assert "You may not" in desk_line.run.refused("import", "sheet", path)
