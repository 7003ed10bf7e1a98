"""What is patients' can be hidden wherever it is drawn; the picture stays as it was laid out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.patients import personal
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment, overbook_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.requests import new_key
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from clinic_tui.screens.base import ClinicScreen
from clinic_tui.screens.help import HelpScreen
from clinic_tui.screens.hiding import HidingNames
from clinic_tui.screens.names_hidden import HidesNames
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.visits.visits import show_visit
from tests.hostile.hidden import lines_of, personal_in
from tests.screens.conftest import OpenApp, settle
from tests.screens.driving import type_text, until
from tests.small_clinic import NOW, SmallClinic


@pytest.fixture(autouse=True)
def nothing_read_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is hidden is what this process has read: other tests have read names of their own."""
    monkeypatch.setattr(personal, "_read", {})


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("09:00 ▌Garcia-Núñez M  f/up", "09:00 ▌●●●●●●-●●●●● M  f/up"),
        ("▌Garcia-Nú…  Garfield  Gar  Maria", "▌●●●●●●-●●…  Garfield  Gar  ●●●●●"),
        ("Nobody is called Garc", "Nobody is called ●●●●"),
        ("明 李 and 李明明 ", "●● ●● and 李明明 "),
        ("कृष्ण ", "●●● "),
        ("0151 23456789 · +49 151 2345…", "●●●●●●●●●●●●● · ●●●●●●●●●●●●…"),
        ("maria@example.org, 2026-11-24", "●●●●●●●●●●●●●●●●●, 2026-11-24"),
        ("9 Mar 1984 1984-03-09 Mar 9, 1984", "●●●●●●●●●● ●●●●●●●●●● ●●●●●●●●●●●"),
        ("born 09.03.1984, 03/09/1984", "born ●●●●●●●●●●, ●●●●●●●●●●"),
        ("Book at 15:20, room 2, week 48", "Book at 15:20, room 2, week 48"),
    ],
)  # fmt: skip
def test_what_is_cut_or_written_otherwise_is_found(line: str, hidden: str) -> None:
    for one in ("Garcia-Núñez", "Maria", "明", "李", "कृष्ण", "+4915123456789", "maria@example.org"):
        personal.remember(one)
    personal.remember(date(1984, 3, 9))
    segments = [Segment(line[:5]), Segment(line[5:])]
    drawn = "".join(part.text for part in HidingNames().apply(segments, Color(0, 0, 0)))
    assert drawn == hidden
    assert cell_len(drawn) == cell_len(line)


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("Note  wants the first hour, knee pain", "Note  ●●●●●●●●●●●●●●●●●●●●●●●●●●●●●●●"),
        ("Note  wants the first", "Note  ●●●●●●●●●●●●●●●"),
        ("Note  wants", "Note  ●●●●●"),
        ("hour, knee pain", "●●●●●●●●●●●●●●●"),
        ("pain · waits since today", "●●●● · waits since today"),
        ("nts the first hour, kn", "●●●●●●●●●●●●●●●●●●●●●●"),
        ("! Latex    ▌Lind J  wants the fi…", "! ●●●●●    ▌Lind J  ●●●●●●●●●●●●…"),
        ("w Walk-in  wan…", "w Walk-in  ●●●…"),
        # The same words, where they are nobody's.
        ("Who wants the time? t the first", "Who wants the time? t the first"),
        ("b Book  the first of them, Latex gloves", "b Book  the first of them, Latex gloves"),
        ("pain comes first", "pain comes first"),
    ],
)  # fmt: skip
def test_what_is_noted_of_somebody_is_found_by_the_order_of_its_words(
    line: str, hidden: str
) -> None:
    for one in ("wants the first hour, knee pain", "Latex", "§", "09"):
        personal.remember(personal.Written(one))
    drawn = "".join(part.text for part in HidingNames().apply([Segment(line)], Color(0, 0, 0)))
    assert drawn == hidden


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("Lind, May   3 May 2026  MRN-0417 · 2026", "Lind, ●●●   3 May 2026  ●●●●●●●● · ●●●●"),
        ("Sun 3 May, Sun May 3, 2026, 3 May 2026", "Sun 3 May, Sun May 3, 2026, 3 May 2026"),
        ("3 May M  09:00 May 24  May Sun", "3 ●●● M  09:00 ●●● 24  ●●● ●●●"),
        ("MRN-04… · 07 · 7 · room 12, old file 9 ", "●●●●●●… · 07 · 7 · room 12, ●●●●●●●●●● "),
    ],
)  # fmt: skip
def test_a_date_is_nobody_and_a_record_number_is_somebody(line: str, hidden: str) -> None:
    for one in ("May", "Sun"):
        personal.remember(one)
    for number in ("MRN-0417", "2026", "7", "12", "old file 9"):
        personal.remember(personal.Numbered(number))
    drawn = "".join(part.text for part in HidingNames().apply([Segment(line)], Color(0, 0, 0)))
    assert drawn == hidden


def test_where_somebody_lives_is_hidden(database: Database, clinic: SmallClinic) -> None:
    details = PatientDetails("Ngo", "An", address="Elmstraße 12, Ludwigsfelde")
    number = database.transact(register_patient, clinic.receptionist, details, NOW)
    database.read(patient_record, clinic.receptionist, number, NOW)
    (drawn,) = HidingNames().apply([Segment(f"Address  {details.address} ")], Color(0, 0, 0))
    assert drawn.text == "Address  ●●●●●●●●●●●●●●●●●●●●●●●●●● "


async def test_nobody_is_named_on_any_screen(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """``*`` hides; screens, dialogs, their titles and what is told; ``*`` shows again."""
    for minutes, patient_id in ((0, clinic.ozlem), (20, clinic.maria), (40, clinic.jonas)):
        request = BookingRequest(
            clinic.lee,
            clinic.follow_up,
            NOW + timedelta(minutes=minutes),
            patient_id=patient_id,
            note="a swollen ankle, limping since the day before yesterday, and sleeps badly",
        )
        database.transact(book_appointment, clinic.receptionist, request, NOW)
    request = replace(request, starts_at=NOW + timedelta(days=1), key=new_key())
    why = "squeezed in, as she is wheezing"
    number = database.transact(
        overbook_appointment, clinic.doctor_lee, request, why, NOW
    ).appointment_id
    gone = CancelRequest(number, CancelledBy.PATIENT, "moved to Bremen for good, and is limping")
    database.transact(cancel_appointment, clinic.receptionist, gone, NOW)
    wish = Wish(clinic.thuy, clinic.follow_up, note="mornings, and is limping all the time now")
    database.transact(add_to_waitlist, clinic.receptionist, wish, NOW)
    async with open_app((100, 30)) as pilot:
        seen = lines_of(pilot)
        assert "Yılmaz" in personal_in(seen)
        await pilot.press("asterisk")
        await pilot.pause()
        hidden = lines_of(pilot)
        assert personal_in(hidden) == set()
        assert "* names hidden" in hidden[0]
        assert [cell_len(line) for line in hidden] == [cell_len(line) for line in seen]
        for path in (
            ("enter",), ("d",), ("m",), ("b",), ("f2",), ("i",), ("f4", *"garcia"), ("escape",),
            ("e",), ("f6",), ("e",), ("f7",), ("ctrl+p", *"lind"),
        ):  # fmt: skip
            await pilot.press(*path)
            await _quiet(pilot)
            assert personal_in(lines_of(pilot)) == set(), path
            if not isinstance(pilot.app.screen, ClinicScreen):
                await pilot.press("escape")
                await until(pilot, lambda: isinstance(pilot.app.screen, ClinicScreen))
        screen = pilot.app.screen
        assert isinstance(screen, ClinicScreen)
        screen.run_worker(show_visit(screen, number))
        await until(pilot, lambda: isinstance(pilot.app.screen, VisitDialog))
        await _quiet(pilot)
        assert personal_in(lines_of(pilot)) == set()
        assert "Overbooked" in "\n".join(lines_of(pilot))
        await pilot.press("asterisk")
        await _quiet(pilot)
        assert {"Bremen", "wheezing", "swollen"} <= personal_in(lines_of(pilot))
        await pilot.press("asterisk", "escape")
        await until(pilot, lambda: pilot.app.screen is screen)
        screen.tell("Maria Garcia is booked.", title="Garcia")
        await pilot.pause()
        assert personal_in(lines_of(pilot)) == set()
        assert "is booked." in "\n".join(lines_of(pilot))
        await pilot.press("f3", "asterisk")
        await _quiet(pilot)
        assert "Yılmaz" in personal_in(lines_of(pilot))


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_nothing_of_the_program_is_hidden_because_somebody_is_called_so(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """Labels, heads and keys have other names than people, and the record number is theirs."""
    called = PatientDetails(
        "Mail", "Born", address="Next", alert="Visit History", record_number="MRN-0417"
    )
    number = database.transact(register_patient, clinic.receptionist, called, NOW)
    for word in ("mail", "Sun", "Find", "Messages", "Address", "Phones", "History", "Keys", "Nov"):
        database.transact(
            register_patient, clinic.receptionist, PatientDetails(word, "Patient"), NOW
        )
    request = BookingRequest(clinic.lee, clinic.follow_up, NOW, patient_id=number)
    booked = database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id
    async with open_app((140, 30)) as pilot:
        await pilot.press("f4")
        await type_text(pilot, "patient")
        await _quiet(pilot)
        await pilot.press(*["backspace"] * 7, *"mrn-0417", "enter")
        await _quiet(pilot)
        seen = lines_of(pilot)
        assert "MRN-0417" in "\n".join(seen)
        await pilot.press("asterisk")
        await _quiet(pilot)
        drawn = "\n".join(lines_of(pilot))
        assert "MRN-0417" not in drawn
        for words in ("Born  ", "E-mail  ", "Address   ●●●●", "Messages  ", "Next  ", "Phones  "):
            assert words in drawn, words
        screen = pilot.app.screen
        assert isinstance(screen, ClinicScreen)
        screen.run_worker(show_visit(screen, booked))
        await until(pilot, lambda: isinstance(pilot.app.screen, VisitDialog))
        await _quiet(pilot)
        drawn = "\n".join(lines_of(pilot))
        assert " Visit ─" in drawn
        assert lines_of(pilot)[1].startswith(" Find ")
        assert "MRN-0417" not in drawn
        assert "23 Nov 2026" in drawn
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await _quiet(pilot)
        assert "●" not in "\n".join(line[32:108] for line in lines_of(pilot)[3:-1])


async def test_an_idle_desk_hides_until_the_first_key_which_does_nothing_else(
    desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    request = BookingRequest(clinic.lee, clinic.follow_up, NOW, patient_id=clinic.ozlem)
    database.transact(book_appointment, clinic.receptionist, request, NOW)
    app = ClinicApp(lambda: desk, hide_names_after=0.0)
    assert isinstance(app, HidesNames)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await type_text(pilot, "quist")
        dialog = app.screen
        app.hide_names_if_idle()
        await pilot.pause()
        assert personal_in(lines_of(pilot)) == set()
        assert not any("quist" in line for line in lines_of(pilot))
        await pilot.press("x")
        await pilot.pause()
        assert app.hiding is None
        assert app.screen is dialog
        assert any("quist" in line and "quistx" not in line for line in lines_of(pilot))
        # What was hidden with * stays hidden, whoever comes and goes.
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not dialog)
        await pilot.press("asterisk")
        app.hide_names_if_idle()
        await pilot.press("t")
        await _quiet(pilot)
        assert app.hiding is not None


async def test_a_password_may_hold_an_asterisk(desk: Desk) -> None:
    async with ClinicApp(lambda: desk).run_test() as pilot:
        await settle(pilot)
        await pilot.press("f12", "asterisk", "a")
        assert isinstance(pilot.app, ClinicApp)
        assert pilot.app.hiding is None
        assert pilot.app.screen.query_one("#password", Input).value == "*a"


async def _quiet(pilot: Pilot[int]) -> None:
    """Until nothing is being read; a story may be waiting for its dialog."""
    await pilot.pause()
    await until(
        pilot,
        lambda: (
            not any(
                worker.is_running and worker.group.startswith("load")
                for worker in pilot.app.workers
            )
        ),
    )
