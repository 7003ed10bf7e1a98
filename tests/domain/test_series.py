"""Series: what would fit, booking all or none, holidays, changes of the clocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.clinic.closures import close_clinic
from clinic_tui.domain.clinic.settings import change_settings
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, change_visit_type
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import (
    BadInput,
    BeyondHorizon,
    KeptForOthers,
    NotFound,
    NotPermitted,
    ObstacleKind,
    OutsideHours,
    Refusal,
    SlotTaken,
    TooSoon,
)
from clinic_tui.domain.hours.hours import add_extra_hours
from clinic_tui.domain.hours.reserved import Reserved
from clinic_tui.domain.hours.reserving import set_reserved_hours
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.models import AuditEntry, SeriesVisit, UndoStep, table
from clinic_tui.domain.series.details import series_details
from clinic_tui.domain.series.series import ChosenDate, SeriesRequest, book_series, preview_series
from clinic_tui.domain.series.words import OnHoliday
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.visits.together_search import TogetherSearch, VisitWanted, find_together
from tests.small_clinic import NOW, SETTINGS, ZONE, SmallClinic

from .given import APPOINTMENTS, NOBODY, add_visit, at, at_once, everything, refused, told, visit

TUESDAY = date(2026, 11, 24)
TEN = 10 * 60


def series(clinic: SmallClinic, **given: Any) -> SeriesRequest:
    """Maria's follow-up with Lee on four Tuesdays at ten, unless something else is given."""
    wanted: dict[str, Any] = {
        "patient_id": clinic.maria,
        "doctor_id": clinic.lee,
        "visit_type_id": clinic.follow_up,
        "first_day": TUESDAY,
        "minute": TEN,
        "rule": "FREQ=WEEKLY;COUNT=4",
    }
    return SeriesRequest(**(wanted | given))


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    """The queries sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_a_series_is_booked_whole(clinic: SmallClinic, database: Database) -> None:
    wanted = series(clinic, room_id=clinic.room_one, note="physio")
    answer = database.transact(book_series, clinic.receptionist, wanted, NOW)
    assert [one.day for one in answer.visits] == [TUESDAY + timedelta(days=7 * n) for n in range(4)]
    assert [one.visit.starts_at for one in answer.visits] == [
        at("10:00", 1 + 7 * n) for n in range(4)
    ]
    assert answer.read_back(ZONE) == (
        "Maria Garcia, 4 visits from Tue 24 Nov 2026 to Tue 15 Dec 2026, 10:00, Dr Lee."
    )
    rows = database.read(
        lambda session: session.execute(select(APPOINTMENTS).order_by(APPOINTMENTS.c.id)).all()
    )
    assert [(row.status, row.note, row.room_id) for row in rows] == [
        (Status.BOOKED, "physio", clinic.room_one)
    ] * 4
    # Confirmations and reminders by e-mail and SMS, and the doctor's: of each visit its own.
    assert answer.notices == 4 * 5
    for row in rows:
        assert len(database.read(told, row.id)) == 5
    entry = database.read(_only, AuditEntry, "book_series")
    assert entry.details == {"series": answer.series_id, "visits": 4}
    assert (entry.appointment_id, entry.patient_id) == (rows[0].id, clinic.maria)
    step = database.read(_only, UndoStep, "book_series")
    assert [one[:3] for one in step.way_back["visits"]] == [[row.id, "booked", 0] for row in rows]
    details = database.read(series_details, clinic.receptionist, rows[2].id)
    assert details == replace(answer, visits=details.visits)
    assert [one.visit.appointment_id for one in details.visits] == [row.id for row in rows]


def _only(session: Session, entity: Any, operation: str) -> Any:
    known = table(entity)
    return session.execute(select(known).where(known.c.operation == operation)).one()


def test_the_preview_says_of_each_date_what_it_is(clinic: SmallClinic, database: Database) -> None:
    def fill(session: Session) -> None:
        add_visit(session, clinic, at("10:10", 8))
        add_time_off(
            session, clinic.receptionist, clinic.lee, at("00:00", 15), at("00:00", 16), NOW
        )
        add_visit(session, clinic, at("10:00", 22), doctor_id=clinic.park, patient_id=clinic.maria)

    database.transact(fill)
    before = database.read(everything)
    wanted = series(clinic)
    first, taken, away, elsewhere = database.read(preview_series, clinic.receptionist, wanted, NOW)
    assert database.read(everything) == before
    assert first.fits
    assert (first.starts_at, first.ends_at) == (at("10:00", 1), at("10:20", 1))
    assert isinstance(taken.refusal, SlotTaken)
    assert str(taken.refusal) == "Dr Lee is taken Tue 1 Dec 2026 10:10–10:30."
    assert taken.refusal.obstacles[0].kind is ObstacleKind.DOCTOR
    assert taken.alternative is not None
    assert taken.alternative.starts_at == at("09:50", 8)
    assert isinstance(away.refusal, OutsideHours)
    assert away.refusal.obstacles[0].kind is ObstacleKind.AWAY
    assert away.alternative is not None
    assert away.alternative.starts_at == at("16:40", 14)
    assert str(elsewhere.refusal) == (
        "Maria Garcia has a visit with Dr Park Tue 15 Dec 2026 10:00–10:20."
    )
    assert elsewhere.alternative is not None
    assert elsewhere.alternative.starts_at == at("09:40", 22)


def test_the_chosen_dates_and_the_alternatives(clinic: SmallClinic, database: Database) -> None:
    """What fits and what was offered instead can be had together, also for one opening twice."""
    database.transact(
        add_time_off, clinic.receptionist, clinic.lee, at("00:00", 2), at("00:00", 5), NOW
    )
    wanted = series(clinic, rule="FREQ=DAILY;COUNT=5;BYDAY=MO,TU,WE,TH,FR")
    shown = database.read(preview_series, clinic.receptionist, wanted, NOW)
    assert [one.fits for one in shown] == [True, False, False, False, True]
    chosen = tuple(
        ChosenDate(one.day, one.alternative.starts_at if one.alternative else None) for one in shown
    )
    answer = database.transact(
        book_series, clinic.receptionist, replace(wanted, chosen=chosen[1:]), NOW
    )
    assert [one.day for one in answer.visits] == [one.day for one in chosen[1:]]
    assert len({one.visit.starts_at for one in answer.visits}) == 4


def test_one_that_is_taken_refuses_all(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_visit, clinic, at("10:00", 15))
    refusal = refused(database, SlotTaken, book_series, clinic.receptionist, series(clinic), NOW)
    assert str(refusal) == (
        "Dr Lee is taken Tue 8 Dec 2026 10:00–10:20: nothing of the series was booked."
    )
    assert [one.starts_at for one in refusal.alternatives] == [at("09:40", 15)]
    chosen = tuple(ChosenDate(TUESDAY + timedelta(days=7 * n)) for n in (0, 1, 3))
    wanted = series(clinic, chosen=chosen)
    answer = database.transact(book_series, clinic.receptionist, wanted, NOW)
    assert len(answer.visits) == 3


def test_the_same_request_books_once(clinic: SmallClinic, database: Database) -> None:
    wanted = series(clinic)
    first = database.transact(book_series, clinic.receptionist, wanted, NOW)
    after = database.read(everything)
    later = NOW + timedelta(days=30)
    again = database.transact(book_series, clinic.receptionist, wanted, later)
    assert [one.visit.appointment_id for one in again.visits] == [
        one.visit.appointment_id for one in first.visits
    ]
    assert database.read(everything) == after
    refused(database, BadInput, book_series, clinic.doctor_lee, wanted, NOW)


def test_twins_at_once_book_once(clinic: SmallClinic, database: Database) -> None:
    wanted = series(clinic)
    answers = at_once(database, *[(book_series, clinic.receptionist, wanted, NOW)] * 3)
    assert {one.series_id for one in answers} == {answers[0].series_id}


def test_holidays_are_skipped_or_moved(clinic: SmallClinic, database: Database) -> None:
    """Christmas in Berlin: Friday and Saturday; the clinic is closed on the Monday after."""
    with_holidays = replace(SETTINGS, holiday_country="DE", holiday_subdivision="BE")
    database.transact(change_settings, clinic.admin, with_holidays, NOW)
    database.transact(
        close_clinic, clinic.admin, date(2026, 12, 28), date(2026, 12, 28), "Stocktaking", NOW
    )
    wanted = series(clinic, first_day=date(2026, 12, 18), rule="FREQ=WEEKLY;COUNT=3")
    shown = database.read(preview_series, clinic.receptionist, wanted, NOW)
    assert [one.starts_at is None for one in shown] == [False, True, True]
    assert shown[1].note.startswith("Fri 25 Dec 2026 is no working day: Christmas")
    answer = database.transact(book_series, clinic.receptionist, wanted, NOW)
    assert [one.day for one in answer.visits] == [date(2026, 12, 18)]

    moving = replace(
        wanted, on_holiday=OnHoliday.MOVE, patient_id=clinic.jonas, minute=TEN + 20, key="moving"
    )
    shown = database.read(preview_series, clinic.receptionist, moving, NOW)
    assert [one.starts_at for one in shown] == [
        instant(date(2026, 12, 18), TEN + 20, ZONE),
        instant(date(2026, 12, 29), TEN + 20, ZONE),
        instant(date(2027, 1, 4), TEN + 20, ZONE),
    ]
    assert shown[1].note.endswith("; moved to Tue 29 Dec 2026.")
    answer = database.transact(book_series, clinic.receptionist, moving, NOW)
    assert [one.day for one in answer.visits][1:] == [date(2026, 12, 25), date(2027, 1, 1)]


def test_a_doctor_who_works_on_a_holiday_works(clinic: SmallClinic, database: Database) -> None:
    with_holidays = replace(SETTINGS, holiday_country="DE")
    database.transact(change_settings, clinic.admin, with_holidays, NOW)
    christmas = date(2026, 12, 25)
    database.transact(
        add_extra_hours, clinic.receptionist, clinic.lee, christmas, 9 * 60, 12 * 60, NOW
    )
    wanted = series(clinic, first_day=christmas, rule="FREQ=DAILY;COUNT=1")
    (shown,) = database.read(preview_series, clinic.receptionist, wanted, NOW)
    assert shown.fits


def test_what_a_holiday_moves_gives_way(clinic: SmallClinic, database: Database) -> None:
    """The day it would move to has its own visit of the series."""
    closed = date(2026, 11, 25)
    database.transact(close_clinic, clinic.admin, closed, closed, "Party", NOW)
    wanted = series(clinic, rule="FREQ=DAILY;COUNT=3", on_holiday=OnHoliday.MOVE)
    first, moved, last = database.read(preview_series, clinic.receptionist, wanted, NOW)
    assert first.fits
    assert last.fits
    assert "another visit of this series" in str(moved.refusal)
    assert moved.alternative is not None
    assert moved.alternative.starts_at == at("09:40", 3)


def test_the_clocks_change_and_the_series_stays_at_ten(
    clinic: SmallClinic, database: Database
) -> None:
    wanted = series(clinic, first_day=date(2027, 3, 23), rule="FREQ=WEEKLY;COUNT=2")
    answer = database.transact(book_series, clinic.receptionist, wanted, NOW)
    first, second = (one.visit.starts_at for one in answer.visits)
    assert (first.hour, second.hour) == (9, 8)


def test_a_time_that_the_clocks_skip_or_repeat(clinic: SmallClinic, database: Database) -> None:
    """Skipped: on by the gap. Twice: the first. The preview says so."""
    for day in (date(2027, 3, 28), date(2027, 10, 31)):
        database.transact(add_extra_hours, clinic.receptionist, clinic.lee, day, 0, 6 * 60, NOW)
    nights = series(clinic, minute=2 * 60 + 30, rule="FREQ=DAILY;COUNT=1")
    spring = replace(nights, first_day=date(2027, 3, 28))
    (shown,) = database.read(preview_series, clinic.receptionist, spring, NOW)
    assert shown.fits
    assert shown.note == "The clocks skip 02:30 on Sun 28 Mar 2027: 03:30 is meant."
    autumn = replace(nights, first_day=date(2027, 10, 31))
    (shown,) = database.read(preview_series, clinic.receptionist, autumn, NOW)
    assert shown.note == "02:30 comes twice on Sun 31 Oct 2027: the first is meant."
    assert shown.starts_at is not None
    assert (shown.starts_at.hour, shown.starts_at.minute) == (0, 30)


def test_buffers_stand_between_the_visits_of_a_series(
    clinic: SmallClinic, database: Database
) -> None:
    """A visit of 40 minutes with 5 before and 10 after; another begins too soon after it."""
    database.transact(add_visit, clinic, at("10:45", 1))
    wanted = series(clinic, visit_type_id=clinic.new_patient, rule="FREQ=DAILY;COUNT=1")
    (shown,) = database.read(preview_series, clinic.receptionist, wanted, NOW)
    assert isinstance(shown.refusal, SlotTaken)
    assert shown.alternative is not None
    assert shown.alternative.starts_at == at("09:50", 1)
    chosen = (ChosenDate(TUESDAY, shown.alternative.starts_at),)
    database.transact(book_series, clinic.receptionist, replace(wanted, chosen=chosen), NOW)


def test_an_overbooked_visit_is_no_obstacle(clinic: SmallClinic, database: Database) -> None:
    """With its doctor; an opening beside it is not offered all the same."""
    database.transact(add_visit, clinic, at("10:00", 1), overbooked=True)
    wanted = series(clinic, rule="FREQ=DAILY;COUNT=1")
    (shown,) = database.read(preview_series, clinic.receptionist, wanted, NOW)
    assert shown.fits
    database.transact(book_series, clinic.receptionist, wanted, NOW)


def test_notice_horizon_and_reserved_hours(clinic: SmallClinic, database: Database) -> None:
    """They bind a series as every booking, and what is offered instead keeps to them too."""
    details = VisitTypeDetails("Follow-up", "f/up", 20, notice_minutes=26 * 60, horizon_days=14)
    kept = Reserved(1, 9 * 60, 12 * 60, clinic.vaccination)

    def change(session: Session) -> None:
        change_visit_type(session, clinic.admin, clinic.follow_up, details, NOW)
        set_reserved_hours(session, clinic.admin, clinic.lee, (kept,), NOW)

    database.transact(change)
    wanted = series(clinic, rule="FREQ=WEEKLY;COUNT=3")
    shown = database.read(preview_series, clinic.receptionist, wanted, NOW)
    assert [type(one.refusal) for one in shown] == [TooSoon, KeptForOthers, BeyondHorizon]
    nearest = [one.alternative.starts_at if one.alternative else None for one in shown]
    # 26 hours from Monday 09:00 are over on Tuesday at 11:00, when it is kept until 12:00.
    assert nearest == [at("13:00", 1), at("13:00", 8), at("16:40", 14)]
    refused(database, TooSoon, book_series, clinic.receptionist, wanted, NOW)
    part = VisitWanted(clinic.follow_up, (clinic.lee,))
    together = TogetherSearch(clinic.maria, (part, part), TUESDAY)
    found = database.read(find_together, clinic.receptionist, together, NOW)
    assert found[0].visits[0].starts_at == at("13:00", 1)
    late = replace(together, first_day=date(2026, 12, 8))
    assert database.read(find_together, clinic.receptionist, late, NOW) == ()


def test_a_patient_asks_for_a_series(clinic: SmallClinic, database: Database) -> None:
    """Pending until the clinic confirms each; and no name of anybody else is told."""
    database.transact(add_visit, clinic, at("10:00", 8), patient_id=clinic.ozlem)
    shown = database.read(preview_series, clinic.patient, series(clinic), NOW)
    assert "Özlem" not in str(shown[1].refusal)
    wanted = series(clinic, minute=11 * 60)
    answer = database.transact(book_series, clinic.patient, wanted, NOW)
    assert {one.visit.status for one in answer.visits} == {Status.PENDING}
    assert answer.notices == 0
    other = series(clinic, patient_id=clinic.sam, minute=11 * 60)
    refused(database, NotPermitted, book_series, clinic.patient, other, NOW)


REFUSED: dict[str, tuple[type[Refusal], dict[str, Any]]] = {
    "10,000 visits": (BadInput, {"rule": "FREQ=DAILY;COUNT=10000"}),
    "no end": (BadInput, {"rule": "FREQ=DAILY"}),
    "two ends": (BadInput, {"rule": "FREQ=DAILY;COUNT=3;UNTIL=20261224"}),
    "every hour": (BadInput, {"rule": "FREQ=HOURLY;COUNT=3"}),
    "no rule": (BadInput, {"rule": "every tuesday"}),
    "a day that has passed": (BadInput, {"first_day": date(2026, 11, 20)}),
    "the year 1": (BadInput, {"first_day": date(1, 1, 1)}),
    "the year 9999": (BadInput, {"first_day": date(9999, 12, 31)}),
    "24:00": (BadInput, {"minute": 1440}),
    "before midnight": (BadInput, {"minute": -1}),
    "0 minutes": (BadInput, {"minutes": 0}),
    "13 hours": (BadInput, {"minutes": 780}),
    "no patient": (NotFound, {"patient_id": NOBODY}),
    "no doctor": (NotFound, {"doctor_id": NOBODY}),
    "no visit type": (NotFound, {"visit_type_id": NOBODY}),
    "no room": (NotFound, {"room_id": NOBODY}),
    "a day that is not the rule's": (BadInput, {"chosen": (ChosenDate(date(2026, 11, 25)),)}),
    "a day twice": (BadInput, {"chosen": (ChosenDate(TUESDAY), ChosenDate(TUESDAY))}),
    "a time without its zone": (
        BadInput,
        {"chosen": (ChosenDate(TUESDAY, at("10:00", 1).replace(tzinfo=None)),)},
    ),
    "a time that has passed": (BadInput, {"chosen": (ChosenDate(TUESDAY, at("08:00")),)}),
    "closed then": (OutsideHours, {"minute": 18 * 60}),
    "longer than the day": (OutsideHours, {"minutes": 400}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_writes_nothing(clinic: SmallClinic, database: Database, case: str) -> None:
    kind, given = REFUSED[case]
    refused(database, kind, book_series, clinic.receptionist, series(clinic, **given), NOW)


def test_a_first_day_whose_time_has_passed(clinic: SmallClinic, database: Database) -> None:
    wanted = series(clinic, first_day=NOW.date(), minute=8 * 60)
    refusal = refused(database, BadInput, book_series, clinic.receptionist, wanted, NOW)
    assert str(refusal) == "Mon 23 Nov 2026: That time has passed."


def test_a_preview_of_a_hundred_costs_the_queries_of_one(
    clinic: SmallClinic, database: Database
) -> None:
    """In an empty book, and in one where every date is refused."""
    single = series(clinic, rule="FREQ=DAILY;COUNT=1")
    hundred = series(clinic, rule="FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=100")
    for wanted in (single, hundred):
        with _counted(database) as sent:
            shown = database.transact(preview_series, clinic.receptionist, wanted, NOW)
        assert all(one.fits for one in shown)
        assert len(sent) == 3

    def fill(session: Session) -> None:
        for one in shown:
            assert one.starts_at is not None
            add_visit(session, clinic, one.starts_at)

    database.transact(fill)
    with _counted(database) as sent:
        again = database.transact(preview_series, clinic.receptionist, hundred, NOW)
    assert all(one.refusal and one.alternative for one in again)
    assert len(sent) == 4


def test_a_visit_in_no_series(clinic: SmallClinic, database: Database) -> None:
    alone = database.transact(add_visit, clinic, at("10:00", 1))
    for number in (alone, NOBODY):
        with pytest.raises(NotFound):
            database.read(series_details, clinic.receptionist, number)


def test_of_a_series_a_doctor_sees_own_visits(clinic: SmallClinic, database: Database) -> None:
    answer = database.transact(book_series, clinic.receptionist, series(clinic), NOW)

    def add(session: Session) -> None:
        other = add_visit(
            session, clinic, at("11:00", 1), doctor_id=clinic.park, patient_id=clinic.maria
        )
        session.execute(
            insert(table(SeriesVisit)).values(
                appointment_id=other, series_id=answer.series_id, day=TUESDAY
            )
        )

    database.transact(add)
    first = answer.visits[0].visit.appointment_id
    for actor, seen in ((clinic.doctor_lee, 4), (clinic.receptionist, 5), (clinic.patient, 5)):
        assert len(database.read(series_details, actor, first).visits) == seen
    with pytest.raises(NotPermitted):
        database.read(series_details, clinic.doctor_park, first)
    assert database.read(visit, first).doctor_id == clinic.lee
