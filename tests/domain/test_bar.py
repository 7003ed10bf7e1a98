"""The booking bar's line: what it takes for what, and that it never takes one thing for another."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_tui.domain.bar.bar import Kind, Meaning, readings, understand, written
from clinic_tui.domain.bar.words import Index, Names, Word

TODAY = date(2026, 11, 21)  # A Saturday.
LEE, OKAFOR, GARCIA, OTHER_LEE = (
    Word(number, name)
    for number, name in enumerate(("Dr Ana Lee", "Dr Ben Okafor", "Dr Pär García", "Dr Kim Lee"))
)
DERMATOLOGY, GENERAL = Word(10, "Dermatology"), Word(11, "General practice")
FOLLOW_UP, VACCINATION, NEW = (
    Word(20, "Follow-up", "f/up"),
    Word(21, "Vaccination", "vacc"),
    Word(22, 'New "patient"', "new"),
)
NAMES = Names(
    Index((LEE, OKAFOR, GARCIA, OTHER_LEE)),
    Index((DERMATOLOGY, GENERAL)),
    Index((FOLLOW_UP, VACCINATION, NEW)),
)
TUESDAY = date(2026, 11, 24)


def understood(line: str, region: str = "DE") -> Any:
    """The line, read on that Saturday."""
    return understand(line, NAMES, TODAY, region)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "garcia tue 3pm okafor 20m",
            {
                "patient": "garcia",
                "day": TUESDAY,
                "minute": 900,
                "doctors": (OKAFOR,),
                "minutes": 20,
            },
        ),
        ("20m okafor 3pm tue jones", {"patient": "jones", "minute": 900, "minutes": 20}),
        ("JONES TUE 3PM", {"patient": "JONES", "day": TUESDAY, "minute": 900}),
        ("jones fri 10", {"day": date(2026, 11, 27), "minute": 600}),
        ("jones 24 15", {"day": TUESDAY, "minute": 900}),
        ("jones 24/11 15:20", {"day": TUESDAY, "minute": 920}),
        ("jones 24", {"day": TUESDAY, "minute": None}),
        ("jones 15", {"day": None, "minute": 900}),
        ("jones 12 3pm", {"day": date(2026, 12, 12), "minute": 900}),
        ("jones +2w 9", {"day": date(2026, 12, 5), "minute": 540}),
        ("jones next tue 1h30", {"day": TUESDAY, "minutes": 90}),
        ("jones next mon 9h", {"day": date(2026, 11, 23), "minutes": 540}),
        ("jones today 15h20", {"day": TODAY, "minute": 920}),
        ("jones 24nov 3 pm", {"day": TUESDAY, "minute": 900}),
        ("jones 24 nov 2026 9:30 am 20 min", {"day": TUESDAY, "minute": 570, "minutes": 20}),
        ("jones 24nov26", {"day": TUESDAY}),
        ("jones 12mar84 tue", {"patient": "jones 12mar84", "day": TUESDAY}),
        ("12.03.1984 tue", {"patient": "12.03.1984", "day": TUESDAY}),
        ("4567 tue 9", {"patient": "4567", "day": TUESDAY, "minute": 540}),
        ("jones derm", {"patient": "jones", "specialty": DERMATOLOGY}),
        ("jones vacc", {"visit_type": VACCINATION}),
        ("jones f/up", {"visit_type": FOLLOW_UP}),
        ("jones #foll", {"visit_type": FOLLOW_UP}),
        ("jones garcia", {"patient": "jones", "doctors": (GARCIA,)}),
        ("GARCÍA okafor", {"patient": "GARCÍA", "doctors": (OKAFOR,)}),
        ("garcia derm", {"patient": "garcia", "doctors": (), "specialty": DERMATOLOGY}),
        ("garcia 12mar84", {"patient": "12mar84", "doctors": (GARCIA,)}),
        ("okafor tue", {"patient": "okafor", "doctors": ()}),
        ("vacc okafor", {"patient": "vacc", "visit_type": None, "doctors": (OKAFOR,)}),
        ("@okafor tue", {"patient": "", "doctors": (OKAFOR,)}),
        ("jones lee", {"doctors": (LEE, OTHER_LEE)}),
        ("jones ana lee", {"doctors": (LEE,)}),
        ("jones okafor garcia", {"doctors": (OKAFOR, GARCIA)}),
        ('"okafor" @lee', {"patient": "okafor", "doctors": (LEE, OTHER_LEE)}),
        ('jones @okaf "vacc"', {"patient": "jones vacc", "doctors": (OKAFOR,)}),
        ('"jones', {"patient": "jones"}),
        ("", {"patient": "", "day": None}),
    ],
)
def test_what_is_taken_for_what(line: str, said: dict[str, Any]) -> None:
    read = understood(line)
    assert {name: getattr(read.meaning, name) for name in said} == said
    assert read.unread == ()


@pytest.mark.parametrize(
    ("line", "unread"),
    [
        ("jones 30 feb", "30 feb"),
        ("jones 31/4 9:00", "31/4"),
        ("jones 25:00 tue", "25:00"),
        ("jones 13pm", "13pm"),
        ("jones 24 15 7", "7"),
        ("jones tue wed", "wed"),
        ("jones 3pm 4pm", "4pm"),
        ("jones 20m 30m", "30m"),
        ("jones @nobody", "nobody"),
        ("jones #nothing", "nothing"),
        ("jones tue 99", "99"),
    ],
)
def test_what_cannot_be_read_is_said_to_be_and_the_rest_is_kept(line: str, unread: str) -> None:
    read = understood(line)
    assert [token.text for token in read.unread] == [unread]
    assert read.meaning.patient == "jones"


def test_a_shared_name_is_first_taken_for_the_patient() -> None:
    """Whoever knows the patients tells which of the readings is meant."""
    first, second = readings("lee tue garcia", NAMES, TODAY, "DE")
    assert (first.meaning.patient, first.meaning.doctors) == ("lee garcia", ())
    assert (second.meaning.patient, second.meaning.doctors) == ("lee", (GARCIA,))
    assert len(list(readings("jones tue 3pm", NAMES, TODAY, "DE"))) == 1
    marked = next(readings("garcia @lee", NAMES, TODAY, "DE")).meaning
    assert (marked.patient, marked.doctors) == ("garcia", (LEE, OTHER_LEE))


def test_the_month_comes_first_where_it_does() -> None:
    assert understood("3/4", "US").meaning.day == date(2027, 3, 4)
    assert understood("3/4", "DE").meaning.day == date(2027, 4, 3)


def test_of_a_page_that_was_pasted_the_beginning_counts() -> None:
    read = understood("jones tue " + "and so on " * 10_000)
    assert read.meaning.day == TUESDAY
    assert len(read.tokens) < 200


def test_every_token_knows_where_it_stands() -> None:
    line = 'jones  next tue @"ana lee" 3 pm'
    for token in understood(line).tokens:
        assert token.text in line[token.start : token.end]


PHRASES = (
    "garcia", "okafor", "lee", "ana", "jones", "4567", "12mar84", "derm", "vacc", "new", "f/up",
    "tue", "next fri", "24", "7", "24/11", "24nov", "+2w", "15:20", "3pm", "9", "20m", "1h30",
    "30 feb", '"', "@", "#", '@"ana', "@lee", "#new", '"o\'neil x"', "2026-12-01", "next", "pm",
)  # fmt: skip


@given(
    st.lists(st.sampled_from(PHRASES) | st.text(max_size=8), max_size=9).map(" ".join),
    st.sampled_from(["DE", "US"]),
)
def test_written_in_full_it_is_understood_the_same(line: str, region: str) -> None:
    """Nothing is lost either: every token but blanks and marks is of some kind."""
    read = understood(line, region)
    again = understood(written(read.meaning), region)
    assert again.meaning == read.meaning
    assert again.unread == ()
    covered = {at for token in read.tokens for at in range(token.start, token.end)}
    assert all(char.isspace() or char in '@#"' for at, char in enumerate(line) if at not in covered)


def test_written() -> None:
    meaning = Meaning("Maria Garcia", (LEE,), None, NEW, TUESDAY, 900, 20)
    assert written(meaning) == ('"Maria Garcia" @"Dr Ana Lee" 2026-11-24 15:00 #"New patient" 20m')
    assert [token.kind for token in understood(written(meaning)).tokens] == [
        Kind.PATIENT,
        Kind.DOCTOR,
        Kind.DAY,
        Kind.TIME,
        Kind.VISIT_TYPE,
        Kind.LENGTH,
    ]
