"""One undo takes back all that a series, or visits booked together, did at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import CancelledBy, Status, WaitlistStatus
from clinic_tui.domain.errors import SlotTaken
from clinic_tui.domain.patients.merging import merge_patients
from clinic_tui.domain.series.cancelling import SeriesCancel, cancel_series
from clinic_tui.domain.series.moving import SeriesMove, move_series
from clinic_tui.domain.series.series import book_series
from clinic_tui.domain.series.words import Scope
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.together import TogetherRequest, VisitTogether, book_together
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, OUTBOX, at, booking, refused
from .test_series import series
from .undoing import undo
from .waiting import entry


def _stand(session: Session) -> list[Any]:
    columns = APPOINTMENTS.c
    query = select(columns.id, columns.doctor_id, columns.starts_at, columns.status)
    return [tuple(row) for row in session.execute(query.order_by(columns.id))]


def _statuses(session: Session) -> set[Status]:
    return set(session.scalars(select(APPOINTMENTS.c.status)))


def _queued(session: Session) -> int:
    return len(session.execute(select(OUTBOX.c.id).where(OUTBOX.c.status == "queued")).all())


def test_a_series_booked_moved_and_cancelled_is_walked_back(
    clinic: SmallClinic, database: Database
) -> None:
    booked = database.transact(book_series, clinic.receptionist, series(clinic), NOW)
    first = booked.visits[0].visit.appointment_id
    stood = [database.read(_stand)]
    wanted = SeriesMove(first, Scope.ALL, minute=15 * 60, doctor_id=clinic.okafor)
    database.transact(move_series, clinic.receptionist, wanted, NOW)
    stood.append(database.read(_stand))
    wish = SeriesCancel(first, Scope.FOLLOWING, CancelledBy.PATIENT)
    database.transact(cancel_series, clinic.receptionist, wish, NOW)
    for number, then in enumerate(reversed(stood)):
        database.transact(undo_last, clinic.receptionist, NOW, f"undo {number}")
        assert database.read(_stand) == then
    database.transact(undo_last, clinic.receptionist, NOW, "the last")
    assert database.read(_statuses) == {Status.ENTERED_IN_ERROR}
    assert database.read(_queued) == 0
    database.transact(book_series, clinic.receptionist, series(clinic), NOW)


def test_earlier_times_that_were_waited_for(clinic: SmallClinic, database: Database) -> None:
    """Had by moving the series, waited for no more once it is cancelled; undone, as before."""
    ana = clinic.receptionist
    booked = database.transact(book_series, ana, series(clinic), NOW)
    last = booked.visits[-1].visit.appointment_id
    number = database.transact(add_to_waitlist, ana, Wish(appointment_id=last), NOW)
    move = SeriesMove(last, Scope.ALL, minute=9 * 60)
    cancel = SeriesCancel(last, Scope.ALL, CancelledBy.PATIENT)
    acts: tuple[tuple[Any, Any, WaitlistStatus], ...] = (
        (move_series, move, WaitlistStatus.BOOKED),
        (cancel_series, cancel, WaitlistStatus.WITHDRAWN),
    )
    for operation, request, status in acts:
        database.transact(operation, ana, request, NOW)
        assert database.read(entry, number).status is status
        database.transact(undo_last, ana, NOW, operation.__name__)
        assert database.read(entry, number).status is WaitlistStatus.WAITING


def test_one_place_gone_and_nothing_goes_back(clinic: SmallClinic, database: Database) -> None:
    booked = database.transact(book_series, clinic.receptionist, series(clinic), NOW)
    wanted = SeriesMove(booked.visits[0].visit.appointment_id, Scope.ALL, minute=15 * 60)
    database.transact(move_series, clinic.receptionist, wanted, NOW)
    other = booking(clinic, patient_id=clinic.jonas, starts_at=at("10:00", 15))
    database.transact(book_appointment, clinic.doctor_lee, other, NOW)
    refused(database, SlotTaken, undo_last, clinic.receptionist, NOW, "undo")


def test_visits_together_go_back_together(clinic: SmallClinic, database: Database) -> None:
    visits = (
        VisitTogether(clinic.okafor, clinic.new_patient, at("10:00", 1)),
        VisitTogether(clinic.park, clinic.follow_up, at("10:40", 1)),
    )
    request = TogetherRequest(clinic.maria, visits)
    database.transact(book_together, clinic.receptionist, request, NOW)
    database.transact(undo_last, clinic.receptionist, NOW, "undo")
    assert database.read(_statuses) == {Status.ENTERED_IN_ERROR}
    assert database.read(_queued) == 0


def test_a_series_goes_though_it_followed_a_merge(clinic: SmallClinic, database: Database) -> None:
    """As a single visit does, which is nobody else's step."""
    wanted = series(clinic, patient_id=clinic.jonas)
    database.transact(book_series, clinic.receptionist, wanted, NOW)
    database.transact(merge_patients, clinic.admin, clinic.sam, clinic.jonas, NOW)
    undo(database, clinic.receptionist)
    assert database.read(_statuses) == {Status.ENTERED_IN_ERROR}
