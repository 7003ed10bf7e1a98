"""Doctors' hours as they are set: what is refused, whom a change strands, who reads why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.clinic.closures import close_clinic, closures
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import BadInput, NotFound, NotPermitted, OutsideHours
from clinic_tui.domain.hours.hours import (
    add_extra_hours,
    doctor_hours,
    remove_extra_hours,
    set_weekly_hours,
    stranded_by_hours,
)
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.hours.time_off import add_time_off, remove_time_off, visits_in_the_way
from clinic_tui.domain.visits.booking import book_appointment
from tests.small_clinic import NOW, WEEK, ZONE, SmallClinic

from .given import NOBODY, add_visit, at, booking, everything, refused

_MONDAY = Hours(0, 9 * 60, 12 * 60)
_D = date


@pytest.mark.parametrize(
    "weekly",
    [
        (),
        WEEK,
        (Hours(6, 0, 1440),),
        (Hours(0, 540, 720), Hours(0, 720, 800)),
        (Hours(0, 540, 720), Hours(1, 600, 660)),
        (
            Hours(0, 540, 720, valid_until=_D(2026, 12, 31)),
            Hours(0, 540, 1020, valid_from=_D(2027, 1, 1)),
        ),
        (
            Hours(0, 540, 720, valid_from=_D(2026, 11, 23), every_weeks=2),
            Hours(0, 600, 1020, valid_from=_D(2026, 11, 30), every_weeks=2),
        ),
        (
            Hours(0, 540, 720, valid_from=_D(2026, 11, 25), every_weeks=4),
            Hours(0, 600, 1020, valid_from=_D(2026, 11, 30), every_weeks=6),
        ),
    ],
)
def test_hours_are_kept(clinic: SmallClinic, database: Database, weekly: tuple[Hours, ...]) -> None:
    database.transact(set_weekly_hours, clinic.receptionist, clinic.lee, weekly, NOW)
    stored = database.read(doctor_hours, clinic.receptionist, clinic.lee)
    assert stored.weekly == tuple(sorted(weekly, key=lambda one: (one.weekday, one.starts)))


@pytest.mark.parametrize(
    "weekly",
    [
        (Hours(0, 540, 540),),
        (Hours(0, 720, 540),),
        (Hours(0, 22 * 60, 6 * 60),),
        (Hours(0, -1, 540),),
        (Hours(0, 540, 1441),),
        (Hours(7, 540, 720),),
        (Hours(-1, 540, 720),),
        (Hours(0, 540, 720, every_weeks=2),),
        (Hours(0, 540, 720, valid_from=_D(2026, 11, 23), every_weeks=0),),
        (Hours(0, 540, 720, valid_from=_D(2026, 11, 23), every_weeks=53),),
        (Hours(0, 540, 720, valid_from=_D(2027, 1, 1), valid_until=_D(2026, 12, 31)),),
        (Hours(0, 540, 720, valid_until=_D(9999, 12, 31)),),
        (_MONDAY, _MONDAY),
        (_MONDAY, Hours(0, 11 * 60 + 59, 13 * 60)),
        (_MONDAY, Hours(1, 540, 720), Hours(0, 10 * 60, 11 * 60)),
        (
            Hours(0, 540, 720, valid_until=_D(2026, 12, 31)),
            Hours(0, 540, 1020, valid_from=_D(2026, 12, 31)),
        ),
        (_MONDAY, Hours(0, 600, 1020, valid_from=_D(2026, 11, 30), every_weeks=2)),
        (
            Hours(0, 540, 720, valid_from=_D(2026, 11, 23), every_weeks=2),
            Hours(0, 600, 1020, valid_from=_D(2026, 12, 9), every_weeks=2),
        ),
        (
            Hours(0, 540, 720, valid_from=_D(2026, 11, 23), every_weeks=4),
            Hours(0, 600, 1020, valid_from=_D(2026, 12, 7), every_weeks=6),
        ),
    ],
)
def test_hours_that_cannot_be(
    clinic: SmallClinic, database: Database, weekly: tuple[Hours, ...]
) -> None:
    args = (clinic.receptionist, clinic.lee, weekly, NOW)
    assert refused(database, BadInput, set_weekly_hours, *args).field == "Hours"
    refused(database, BadInput, stranded_by_hours, *args)


def test_hours_that_overlap_are_named(clinic: SmallClinic, database: Database) -> None:
    overlapping = (Hours(2, 11 * 60, 13 * 60), Hours(2, 540, 720))
    for weekly in (overlapping, overlapping[::-1]):
        args = (clinic.receptionist, clinic.lee, weekly, NOW)
        refusal = refused(database, BadInput, set_weekly_hours, *args)
        assert str(refusal) == "Wednesday: 09:00–12:00 and 11:00–13:00 overlap."


def test_only_the_visits_that_a_change_strands(clinic: SmallClinic, database: Database) -> None:
    """Not those that stood outside before, nor the past, nor the cancelled; and they stay."""

    def fill(session: Session) -> dict[str, int]:
        return {
            "stays": add_visit(session, clinic, at("10:00", 1)),
            "stranded": add_visit(session, clinic, at("14:00", 1)),
            "half": add_visit(session, clinic, at("11:50", 1)),
            "outside": add_visit(session, clinic, at("18:00", 1)),
            "past": add_visit(session, clinic, at("14:00", -3)),
            "cancelled": add_visit(session, clinic, at("15:00", 1), status=Status.CANCELLED),
            "far": add_visit(session, clinic, at("14:00", 365)),
            "colleague's": add_visit(session, clinic, at("14:20", 1), doctor_id=clinic.park),
        }

    ids = database.transact(fill)
    mornings = tuple(Hours(weekday, 9 * 60, 12 * 60) for weekday in range(5))
    before = database.read(everything)["appointments"]
    args = (clinic.doctor_lee, clinic.lee, mornings, NOW)
    would = database.read(stranded_by_hours, *args)
    assert [visit.appointment_id for visit in would] == [ids["stranded"], ids["far"]]
    assert [visit.patient for visit in would] == ["Jonas Lind"] * 2
    assert database.transact(set_weekly_hours, *args) == would
    assert database.read(everything)["appointments"] == before
    refused(
        database,
        OutsideHours,
        book_appointment,
        clinic.receptionist,
        booking(clinic, starts_at=at("14:00", 2)),
        NOW,
    )


def test_extra_hours(clinic: SmallClinic, database: Database) -> None:
    saturday = NOW.date() + timedelta(days=5)
    request = booking(clinic, starts_at=at("10:00", 5))
    refused(database, OutsideHours, book_appointment, clinic.receptionist, request, NOW)
    extra_id = database.transact(
        add_extra_hours, clinic.doctor_lee, clinic.lee, saturday, 600, 720, NOW, "flu  week"
    )
    (entry,) = database.read(doctor_hours, clinic.doctor_lee, clinic.lee).extra
    assert (entry.day, entry.starts, entry.ends, entry.note) == (saturday, 600, 720, "flu week")
    database.transact(book_appointment, clinic.receptionist, request, NOW)
    args = (clinic.doctor_lee, clinic.lee, extra_id, NOW)
    refused(database, NotFound, remove_extra_hours, clinic.admin, clinic.park, extra_id, NOW)
    database.transact(remove_extra_hours, *args)
    refused(database, NotFound, remove_extra_hours, *args)
    for day, starts, ends in (
        (saturday, 720, 600),
        (saturday, 600, 600),
        (saturday, 0, 1441),
        (date.max, 600, 720),
    ):
        refused(
            database, BadInput, add_extra_hours, clinic.admin, clinic.lee, day, starts, ends, NOW
        )


def test_time_off(clinic: SmallClinic, database: Database) -> None:
    def fill(session: Session) -> list[int]:
        return [add_visit(session, clinic, at(clock, 1)) for clock in ("09:40", "10:00", "10:20")]

    _, during, _ = database.transact(fill)
    args = (clinic.doctor_lee, clinic.lee, at("10:00", 1), at("10:20", 1))
    would = database.read(visits_in_the_way, *args)
    assert [visit.appointment_id for visit in would] == [during]
    assert database.transact(add_time_off, *args, NOW, "Dentist") == would
    (entry,) = database.read(doctor_hours, clinic.doctor_lee, clinic.lee).time_off
    assert (entry.starts_at, entry.ends_at, entry.reason) == (*args[2:], "Dentist")
    gone = (clinic.doctor_lee, clinic.lee, entry.time_off_id, NOW)
    refused(database, NotFound, remove_time_off, clinic.admin, clinic.park, gone[2], NOW)
    database.transact(remove_time_off, *gone)
    refused(database, NotFound, remove_time_off, *gone)
    assert database.read(doctor_hours, clinic.doctor_lee, clinic.lee).time_off == ()


def test_time_off_that_has_begun_strands_what_is_ahead(
    clinic: SmallClinic, database: Database
) -> None:
    def fill(session: Session) -> list[int]:
        return [
            add_visit(session, clinic, starts_at, patient_id=patient_id)
            for starts_at, patient_id in (
                (NOW - timedelta(hours=1), clinic.maria),
                (NOW - timedelta(minutes=10), clinic.jonas),
                (at("14:00"), clinic.sam),
            )
        ]

    _, now, ahead = database.transact(fill)
    stranded = database.transact(
        add_time_off, clinic.admin, clinic.lee, at("00:00"), at("00:00", 1), NOW
    )
    assert [visit.appointment_id for visit in stranded] == [now, ahead]


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (at("10:00", 1), at("10:00", 1)),
        (at("10:00", 1), at("09:00", 1)),
        (at("10:00", -2), at("10:00", -1)),
        (at("10:00", -1), NOW),
        (at("10:00", 1).replace(tzinfo=None), at("11:00", 1)),
        (at("10:00", 1), at("11:00", 1).replace(tzinfo=None)),
        (at("10:00", 1), datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_time_off_that_cannot_be(
    clinic: SmallClinic, database: Database, starts_at: datetime, ends_at: datetime
) -> None:
    args = (clinic.admin, clinic.lee, starts_at, ends_at, NOW)
    refused(database, BadInput, add_time_off, *args)


def test_time_off_of_the_repeated_hour(clinic: SmallClinic, database: Database) -> None:
    """From 02:30 summer time to 02:30 winter time is an hour, though the clock shows the same."""
    first = datetime(2027, 10, 31, 2, 30, tzinfo=ZoneInfo(ZONE))
    again = first.replace(fold=1)
    database.transact(add_time_off, clinic.admin, clinic.lee, first, again, NOW)
    (entry,) = database.read(doctor_hours, clinic.admin, clinic.lee).time_off
    assert entry.ends_at - entry.starts_at == timedelta(hours=1)
    refused(database, BadInput, add_time_off, clinic.admin, clinic.lee, again, first, NOW)


def test_why_a_doctor_is_away_is_not_for_everybody(clinic: SmallClinic, database: Database) -> None:
    def leave(session: Session) -> None:
        begins, ends = at("09:00", 1), at("12:00", 1)
        add_time_off(session, clinic.admin, clinic.lee, begins, ends, NOW, "Surgery")
        add_extra_hours(session, clinic.admin, clinic.lee, NOW.date(), 0, 60, NOW, "for Maria")

    database.transact(leave)
    for actor, told in (
        (clinic.receptionist, True),
        (clinic.admin, True),
        (clinic.doctor_lee, True),
        (clinic.doctor_park, False),
        (clinic.patient, False),
    ):
        hours = database.read(doctor_hours, actor, clinic.lee)
        assert [entry.starts_at for entry in hours.time_off] == [at("09:00", 1)]
        assert hours.time_off[0].reason == ("Surgery" if told else "")
        assert hours.extra[0].note == ("for Maria" if told else "")


def test_no_such_doctor(clinic: SmallClinic, database: Database) -> None:
    for operation, args in (
        (doctor_hours, ()),
        (set_weekly_hours, ((), NOW)),
        (add_extra_hours, (NOW.date(), 0, 60, NOW)),
        (add_time_off, (at("10:00", 1), at("11:00", 1), NOW)),
        (remove_extra_hours, (1, NOW)),
        (remove_time_off, (1, NOW)),
    ):
        refused(database, NotFound, operation, clinic.admin, NOBODY, *args)
        if operation is not doctor_hours:
            refused(database, NotPermitted, operation, clinic.doctor_lee, NOBODY, *args)


def test_closing_the_clinic(clinic: SmallClinic, database: Database) -> None:
    first, last = date(2026, 12, 24), date(2026, 12, 31)
    closure_id = database.transact(close_clinic, clinic.admin, first, last, " Winter  break", NOW)
    (entry,) = database.read(closures, clinic.patient)
    assert (entry.closure_id, entry.first_day, entry.last_day) == (closure_id, first, last)
    assert entry.name == "Winter break"
    wrong: list[tuple[date, date, str]] = [
        (last, first, "backwards"),
        (first, last, ""),
        (first, last, "x" * 61),
        (first, date.max, "for good"),
        (date.min, last, "always"),
    ]
    for args in wrong:
        refused(database, BadInput, close_clinic, clinic.admin, *args, NOW)
    closed = replace(booking(clinic), starts_at=at("10:00", 31))
    refused(database, OutsideHours, book_appointment, clinic.receptionist, closed, NOW)
