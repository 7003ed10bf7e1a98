"""What a patient does by keys: their own record, a visit asked for, moved and cancelled."""

from __future__ import annotations

from textual.widgets._toast import Toast

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.doctors.doctors import DoctorsScreen
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.screens.place.openings import Openings
from clinic_tui.screens.visits.cancelling import CancelDialog, Wish
from clinic_tui.screens.waitlist.waitlist import WaitlistScreen
from clinic_tui.screens.who.picker import PatientPicker
from clinic_tui.screens.widgets.lists.visit_list import VisitList
from tests.domain.given import visit
from tests.screens.conftest import OpenApp, settle
from tests.screens.driving import keys, until
from tests.screens.stories import told
from tests.small_clinic import SmallClinic


async def test_a_patient_books_and_cancels_for_themselves(
    open_app: OpenApp, database: Database, desk: Desk, clinic: SmallClinic
) -> None:
    """Nobody else is looked for, nobody asks who they are or whose wish it is."""
    desk.sign_in_as(clinic.patient)
    async with open_app() as pilot:
        await until(pilot, lambda: "e" in keys(pilot))
        assert not {"slash", "g", "n", "M", "i", "D", "C", "p"} & keys(pilot)
        assert not pilot.app.screen.query_one("#search").display
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoctorsScreen))
        await settle(pilot)
        assert "b" in keys(pilot)
        assert not {"h", "a", "x", "e", "r", "D"} & keys(pilot)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        openings = pilot.app.screen.query_one(Openings)
        await until(pilot, lambda: openings.has_focus and "1" in str(openings.render()))
        await pilot.press("1", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoctorsScreen))
        await settle(pilot)
        asked = [toast._notification.title for toast in pilot.app.screen.query(Toast)]
        assert asked == ["Asked for: the clinic says yes or no"]
        assert told(pilot)[-1].startswith("Maria Garcia, ")
        booked = database.read(visit, 1)
        assert (booked.status, booked.patient_id) == (Status.PENDING, clinic.maria)
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(pilot.app.screen, WaitlistScreen))
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BookingDialog))
        picker = pilot.app.screen.query_one(PatientPicker)
        await until(pilot, lambda: picker.patient_id == clinic.maria)
        await pilot.press("escape")
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))
        history = pilot.app.screen.query_one(VisitList)
        await until(pilot, lambda: len(history.lines) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: "d" in keys(pilot))
        assert not {"i", "c", "N"} & keys(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, CancelDialog))
        assert not pilot.app.screen.query_one(Wish).region
        await pilot.press("enter")
        await until(pilot, lambda: database.read(visit, 1).status is Status.CANCELLED)
        assert database.read(visit, 1).cancelled_by is CancelledBy.PATIENT
