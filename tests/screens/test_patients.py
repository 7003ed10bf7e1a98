"""The patients screen: found as one types, the record, registering and changing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.changes import News
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.patients.patients import change_patient, register_patient
from clinic_tui.domain.patients.search import find_patients
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.domain.visits.flow import mark_noshow
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.patients.card import PatientCard
from clinic_tui.screens.patients.form import PatientForm
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.screens.patients.registering import DuplicatesDialog
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.widgets.find_line import FindLine
from clinic_tui.screens.widgets.lists.patient_list import PatientList
from clinic_tui.screens.widgets.lists.visit_list import VisitList
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, type_text, until
from tests.screens.late_desk import LateDesk
from tests.screens.stories import told
from tests.screens.test_booking_refused import LosesTheAnswer
from tests.small_clinic import NOW, SmallClinic

TOMORROW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HOSTILE = "[/] [red]Kim[/red] [@click=app.quit]x[/]"
LONG = "Wolfeschlegelsteinhausenbergerdorff Maximiliana Anna-Katharina"[:60]


async def open_patients(pilot: Pilot[int], text: str = "") -> None:
    """Go to the screen, type, and wait for what that finds."""
    await pilot.press("f4")
    await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))
    await settle(pilot)
    await type_text(pilot, text)
    await settle(pilot)


def highlighted(pilot: Pilot[int]) -> str:
    """The name under the cursor of the list."""
    patient = pilot.app.screen.query_one(PatientList).highlighted
    return patient.name if patient is not None else ""


def form_value(pilot: Pilot[int], key: str) -> str:
    """What stands in a field of the form in front."""
    return pilot.app.screen.query_one(f"#{key}", Input).value


def in_front(pilot: Pilot[int], dialog: type) -> Callable[[], bool]:
    """Whether that dialog is what one sees."""
    return lambda: isinstance(pilot.app.screen, dialog)


async def test_says_what_can_be_typed(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_patients(pilot)
        assert isinstance(pilot.app.screen.focused, FindLine)
        assert "Type a name, the last digits of a phone number" in said(pilot, "#facts")
        assert "Ctrl+N registers a new patient" in said(pilot, "#facts")


async def test_finds_as_one_types(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_patients(pilot)
        for text in ("garcia", "ana gar", "6789", "nobody", "9mar84", "000001", "maria 9mar84"):
            await pilot.press("ctrl+u")
            await type_text(pilot, text)
            await settle(pilot)
            expected = "" if text in ("ana gar", "nobody") else "Maria Garcia"
            assert highlighted(pilot) == expected
            assert pilot.app.screen.query_one(FindLine).value == text


async def test_every_key_counts_and_the_last_search_wins(open_app: OpenApp) -> None:
    """Keys pressed without waiting are all there, and what is shown belongs to all of them."""
    async with open_app() as pilot:
        await open_patients(pilot)
        await type_text(pilot, "maria garcia")
        await pilot.press(*["backspace"] * 12, *"okoye")
        await settle(pilot)
        assert pilot.app.screen.query_one(FindLine).value == "okoye"
        assert highlighted(pilot) == "Sam Okoye"
        assert said(pilot, "#name").startswith("Okoye, Sam")


async def test_a_late_answer_never_replaces_a_newer_one(
    database: Database, clinic: SmallClinic
) -> None:
    desk = LateDesk(database, clinic.receptionist)
    desk.asked = "garc"
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await open_patients(pilot)
        await type_text(pilot, "garc")
        await pilot.press("ctrl+u", *"okoye")
        await until(pilot, lambda: highlighted(pilot) == "Sam Okoye")
        desk.gate.set()
        await settle(pilot)
        assert highlighted(pilot) == "Sam Okoye"
        assert said(pilot, "#name").startswith("Okoye, Sam")


async def test_arrows_follow_in_the_list_while_typing(open_app: OpenApp, desk: Desk) -> None:
    for given in ("Ana", "Ben", "Cleo"):
        desk.run_now(register_patient, PatientDetails("Zander", given), NOW)
    async with open_app() as pilot:
        await open_patients(pilot, "zan")
        assert said(pilot, "#name").startswith("Zander, Ana")
        await pilot.press("down", "down")
        await settle(pilot)
        assert said(pilot, "#name").startswith("Zander, Cleo")
        await pilot.press("up", "d")
        await settle(pilot)
        assert said(pilot, "#count") == "3 found"
        assert pilot.app.screen.query_one(FindLine).value == "zand"


async def test_arrows_typed_ahead_are_for_what_is_found(
    database: Database, clinic: SmallClinic
) -> None:
    desk = LateDesk(database, clinic.receptionist)
    for given in ("Ana", "Ben", "Cleo"):
        desk.run_now(register_patient, PatientDetails("Zander", given), NOW)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await open_patients(pilot)
        desk.asked = "zan"
        await type_text(pilot, "zan")
        await pilot.press("down", "down", "down", "up", "enter")
        desk.gate.set()
        await until(pilot, lambda: isinstance(pilot.app.focused, VisitList))
        await settle(pilot)
        assert highlighted(pilot) == "Cleo Zander"
        assert said(pilot, "#name").startswith("Zander, Cleo")
        await pilot.press("slash", *"lind", *["backspace"] * 4, *"zan")
        await settle(pilot)
        assert highlighted(pilot) == "Ana Zander"


async def test_many_are_counted_as_many(open_app: OpenApp, desk: Desk) -> None:
    for number in range(51):
        desk.run_now(register_patient, PatientDetails("Zander", f"No{number}"), NOW)
    async with open_app() as pilot:
        await open_patients(pilot, "zander")
        assert said(pilot, "#count") == "the first 50: type on to narrow"


async def test_the_record_says_everything(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    missed = BookingRequest(clinic.lee, clinic.follow_up, NOW, clinic.maria)
    visit = desk.run_now(book_appointment, missed, NOW)
    desk.run_now(mark_noshow, visit.appointment_id, NOW + timedelta(hours=1), "missed")
    coming = BookingRequest(clinic.park, clinic.vaccination, TOMORROW, clinic.maria)
    desk.run_now(book_appointment, coming, NOW)
    async with open_app() as pilot:
        await open_patients(pilot, "garcia")
        facts = said(pilot, "#facts")
        assert "9 Mar 1984 · 42 years · female" in facts
        assert "01512 3456789" in facts
        assert "maria@example.org" in facts
        assert "agreed to SMS and e-mail" in facts
        assert "Tue 24 Nov 2026 09:00–09:10 · Vaccination · Dr Park" in facts
        assert said(pilot, "#history-title") == "History · 2 visits · ✗ did not come 1×"
        history = pilot.app.screen.query_one(PatientCard).history
        newest, oldest = (history.render_line(y).text.strip(" ") for y in range(2))
        assert "Dr Park" in newest
        assert newest.rstrip().endswith("booked")
        assert oldest.startswith("✗ Mon 23 Nov 2026 09:00")
        assert oldest.rstrip().endswith("did not come")


async def test_an_alert_is_told_in_words(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_patients(pilot, "yilmaz")
        assert said(pilot, "#alert") == "! ALERT  Penicillin [allergy]"
        assert pilot.app.screen.query_one("#alert").display
        await pilot.press(*["backspace"] * 6, *"garcia")
        await settle(pilot)
        assert not pilot.app.screen.query_one("#alert").display


async def test_an_alert_is_not_for_everybody(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    desk.sign_in_as(clinic.admin)
    async with open_app() as pilot:
        await open_patients(pilot, "yilmaz")
        assert said(pilot, "#name").startswith("Yılmaz")
        assert not pilot.app.screen.query_one("#alert").display
        await pilot.press("enter", "e")
        await until(pilot, in_front(pilot, PatientForm))
        field = pilot.app.screen.query_one("#alert", Input)
        assert field.disabled
        assert field.value == ""


async def test_text_from_people_is_text(open_app: OpenApp, desk: Desk) -> None:
    details = PatientDetails("Zz " + HOSTILE, "山田 太郎", alert=HOSTILE, address=HOSTILE)
    desk.run_now(register_patient, details, NOW)
    async with open_app() as pilot:
        await open_patients(pilot, "zz")
        assert f"Zz {HOSTILE}, 山田 太郎" in said(pilot, "#name")
        assert said(pilot, "#alert") == f"! ALERT  {HOSTILE}"
        assert f"Address   {HOSTILE}" in said(pilot, "#facts")
        await pilot.press("enter", "e")
        await until(pilot, in_front(pilot, PatientForm))
        assert said(pilot, ".title") == f"山田 太郎 Zz {HOSTILE}"


@on_both
async def test_registers_whom_nobody_is_found_for(open_app: OpenApp, desk: Desk) -> None:
    async with open_app() as pilot:
        await open_patients(pilot, "erika muster 12mar84 0151 23456700")
        assert "Nobody is found for “erika muster 12mar84 0151 23456700”." in said(pilot, "#facts")
        await pilot.press("ctrl+n")
        await until(pilot, in_front(pilot, PatientForm))
        typed = {key: form_value(pilot, key) for key in ("family", "given", "born", "phones")}
        assert typed == {
            "family": "Muster",
            "given": "Erika",
            "born": "12mar84",
            "phones": "0151 23456700",
        }
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, PatientsScreen))
        await until(pilot, lambda: said(pilot, "#name").startswith("Muster, Erika"))
        found = desk.read_now(find_patients, "erika muster", NOW)
        assert [one.birth_date for one in found] == [date(1984, 3, 12)]


def is_searching(pilot: Pilot[int]) -> bool:
    """Whether the answer to a search is still to come."""
    return any(one.name == "load_patients" and one.is_running for one in pilot.app.workers)


async def test_whom_somebody_just_registered_nothing_overtakes(
    database: Database, clinic: SmallClinic
) -> None:
    """Back from the form, the line is searched for no more, and what is heard waits its turn."""
    desk = LateDesk(database, clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await open_patients(pilot, "erika muster 0151 23456700")
        await pilot.press("ctrl+n")
        await until(pilot, in_front(pilot, PatientForm))
        desk.asked = patient_record
        await pilot.press("ctrl+s")
        await until(pilot, lambda: desk.asked is None)
        await until(pilot, in_front(pilot, PatientsScreen))
        page = pilot.app.screen
        assert isinstance(page, PatientsScreen)
        page.hear(News(everything=True))
        await until(pilot, lambda: not is_searching(pilot))
        desk.gate.set()
        await settle(pilot)
        assert said(pilot, "#name").startswith("Muster, Erika")
        assert page.typed == ""


async def test_registered_unheard_is_registered_once(
    database: Database, clinic: SmallClinic
) -> None:
    """Saving again after an answer was lost asks nothing, and makes nobody a second time."""
    desk = Desk(LosesTheAnswer(database.url.render_as_string(hide_password=False)), lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    async with ClinicApp(lambda: desk).run_test(notifications=True) as pilot:
        await settle(pilot)
        await open_patients(pilot, "erika muster")
        await pilot.press("ctrl+n")
        await until(pilot, in_front(pilot, PatientForm))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: said(pilot, "#refusal").startswith("It is not known whether"))
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, PatientsScreen))
        await settle(pilot)
        assert said(pilot, "#name").startswith("Muster, Erika")
        assert len(desk.read_now(find_patients, "erika muster", NOW)) == 1


async def test_u_takes_back_what_was_done_here(open_app: OpenApp, desk: Desk) -> None:
    """A change first, then the registering before it, after which nobody is shown."""
    patient = desk.run_now(register_patient, PatientDetails("Muster", "Erika"), NOW)
    desk.run_now(change_patient, patient, PatientDetails("Muster", "Erik"), NOW)
    async with open_app() as pilot:
        await open_patients(pilot, "muster")
        assert said(pilot, "#name").startswith("Muster, Erik ")
        await pilot.press("enter", "u")
        await until(pilot, lambda: said(pilot, "#name").startswith("Muster, Erika"))
        await pilot.press("u")
        await until(pilot, lambda: "Nobody is found" in said(pilot, "#facts"))
        assert isinstance(pilot.app.screen.focused, FindLine)
        assert told(pilot)[-1] == "Undone: registered Erika Muster."


async def test_possible_duplicates_are_shown_first(open_app: OpenApp, desk: Desk) -> None:
    async with open_app() as pilot:
        await open_patients(pilot)
        await pilot.press("ctrl+n")
        await until(pilot, in_front(pilot, PatientForm))
        await type_text(pilot, "garcia")
        await pilot.press("tab", *"marya", "tab")
        await type_text(pilot, "9mar1984")
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, DuplicatesDialog))
        await pilot.press("escape")
        await until(pilot, in_front(pilot, PatientForm))
        assert form_value(pilot, "given") == "marya"
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, DuplicatesDialog))
        await pilot.press("1")
        await until(pilot, in_front(pilot, PatientsScreen))
        await settle(pilot)
        assert said(pilot, "#name").startswith("Garcia, Maria")
        assert len(desk.read_now(find_patients, "garcia", NOW)) == 1


async def test_a_namesake_is_registered_all_the_same(open_app: OpenApp, desk: Desk) -> None:
    async with open_app() as pilot:
        await open_patients(pilot)
        await pilot.press("ctrl+n")
        await until(pilot, in_front(pilot, PatientForm))
        await type_text(pilot, "Garcia")
        await pilot.press("tab", *"Maria", "tab")
        await type_text(pilot, "9mar1984")
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, DuplicatesDialog))
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, PatientsScreen))
        await settle(pilot)
        assert len(desk.read_now(find_patients, "garcia maria", NOW)) == 2


async def test_a_refused_form_keeps_everything_and_goes_to_the_field(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_patients(pilot)
        await pilot.press("ctrl+n")
        await until(pilot, in_front(pilot, PatientForm))
        await type_text(pilot, "Muster")
        await pilot.press("tab", *"Erika", "tab")
        await type_text(pilot, "31.02.1984")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert pilot.app.screen.focused is pilot.app.screen.query_one("#born")
        assert "“31.02.1984” is no date" in said(pilot, "#refusal")
        assert form_value(pilot, "family") == "Muster"
        assert form_value(pilot, "born") == "31.02.1984"


async def test_a_taken_record_number_brings_the_form_back(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_patients(pilot, "lind")
        await pilot.press("enter", "e")
        await until(pilot, in_front(pilot, PatientForm))
        screen = pilot.app.screen
        screen.query_one("#number", Input).value = "000001"
        await pilot.press("ctrl+s")
        await until(
            pilot, lambda: pilot.app.screen is not screen and in_front(pilot, PatientForm)()
        )
        assert said(pilot, "#refusal") == "Record number 000001 belongs to another patient."
        assert form_value(pilot, "number") == "000001"


async def test_what_was_typed_is_offered_again(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_patients(pilot, "lind")
        await pilot.press("enter", "e")
        await until(pilot, in_front(pilot, PatientForm))
        await pilot.press("tab", *"xyz", "escape")
        await until(pilot, in_front(pilot, PatientsScreen))
        await pilot.press("e")
        await until(pilot, in_front(pilot, PatientForm))
        assert form_value(pilot, "given") == "Jonasxyz"
        assert "still here" in said(pilot, "#refusal")
        await pilot.press("ctrl+r")
        assert form_value(pilot, "given") == "Jonas"
        await pilot.press("escape")
        await until(pilot, in_front(pilot, PatientsScreen))
        await pilot.press("e")
        await until(pilot, in_front(pilot, PatientForm))
        assert said(pilot, "#refusal") == ""


@on_both
async def test_a_change_made_elsewhere_is_told_and_nothing_typed_is_lost(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    async with open_app() as pilot:
        await open_patients(pilot, "lind")
        await pilot.press("enter", "e")
        await until(pilot, in_front(pilot, PatientForm))
        await pilot.press("tab", "end", *"x")
        theirs = desk.read_now(patient_record, clinic.jonas, NOW).details
        changed = replace(theirs, address="Am Markt 1")
        desk.run_now(change_patient, clinic.jonas, changed, NOW, theirs)
        screen = pilot.app.screen
        await pilot.press("ctrl+s")
        await until(
            pilot, lambda: pilot.app.screen is not screen and in_front(pilot, PatientForm)()
        )
        assert "just changed this patient (address)" in said(pilot, "#refusal")
        assert form_value(pilot, "given") == "Jonasx"
        assert form_value(pilot, "address") == "Am Markt 1"
        await pilot.press("ctrl+s")
        await until(pilot, in_front(pilot, PatientsScreen))
        await settle(pilot)
        details = desk.read_now(patient_record, clinic.jonas, NOW).details
        assert (details.given_name, details.address) == ("Jonasx", "Am Markt 1")
        assert said(pilot, "#name").startswith("Lind, Jonasx")


async def test_letters_act_in_the_record_and_are_typed_in_the_search(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await open_patients(pilot, "garcia")
        assert not keys(pilot) & {"b", "e", "g", "n", "slash"}
        await pilot.press("enter")
        assert {"b", "e", "n", "slash"} <= keys(pilot)
        assert "g" not in keys(pilot)
        await pilot.press("slash", *"lind")
        await settle(pilot)
        assert pilot.app.screen.query_one(FindLine).value == "lind"
        assert highlighted(pilot) == "Jonas Lind"


async def test_books_for_the_patient_shown(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        await open_patients(pilot, "garcia")
        await pilot.press("enter", "b")
        await until(pilot, in_front(pilot, BookingDialog))
        await pilot.press("escape")
        await until(pilot, in_front(pilot, PatientsScreen))


async def test_goes_to_the_day_of_the_next_visit(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    coming = BookingRequest(clinic.park, clinic.vaccination, TOMORROW, clinic.maria)
    desk.run_now(book_appointment, coming, NOW)
    async with open_app() as pilot:
        await open_patients(pilot, "garcia")
        await pilot.press("enter", "g")
        await until(pilot, lambda: pilot.app.current_mode == "calendar")


async def test_enter_opens_a_visit_of_the_history(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    coming = BookingRequest(clinic.park, clinic.vaccination, TOMORROW, clinic.maria)
    desk.run_now(book_appointment, coming, NOW)
    async with open_app() as pilot:
        await open_patients(pilot, "garcia")
        await pilot.press("enter", "enter")
        await until(pilot, in_front(pilot, VisitDialog))
        await pilot.press("escape")
        await until(pilot, in_front(pilot, PatientsScreen))
        assert pilot.app.screen.focused is pilot.app.screen.query_one(PatientCard).history


async def test_a_doctor_sees_own_patients_only(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    own = BookingRequest(clinic.lee, clinic.follow_up, TOMORROW, clinic.maria)
    desk.run_now(book_appointment, own, NOW)
    desk.sign_in_as(clinic.doctor_lee)
    async with open_app() as pilot:
        await open_patients(pilot, "lind")
        assert "Nobody is found" in said(pilot, "#facts")
        assert "Ctrl+N" not in said(pilot, "#facts")
        await pilot.press(*["backspace"] * 4, *"garcia")
        await settle(pilot)
        await pilot.press("enter")
        assert {"b", "e"} <= keys(pilot)
        assert not keys(pilot) & {"n", "ctrl+n"}


async def test_a_patient_sees_their_own_record_at_once(
    open_app: OpenApp, desk: Desk, clinic: SmallClinic
) -> None:
    desk.sign_in_as(clinic.patient)
    async with open_app() as pilot:
        await open_patients(pilot)
        assert said(pilot, "#name").startswith("Garcia, Maria")
        assert {"b", "e"} <= keys(pilot)
        assert "n" not in keys(pilot)
        await pilot.press("e")
        await until(pilot, in_front(pilot, PatientForm))
        for key in ("number", "alert"):
            assert pilot.app.screen.query_one(f"#{key}", Input).disabled


async def test_one_named_elsewhere_is_shown(open_app: OpenApp, clinic: SmallClinic) -> None:
    async with open_app() as pilot:
        await open_patients(pilot, "garcia")
        screen = pilot.app.screen
        assert isinstance(screen, PatientsScreen)
        screen.show_patient(clinic.sam)
        await settle(pilot)
        assert highlighted(pilot) == "Sam Okoye"
        assert said(pilot, "#name").startswith("Okoye, Sam")
        assert screen.query_one(FindLine).value == ""


def filled(desk: Desk, clinic: SmallClinic) -> ClinicApp:
    """A book with long, foreign and hostile names, and a patient with a history."""
    for details in (
        PatientDetails("Garza", "太郎 山田", date(2025, 1, 2), alert="Penicillin [allergy]"),
        PatientDetails(f"Gar {LONG}"[:60], "Ana", date(1999, 1, 1), phones=("030 901820",)),
        PatientDetails("Garrett [/]", "[bold]Lou", phones=("+1 212 736 5000",)),
    ):
        desk.run_now(register_patient, details, NOW)
    for day in range(1, 4):
        start = NOW + timedelta(days=day, minutes=30)
        request = BookingRequest(clinic.lee, clinic.follow_up, start, clinic.maria)
        desk.run_now(book_appointment, request, NOW)
    return ClinicApp(lambda: desk)


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("size", "more"),
    [((80, 24), []), ((80, 24), ["enter"]), ((160, 50), ["down"])],
    ids=["small", "reading", "wide"],
)
def test_looks(
    snap_compare: Callable[..., bool],
    desk: Desk,
    clinic: SmallClinic,
    size: tuple[int, int],
    more: list[str],
) -> None:
    async def search(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await open_patients(pilot, "gar")
        await pilot.press(*more)
        await settle(pilot)

    assert snap_compare(filled(desk, clinic), terminal_size=size, run_before=search)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_form_looks(snap_compare: Callable[..., bool], desk: Desk, clinic: SmallClinic) -> None:
    async def refuse(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await open_patients(pilot, "yilmaz")
        await pilot.press("enter", "e")
        await until(pilot, in_front(pilot, PatientForm))
        await pilot.press("tab", "tab", "end", "x", "ctrl+s")
        await pilot.pause()

    app = filled(desk, clinic)
    assert snap_compare(app, terminal_size=(80, 24), run_before=refuse)
