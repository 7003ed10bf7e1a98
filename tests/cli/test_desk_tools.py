"""Holding, swapping, carrying and overbooking, in words."""

from __future__ import annotations

from clinic_tui.domain.visits.appointments import appointment_details

from ..domain.given import add_visit, at
from .conftest import Clinic, SignedIn

_OF_LEE = ("--doctor", "lee", "--type", "follow")
_BOOK = ("book", "--patient", "garcia", *_OF_LEE)


def test_a_hold_and_its_visit(ana: Clinic) -> None:
    held = ("hold", *_OF_LEE, "--at", "tue 15:00")
    assert ana.ok(*held) == "Hold 1: Tue 24 Nov 2026 15:00–15:20, until 09:03:00.\n"
    said = ana(*held, "--json").json
    assert (said["hold"], said["held_until"]) == (1, "2026-11-23T09:03:00+01:00")
    refused = ana.refused("hold", *_OF_LEE, "--at", "tue 16:00")
    assert refused == ("This desk holds another opening already, Tue 24 Nov 2026 15:00–15:20.")
    agenda = ana.ok("agenda", "--day", "tue", "--doctor", "lee")
    assert "15:00–15:20  held by ana" in agenda
    shown = ana("agenda", "--day", "tue", "--doctor", "lee", "--json").json
    (visit,) = shown["doctors"][0]["visits"]
    assert (visit["held_by"], visit["held_until"]) == ("ana", said["held_until"])
    refused = ana.refused(*_BOOK, "--at", "tue 15:10")
    assert refused.splitlines()[0] == "Dr Lee is held by ana Tue 24 Nov 2026 15:00–15:20."
    assert "Visit 1 is booked" in ana.ok(*_BOOK, "--at", "tue 15:00", "--hold", "1")


def test_a_hold_given_back(ana: Clinic) -> None:
    ana.ok("hold", *_OF_LEE, "--at", "tue 15:00", "--patient", "garcia", "--room", "1")
    ana.ok("hold", *_OF_LEE, "--at", "tue 15:10", "--replace", "1")
    assert ana.refused("release", "99") == "That opening is not held any more."
    said = ana("hold", *_OF_LEE, "--at", "tue 15:10", "--json").json
    assert ana.ok("release", str(said["hold"])) == "It is free again.\n"
    ana.ok(*_BOOK, "--at", "tue 15:00")


def test_signing_out_gives_back(desk_line: SignedIn, ana: Clinic) -> None:
    ana.ok("hold", *_OF_LEE, "--at", "tue 15:00")
    ana.ok("sign-out")
    desk_line.be(desk_line.clinic.receptionist)
    ana.ok(*_BOOK, "--at", "tue 15:00")


def test_swapping(ana: Clinic) -> None:
    ana.ok(*_BOOK, "--at", "tue 15:00")
    ana.ok(
        "book", "--patient", "lind", "--doctor", "okafor", "--type", "follow", "--at", "wed 9:00"
    )
    both = ana("swap", "1", "2", "--json").json
    assert [(one["visit"], one["doctor"], one["starts_at"]) for one in both] == [
        (1, "Dr Okafor", "2026-11-25T09:00:00+01:00"),
        (2, "Dr Lee", "2026-11-24T15:00:00+01:00"),
    ]
    assert "Visit 2 is booked" in ana.ok("swap", "2", "1")
    assert ana.refused("swap", "1", "1") == "A visit cannot change places with itself."
    assert ana.refused("swap", "1", "9") == "There is no such appointment."


def test_the_tray(ana: Clinic) -> None:
    ana.ok(*_BOOK, "--at", "tue 15:00")
    assert ana.ok("tray", "list") == "You carry nothing.\n"
    lifted = "Maria Garcia, Tue 24 Nov 2026, 15:00, Dr Lee."
    assert ana.ok("tray", "lift", "1") == f"You carry: {lifted}\n"
    assert ana.ok("tray", "list") == f"      1  {lifted}\n"
    (one,) = ana("tray", "list", "--json").json
    assert (one["visit"], one["moved_meanwhile"]) == (1, False)
    ana.ok("move", "1", "--at", "tue 16:00")
    assert "Moved meanwhile" in ana.ok("tray", "list")
    down = ("tray", "put-down", "1", "--at", "wed 10:00")
    assert "has moved that visit since it was lifted" in ana.refused(*down)
    ana.ok("tray", "lift", "1", "--take-over")
    assert ana(*down, "--json").json["starts_at"] == "2026-11-25T10:00:00+01:00"
    assert ana.refused("tray", "put-back", "1") == "You do not carry that visit."
    ana.ok("tray", "lift", "1")
    assert ana.ok("tray", "put-back", "1") == "It stays where it is.\n"


def test_overbooking(desk_line: SignedIn, ana: Clinic) -> None:
    ana.ok(*_BOOK, "--at", "tue 15:00")
    beside = ("book", "--patient", "lind", *_OF_LEE, "--at", "tue 15:00", "--overbook", "pain")
    assert ana.refused(*beside) == "You may not overbook."
    desk_line.be(desk_line.clinic.doctor_lee)
    # A doctor finds only whom they have seen.
    desk_line.database.transact(add_visit, desk_line.clinic, at("09:00", 2))
    assert "is booked" in ana.ok(*beside)
    found = desk_line.database.read(appointment_details, desk_line.clinic.doctor_lee, 3)
    assert (found.overbooked, found.overbook_reason) == (True, "pain")
    assert "ok     overbooked    1 visits, deliberately" in ana.ok("check")
