"""``clinic undo``: the last step taken back, the list of them, and why not."""

from __future__ import annotations

from clinic_tui.domain.codes import Status
from clinic_tui.domain.visits.appointments import appointment_details

from .conftest import Clinic, SignedIn

BOOK = ("book", "--patient", "garcia", "--doctor", "lee", "--type", "follow")
_MOVED = "Moved Maria Garcia from Tue 24 Nov 2026 15:00 to Wed 25 Nov 2026 11:00"
_BOOKED = "Booked Maria Garcia, Tue 24 Nov 2026 15:00, Dr Lee"


def test_listed_and_taken_back_one_by_one(desk_line: SignedIn, ana: Clinic) -> None:
    ana.ok(*BOOK, "--at", "tue 15:00")
    ana.ok("move", "1", "--at", "wed 11:00")
    assert ana.ok("undo", "--list") == f"09:00  {_MOVED}\n09:00  {_BOOKED}\n"
    out = ana.ok("undo")
    assert out == "Undone: Maria Garcia is back at Tue 24 Nov 2026 15:00, Dr Lee.\n"
    assert ana("undo", "--list", "--json").json == [
        {"at": "2026-11-23T09:00:00+01:00", "operation": "book", "did": _BOOKED}
    ]
    assert ana("undo", "--json").json == {
        "operation": "book",
        "undone": "Undone: the booking of Maria Garcia, Tue 24 Nov 2026 15:00, Dr Lee.",
        "visit": None,
        "messages": 0,
    }
    found = desk_line.database.read(appointment_details, desk_line.clinic.receptionist, 1)
    assert found.status is Status.ENTERED_IN_ERROR
    assert ana.ok("undo", "--list") == "There is nothing to undo.\n"
    assert ana.refused("undo").startswith("There is nothing to undo")


def test_a_place_that_is_gone_is_refused_with_others(desk_line: SignedIn, ana: Clinic) -> None:
    ana.ok(*BOOK, "--at", "tue 15:00")
    ana.ok("move", "1", "--at", "wed 11:00")
    desk_line.be(desk_line.clinic.doctor_lee)
    ana.ok(*BOOK, "--at", "tue 15:00")
    desk_line.be(desk_line.clinic.receptionist)
    refused = ana.refused("undo").splitlines()
    assert refused[0] == "Dr Lee is taken Tue 24 Nov 2026 15:00–15:20."
    assert len(refused) == 4
    booked = "Booked Maria Garcia, Wed 25 Nov 2026 11:00, Dr Lee"
    assert ana.ok("undo", "--leave") == f"09:00  {booked}\n"
    assert "has been changed since" in ana.refused("undo")
    assert ana.ok("undo", "--leave") == "There is nothing to undo.\n"
    assert ana.refused("undo", "--leave").startswith("There is nothing to undo")
