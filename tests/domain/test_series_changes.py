"""A series changed: this visit, this and the following, or all; one way back for all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import CancelledBy, NoticeStatus, Status
from clinic_tui.domain.errors import (
    BadInput,
    CannotBook,
    NotFound,
    NotPermitted,
    OutsideHours,
    Refusal,
    SlotTaken,
    WrongStatus,
)
from clinic_tui.domain.hours.hours import set_weekly_hours
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.models import AuditEntry, SeriesVisit, UndoStep, table
from clinic_tui.domain.series.cancelling import SeriesCancel, cancel_series
from clinic_tui.domain.series.details import SeriesDetails
from clinic_tui.domain.series.moving import SeriesMove, move_series
from clinic_tui.domain.series.series import SeriesRequest, book_series
from clinic_tui.domain.series.words import Scope
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, NOBODY, OUTBOX, add_visit, at, everything, refused, told, visit

TUESDAY = date(2026, 11, 24)


def _series(clinic: SmallClinic, database: Database, **given: Any) -> SeriesDetails:
    """Maria's follow-up with Lee on four Tuesdays at ten."""
    request = SeriesRequest(
        clinic.maria, clinic.lee, clinic.follow_up, TUESDAY, 600, "FREQ=WEEKLY;COUNT=4"
    )
    request = replace(request, **given)
    return database.transact(book_series, clinic.receptionist, request, NOW)


def _ids(series: SeriesDetails) -> list[int]:
    return [one.visit.appointment_id for one in series.visits]


def _starts(series: SeriesDetails) -> list[Any]:
    return [one.visit.starts_at for one in series.visits]


def _last(session: Session, entity: Any) -> Any:
    known = table(entity)
    return session.execute(select(known).order_by(known.c.id.desc()).limit(1)).one()


def _sent(database: Database) -> None:
    """As if every queued message had left."""
    statement = update(OUTBOX).where(OUTBOX.c.status == NoticeStatus.QUEUED)
    database.transact(lambda session: session.execute(statement.values(status=NoticeStatus.SENT)))


@pytest.mark.parametrize(
    ("scope", "which"), [("this", {1}), ("following", {1, 2, 3}), ("all", {0, 1, 2, 3})]
)
def test_a_series_moves_as_far_as_is_meant(
    clinic: SmallClinic, database: Database, scope: str, which: set[int]
) -> None:
    booked = _series(clinic, database)
    _sent(database)
    wanted = SeriesMove(
        _ids(booked)[1], Scope(scope), minute=15 * 60, days=1, doctor_id=clinic.okafor,
        room_id=clinic.room_two, minutes=30,
    )  # fmt: skip
    answer = database.transact(move_series, clinic.receptionist, wanted, NOW)
    for number, one in enumerate(answer.visits):
        weeks = 7 * number
        moved = number in which
        assert one.day == TUESDAY + timedelta(days=weeks)
        assert one.visit.starts_at == (at("15:00", 2 + weeks) if moved else at("10:00", 1 + weeks))
        row = database.read(visit, one.visit.appointment_id)
        assert (row.doctor_id, row.room_id, row.sequence) == (
            (clinic.okafor, clinic.room_two, 1) if moved else (clinic.lee, None, 0)
        )
        assert (row.ends_at - row.starts_at) == timedelta(minutes=30 if moved else 20)
        # To the patient a change, with new reminders; to Lee it is cancelled; Okafor has no e-mail.
        assert database.read(told, row.id) == (
            [
                "cancelled email doctor 1",
                "changed email",
                "changed sms",
                "reminder email",
                "reminder sms",
            ]
            if moved
            else []
        )
        assert one.visit.notices == (5 if moved else 0)
    entry = database.read(_last, AuditEntry)
    assert (entry.operation, entry.appointment_id) == ("move_series", _ids(booked)[1])
    assert entry.details == {"series": booked.series_id, "visits": len(which)}
    step = database.read(_last, UndoStep)
    assert step.operation == "move_series"
    assert sorted(one[0] for one in step.way_back["visits"]) == [
        _ids(booked)[number] for number in sorted(which)
    ]


@pytest.mark.parametrize(
    ("scope", "which"), [("this", {1}), ("following", {1, 2, 3}), ("all", {0, 1, 2, 3})]
)
def test_a_series_is_cancelled_as_far_as_is_meant(
    clinic: SmallClinic, database: Database, scope: str, which: set[int]
) -> None:
    booked = _series(clinic, database)
    _sent(database)
    wish = SeriesCancel(_ids(booked)[1], Scope(scope), CancelledBy.CLINIC, "moved away")
    answer = database.transact(cancel_series, clinic.receptionist, wish, NOW)
    for number, one in enumerate(answer.visits):
        row = database.read(visit, one.visit.appointment_id)
        gone = number in which
        assert row.status == one.visit.status == (Status.CANCELLED if gone else Status.BOOKED)
        assert (row.cancelled_by, row.cancel_reason) == (
            (CancelledBy.CLINIC, "moved away") if gone else (None, "")
        )
        assert len(database.read(told, row.id)) == (3 if gone else 0)
    assert database.read(_last, AuditEntry).details["visits"] == len(which)
    assert len(database.read(_last, UndoStep).way_back["visits"]) == len(which)
    # The times are free again.
    database.transact(lambda session: add_visit(session, clinic, at("10:00", 8)))


def test_a_visit_moved_alone_keeps_its_place(clinic: SmallClinic, database: Database) -> None:
    """The second, moved past the third, is still what comes before it."""
    booked = _series(clinic, database)
    first, second, third, last = _ids(booked)
    alone = MoveRequest(second, clinic.lee, at("09:00", 17), 20, None)
    database.transact(move_appointment, clinic.receptionist, alone, NOW)
    wanted = SeriesMove(third, Scope.FOLLOWING, minute=14 * 60)
    answer = database.transact(move_series, clinic.receptionist, wanted, NOW)
    assert _ids(answer) == [first, second, third, last]
    assert _starts(answer) == [at("10:00", 1), at("09:00", 17), at("14:00", 15), at("14:00", 22)]
    # And where all move to another time, each does on the day on which it stands.
    wanted = SeriesMove(first, Scope.ALL, minute=16 * 60)
    answer = database.transact(move_series, clinic.receptionist, wanted, NOW)
    assert _starts(answer) == [at("16:00", 1), at("16:00", 17), at("16:00", 15), at("16:00", 22)]
    rows = database.read(
        lambda session: session.execute(
            select(table(SeriesVisit).c.day).order_by(table(SeriesVisit).c.appointment_id)
        ).scalars().all()
    )  # fmt: skip
    assert rows == [TUESDAY + timedelta(days=7 * number) for number in range(4)]


def test_a_series_moves_over_itself(clinic: SmallClinic, database: Database) -> None:
    """By ten minutes and by a week, where it stands in its own way."""
    booked = _series(clinic, database)
    wanted = SeriesMove(_ids(booked)[0], Scope.ALL, minute=610)
    answer = database.transact(move_series, clinic.receptionist, wanted, NOW)
    assert _starts(answer)[0] == at("10:10", 1)
    wanted = SeriesMove(_ids(booked)[0], Scope.ALL, days=7)
    answer = database.transact(move_series, clinic.receptionist, wanted, NOW)
    assert _starts(answer) == [at("10:10", 8 + 7 * number) for number in range(4)]


def test_what_is_past_or_under_way_stays(clinic: SmallClinic, database: Database) -> None:
    """All that are ahead: not the one that is over, the one cancelled, the one who has arrived."""
    booked = _series(clinic, database, rule="FREQ=WEEKLY;COUNT=5")
    first, second, third, _, last = _ids(booked)
    later = at("12:00", 1)
    wish = SeriesCancel(second, Scope.THIS, CancelledBy.PATIENT)
    database.transact(cancel_series, clinic.receptionist, wish, later)

    def arrived(session: Session) -> None:
        session.execute(
            update(APPOINTMENTS).where(APPOINTMENTS.c.id == third).values(status=Status.ARRIVED)
        )

    database.transact(arrived)
    wanted = SeriesMove(first, Scope.ALL, minute=11 * 60)
    answer = database.transact(move_series, clinic.receptionist, wanted, later)
    assert [one.visit.sequence for one in answer.visits] == [0, 1, 0, 1, 1]
    assert _starts(answer)[3:] == [at("11:00", 22), at("11:00", 29)]
    for gone in (first, second, third):
        this = SeriesMove(gone, Scope.THIS, minute=15 * 60)
        refused(database, WrongStatus, move_series, clinic.receptionist, this, later)
        wish = SeriesCancel(gone, Scope.THIS, CancelledBy.PATIENT)
        refused(database, WrongStatus, cancel_series, clinic.receptionist, wish, later)
    over = at("12:00", 60)
    wish = SeriesCancel(last, Scope.ALL, CancelledBy.PATIENT)
    refused(database, WrongStatus, cancel_series, clinic.receptionist, wish, over)


def test_the_time_that_is_meant_comes_back_after_the_clocks(
    clinic: SmallClinic, database: Database
) -> None:
    """02:30 was skipped and became 03:30; a week later it is 02:30 again."""
    nights = tuple(Hours(weekday, 0, 8 * 60) for weekday in range(7))
    database.transact(set_weekly_hours, clinic.receptionist, clinic.lee, nights, NOW)
    booked = _series(
        clinic, database, first_day=date(2027, 3, 28), minute=150, rule="FREQ=WEEKLY;COUNT=2"
    )
    assert [start.hour for start in _starts(booked)] == [1, 0]
    wanted = SeriesMove(_ids(booked)[0], Scope.ALL, days=7)
    answer = database.transact(move_series, clinic.receptionist, wanted, NOW)
    assert [(start.hour, start.minute) for start in _starts(answer)] == [(0, 30), (0, 30)]


MOVES: dict[str, tuple[type[Refusal], dict[str, Any]]] = {
    "taken": (SlotTaken, {"minute": 11 * 60}),
    "closed": (OutsideHours, {"minute": 12 * 60 + 30}),
    "on Saturdays": (OutsideHours, {"days": 4}),
    "into the past": (BadInput, {"days": -7}),
    "where it stands": (BadInput, {"minute": 600}),
    "24:00": (BadInput, {"minute": 1440}),
    "a minute before midnight": (BadInput, {"minute": -1}),
    "a thousand years": (BadInput, {"days": 365_000}),
    "a room and none": (BadInput, {"room_id": 1, "no_room": True}),
    "0 minutes": (BadInput, {"minutes": 0}),
    "13 hours": (BadInput, {"minutes": 780}),
    "to nobody": (NotFound, {"doctor_id": NOBODY}),
    "into no room": (NotFound, {"room_id": NOBODY}),
    "no visit": (NotFound, {"appointment_id": NOBODY}),
    "in no series": (NotFound, {"appointment_id": 1}),
}


@pytest.mark.parametrize("case", MOVES)
def test_a_refused_move_moves_nothing(clinic: SmallClinic, database: Database, case: str) -> None:
    database.transact(add_visit, clinic, at("11:10", 15))
    booked = _series(clinic, database)
    kind, given = MOVES[case]
    wanted = replace(SeriesMove(_ids(booked)[0], Scope.ALL, minute=15 * 60), minute=None)
    wanted = replace(wanted, **given)
    refusal = refused(database, kind, move_series, clinic.receptionist, wanted, NOW)
    if isinstance(refusal, CannotBook):
        assert str(refusal).endswith(": nothing of the series was moved.")
        assert refusal.obstacles
        assert 1 <= len(refusal.alternatives) <= 3
    if case == "taken":
        assert str(refusal).startswith("Dr Lee is taken Tue 8 Dec 2026 11:10–11:30")


def test_the_same_request_changes_once(clinic: SmallClinic, database: Database) -> None:
    booked = _series(clinic, database)
    wanted = SeriesMove(_ids(booked)[1], Scope.FOLLOWING, days=1)
    database.transact(move_series, clinic.receptionist, wanted, NOW)
    after = database.read(everything)
    again = database.transact(move_series, clinic.receptionist, wanted, NOW)
    assert _starts(again)[1:] == [at("10:00", 9 + 7 * number) for number in range(3)]
    assert database.read(everything) == after
    wish = SeriesCancel(_ids(booked)[1], Scope.ALL, CancelledBy.PATIENT)
    database.transact(cancel_series, clinic.receptionist, wish, NOW)
    after = database.read(everything)
    database.transact(cancel_series, clinic.receptionist, wish, NOW)
    assert database.read(everything) == after


def test_whose_series_it_is(clinic: SmallClinic, database: Database) -> None:
    """A doctor's own; not on to a colleague; a patient's own becomes a request again."""
    booked = _series(clinic, database)
    first = _ids(booked)[0]
    away = SeriesMove(first, Scope.ALL, doctor_id=clinic.okafor)
    refused(database, NotPermitted, move_series, clinic.doctor_lee, away, NOW)
    later = SeriesMove(first, Scope.ALL, minute=11 * 60)
    refused(database, NotPermitted, move_series, clinic.doctor_park, later, NOW)
    database.transact(move_series, clinic.doctor_lee, later, NOW)
    by_herself = SeriesMove(first, Scope.ALL, minute=10 * 60)
    answer = database.transact(move_series, clinic.patient, by_herself, NOW)
    assert {one.visit.status for one in answer.visits} == {Status.PENDING}
