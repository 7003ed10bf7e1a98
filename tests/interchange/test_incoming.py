"""How cells are read: names, dates, times, yes and no, identifiers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_tui.domain.codes import Channel, Sex, Status
from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.intake.intake import Incoming, PassedOver
from clinic_tui.domain.intake.visits import IncomingVisit
from clinic_tui.interchange.columns import APPOINTMENT_COLUMNS, DOCTOR_COLUMNS, PATIENT_COLUMNS
from clinic_tui.interchange.incoming import Clock, appointments_in, doctors_in, patients_in
from clinic_tui.interchange.overlaps import overlaps
from clinic_tui.interchange.tables import open_csv

_BERLIN = Clock("DE", "Europe/Berlin", date(2026, 11, 23))


_KINDS: dict[str, tuple[Any, Any]] = {
    "patients": (patients_in, PATIENT_COLUMNS),
    "doctors": (doctors_in, DOCTOR_COLUMNS),
    "appointments": (appointments_in, APPOINTMENT_COLUMNS),
}


def read(folder: Path, kind: str, *lines: str, clock: Clock = _BERLIN) -> list[Any]:
    path = folder / "in.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    reader, columns = _KINDS[kind]
    return [row.what for row in reader(open_csv(path, columns), clock)]


def test_our_own_columns_of_a_patient(tmp_path: Path) -> None:
    [ito] = read(
        tmp_path,
        "patients",
        "id,record_number,family_name,given_name,birth_date,sex,phone,email,address,city,state,"
        "postal_code,language,prefers,email_consent,sms_consent,alert",
        "7,R7,Ito,Ken,28.2.1990,Male,030 1;030 2,k@i.example,Weg 4,Berlin,,10115,ja,E-Mail,yes,n,"
        "Penicillin [allergy]",
    )
    assert (ito.outside_id, ito.record_number, ito.family_name, ito.given_name) == (
        "7",
        "R7",
        "Ito",
        "Ken",
    )
    assert (ito.birth_date, ito.sex, ito.phones) == (
        date(1990, 2, 28),
        Sex.MALE,
        ("030 1", "030 2"),
    )
    assert (ito.email, ito.address, ito.language) == ("k@i.example", "Weg 4, Berlin, 10115", "ja")
    assert (ito.prefers, ito.email_consent, ito.sms_consent) == (Channel.EMAIL, True, False)
    assert ito.alert == "Penicillin [allergy]"


def test_synthea_s_columns(tmp_path: Path) -> None:
    alive, dead = read(
        tmp_path,
        "patients",
        "Id,BIRTHDATE,DEATHDATE,SSN,FIRST,LAST,GENDER,ADDRESS,CITY,STATE,ZIP",
        "u1,1989-05-25,,999,José Eduardo181,Gómez206,M,427 Way,Chicopee,Massachusetts,01013",
        "u2,1919-05-25,2001-01-01,999,Ann1,Gone2,F,,,,",
    )
    assert (alive.outside_id, alive.given_name, alive.family_name) == (
        "u1",
        "José Eduardo181",
        "Gómez206",
    )
    assert alive.address == "427 Way, Chicopee, Massachusetts 01013"
    assert isinstance(dead, PassedOver)


def test_a_slash_means_what_the_region_means(tmp_path: Path) -> None:
    lines = ("family_name,birth_date", "Ito,3/4/1990")
    [here] = read(tmp_path, "patients", *lines)
    [there] = read(tmp_path, "patients", *lines, clock=replace(_BERLIN, region="US"))
    assert (here.birth_date, there.birth_date) == (date(1990, 4, 3), date(1990, 3, 4))


@pytest.mark.parametrize(
    ("name", "given_name", "family_name"),
    [
        ("Tomas436 Sauer652", "Tomas436", "Sauer652"),
        ("José Luis472 Zapata667", "José Luis472", "Zapata667"),
        ("Homero668 de Jesús414", "Homero668", "de Jesús414"),
        ("María Elena653 de la Cruz1", "María Elena653", "de la Cruz1"),
        ("Ana Brandt", "Ana", "Brandt"),
        ("Ana Maria Brandt", "Ana Maria", "Brandt"),
        ("Brandt, Ana Maria", "Ana Maria", "Brandt"),
        ("Brandt", "", "Brandt"),
        ("", "", ""),
    ],
)
def test_one_cell_with_both_names(
    tmp_path: Path, name: str, given_name: str, family_name: str
) -> None:
    [doctor] = read(tmp_path, "doctors", "id,name", f'1,"{name}"')
    assert (doctor.given_name, doctor.family_name) == (given_name, family_name)


def test_a_row_without_an_identifier_is_known_by_all_it_says(tmp_path: Path) -> None:
    lines = ("last,first,sex", "Ito,Ken,m", "Ito,Ken,f", "Ito,Ken,m", "Ito K,en,m")
    first, other, same, shifted = read(tmp_path, "patients", *lines)
    assert first.outside_id == same.outside_id
    assert len({first.outside_id, other.outside_id, shifted.outside_id}) == 3
    # Another order of the columns, and one that is not used, change nothing.
    [again] = read(tmp_path, "patients", "shoes,sex,first,last", "42,m,Ken,Ito")
    assert again.outside_id == first.outside_id


_AT_TWO = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24T14:00:00Z", _AT_TWO),
        ("2026-11-24T14:00:59.9+00:00", _AT_TWO),
        ("2026-11-24 09:00-05:00", _AT_TWO),
        ("2026-11-24 15:00", _AT_TWO),
        ("2026-11-24T15:00:30", _AT_TWO),
        ("24.11.2026 15:00", _AT_TWO),
        ("24 Nov 2026 15:00", _AT_TWO),
        # Skipped in spring: forward by the gap; twice in autumn: the first.
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        *((wrong, None) for wrong in ("", "soon", "2026-11-24", "15:00", "24.11.26 15:00",
          "2026-11-24 24:00", "2026-11-24 15:60", "2026-02-30 15:00", "0001-01-01T00:00+14:00",
          "9999-12-31 23:59:00-14:00", "0001-01-01 00:00", "11/24/2026 15:00")),
    ],
)  # fmt: skip
def test_moments(tmp_path: Path, text: str, at: datetime | None) -> None:
    lines = ("patient,doctor,start,minutes,type", f"1,lee,{text},20,x")
    [visit] = read(tmp_path, "appointments", *lines)
    if at is None:
        assert isinstance(visit, BadInput)
        assert visit.field == "Start"
    else:
        assert (visit.starts_at, visit.ends_at) == (at, at + timedelta(minutes=20))
        assert visit.starts_at.tzinfo is UTC


def test_statuses(tmp_path: Path) -> None:
    head = "patient,doctor,start,stop,type,status"
    at = "2026-11-24 15:00,2026-11-24 15:20"
    good, none, held, odd, backwards = read(
        tmp_path,
        "appointments",
        head,
        f"1,lee,{at},x,Checked-In",
        f"1,lee,{at},x,",
        f"1,lee,{at},x,held",
        f"1,lee,{at},x,maybe",
        "1,lee,2026-11-24 15:00,2026-11-24 14:00,x,",
    )
    assert (good.status, none.status) == (Status.CHECKED_IN, None)
    assert held.field == odd.field == "Status"
    assert backwards.field == "End"


def visit(at: int, minutes: int, who: str = "1", **given: Any) -> IncomingVisit:
    starts_at = _AT_TWO + timedelta(minutes=at)
    return IncomingVisit(
        who, "lee", "x", starts_at, starts_at + timedelta(minutes=minutes), **given
    )


def test_pairs_that_overlap(tmp_path: Path) -> None:
    visits = [
        visit(0, 20, "a"),
        visit(20, 20, "b"),  # Touches the first only.
        visit(10, 15, "c"),  # Meets both.
        visit(-600, 1440, "d"),  # Longer than may be, and around all.
        visit(15, 0, "e"),  # Empty.
        visit(0, 20, "f", status=Status.CANCELLED),
        replace(visit(12, 5, "c"), doctor="park"),
    ]
    found = overlaps([Incoming(line, one) for line, one in enumerate(visits, start=2)])
    assert {(pair.line, pair.other_line) for pair in found.of_doctors} == {
        (2, 4),
        (4, 3),
        (5, 2),
        (5, 3),
        (5, 4),
    }
    assert [(pair.line, pair.other_line, pair.whose) for pair in found.of_patients] == [(4, 8, "c")]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30), st.sampled_from("ab")), max_size=12)
)
def test_pairs_are_those_that_comparing_all_with_all_finds(
    spans: list[tuple[int, int, str]],
) -> None:
    rows = [Incoming(n, visit(at, length, who)) for n, (at, length, who) in enumerate(spans)]
    expected = {
        frozenset((one, other))
        for one, (at, length, who) in enumerate(spans)
        for other, (other_at, other_length, other_who) in enumerate(spans)
        if one < other
        and who == other_who
        and max(at, other_at) < min(at + length, other_at + other_length)
    }
    found = overlaps(rows).of_patients
    assert {frozenset((pair.line, pair.other_line)) for pair in found} == expected
    assert len(found) == len(expected)


def test_a_file_of_nothing_but_overlaps_is_told_in_bounds() -> None:
    found = overlaps([Incoming(line, visit(0, 20)) for line in range(1000)])
    assert len(found.of_doctors) == len(found.of_patients) == 10_000


def test_another_offset_is_the_same_instant(tmp_path: Path) -> None:
    tokyo = _AT_TWO.astimezone(timezone(timedelta(hours=9))).isoformat()
    [one] = read(tmp_path, "appointments", "patient,doctor,start,type", f"1,lee,{tokyo},x")
    assert one.starts_at == _AT_TWO
