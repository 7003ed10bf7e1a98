"""Day sheets as PDF, read back by another library."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from rich.cells import cell_len

from clinic_tui.domain.codes import Status
from clinic_tui.domain.overview.calendar_visits import CalendarVisit
from clinic_tui.domain.overview.day_sheet import DaySheet, DoctorSheet, SheetLine
from clinic_tui.interchange.sheet import write_sheets
from clinic_tui.interchange.sheet_text import write_text
from tests.hostile.strings import HARMFUL, controls

_NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
_MINUTES = timedelta(minutes=10)


def _line(number: int, family_name: str, given_name: str) -> SheetLine:
    starts_at = _NINE + number * _MINUTES
    visit = CalendarVisit(
        number, 1, starts_at, starts_at + _MINUTES, starts_at, starts_at + _MINUTES,
        Status.BOOKED, number == 1, False, False, number, family_name, given_name,
        "Follow-up", "f/up", "blue", "Room 1",
    )  # fmt: skip
    return SheetLine(visit.starts_at, visit.ends_at, visit, date(1980, 2, 29), "+4930901820")


def _written(folder: Path, *doctors: DoctorSheet) -> list[str]:
    """The text of each page."""
    sheet = DaySheet("Riverside Clinic", date(2026, 11, 23), "Europe/Berlin", _NINE, doctors)
    path = folder / "day.pdf"
    pages = write_sheets(sheet, path)
    # The reader puts a zero before each letter of the font for CJK.
    found = [page.extract_text().replace("\0", "") for page in PdfReader(path).pages]
    assert len(found) == pages
    assert [one.name for one in folder.iterdir()] == ["day.pdf"]
    return found


def test_every_name_is_on_paper(tmp_path: Path) -> None:
    """Also those that a PDF's own fonts have no letters for."""
    names = [("Łukasik", "Bożena"), ("Öztürk", "Çağla"), ("Жукова", "Анна"), ("中村", "花子")]
    names += [("김", "민준"), ("Nguyễn", "Thị"), ("Παπαδάκης", "Νίκος"), ("الحداد", "ليلى")]
    names += [("W" * 60, "Wim")]
    lines = tuple(_line(number, *name) for number, name in enumerate(names))
    free = SheetLine(_NINE + 9 * _MINUTES, _NINE + 10 * _MINUTES, None)
    (page,) = _written(tmp_path, DoctorSheet("Dr Lee", "General practice", "", (*lines, free)))
    for family_name, _ in names[:-1]:
        assert family_name in page
    for words in ("Mon 23 Nov 2026 · week 48", "Dr Lee · General practice", "10:30–10:40",
                  "29 Feb 1980", "+4930901820", "(overbooked)", "WWW…", "1 / 1",
                  "As of Mon 23 Nov 2026 09:00"):  # fmt: skip
        assert words in page


def test_a_sheet_of_text_is_text(tmp_path: Path) -> None:
    """In 80 columns whatever people are called, and nothing a terminal would obey."""
    names = [*HARMFUL.values(), "中村" * 20, "W" * 60]
    lines = tuple(_line(number, name, "Kim") for number, name in enumerate(names))
    doctor = DoctorSheet("Dr Lee", "General practice", "", lines)
    path = tmp_path / "day.txt"
    write_text(DaySheet("Riverside Clinic", _NINE.date(), "Europe/Berlin", _NINE, (doctor,)), path)
    said = path.read_text(encoding="utf-8")
    assert controls(said, allowed="\n") == []
    assert len(said.splitlines()) == 5 + len(names)
    assert max(map(cell_len, said.splitlines())) <= 80
    assert all("1980-02-29 +4930901820" in line for line in said.splitlines()[5:])


def test_a_doctor_begins_on_a_page_and_is_named_on_every_one(tmp_path: Path) -> None:
    full = tuple(_line(number, f"Lind{number:02}", "Jonas") for number in range(80))
    pages = _written(
        tmp_path,
        DoctorSheet("Dr Lee", "", "", full),
        DoctorSheet("Dr Okafor", "", "Dr Okafor is away to 27 Nov.", ()),
    )
    text = "\n".join(pages)
    assert [page.count("Dr Lee") for page in pages] == [1, 1, 1, 0]
    assert all(f"Lind{number:02}" in text for number in range(80))
    assert "away to 27 Nov" in pages[-1]
    assert "4 / 4" in pages[-1]


def test_a_day_on_which_nobody_works(tmp_path: Path) -> None:
    (page,) = _written(tmp_path)
    assert "Nobody works on that day." in page


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        _written(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []
