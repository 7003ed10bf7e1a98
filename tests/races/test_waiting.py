"""At the lock of a doctor's time waits only who comes to stand there, and no search waits there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.errors import SlotTaken
from clinic_tui.domain.models import Doctor, table
from clinic_tui.domain.series.cancelling import SeriesCancel, cancel_series
from clinic_tui.domain.series.series import SeriesRequest, book_series
from clinic_tui.domain.series.words import Scope
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.flow import arrive
from clinic_tui.domain.visits.holds import HoldRequest, hold_opening
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.requests import new_key
from clinic_tui.domain.visits.swapping import SwapRequest, swap_appointments
from clinic_tui.domain.visits.together import TogetherRequest, VisitTogether, book_together
from tests.domain.given import add_visit, at, booking
from tests.domain.undoing import booked, moved
from tests.small_clinic import NOW, SmallClinic

pytestmark = pytest.mark.parametrize("kind", ["postgresql"])
_LOCKING = select(table(Doctor).c.id).with_for_update(key_share=True)


def _impatiently(session: Session, operation: Callable[..., Any], *args: Any) -> Any:
    """Run it; the clinic does not answer whoever has to wait for somebody."""
    session.execute(text("SET LOCAL lock_timeout = '1ms'"))
    return operation(session, *args)


def test_who_leaves_or_stays_waits_for_nobody(clinic: SmallClinic, database: Database) -> None:
    ana = clinic.receptionist
    visit = booked(clinic, database, starts_at=at("10:00"))
    database.transact(arrive, ana, visit, at("10:00"), new_key())
    daily = SeriesRequest(
        clinic.sam, clinic.lee, clinic.follow_up, NOW.date(), 14 * 60, "FREQ=DAILY;COUNT=2"
    )
    series = database.transact(book_series, clinic.doctor_lee, daily, NOW)
    first = series.visits[0].visit.appointment_id
    ending = SeriesCancel(first, Scope.ALL, CancelledBy.CLINIC)
    with database.engine.connect() as comer:
        comer.execute(_LOCKING)
        for _ in ("the arrival", "the booking"):
            database.transact(_impatiently, undo_last, ana, at("10:00"), new_key())
        database.transact(_impatiently, cancel_series, clinic.doctor_lee, ending, NOW)


def test_who_finds_the_time_taken_waits_for_nobody(clinic: SmallClinic, database: Database) -> None:
    lee, follow_up, ana = clinic.lee, clinic.follow_up, clinic.receptionist
    kept = HoldRequest(lee, follow_up, at("14:00"), "desk")
    hold = database.transact(hold_opening, ana, kept, NOW).hold_id
    database.transact(add_visit, clinic, at("10:00", 1))
    other = database.transact(add_visit, clinic, at("15:00", 1), patient_id=clinic.sam)
    long = database.transact(add_visit, clinic, at("15:30", 1), minutes=60)
    database.transact(add_visit, clinic, at("15:20", 1), minutes=10, patient_id=clinic.sam)
    visit = booked(clinic, database, starts_at=at("10:00", 3))
    moved(clinic, database, visit)
    database.transact(add_visit, clinic, at("10:00", 3), patient_id=clinic.sam)
    taken = at("10:00", 1)
    visits = tuple(VisitTogether(lee, follow_up, start) for start in (at("11:00", 1), taken))
    refused: list[tuple[Any, ...]] = [
        (undo_last, NOW, new_key()),
        (move_appointment, MoveRequest(other, lee, taken, 20, None), NOW),
        (swap_appointments, SwapRequest(other, long), NOW),
        (book_together, TogetherRequest(clinic.sam, visits), NOW),
        (
            book_series,
            SeriesRequest(clinic.sam, lee, follow_up, NOW.date(), 600, "FREQ=DAILY;COUNT=2"),
            NOW,
        ),
        (hold_opening, HoldRequest(lee, follow_up, taken, "desk", replaces=hold), NOW),
    ]
    with database.engine.connect() as comer:
        comer.execute(_LOCKING)
        for operation, *args in refused:
            with pytest.raises(SlotTaken):
                database.transact(_impatiently, operation, ana, *args)


def test_who_is_refused_at_the_last_moment_looks_for_others_without_a_lock(
    clinic: SmallClinic, database: Database
) -> None:
    """Somebody books the time after the look at it and before the lock."""
    ana = clinic.receptionist
    moved(clinic, database, booked(clinic, database))
    seen: list[str] = []

    def before(_one: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if not seen and "FROM doctors" in statement and "FOR NO KEY UPDATE" in statement:
            seen.append("came between")
            rival = booking(clinic, starts_at=at("10:00", 1), patient_id=clinic.sam)
            database.transact(book_appointment, clinic.doctor_lee, rival, NOW)
        elif seen == ["came between"] and "WHERE doctors.active" in statement:
            seen.append("looked")
            with database.engine.connect() as other:
                other.execute(_LOCKING.with_for_update(nowait=True, key_share=True))

    event.listen(database.engine, "before_cursor_execute", before)
    try:
        with pytest.raises(SlotTaken) as refusal:
            database.transact(undo_last, ana, NOW, new_key())
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
    assert refusal.value.alternatives
    assert seen == ["came between", "looked"]
