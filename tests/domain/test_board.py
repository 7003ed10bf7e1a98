"""The board: which visits are on it for whom, in which part at what time, and their marks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.overview.board import LOOKED_BACK, Board, BoardVisit, Part, board_of_today
from tests.small_clinic import NOW, SmallClinic

from .given import add_visit, at

_LATER = at("11:30")


def _board(database: Database, clinic: SmallClinic) -> Board:
    return database.read(board_of_today, clinic.receptionist, _LATER)


def _starts(visits: list[BoardVisit]) -> list[int]:
    return [visit.appointment_id for visit in visits]


def test_every_status_today_before_and_after(clinic: SmallClinic, database: Database) -> None:
    """Today all but what is held, cancelled or an error; earlier what has no outcome."""

    def fill(session: Session) -> dict[tuple[int, Status], int]:
        statuses = [status for status in Status if status is not Status.HELD]
        return {
            (day, status): add_visit(
                session, clinic, at("09:00", day) + timedelta(minutes=20 * number), status=status
            )
            for day in (-LOOKED_BACK - 1, -LOOKED_BACK, -1, 0, 1)
            for number, status in enumerate(statuses)
        }

    added = database.transact(fill)
    board = _board(database, clinic)
    parts = board.parts(board.visits, _LATER)
    today = {status: added[0, status] for status in Status if (0, status) in added}
    assert _starts(parts[Part.ARRIVED]) == [today[Status.ARRIVED]]
    assert _starts(parts[Part.IN_ROOM]) == [today[Status.CHECKED_IN]]
    assert _starts(parts[Part.EXPECTED]) == []
    assert _starts(parts[Part.DONE]) == [today[Status.NOSHOW], today[Status.FULFILLED]]
    unresolved = (Status.PENDING, Status.BOOKED)
    assert _starts(parts[Part.UNRESOLVED]) == [
        *(
            added[day, status]
            for day in (-LOOKED_BACK, -1)
            for status in (*unresolved, Status.ARRIVED, Status.CHECKED_IN)
        ),
        *(today[status] for status in unresolved),
    ]
    earlier = board.parts(board.visits, at("09:30"))
    assert _starts(earlier[Part.EXPECTED]) == [today[Status.BOOKED]]


def test_a_visit_moves_on_by_the_clock_and_is_never_branded(
    clinic: SmallClinic, database: Database
) -> None:
    """Expected until its time is over; a night's visit is today's until it ends."""
    day, night = at("10:00"), at("23:50", -1)
    number = database.transact(add_visit, clinic, day)
    over_midnight = database.transact(add_visit, clinic, night, status=Status.CHECKED_IN)
    board = _board(database, clinic)
    seen = {visit.appointment_id: visit for visit in board.visits}
    for clock, part in (
        ("09:00", Part.EXPECTED),
        ("10:19", Part.EXPECTED),
        ("10:20", Part.UNRESOLVED),
        ("23:00", Part.UNRESOLVED),
    ):
        assert board.part_of(seen[number], at(clock)) is part
    assert board.part_of(seen[over_midnight], at("00:05")) is Part.IN_ROOM
    assert seen[number].status is Status.BOOKED


def test_who_has_waited_longest_is_first(clinic: SmallClinic, database: Database) -> None:
    def came(clock: str, arrived: str | None) -> int:
        arrived_at = at(arrived) if arrived else None
        return database.transact(
            add_visit, clinic, at(clock), status=Status.ARRIVED, arrived_at=arrived_at
        )

    late, unknown, early = came("09:00", "09:10"), came("09:20", None), came("10:00", "08:30")
    board = _board(database, clinic)
    assert _starts(board.parts(board.visits, _LATER)[Part.ARRIVED]) == [early, late, unknown]


def test_marks_and_names(clinic: SmallClinic, database: Database) -> None:
    """A first visit is one before which the patient never came, whatever had been booked."""

    def fill(session: Session) -> None:
        for day, status in ((-9, Status.NOSHOW), (-8, Status.CANCELLED), (-7, Status.FULFILLED)):
            came = clinic.ozlem if status is Status.FULFILLED else clinic.maria
            add_visit(session, clinic, at("09:00", day), status=status, patient_id=came)
        add_visit(session, clinic, at("13:00"), patient_id=clinic.maria, confirmed_at=NOW)
        given = {"patient_id": clinic.ozlem, "room_id": clinic.room_one, "overbooked": True}
        add_visit(session, clinic, at("13:20"), **given)

    database.transact(fill)
    maria, ozlem = _board(database, clinic).visits
    assert (maria.first_visit, maria.confirmed, maria.overbooked, maria.alert) == (
        True, True, False, "",
    )  # fmt: skip
    assert (ozlem.first_visit, ozlem.confirmed, ozlem.overbooked) == (False, False, True)
    assert (ozlem.family_name, ozlem.given_name, ozlem.alert) == (
        "Yılmaz", "Özlem", "Penicillin [allergy]",
    )  # fmt: skip
    assert (ozlem.doctor, ozlem.visit_type, ozlem.short_name, ozlem.room) == (
        "Dr Lee", "Follow-up", "f/up", "Room 1",
    )  # fmt: skip


def test_a_doctor_reads_the_own_visits_alone(clinic: SmallClinic, database: Database) -> None:
    own = database.transact(add_visit, clinic, at("10:00"), before=10)
    database.transact(add_visit, clinic, at("10:00"), doctor_id=clinic.park, patient_id=clinic.sam)
    visits = database.read(board_of_today, clinic.doctor_lee, NOW).visits
    assert _starts(list(visits)) == [own]
    stranger = replace(clinic.doctor_lee, doctor_id=None)
    assert database.read(board_of_today, stranger, NOW).visits == ()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_of_more_than_can_be_shown_the_newest(
    clinic: SmallClinic, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_tui.domain.overview.board.MOST", 2)
    add = [at("09:00", -2), at("09:00", -1), at("09:00")]
    numbers = [database.transact(add_visit, clinic, starts_at) for starts_at in add]
    board = _board(database, clinic)
    assert (_starts(list(board.visits)), board.more) == (numbers[1:], True)
