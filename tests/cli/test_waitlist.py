"""``clinic waitlist``, from a wish to a visit, and what a cancellation says of it."""

from __future__ import annotations

from .conftest import Clinic, SignedIn

_ADD = ("waitlist", "add", "--patient", "garcia", "--type", "follow")
_LEE = ("--doctor", "lee", "--at", "tue 10:00")


def test_from_a_wish_to_a_visit(ana: Clinic) -> None:
    assert ana.ok(
        *_ADD, "--doctor", "lee", "--weekday", "tue", "--from", "9", "--until", "12",
        "--urgency", "urgent", "--note", "knee", "--last-day", "2026-12-01",
    ) == "On the waitlist, place 1.\n"  # fmt: skip
    assert ana.ok("waitlist", "list") == (
        "      1  Maria Garcia, urgent, 0 d: Follow-up, 20 min, Dr Lee, Tue, 09:00–12:00,"
        " to Tue 1 Dec 2026\n"
        "         knee\n"
        "         next: Tue 24 Nov 2026 09:00–09:20  Dr Lee\n"
    )
    assert ana.ok("waitlist", "fits", *_LEE) == (
        "      1  Tue 24 Nov 2026 10:00–10:20  Maria Garcia, +4915123456789, Follow-up, urgent,"
        " waits since today, asked for this doctor, knee\n"
    )
    assert ana.ok("waitlist", "offer", "1", *_LEE) == (
        "Offer 1: Tue 24 Nov 2026 10:00–10:20, Dr Lee, kept for Maria Garcia until"
        " Mon 23 Nov 2026 11:00, 2 messages queued.\n"
    )
    assert "offer 1: Tue 24 Nov 2026 10:00–10:20" in ana.ok("waitlist", "list")
    out = ana.ok("waitlist", "accept", "1")
    assert out.startswith("Maria Garcia, Tue 24 Nov 2026, 10:00, Dr Lee.\nVisit 1 is booked")
    assert ana.ok("waitlist", "list") == "Nobody waits.\n"
    assert ana.ok("waitlist", "fits", *_LEE) == "Nobody waits for such a time.\n"
    assert ana.refused("waitlist", "accept", "1") == "That offer was accepted already."


def test_a_cancellation_says_who_fits(ana: Clinic) -> None:
    """And a decline asks for the next; the same as JSON."""
    ana.ok("book", "--patient", "lind", "--type", "follow", *_LEE)
    ana.ok(*_ADD)
    ana.ok("waitlist", "add", "--patient", "okoye", "--type", "follow")
    out = ana.ok("cancel", "1")
    assert out.endswith(
        "Tue 24 Nov 2026 10:00–10:20, Dr Lee, is free again. It would suit:\n"
        "      1  Tue 24 Nov 2026 10:00–10:20  Maria Garcia, +4915123456789, Follow-up,"
        " waits since today\n"
        "      2  Tue 24 Nov 2026 10:00–10:20  Sam Okoye, Follow-up, waits since today\n"
    )
    offered = ana("waitlist", "offer", "1", *_LEE, "--expires", "mon 12:00", "--json").json
    assert (offered["offer"], offered["expires_at"]) == (1, "2026-11-23T12:00:00+01:00")
    assert "Sam Okoye" in ana.ok("waitlist", "decline", "1")
    said = ana("waitlist", "offer", "2", *_LEE, "--json").json
    freed = ana("waitlist", "decline", str(said["offer"]), "--json").json["freed"]
    assert freed is None, "both have declined that very opening"


def test_earlier_than_a_visit(ana: Clinic) -> None:
    ana.ok(
        "book", "--patient", "garcia", "--type", "follow", "--doctor", "lee", "--at", "fri 10:00"
    )
    place = ana("waitlist", "add", "--earlier", "1", "--json").json["place"]
    (listed,) = ana("waitlist", "list", "--json").json
    assert (listed["place"], listed["visit"]) == (place, 1)
    assert listed["earlier_than"] == "2026-11-27T10:00:00+01:00"
    assert listed["next"]["starts_at"] == "2026-11-23T09:10:00+01:00"
    ana.ok("waitlist", "add", "--patient", "okoye", "--type", "follow", "--day", "fri")
    ana.ok("waitlist", "offer", str(place), *_LEE)
    moved = ana("waitlist", "accept", "1", "--json").json
    assert (moved["visit"], moved["starts_at"]) == (1, "2026-11-24T10:00:00+01:00")
    assert [one["patient"] for one in moved["freed"]["fits"]] == ["Sam Okoye"]
    (fits,) = ana("waitlist", "fits", "--doctor", "lee", "--at", "fri 10:00", "--json").json
    assert (fits["place"], fits["reasons"]) == (2, ["waits since today"])
    ana.ok("waitlist", "withdraw", "2")
    assert ana.ok("undo") == "Undone: took off the waitlist: Sam Okoye.\n"


def test_refusals(desk_line: SignedIn, ana: Clinic) -> None:
    assert "say which" in ana.refused("waitlist", "add", "--patient", "garcia")
    assert "no such place" in ana.refused("waitlist", "withdraw", "9")
    assert "no such offer" in ana.refused("waitlist", "decline", "9")
    ana.ok(*_ADD, "--from", "14")
    assert "between 14:00" in ana.refused("waitlist", "offer", "1", *_LEE)
    desk_line.be(desk_line.clinic.admin)
    assert "You may not" in ana.refused("waitlist", "list")
