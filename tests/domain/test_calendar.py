"""What the calendar shows: columns, open time, blocks, loads; colleagues' visits as busy time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor, Role
from clinic_tui.domain.clinic.closures import close_clinic
from clinic_tui.domain.clinic.settings import change_settings
from clinic_tui.domain.codes import NoticeStatus, Status
from clinic_tui.domain.errors import BadInput, NotFound, NotPermitted
from clinic_tui.domain.hours.hours import add_extra_hours, set_weekly_hours
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.models import Patient, table
from clinic_tui.domain.overview.calendar import (
    DayColumn,
    calendar_day,
    calendar_month,
    calendar_week,
)
from clinic_tui.domain.overview.calendar_visits import CalendarVisit
from clinic_tui.domain.staff.doctors import change_doctor, doctor_details, find_doctors
from clinic_tui.domain.staff.specialties import list_specialties
from clinic_tui.domain.visits.booking import book_appointment
from tests.small_clinic import DERMATOLOGY, GP, NOW, SETTINGS, ZONE, SmallClinic

from .given import NOBODY, OUTBOX, add_visit, at, booking, refused

_TODAY = NOW.date()
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def _columns(database: Database, actor: Actor, day: date = _TODAY, **more: Any) -> list[DayColumn]:
    view = database.read(calendar_day, actor, day, NOW, **more)
    assert view.zone == ZONE
    return list(view.columns)


def test_doctors_side_by_side(clinic: SmallClinic, database: Database) -> None:
    lee, okafor, park = _columns(database, clinic.receptionist)
    assert [column.doctor for column in (lee, okafor, park)] == ["Dr Lee", "Dr Okafor", "Dr Park"]
    assert [column.specialty for column in (lee, okafor, park)] == [GP, GP, DERMATOLOGY]
    assert okafor.colour == "green"
    assert (lee.day, lee.midnight, lee.next_midnight) == (_TODAY, at("00:00"), at("00:00", 1))
    assert lee.open == ((at("09:00"), at("12:00")), (at("13:00"), at("17:00")))
    assert (lee.closed_because, lee.visits) == ("", ())


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_day_is_read_from_its_index_alone(clinic: SmallClinic, database: Database) -> None:
    """SQLite says so; the rows of a day's visits lie apart, each in a page of its own."""
    sent: list[tuple[str, Any]] = []

    def explain(session: Session) -> list[str]:
        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            sent.append((statement, values))

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        calendar_day(session, clinic.receptionist, _TODAY, NOW)
        assert len(sent) == 5, "settings, hours, visits, failed messages, doctors"
        of_visits = [one for one in sent if "FROM appointments" in one[0]]
        return [
            row[-1]
            for statement, values in of_visits
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    plan = database.read(explain)
    assert any("appointments USING COVERING INDEX ix_appointments_day" in line for line in plan)


def test_who_is_shown(clinic: SmallClinic, database: Database) -> None:
    """Who works or has visits; or exactly who is named, working or not."""
    saturday = _TODAY + 5 * _DAY
    assert _columns(database, clinic.receptionist, saturday) == []
    database.transact(add_visit, clinic, at("10:00", 5), doctor_id=clinic.park)
    (park,) = _columns(database, clinic.receptionist, saturday)
    assert (park.doctor_id, len(park.visits)) == (clinic.park, 1)
    named = (clinic.okafor, clinic.lee, clinic.okafor)
    lee, okafor = _columns(database, clinic.receptionist, saturday, doctor_ids=named)
    assert (lee.doctor_id, okafor.doctor_id) == (clinic.lee, clinic.okafor)
    assert lee.closed_because == "Dr Lee does not work on Sat 28 Nov 2026"

    (dermatology,) = (
        one for one in database.read(list_specialties, clinic.admin) if one.name == DERMATOLOGY
    )
    columns = _columns(database, clinic.admin, specialty_id=dermatology.specialty_id)
    assert [column.doctor_id for column in columns] == [clinic.park]

    tuesdays = (Hours(1, 9 * 60, 17 * 60),)
    database.transact(set_weekly_hours, clinic.admin, clinic.park, tuesdays, NOW)
    (park,) = _columns(database, clinic.receptionist, saturday)
    assert park.closed_because == "Dr Park does not work on Sat 28 Nov 2026"


def test_the_retired_are_shown_while_they_have_visits(
    clinic: SmallClinic, database: Database
) -> None:
    visit_id = database.transact(add_visit, clinic, at("10:00", 1))
    open_before = database.read(calendar_month, clinic.admin, _TODAY, NOW)[0].open_minutes
    gone = replace(database.read(doctor_details, clinic.admin, clinic.lee), active=False)
    database.transact(change_doctor, clinic.admin, clinic.lee, gone, NOW)
    today = _columns(database, clinic.receptionist)
    assert [column.doctor_id for column in today] == [clinic.okafor, clinic.park]
    tomorrow = _columns(database, clinic.receptionist, _TODAY + _DAY)
    assert [visit.appointment_id for visit in tomorrow[0].visits] == [visit_id]
    month = database.read(calendar_month, clinic.admin, _TODAY, NOW)
    assert {load.open_minutes for load in month} == {0, 2 * 7 * 60}
    assert open_before in (0, 3 * 7 * 60)


@pytest.mark.parametrize("status", Status)
def test_a_visit_as_a_block(clinic: SmallClinic, database: Database, status: Status) -> None:
    """Cancelled visits and slips are not shown; those nobody came to are."""
    visit_id = database.transact(
        add_visit, clinic, at("10:00"), minutes=40, before=5, after=10, status=status,
        patient_id=clinic.ozlem, visit_type_id=clinic.new_patient, room_id=clinic.room_one,
        confirmed_at=NOW, held_by=clinic.receptionist.account_id,
        held_until=NOW + timedelta(minutes=2),
    )  # fmt: skip
    (column, *_) = _columns(database, clinic.receptionist)
    if status in (Status.CANCELLED, Status.ENTERED_IN_ERROR):
        assert column.visits == ()
        return
    assert column.visits == (
        CalendarVisit(
            appointment_id=visit_id,
            doctor_id=clinic.lee,
            starts_at=at("10:00"),
            ends_at=at("10:40"),
            blocked_from=at("09:55"),
            blocked_until=at("10:50"),
            status=status,
            overbooked=False,
            confirmed=True,
            busy=False,
            patient_id=clinic.ozlem,
            family_name="Yılmaz",
            given_name="Özlem",
            visit_type="New patient",
            short_name="new",
            colour="green",
            room="Room 1",
            held_by="ana" if status is Status.HELD else "",
            held_until=NOW + timedelta(minutes=2) if status is Status.HELD else None,
        ),
    )


def test_visits_by_their_start_whatever_is_in_a_name(
    clinic: SmallClinic, database: Database
) -> None:
    """They are read as one text, which no word in it ends or breaks."""
    name = 'O\'Neil "Bo" ],[ back\\slash, 李 🌱 e\u0301 1]]'
    patients = table(Patient)
    named = update(patients).where(patients.c.id == clinic.ozlem).values(family_name=name)
    database.transact(lambda session: session.execute(named))
    for time in ("16:00", "09:00", "11:20"):
        database.transact(add_visit, clinic, at(time), patient_id=clinic.ozlem)
    # Whatever is blocked first: so the index of one doctor's time would have it.
    squeezed_in = {"before": 300, "overbooked": True, "patient_id": clinic.ozlem}
    database.transact(add_visit, clinic, at("12:00"), **squeezed_in)
    (of_day, *_) = _columns(database, clinic.receptionist)
    of_week = database.read(calendar_week, clinic.receptionist, clinic.lee, _TODAY, NOW).columns[0]
    in_order = [at(time) for time in ("09:00", "11:20", "12:00", "16:00")]
    for column in (of_day, of_week):
        assert [one.starts_at for one in column.visits] == in_order
        assert {one.family_name for one in column.visits} == {name}


def test_a_visit_of_which_a_message_failed(clinic: SmallClinic, database: Database) -> None:
    """As long as it would be of use, and for whoever may see the visit."""

    def marked(now: datetime, actor: Actor) -> list[bool]:
        view = database.read(calendar_day, actor, _TODAY, now)
        return [one.unsent for column in view.columns for one in column.visits]

    def fail(session: Session) -> None:
        session.execute(
            update(OUTBOX)
            .where(OUTBOX.c.appointment_id == first.appointment_id)
            .values(status=NoticeStatus.FAILED)
        )

    first, _ = (
        database.transact(
            book_appointment, clinic.receptionist, booking(clinic, starts_at=at(clock)), NOW
        )
        for clock in ("10:00", "10:20")
    )
    assert marked(NOW, clinic.receptionist) == [False, False]
    database.transact(fail)
    assert marked(NOW, clinic.receptionist) == [True, False]
    assert marked(at("10:00") + _MINUTE, clinic.receptionist) == [False, False]
    assert marked(NOW, clinic.doctor_park) == [False, False]


def test_colleagues_visits_are_busy_time(clinic: SmallClinic, database: Database) -> None:
    """Nothing of whose they are, of what type, where, how far; not even by their colour."""

    def fill(session: Session) -> None:
        for doctor_id, patient_id in (
            (clinic.lee, clinic.maria),
            (clinic.park, clinic.ozlem),
        ):
            add_visit(
                session, clinic, at("10:00"), doctor_id=doctor_id, patient_id=patient_id,
                visit_type_id=clinic.new_patient, room_id=None, note="private",
                status=Status.ARRIVED, confirmed_at=NOW,
            )  # fmt: skip

    database.transact(fill)
    own, _, theirs = _columns(database, clinic.doctor_lee)
    assert own.visits[0].family_name == "Garcia"
    (busy,) = theirs.visits
    assert busy.busy
    assert busy.patient_id is None
    assert {
        busy.family_name, busy.given_name, busy.visit_type, busy.short_name, busy.room, busy.colour,
    } == {""}  # fmt: skip
    assert (busy.status, busy.confirmed) == (Status.BOOKED, False)
    assert (busy.starts_at, busy.ends_at) == (at("10:00"), at("10:20"))
    week = database.read(calendar_week, clinic.doctor_lee, clinic.park, _TODAY, NOW)
    assert week.columns[0].visits == (busy,)
    for actor in (clinic.receptionist, clinic.admin):
        assert not any(visit.busy for c in _columns(database, actor) for visit in c.visits)
    also_patient = replace(
        clinic.doctor_lee,
        roles=frozenset({Role.DOCTOR, Role.PATIENT}),
        patient_id=clinic.ozlem,
    )
    assert not _columns(database, also_patient)[2].visits[0].busy
    refused(database, NotPermitted, calendar_day, clinic.patient, _TODAY, NOW)


def test_a_week_of_one_doctor(clinic: SmallClinic, database: Database) -> None:
    def fill(session: Session) -> None:
        add_visit(session, clinic, at("10:00", 2))
        add_time_off(session, clinic.admin, clinic.lee, at("00:00", 3), at("00:00", 4), NOW)
        close_clinic(session, clinic.admin, _TODAY + 4 * _DAY, _TODAY + 4 * _DAY, "Party", NOW)

    database.transact(fill)
    for day in (_TODAY, _TODAY + 6 * _DAY):
        view = database.read(calendar_week, clinic.receptionist, clinic.lee, day, NOW)
        assert [column.day for column in view.columns] == [_TODAY + n * _DAY for n in range(7)]
        assert [len(column.visits) for column in view.columns] == [0, 0, 1, 0, 0, 0, 0]
        assert [column.closed_because for column in view.columns] == [
            "",
            "",
            "",
            "Dr Lee is away to Thu 26 Nov 2026",
            "The clinic is closed on Fri 27 Nov 2026: Party",
            "Dr Lee does not work on Sat 28 Nov 2026",
            "Dr Lee does not work on Sun 29 Nov 2026",
        ]
    refused(database, NotFound, calendar_week, clinic.receptionist, NOBODY, _TODAY, NOW)


def test_a_visit_across_midnight_is_in_both_days(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_visit, clinic, at("23:40"), minutes=40)
    for day in (_TODAY, _TODAY + _DAY):
        (column, *_) = _columns(database, clinic.receptionist, day, doctor_ids=(clinic.lee,))
        assert len(column.visits) == 1
    view = database.read(calendar_week, clinic.receptionist, clinic.lee, _TODAY, NOW)
    assert [len(column.visits) for column in view.columns] == [1, 1, 0, 0, 0, 0, 0]


def test_days_have_the_hours_they_have(clinic: SmallClinic, database: Database) -> None:
    for day, hours in ((date(2027, 3, 28), 23), (date(2027, 10, 31), 25)):
        database.transact(add_extra_hours, clinic.admin, clinic.lee, day, 0, 1440, NOW)
        (column,) = _columns(database, clinic.receptionist, day)
        assert column.next_midnight - column.midnight == timedelta(hours=hours)
        assert column.open == ((column.midnight, column.next_midnight),)


def test_a_month(clinic: SmallClinic, database: Database) -> None:
    """Open and taken minutes, visits, and why a day is closed; of everybody or of one."""

    def fill(session: Session) -> None:
        add_visit(session, clinic, at("10:00", 1), minutes=60)
        add_visit(session, clinic, at("11:30", 1), minutes=60, patient_id=clinic.sam)
        add_visit(session, clinic, at("15:00", 1), status=Status.CANCELLED)
        add_visit(session, clinic, at("10:00", 1), doctor_id=clinic.park, patient_id=clinic.sam)
        close_clinic(session, clinic.admin, date(2026, 11, 26), date(2026, 11, 26), "Party", NOW)
        settings = replace(SETTINGS, holiday_country="DE", holiday_subdivision="BY")
        change_settings(session, clinic.admin, settings, NOW)

    database.transact(fill)
    month = database.read(calendar_month, clinic.receptionist, _TODAY, NOW)
    assert [load.day for load in month] == [date(2026, 11, 1) + n * _DAY for n in range(30)]
    assert sum(load.visits for load in month) == 3
    tuesday = month[23]
    assert (tuesday.open_minutes, tuesday.taken_minutes, tuesday.visits) == (3 * 420, 110, 3)
    assert [load.closed_because for load in month if load.closed_because] == [
        "All Saints' Day",
        "Party",
    ]
    for_lee = database.read(calendar_month, clinic.receptionist, _TODAY, NOW, doctor_id=clinic.lee)
    assert (for_lee[23].open_minutes, for_lee[23].taken_minutes, for_lee[23].visits) == (420, 90, 2)


def test_a_month_ends_where_it_ends(clinic: SmallClinic, database: Database) -> None:
    for day, last in ((date(2028, 2, 10), 29), (date(2026, 12, 31), 31)):
        month = database.read(calendar_month, clinic.receptionist, day, NOW)
        assert month[0].day == day.replace(day=1)
        assert month[-1].day == day.replace(day=last)


def test_days_out_of_reach(clinic: SmallClinic, database: Database) -> None:
    for day in (date.min, date.max, date(1899, 12, 31), date(2200, 1, 1)):
        refused(database, BadInput, calendar_day, clinic.receptionist, day, NOW)
        refused(database, BadInput, calendar_week, clinic.receptionist, clinic.lee, day, NOW)
        refused(database, BadInput, calendar_month, clinic.receptionist, day, NOW)
    for day in (date(1900, 1, 1), date(2199, 12, 31)):
        database.read(calendar_day, clinic.receptionist, day, NOW)
        database.read(calendar_week, clinic.receptionist, clinic.lee, day, NOW)
        database.read(calendar_month, clinic.receptionist, day, NOW)


def test_a_night_shift_is_two_ranges_and_one_run(clinic: SmallClinic, database: Database) -> None:
    night = (Hours(0, 22 * 60, 1440), Hours(1, 0, 6 * 60))
    database.transact(set_weekly_hours, clinic.admin, clinic.lee, night, NOW)
    monday, tuesday, *_ = database.read(
        calendar_week, clinic.receptionist, clinic.lee, _TODAY, NOW
    ).columns
    assert monday.open == ((at("22:00"), at("00:00", 1)),)
    assert tuesday.open == ((at("00:00", 1), at("06:00", 1)),)


def test_doctors_are_found_by_beginnings(clinic: SmallClinic, database: Database) -> None:
    for text, who in (
        ("", [clinic.lee, clinic.okafor, clinic.park]),
        ("le", [clinic.lee]),
        ("han LEE", [clinic.lee]),
        ("gen prac", [clinic.lee, clinic.okafor]),
        ("derm park", [clinic.park]),
        ("ark", []),
        ("%", [clinic.lee, clinic.okafor, clinic.park]),
    ):
        found = database.read(find_doctors, clinic.patient, text)
        assert [one.doctor_id for one in found] == who


def test_holds(clinic: SmallClinic, database: Database) -> None:
    """Everybody sees who holds it, colleagues too; one that ran out is not there for anybody."""
    until = NOW + timedelta(minutes=2)
    database.transact(
        add_visit, clinic, at("10:00"), patient_id=None, status=Status.HELD,
        held_by=clinic.receptionist.account_id, held_until=until,
    )  # fmt: skip
    for actor in (clinic.receptionist, clinic.doctor_park):
        for now, shown in ((NOW, [("ana", until)]), (until, [])):
            day = database.read(calendar_day, actor, _TODAY, now, doctor_ids=(clinic.lee,))
            week = database.read(calendar_week, actor, clinic.lee, _TODAY, now)
            for column in (day.columns[0], week.columns[0]):
                assert [(one.held_by, one.held_until) for one in column.visits] == shown
            month = database.read(calendar_month, actor, _TODAY, now)
            assert month[_TODAY.day - 1].visits == len(shown)
