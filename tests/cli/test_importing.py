"""Taking in files: all or nothing, twice the same as once, refused with line and reason."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from clinic_tui.cli import imports
from clinic_tui.desk import Desk
from clinic_tui.domain.clinic.rooms import add_room
from clinic_tui.domain.intake.patients import take_patients
from clinic_tui.domain.models import Appointment, Doctor, Patient, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.interchange import tables
from clinic_tui.interchange.columns import PATIENT_COLUMNS
from clinic_tui.interchange.incoming import Clock, Rows, patients_in
from clinic_tui.interchange.tables import Cells, open_csv
from tests.small_clinic import NOW

from .conftest import Clinic, SignedIn

_PATIENTS = "id,family_name,given_name,birth_date,sex,phone\n"
_LONG_NAME = "Physiotherapy of the shoulder (left side only)"
_VISITS = "id,patient,doctor,starts_at,minutes,visit_type\n"


def count(desk_line: SignedIn, entity: type[Patient] | type[Doctor] | type[Appointment]) -> int:
    query = select(func.count()).select_from(table(entity))
    return desk_line.database.read(lambda session: session.scalar(query) or 0)


def file(folder: Path, text: str, name: str = "in.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_patients_once_and_again(desk_line: SignedIn, ada: Clinic, tmp_path: Path) -> None:
    rows = "a1,Ito,Ken,1990-02-28,m,030 901820\n,Roth,Eva,12mar84,f,\n"
    path = file(tmp_path, f"{_PATIENTS[:-1]},shoe size\n" + rows.replace("\n", ",42\n"))
    assert ada.ok("import", "patients", path).splitlines() == [
        "in.csv: 2 rows of patients, parted by commas, UTF-8.",
        "  line 2: Ito, Ken, born 1990-02-28",
        "  line 3: Roth, Eva, born 1984-03-12",
        "Columns that are not used: shoe size.",
        "2 added, 0 already there, 0 left out, 0 refused.",
    ]
    before = count(desk_line, Patient)
    again = ada("import", "patients", path, "--json").json
    assert (again["added"], again["already_there"], again["refused"]) == (0, 2, [])
    assert again["unused_columns"] == ["shoe size"]
    assert count(desk_line, Patient) == before
    desk_line.be(desk_line.clinic.receptionist)
    ana = desk_line.run
    ana.ok("book", "--patient", "a1", "--doctor", "lee", "--type", "follow", "--at", "tue 9:00")
    ana.ok("book", "--patient", "roth 12mar84", "--doctor", "lee", "--type", "follow",
           "--at", "tue 9:20")  # fmt: skip


def test_all_or_nothing_unless_partial(desk_line: SignedIn, ada: Clinic, tmp_path: Path) -> None:
    before = count(desk_line, Patient)
    path = file(
        tmp_path,
        _PATIENTS
        + "1,Ito,Ken,1990-02-28,m,030 901820\n"
        + "2,,,,,\n"
        + "3,Roth,Eva,someday,f,\n"
        + "4,Lind,Bo,,q,\n"
        + "5,Kim,Jo,,,12\n"
        + '6,"Ha\x1bn",Jo,,,\n'
        + "7,Ono,Yoko,2030-01-01,f,\n"
        + "8,too,many,,,,cells\n"
        + "1,Ito,Ken,1990-02-28,m,030 901820\n",
    )
    report = tmp_path / "report.csv"
    said = ada("import", "patients", path, "--report", str(report))
    assert said.code == 1
    refused = [
        "line 3, Family name: A patient needs a name.",
        "line 4: Birth date: “someday” is no date; write 12mar1984 or 1984-03-12.",
        "line 5: Sex: “q” is none of female, male, other, unknown.",
        "line 6: Phone: “12” is no valid number in DE or abroad.",
        "line 7: Family name holds a character that cannot be shown"
        " (U+001B, character 3): please type it without.",
        "line 8, Birth date: The birth date lies in the future.",
        "line 9, Row: The row has 7 cells under 6 columns.",
    ]
    assert said.err.splitlines() == [
        *refused,
        "7 rows were refused, therefore nothing was taken in. --partial takes the others.",
    ]
    assert said.out.splitlines()[-1] == (
        "1 would be added, 1 already there, 0 left out, 7 refused."
    )
    assert count(desk_line, Patient) == before
    with report.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [one["line"] for one in lines] == ["3", "4", "5", "6", "7", "8", "9"]
    assert all(line.endswith(one["reason"]) for line, one in zip(refused, lines, strict=True))

    said = ada("import", "patients", path, "--partial", "--json")
    assert said.code == 0
    assert (said.json["added"], len(said.json["refused"])) == (1, 7)
    assert said.json["refused"][0] == {
        "line": 3,
        "field": "Family name",
        "reason": "A patient needs a name.",
    }
    assert count(desk_line, Patient) == before + 1


def test_record_numbers_that_are_brought(desk_line: SignedIn, ada: Clinic, tmp_path: Path) -> None:
    # Roth would be numbered 000007, which Kim brings further down.
    path = file(
        tmp_path,
        "record_number,family_name\nX-1,Ito\n,Roth\n000007,Kim\n000001,Lind\nX-1,Ono\n",
    )
    said = ada("import", "patients", path, "--partial")
    assert said.err.splitlines() == [
        "line 5: Record number 000001 belongs to another patient.",
        "line 6: Record number X-1 belongs to another patient.",
    ]
    columns = table(Patient).c
    query = select(columns.family_name, columns.record_number).where(columns.id > 5)
    numbers = dict(desk_line.database.read(lambda session: session.execute(query).all()))
    assert (numbers["Ito"], numbers["Kim"]) == ("X-1", "000007")
    assert numbers["Roth"].startswith("000007-")


def test_doctors(desk_line: SignedIn, ada: Clinic, tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "Id;NAME;SPECIALITY\n1;Ana Brandt;Dermatology;\n2;María José279 de Jesús414;CARDIOLOGY\n"
        "3;Ito, Ken;Surgery|dermatology\n4;Brown;\n",
    )
    assert "4 added" in ada.ok("import", "doctors", path)
    assert "4 already there" in ada.ok("import", "doctors", path)
    assert count(desk_line, Doctor) == 7
    ada.ok("hours", "set", "2", "mon 9-12")
    for name in ("de Jesús414", "Dr de Jesus414 María José279", "ito ken", "brandt", "3"):
        ada.ok("hours", "show", name)


def test_appointments(desk_line: SignedIn, ada: Clinic, tmp_path: Path) -> None:
    path = file(
        tmp_path,
        _VISITS
        + "v1,000001,Dr Lee,2026-11-24 15:00,20,Follow-up\n"
        + f"v2,000002,hannah lee,24.11.2026 15:20,20,{_LONG_NAME}\n"
        + "v3,000003,lee,2026-11-24T13:10:30Z,20,follow-up\n"
        + "v4,000004,Okafor,2020-01-01 03:00,600,Night watch\n",
    )
    assert ada.ok("import", "appointments", path).splitlines()[4:] == [
        "Rows that overlap: 0 pairs of one doctor, 0 pairs of one patient.",
        "4 added, 0 already there, 0 left out, 0 refused.",
    ]
    assert "4 already there" in ada.ok("import", "appointments", path)
    visits = ada("agenda", "--doctor", "lee", "--day", "tue", "--json").json["doctors"][0]["visits"]
    assert [one["starts_at"][11:19] for one in visits] == ["14:10:00", "15:00:00", "15:20:00"]
    types = [one["name"] for one in ada("visit-type", "list", "--json").json]
    assert "Physiotherapy of the shoulder" in types
    [night] = ada("agenda", "--doctor", "okafor", "--day", "1.1.2020", "--json").json["doctors"][0][
        "visits"
    ]
    assert night["status"] == "fulfilled"


def test_appointments_that_cannot_be(desk_line: SignedIn, ada: Clinic, tmp_path: Path) -> None:
    rows = [
        "1,000001,Dr Lee,2026-11-24 15:00,20,Follow-up",
        "2,000002,Dr Lee,2026-11-24 15:10,20,Follow-up",
        "3,000001,park,2026-11-24 15:10,20,Follow-up",
        "4,nobody,lee,2026-11-25 15:00,20,Follow-up",
        "5,000001,house,2026-11-25 15:00,20,Follow-up",
        "6,000001,lee,2026-11-26 15:00,4,Follow-up",
        "7,000001,lee,2026-11-27 15:00,721,Follow-up",
        "8,000001,lee,2026-11-25 25:00,20,Follow-up",
        "9,000001,lee,24.11.26 15:00,20,Follow-up",
        "10,000001,lee,9999-12-31T23:59:00-14:00,20,Follow-up",
        "11,000001,lee,2026-11-28 15:00,,Something new",
        "12,000001,lee,2026-11-29 15:00,soon,Follow-up",
        "13,000001,lee,2026-11-30 15:00,20,",
    ]
    path = file(tmp_path, _VISITS + "\n".join(rows) + "\n")
    said = ada("import", "appointments", path)
    assert said.code == 1
    assert count(desk_line, Appointment) == 0
    assert "Rows that overlap: 1 pair of one doctor, 1 pair of one patient." in said.out
    assert "  lines 2 and 3: doctor Dr Lee" in said.out
    assert "  lines 2 and 4: patient 000001" in said.out
    reasons = {int(re.split("[ ,:]", line)[1]): line for line in said.err.splitlines()[:-1]}
    assert set(reasons) == set(range(3, 15))
    assert reasons[3].endswith("Start: Dr Lee is taken Tue 24 Nov 2026 15:00–15:20.")
    assert "Start: Maria Garcia has a visit with Dr Lee" in reasons[4]
    for line, words in {
        5: "Patient: There is no patient “nobody”",
        6: "Doctor: There is no doctor “house”",
        7: "Length: A visit lasts",
        8: "Length: A visit lasts",
        9: "Start: “2026-11-25 25:00” is no date and time",
        10: "Start: “24.11.26 15:00” is no date and time",
        11: "Start: ",
        12: "End: No end is given",
        13: "Minutes: “soon”",
        14: "Visit type is needed",
    }.items():
        assert words in reasons[line], reasons[line]
    said = ada("import", "appointments", path, "--partial", "--json")
    assert (said.code, said.json["added"], len(said.json["refused"])) == (0, 1, 12)
    assert said.json["overlaps"] == {"doctor": [[2, 3]], "patient": [[2, 4]]}
    assert "0 overlaps in 1 appointments" in ada.ok("check")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "in.csv is empty."),
        (b" \n\r\n", "in.csv is empty."),
        (b"family_name,given_name\n", "in.csv has a header and nothing under it."),
        (b"family_name\x00,given_name\nIto,Ken\n", "in.csv holds NUL bytes: it is no text."),
        ("family_name\nIto\n".encode("utf-16"), "in.csv is written in UTF-16"),
        (b"family_name\nIt\x81\n", "in.csv is neither UTF-8 nor Latin-1"),
        (b"shoe,size\nIto,42\n", "in.csv has no column that is known here"),
        (b"sex,phone\nf,42\n", "in.csv has no column family_name or given_name."),
        (b"family_name,Specialty\nIto,GP\n", "in.csv has a column Specialty: it holds doctors."),
        (b"family_name,Family Name\nIto,Ito\n", "in.csv has the column familyname twice."),
        (b'family_name,note\n"Ito,' + b"x" * 200_000, "in.csv: the row that begins on line 2"),
        (b'family_name"' + b"x" * 200_000, "in.csv"),
    ],
)
def test_a_file_that_is_none(ada: Clinic, tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    refused = ada.refused("import", "patients", str(path))
    assert refused.startswith(sentence)
    assert len(refused.splitlines()) == 1


def test_patients_do_not_become_doctors(ada: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Last,First,DOB\nIto,Ken,1980-02-01\n", encoding="utf-8")
    assert ada.refused("import", "doctors", str(path)) == (
        "people.csv has a column DOB: it holds patients. Nothing is taken in."
    )


def test_what_is_no_file(ada: Clinic, tmp_path: Path) -> None:
    assert "is no file" in ada.refused("import", "patients", str(tmp_path))
    assert "No such file" in ada.refused("import", "patients", str(tmp_path / "none.csv"))
    os.mkfifo(tmp_path / "pipe")
    assert "is no file" in ada.refused("import", "patients", str(tmp_path / "pipe"))
    assert "is no file" in ada.refused("import", "patients", "/dev/zero")


def test_too_large_a_file_is_not_read(ada: Clinic, tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as stream:
        stream.write(b"family_name\n")
        stream.truncate(200 * 1024 * 1024)
    assert ada.refused("import", "patients", str(huge)) == (
        "huge.csv has 200 MiB; an import takes at most 128: please split it."
    )
    long = tmp_path / "long.csv"
    long.write_bytes(b"family_name\n" + b"a\n" * (tables.MAX_LINES + 1))
    assert "more than 1,000,000 lines" in ada.refused("import", "patients", str(long))


def test_a_report_that_cannot_be_written(ada: Clinic, tmp_path: Path) -> None:
    path = file(tmp_path, "family_name\nIto\n")
    """What was done is told all the same."""
    report = str(tmp_path / "none" / "report.csv")
    said = ada("import", "patients", path, "--report", report)
    assert said.code == 1
    assert said.out.endswith("1 added, 0 already there, 0 left out, 0 refused.\n")
    assert said.err.splitlines() == [f"{report}: No such file or directory."]
    said = ada("import", "patients", path, "--report", report, "--json")
    assert (said.code, said.json["added"], said.json["already_there"]) == (1, 0, 1)


def test_only_an_admin_takes_in(ana: Clinic, tmp_path: Path) -> None:
    path = file(tmp_path, "family_name\nIto\n")
    assert ana.refused("import", "patients", path) == "You may not import files."


def test_others_book_while_a_file_is_read_and_checked(desk_line: SignedIn, tmp_path: Path) -> None:
    """SQLite has one writer at a time: nothing is locked before there is only writing left."""
    desk = Desk(desk_line.database, now=lambda: NOW)
    desk.sign_in_as(desk_line.clinic.admin)
    added = iter(range(10))

    def meanwhile(cells: Cells, _clock: Clock) -> PatientDetails:
        desk.run_now(add_room, f"Lab {next(added)}", NOW)
        return PatientDetails(cells["family_name"], "")

    path = tmp_path / "in.csv"
    path.write_text(f"{_PATIENTS}a1,Ito,,,,\na2,Roth,,,,\n", encoding="utf-8")
    rows = Rows(open_csv(path, PATIENT_COLUMNS), Clock("DE", "UTC", NOW.date()), meanwhile)
    kind = imports.Kind("patients", PATIENT_COLUMNS, patients_in, take_patients, str)
    assert imports.take(desk, rows, kind, partial=False).added == 2
    assert next(added) == 2
