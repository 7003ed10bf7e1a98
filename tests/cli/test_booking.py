"""Openings, booking, moving, cancelling, checking in: the operations of the screens, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.domain.errors import NotFound
from clinic_tui.domain.visits.appointments import appointment_details

from .conftest import Clinic, SignedIn

BOOK = ("book", "--patient", "garcia", "--doctor", "lee", "--type", "follow")


def test_a_visit_from_booking_to_the_room(desk_line: SignedIn, ana: Clinic) -> None:
    out = ana.ok(*BOOK, "--at", "tue 15:00", "--room", "1", "--note", "cough")
    assert out == (
        "Maria Garcia, Tue 24 Nov 2026, 15:00, Dr Lee, Room 1.\n"
        "Visit 1 is booked, 5 messages queued.\n"
    )
    assert "09:30" in ana.ok("move", "1", "--at", "2026-11-23 9:30", "--room", "Room 2")
    assert "Visit 1 is arrived." in ana.ok("check-in", "1", "--arrived")
    assert "Visit 1 is in the room." in ana.ok("check-in", "1")
    found = desk_line.database.read(appointment_details, desk_line.clinic.receptionist, 1)
    assert (found.status, found.room, found.note, found.sequence) == (
        Status.CHECKED_IN,
        "Room 2",
        "cough",
        1,
    )


def test_a_line_says_it_all(desk_line: SignedIn, ana: Clinic) -> None:
    """Name, day, time, doctor and length in any order; the type is one of that length."""
    assert "Maria Garcia, Tue 24 Nov 2026, 15:00, Dr Lee" in ana.ok("book", "garcia tue 3pm lee")
    ana.ok("book", "30m lee 12mar 9:30 lind #foll")
    found = desk_line.database.read(appointment_details, desk_line.clinic.receptionist, 2)
    assert found.visit_type == "Follow-up"
    assert found.ends_at - found.starts_at == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("garcia 30 feb 9 lee", "“30 feb” cannot be read there; the rest can."),
        ("tue 9:00 @lee", "Who comes is not said: write a name, digits or a birth date."),
        ("nobody tue 9:00 lee", "There is no patient “nobody”."),
        ("garcia tue lee", "Say when and with whom; the next that are as you say:"),
        ("garcia sun 9 lee", "Dr Lee"),
    ],
)
def test_a_line_that_does_not(desk_line: SignedIn, ana: Clinic, line: str, sentence: str) -> None:
    """Nothing is booked; what is left open is answered by openings."""
    assert sentence in ana.refused("book", line)
    with pytest.raises(NotFound):
        desk_line.database.read(appointment_details, desk_line.clinic.receptionist, 1)


def test_a_line_or_options(ana: Clinic) -> None:
    assert ana("book", "garcia tue 3pm lee", "--doctor", "lee").code == 2
    assert ana("book").code == 2


@pytest.mark.parametrize("kind", ["sqlite"])
def test_nothing_that_is_given_is_passed_over(ana: Clinic) -> None:
    """A length of nothing is one that cannot be; an overbooking without a reason is one, too."""
    ana.ok("book", "garcia tue 15 lee")
    for words in (("book", "lind tue 16 lee"), ("move", "1", "--at", "tue 16")):
        assert "5 minutes" in ana.refused(*words, "--minutes", "0")
    assert "You may not" in ana.refused("book", "lind tue 15 lee", "--overbook", "")


def test_cancelling_says_whose_wish_it_was(desk_line: SignedIn, ana: Clinic) -> None:
    ana.ok(*BOOK, "--at", "tue 15:00")
    answer = ana("cancel", "1", "--by", "clinic", "--reason", "ill", "--json").json
    assert answer["status"] == "cancelled"
    found = desk_line.database.read(appointment_details, desk_line.clinic.receptionist, 1)
    assert (found.cancelled_by, found.cancel_reason) == (CancelledBy.CLINIC, "ill")


def test_a_refusal_offers_numbered_alternatives(ana: Clinic) -> None:
    ana.ok(*BOOK, "--at", "tue 15:00")
    other = ("book", "--patient", "lind", "--doctor", "Dr Lee", "--type", "f/up", "--at", "tue 3pm")
    assert ana.refused(*other).splitlines() == [
        "Dr Lee is taken Tue 24 Nov 2026 15:00–15:20.",
        "  1  Tue 24 Nov 2026 15:20–15:40  Dr Lee",
        "  2  Tue 24 Nov 2026 15:40–16:00  Dr Lee",
        "  3  Tue 24 Nov 2026 15:00–15:20  Dr Okafor",
    ]
    said = ana(*other, "--json")
    assert said.code == 1
    assert said.json["refused"] == "Dr Lee is taken Tue 24 Nov 2026 15:00–15:20."
    assert said.json["alternatives"][2]["starts_at"] == "2026-11-24T15:00:00+01:00"
    assert said.json["alternatives"][2]["doctor"] == "Dr Okafor"


def test_moving_is_refused_and_the_visit_stays(desk_line: SignedIn, ana: Clinic) -> None:
    ana.ok(*BOOK, "--at", "tue 15:00")
    assert "Dr Lee works 09:00–12:00" in ana.refused("move", "1", "--at", "tue 12:30")
    found = desk_line.database.read(appointment_details, desk_line.clinic.receptionist, 1)
    assert found.sequence == 0


def test_openings(ana: Clinic) -> None:
    ana.ok(*BOOK, "--at", "mon 9:10")
    text = ana.ok("openings", "--type", "vaccination", "--doctor", "lee", "--limit", "2")
    assert text.splitlines() == [
        "Mon 23 Nov 2026 09:00–09:10  Dr Lee",
        "Mon 23 Nov 2026 09:30–09:40  Dr Lee",
    ]
    found = ana(
        "openings",
        "--type",
        "follow",
        "--day",
        "tue",
        "--last-day",
        "tue",
        "--minutes",
        "1h",
        "--json",
    ).json["openings"]
    assert found[0]["starts_at"] == "2026-11-24T09:00:00+01:00"
    assert found[0]["ends_at"] == "2026-11-24T10:00:00+01:00"
    assert {one["doctor"] for one in found} == {"Dr Lee", "Dr Okafor", "Dr Park"}
    # A Saturday: nobody works.
    sat = ("openings", "--type", "follow", "--day", "sat", "--last-day", "sat")
    assert ana.ok(*sat) == ("There is no opening in that time. None of the doctors works then.\n")


def test_an_hour_that_the_clocks_skip_moves_on_and_says_so(ana: Clinic) -> None:
    said = ana(*BOOK, "--at", "2027-03-28 2:30")
    assert said.code == 1
    assert "The clocks skip 02:30" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--patient", "nobody"), "There is no patient “nobody”."),
        (("--patient", ""), "There is no patient “”."),
        (("--doctor", "house"), "There is no doctor “house”."),
        (("--doctor", " "), "There is no doctor “ ”."),
        (("--type", "surgery"), "There is no visit type “surgery”."),
        (("--room", "9"), "There is no room “9”."),
        (("--at", "15:00"), "“15:00” is no day and time; one looks like 2026-11-24 15:00."),
        (("--at", ""), "“” is no day and time; one looks like 2026-11-24 15:00."),
        (("--at", "tue 25:00"), "Time: “25:00” is none; a day goes from 0:00 to 23:59."),
        (("--at", "someday 15:00"), "“someday” is no day"),
        (("--at", "0001-01-01T00:00:00+14:00"), ""),
        (("--at", "9999-12-31T23:59:00-14:00"), ""),
        (("--at", "yesterday 10:00"), "That time has passed."),
        (("--at", "2026-11-24T15:00:30+01:00"), "A visit starts on a whole minute."),
        (("--minutes", "soon"), "Length: “soon” is none; write 20, 1h or 1h30."),
        (("--minutes", "4"), "A visit lasts 5 minutes to 12 hours."),
        (("--patient", "\udce9"), "There is no patient “�”."),
        (("--doctor", "\udce9"), "There is no doctor “�”."),
        (("--note", "a\tb"), "Note holds a character that cannot be shown"),
        (("--note", "\udce9"), "Note holds a character that cannot be shown"),
    ],
)
def test_each_wrong_option_gets_its_sentence(
    ana: Clinic, words: tuple[str, str], sentence: str
) -> None:
    right = {
        "--patient": "garcia",
        "--doctor": "lee",
        "--type": "follow",
        "--at": "tue 15:00",
    } | {words[0]: words[1]}
    refused = ana.refused("book", *(part for pair in right.items() for part in pair))
    assert sentence in refused
    assert len(refused.splitlines()) == 1


def test_several_that_match_have_their_numbers_and_none_is_guessed(
    desk_line: SignedIn, ada: Clinic, tmp_path: object
) -> None:
    from pathlib import Path  # noqa: PLC0415

    file = Path(str(tmp_path)) / "more.csv"
    file.write_text("family_name,given_name,birth_date\nGarcia,Ana,1990-01-01\nGarcia,,\n")
    ada.ok("import", "patients", str(file))
    desk_line.be(desk_line.clinic.receptionist)
    at = ("--doctor", "lee", "--type", "follow", "--at", "tue 15:00")
    assert ada.refused("book", "--patient", "gar", *at).splitlines()[0] == (
        "“gar” may be several patients:"
    )
    lines = ada.refused("book", "--patient", "gar", *at).splitlines()[1:]
    assert sorted(line[2:] for line in lines) == sorted(
        [
            "000006  Ana Garcia, born 1990-01-01",
            "000007  Garcia",
            "000001  Maria Garcia, born 1984-03-09",
        ]
    )
    # One whose whole name it is, and the record number, are no guesses.
    assert "Garcia, Tue" in ada.ok("book", "--patient", "garcia", *at)
    assert "Ana Garcia" in ada.ok(
        "book", "--patient", "000006", "--doctor", "1", "--type", "vacc", "--at", "tue 16:00"
    )


def test_a_cancelled_visit_comes_back_unless_its_time_is_gone(ana: Clinic) -> None:
    ana.ok(*BOOK, "--at", "tue 15:00")
    ana.ok("cancel", "1")
    assert "Visit 1 is booked" in ana.ok("reinstate", "1")
    assert ana.refused("reinstate", "1") == "A visit that is booked cannot be reinstated."
    ana.ok("cancel", "1")
    ana.ok("book", "--patient", "lind", "--doctor", "lee", "--type", "follow", "--at", "tue 15:00")
    assert ana.refused("reinstate", "1").splitlines()[:2] == [
        "Dr Lee is taken Tue 24 Nov 2026 15:00–15:20.",
        "  1  Tue 24 Nov 2026 15:20–15:40  Dr Lee",
    ]


@pytest.mark.parametrize("verb", ["move", "cancel", "reinstate", "check-in"])
def test_a_visit_that_is_not_there(ana: Clinic, verb: str) -> None:
    at = ("--at", "tue 15:00") if verb == "move" else ()
    assert ana.refused(verb, "99", *at) == "There is no such appointment."


def test_who_may_not_book_is_told_so(desk_line: SignedIn, ada: Clinic) -> None:
    assert ada.refused(*BOOK, "--at", "tue 15:00") == "You may not book, move or cancel that visit."
    desk_line.be(desk_line.clinic.patient)
    said = desk_line.run("book", "--patient", "garcia", "--doctor", "lee", "--type", "follow",
                         "--at", "tue 15:00", "--json")  # fmt: skip
    assert said.json["status"] == "pending"
    assert "There is no patient" in desk_line.run.refused(
        "book", "--patient", "lind", "--doctor", "lee", "--type", "follow", "--at", "tue 16:00"
    )
