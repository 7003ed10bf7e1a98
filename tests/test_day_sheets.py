"""Day sheets on disk: at the settings' hour, once, whole, and made up for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from clinic_tui.app import ClinicApp
from clinic_tui.config import load_config
from clinic_tui.database import Database
from clinic_tui.day_sheets import look_for_sheets, sheets_due
from clinic_tui.desk import Desk
from clinic_tui.domain.clinic.settings import change_settings, load_settings
from clinic_tui.domain.errors import BadInput, Refusal
from clinic_tui.scheduler import Sending
from clinic_tui.sheet_settings import SheetSettings
from tests.domain.given import add_visit, at
from tests.screens.conftest import settle
from tests.small_clinic import NOW, ZONE, SmallClinic

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
_EVENING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""18:00 in Berlin."""
on_sqlite = pytest.mark.parametrize("kind", ["sqlite"])


@pytest.mark.parametrize(
    ("hour", "now", "day"),
    [
        (18, _EVENING - timedelta(minutes=1), MONDAY),  # what the evening before should have done
        (18, _EVENING, TUESDAY),
        (18, _EVENING + timedelta(hours=14), TUESDAY),
        (7, _EVENING - timedelta(hours=12), None),
        (7, _EVENING - timedelta(hours=11), MONDAY),
        (7, _EVENING, MONDAY),
    ],
)
def test_which_day_is_due(hour: int, now: datetime, day: date | None) -> None:
    due = sheets_due(now, hour * 60, ZONE)
    assert (due and due.day) == day
    assert due is None or due.since <= now


@on_sqlite
def test_written_once_and_whole(database: Database, clinic: SmallClinic, tmp_path: Path) -> None:
    """Every doctor's next day as text and PDF, which this user alone can read."""
    database.transact(add_visit, clinic, at("11:00", 1), room_id=clinic.room_two)
    settings = SheetSettings(18 * 60, tmp_path / "sheets")
    with pytest.raises(Refusal, match="there is no folder"):
        look_for_sheets(database, settings, lambda: _EVENING)
    settings.folder.mkdir()
    look_for_sheets(database, settings, lambda: _EVENING)
    pdf, text = sorted(settings.folder.iterdir())
    assert (pdf.name, text.name) == ("day-sheet-2026-11-24.pdf", "day-sheet-2026-11-24.txt")
    assert {path.stat().st_mode & 0o777 for path in (pdf, text)} == {0o600}
    said = text.read_text(encoding="utf-8")
    assert "Riverside Clinic · Tue 24 Nov 2026 · week 48\nAs of Mon 23 Nov 2026 18:00." in said
    assert "11:00–11:20 Jonas Lind             1951-12-31 +4930901820     Follow-up Room 2" in said
    assert "11:20–11:40 ______" in said
    for doctor in ("Dr Lee", "Dr Okafor", "Dr Park"):
        assert f"\n{doctor} · " in said
    assert max(map(len, said.splitlines())) <= 80
    assert [page.extract_text()[:16] for page in PdfReader(pdf).pages] == ["Riverside Clinic"] * 3
    before = [path.stat().st_ino for path in (pdf, text)]
    look_for_sheets(database, settings, lambda: _EVENING + timedelta(hours=13))
    assert [path.stat().st_ino for path in (pdf, text)] == before
    pdf.unlink()
    look_for_sheets(database, settings, lambda: _EVENING + timedelta(hours=13))
    assert pdf.exists()


@on_sqlite
def test_times_of_twelve_hours_are_whole(
    database: Database, clinic: SmallClinic, tmp_path: Path
) -> None:
    database.transact(add_visit, clinic, at("11:00", 1))
    wanted = replace(database.read(load_settings), clock_hours=12)
    database.transact(change_settings, clinic.admin, wanted, NOW)
    look_for_sheets(database, SheetSettings(18 * 60, tmp_path), lambda: _EVENING)
    said = next(tmp_path.glob("*.txt")).read_text(encoding="utf-8")
    assert "11:00am–11:20am Jonas Lind         1951-12-31" in said
    assert max(map(len, said.splitlines())) <= 80


@on_sqlite
def test_where_nobody_works_the_next_day_is_written(
    database: Database, clinic: SmallClinic, tmp_path: Path
) -> None:
    """On Friday evening Monday's, and on Sunday evening once more, as it is then."""
    settings = SheetSettings(18 * 60, tmp_path)
    friday = _EVENING + timedelta(days=4)
    monday = "day-sheet-2026-11-30"
    look_for_sheets(database, settings, lambda: friday)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{monday}.pdf", f"{monday}.txt"]
    made = (tmp_path / f"{monday}.pdf").stat().st_ino
    for later, again in ((timedelta(hours=23), False), (timedelta(days=2), True)):
        look_for_sheets(database, settings, lambda later=later: friday + later)  # type: ignore[misc]
        assert ((tmp_path / f"{monday}.pdf").stat().st_ino != made) is again
    assert "As of Sun 29 Nov 2026 18:00" in (tmp_path / f"{monday}.txt").read_text()


@on_sqlite
async def test_a_fault_is_told_until_it_is_mended(
    database: Database, clinic: SmallClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every screen's header, and as a sentence on F7; the folder alone mends it."""
    monkeypatch.setattr("clinic_tui.app._SENDS_AFTER", 0.01)
    desk = Desk(database, now=lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    settings = SheetSettings(7 * 60, tmp_path / "sheets")

    def start() -> Sending:
        own = Database(str(database.url))
        sending = Sending(own, (), lambda: NOW)
        sending.every(1, "sheets", look_for_sheets, own, settings, lambda: NOW)
        sending.start()
        return sending

    app = ClinicApp(lambda: desk, start_sending=start)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        while not desk.faults:
            await asyncio.sleep(0.01)
            app.count_messages()
        await pilot.press("f7")
        await settle(pilot)
        drawn = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "F7: 1 fault │ 09:00" in drawn
        assert "Day sheets cannot be written: there is no folder" in drawn
        settings.folder.mkdir()
        while desk.faults:
            await asyncio.sleep(0.01)
            app.count_messages()
        assert (settings.folder / "day-sheet-2026-11-23.pdf").exists()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('at = "18:00"', r"\[sheets\] needs “at” and “folder”"),
        ('at = "25:00"\nfolder = "x"', "“sheets.at” is a time of day, as 18:00"),
        ("at = 18", "“sheets.at” must be a text in quotes"),
        ('hour = "18"', "“sheets.hour” is no setting; there are at, folder"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, table: str, said: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[sheets]\n{table}\n")
    with pytest.raises(BadInput, match=said):
        load_config(path, environ={})
    path.write_text('[sheets]\nat = "18:00"\nfolder = "~/sheets"\n')
    assert load_config(path, environ={}).sheets == SheetSettings(
        18 * 60, Path("~/sheets").expanduser()
    )
