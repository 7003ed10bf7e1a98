"""Openings narrowed in every way, reserved hours and bounds of visit types, in words."""

from __future__ import annotations

from .conftest import Clinic


def test_by_weekday_time_of_day_specialty_and_room(ana: Clinic) -> None:
    words = ("openings", "--type", "follow", "--weekday", "wed, fri", "--from", "13", "--until")
    out = ana.ok(*words, "13:40", "--specialty", "derma", "--room", "any", "--limit", "3")
    assert out.splitlines() == [
        "Wed 25 Nov 2026 13:00–13:20  Dr Park  Room 1",
        "Wed 25 Nov 2026 13:20–13:40  Dr Park  Room 1",
        "Fri 27 Nov 2026 13:00–13:20  Dr Park  Room 1",
    ]
    found = ana(*words, "13:40", "--doctor", "lee", "--room", "room 2", "--json").json
    assert (found["reason"], found["openings"][0]["room"]) == (None, "Room 2")


def test_three_to_read_aloud(ana: Clinic) -> None:
    three = ana.ok("openings", "--type", "follow", "--doctor", "lee", "--spread", "three")
    assert three.splitlines() == [
        "Mon 23 Nov 2026 09:00–09:20  Dr Lee  soonest",
        "Mon 30 Nov 2026 09:00–09:20  Dr Lee  later",
    ]


def test_why_there_are_none(ana: Clinic) -> None:
    words = ("openings", "--type", "follow", "--weekday", "sun")
    said = ana.ok(*words)
    assert said == "There is no opening in that time. None of the doctors works then.\n"
    assert ana(*words, "--json").json == {
        "openings": [],
        "reason": "no_hours",
        "why_none": "None of the doctors works then.",
    }


def test_what_is_no_weekday_and_no_time(ana: Clinic) -> None:
    words = ("openings", "--type", "follow")
    assert "no weekday" in ana.refused(*words, "--weekday", "someday")
    assert "Time:" in ana.refused(*words, "--from", "17", "--until", "9")
    assert "Time:" in ana.refused(*words, "--from", "9-10, 12")


def test_reserving_hours(ana: Clinic) -> None:
    reserve = ("hours", "reserve", "lee", "new", "tue 9-10")
    assert ana.ok(*reserve, "--open-at", "8:00") == (
        "Tuesday     09:00–10:00  kept for New patient, open to all from 08:00 that day\n"
    )
    assert "open to all 48 h before" in ana.ok("hours", "reserve", "lee", "vacc", "mon 9-10",
                                               "--open-before", "2d")  # fmt: skip
    assert ana.ok("hours", "show", "lee").count("kept for") == 2
    tuesday = ("--day", "tue", "--doctor", "lee", "--limit", "1")
    assert "10:00–10:20" in ana.ok("openings", "--type", "follow", *tuesday)
    book = ("book", "--patient", "garcia", "--doctor", "lee", "--type", "follow")
    assert "are reserved for other visit types." in ana.refused(*book, "--at", "tue 9:00")
    assert "New patient" not in ana.ok("hours", "reserve", "lee", "new", "daily closed")


def test_a_type_booked_in_time_and_not_too_far_ahead(ada: Clinic) -> None:
    add = ("visit-type", "add", "Check-up", "20")
    ada.ok(*add, "--notice", "24h", "--horizon", "30")
    assert "at least 1 day ahead, at most 30 days ahead" in ada.ok("visit-type", "list")


def test_when_a_types_reminders_leave(ada: Clinic) -> None:
    ada.ok("visit-type", "add", "Surgery", "60", "--remind", "14d")
    assert "reminders 14 days before" in ada.ok("visit-type", "list")
    remind = ("visit-type", "remind", "surg")
    assert ada.ok(*remind, "7d,24h") == "Reminders of Surgery leave 7 days and 1 day before.\n"
    assert "as the clinic's" in ada.ok(*remind, "clinic")
    assert "whole hours" in ada.refused(*remind, "90")


def test_why_a_minute_is_as_it_is(ana: Clinic) -> None:
    assert ana.ok("why", "lee", "tue 12:30") == "Dr Lee 12:30 — closed 12:00–13:00\n"
    ana.ok("book", "--patient", "garcia", "--doctor", "lee", "--type", "follow", "--at", "tue 9:00")
    assert "Maria Garcia" in ana.ok("why", "lee", "tue 9:10")
    found = ana("why", "lee", "tue 11:50", "--type", "follow", "--json").json
    assert found == {
        "reason": "no_gap_long_enough",
        "sentence": "Dr Lee 11:50 — free for 10 min, Follow-up needs 20.",
        "held_by": None,
        "held_until": None,
    }
    assert "no day and time" in ana.refused("why", "lee", "never")
