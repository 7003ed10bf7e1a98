"""Undo: what was done is as it was before, and nobody is left with what is not true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain import flow
from clinic_tui.domain.access import Actor, Permission, Role
from clinic_tui.domain.accounts import AccountDetails, StoredPassword, add_account, signed_in
from clinic_tui.domain.booking import BookingRequest, book_appointment
from clinic_tui.domain.calendar import calendar_day
from clinic_tui.domain.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.closures import close_clinic
from clinic_tui.domain.codes import CancelledBy, NoticeStatus, Status
from clinic_tui.domain.doctors import DoctorDetails, add_doctor, change_doctor, doctor_details
from clinic_tui.domain.errors import (
    AlreadyExists,
    BadInput,
    ChangedMeanwhile,
    NotFound,
    NotPermitted,
    OutsideHours,
    SlotTaken,
    WrongStatus,
)
from clinic_tui.domain.hours import (
    add_extra_hours,
    add_time_off,
    doctor_hours,
    remove_extra_hours,
    remove_time_off,
    set_weekly_hours,
)
from clinic_tui.domain.models import Account, AuditEntry, Specialty, UndoStep, table
from clinic_tui.domain.moving import MoveRequest, move_appointment
from clinic_tui.domain.patients import (
    PatientDetails,
    change_patient,
    patient_record,
    register_patient,
)
from clinic_tui.domain.rooms import add_room, change_room
from clinic_tui.domain.schedule import Hours
from clinic_tui.domain.settings import change_settings
from clinic_tui.domain.undo import undo_last, undoable
from clinic_tui.domain.visit_types import VisitTypeDetails, add_visit_type, change_visit_type
from clinic_tui.domain.ways_back import made
from tests.small_clinic import DERMATOLOGY, NOW, SETTINGS, WEEK, SmallClinic

from .given import (
    APPOINTMENTS,
    OUTBOX,
    add_visit,
    at,
    booking,
    refused,
    told,
    visit,
)
from .undoing import as_it_was, both_of, send, untrue

_AUDIT, _STEPS = table(AuditEntry), table(UndoStep)
_SENT = (NoticeStatus.SENT,)
_SATURDAY = NOW.date() + timedelta(days=5)
Act = Callable[[Session, SmallClinic, Actor], Any]


def _booked(clinic: SmallClinic, database: Database, **given: Any) -> int:
    """Maria's follow-up with Lee on Tuesday at 10:00, by the receptionist."""
    request = booking(clinic, **({"starts_at": at("10:00", 1)} | given))
    return database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id


def _moved(clinic: SmallClinic, database: Database, number: int, **given: Any) -> None:
    """To Wednesday at 11:00."""
    wanted: dict[str, Any] = {
        "doctor_id": clinic.lee,
        "starts_at": at("11:00", 2),
        "minutes": 20,
        "room_id": None,
    }
    request = MoveRequest(number, **(wanted | given))
    database.transact(move_appointment, clinic.receptionist, request, NOW)


def _cancelled(clinic: SmallClinic, database: Database, number: int) -> None:
    request = CancelRequest(number, CancelledBy.PATIENT, "flu")
    database.transact(cancel_appointment, clinic.receptionist, request, NOW)


def _undo(database: Database, actor: Actor, key: str = "u", now: Any = NOW) -> Any:
    return database.transact(undo_last, actor, now, key)


# Every operation, done and undone.


def _prepare(session: Session, clinic: SmallClinic) -> None:
    """What there is to act on, written past the steps to undo: one to five."""
    for number, status in enumerate(
        (Status.BOOKED, Status.PENDING, Status.CANCELLED, Status.ARRIVED, Status.NOSHOW)
    ):
        hour, day = f"{13 + number}:00", 0
        starts_at = at("09:00") if status is Status.NOSHOW else at(hour, day)
        arrived_at = NOW if status is Status.ARRIVED else None
        add_visit(session, clinic, starts_at, patient_id=clinic.maria, status=status,
                  arrived_at=arrived_at)  # fmt: skip
    add_extra_hours(session, clinic.admin, clinic.park, _SATURDAY, 600, 660, NOW, "open day")
    add_time_off(session, clinic.admin, clinic.park, at("09:00", 9), at("12:00", 9), NOW, "fair")
    session.execute(delete(_STEPS))


def _extra(session: Session, actor: Actor, clinic: SmallClinic) -> int:
    return doctor_hours(session, actor, clinic.park).extra[0].extra_hours_id


_DOCTOR = DoctorDetails("Sato", "Emi", specialties=("Paediatrics", DERMATOLOGY))
_TYPE = VisitTypeDetails("Check", "chk", 30, 5, 0, "red", ("Surgery",))
_BACK_AND_FORTH: dict[str, Act] = {
    "book": lambda s, c, a: book_appointment(s, a, booking(c, starts_at=at("10:00", 1)), NOW),
    "move": lambda s, c, a: move_appointment(
        s, a, MoveRequest(1, c.okafor, at("11:00", 2), 40, c.room_one), NOW
    ),
    "move an arrived one to another day": lambda s, c, a: move_appointment(
        s, a, MoveRequest(4, c.lee, at("11:00", 2), 40, c.room_one), NOW
    ),
    "move one asked for": lambda s, c, a: move_appointment(
        s, a, MoveRequest(2, c.lee, at("11:00", 2), 20, None), NOW
    ),
    "cancel": lambda s, _, a: cancel_appointment(
        s, a, CancelRequest(1, CancelledBy.CLINIC, "ill"), NOW
    ),
    "cancel one asked for": lambda s, _, a: cancel_appointment(
        s, a, CancelRequest(2, CancelledBy.CLINIC, "ill"), NOW
    ),
    "reinstate": lambda s, _, a: reinstate_appointment(s, a, 3, NOW, "r"),
    "confirm": lambda s, _, a: flow.confirm_request(s, a, 2, NOW, "c"),
    "arrive": lambda s, _, a: flow.arrive(s, a, 1, NOW, "i"),
    "check in": lambda s, _, a: flow.check_in(s, a, 4, NOW, "i"),
    "finish": lambda s, _, a: flow.finish(s, a, 4, NOW, "f"),
    "no-show": lambda s, _, a: flow.mark_noshow(s, a, 1, at("13:30"), "n"),
    "step back": lambda s, _, a: flow.step_back(s, a, 4, NOW, "s"),
    "no-show taken back": lambda s, _, a: flow.step_back(s, a, 5, NOW, "s"),
    "weekly hours": lambda s, c, a: set_weekly_hours(
        s, a, c.lee, (Hours(1, 480, 600), Hours(2, 480, 600, date(2026, 12, 1), None, 2)), NOW
    ),
    "no hours": lambda s, c, a: set_weekly_hours(s, a, c.lee, (), NOW),
    "extra hours": lambda s, c, a: add_extra_hours(s, a, c.lee, _SATURDAY, 600, 720, NOW, "fair"),
    "no extra hours": lambda s, c, a: remove_extra_hours(s, a, c.park, _extra(s, a, c), NOW),
    "time off": lambda s, c, a: add_time_off(s, a, c.lee, at("09:00"), at("12:00", 4), NOW, "flu"),
    "no time off": lambda s, c, a: remove_time_off(
        s, a, c.park, doctor_hours(s, a, c.park).time_off[0].time_off_id, NOW
    ),
    "close": lambda s, _, a: close_clinic(s, a, _SATURDAY, _SATURDAY, "Party", NOW),
    "register": lambda s, _, a: register_patient(
        s, a, PatientDetails("Weiß", "Bo", phones=("+4930901827",), email_consent=True), NOW
    ),
    "change patient": lambda s, c, a: change_patient(
        s, a, c.maria,
        PatientDetails("García", "Mia", date(1984, 3, 8), phones=("+4930901829",), alert="deaf"),
        NOW,
    ),
    "add doctor": lambda s, _, a: add_doctor(s, a, _DOCTOR, NOW),
    "change doctor": lambda s, c, a: change_doctor(
        s, a, c.lee, replace(_DOCTOR, active=False), NOW
    ),
    "add room": lambda s, _, a: add_room(s, a, "Cellar", NOW),
    "change room": lambda s, c, a: change_room(s, a, c.room_one, "Attic", NOW, active=False),
    "add visit type": lambda s, _, a: add_visit_type(s, a, _TYPE, NOW),
    "change visit type": lambda s, c, a: change_visit_type(
        s, a, c.new_patient, replace(_TYPE, active=False), NOW
    ),
    "settings": lambda s, _, a: change_settings(
        s, a, replace(SETTINGS, zone="Asia/Tokyo", grace_seconds=0, address="Elsewhere"), NOW
    ),
}  # fmt: skip


@pytest.mark.parametrize("sent", [False, True], ids=["in grace", "sent"])
@pytest.mark.parametrize("name", _BACK_AND_FORTH)
def test_everything_is_as_it_was(
    clinic: SmallClinic, database: Database, name: str, sent: bool
) -> None:
    """The whole database but the trail, the steps and what is noted of messages."""
    now = at("13:30") if name == "no-show" else NOW
    actor = both_of(clinic)
    with Session(database.engine) as session:
        _prepare(session, clinic)
        before = as_it_was(session)
        _BACK_AND_FORTH[name](session, clinic, actor)
        assert as_it_was(session) != before
        if sent:
            send(session)
        undone = undo_last(session, actor, now, "u")
        assert as_it_was(session, before) == before
        assert untrue(session, now) == []
        assert undone.sentence.startswith("Undone: ")
        if not sent:
            assert session.scalar(
                select(func.count()).where(OUTBOX.c.status == NoticeStatus.QUEUED)
            ) in (0, undone.notices)
        with pytest.raises(NotFound, match="nothing to undo"):
            undo_last(session, actor, now, "again")
        session.rollback()


# What is said.


def test_a_booking_undone_in_grace_is_told_to_nobody(
    clinic: SmallClinic, database: Database
) -> None:
    number = _booked(clinic, database)
    undone = _undo(database, clinic.receptionist)
    assert undone.sentence == (
        "Undone: the booking of Maria Garcia, Tue 24 Nov 2026 10:00, Dr Lee."
    )
    assert (undone.operation, undone.visit, undone.notices) == ("book", None, 0)
    assert database.read(visit, number).status is Status.ENTERED_IN_ERROR
    assert database.read(told, number) == []
    day = database.read(calendar_day, clinic.receptionist, NOW.date() + timedelta(days=1), NOW)
    assert not any(column.visits for column in day.columns)
    record = database.read(patient_record, clinic.receptionist, clinic.maria, NOW)
    assert (record.history, record.next_visit) == ((), None)


def test_a_booking_undone_after_it_was_told_is_called_off(
    clinic: SmallClinic, database: Database
) -> None:
    number = _booked(clinic, database)
    database.transact(send)
    assert _undo(database, clinic.receptionist).notices == 3
    expected = ["cancelled email", f"cancelled email doctor {clinic.lee}", "cancelled sms"]
    assert database.read(told, number) == expected


def test_moved_there_and_back_in_grace_says_nothing(
    clinic: SmallClinic, database: Database
) -> None:
    number = _booked(clinic, database)
    database.transact(send, confirmations_only=True)
    _moved(clinic, database, number)
    undone = _undo(database, clinic.receptionist)
    assert undone.sentence == ("Undone: Maria Garcia is back at Tue 24 Nov 2026 10:00, Dr Lee.")
    assert undone.visit is not None
    assert undone.visit.starts_at == at("10:00", 1)
    assert database.read(told, number) == ["reminder email", "reminder sms"]


def test_a_move_undone_before_the_booking_was_told_confirms_the_first_place(
    clinic: SmallClinic, database: Database
) -> None:
    number = _booked(clinic, database)
    first = database.read(told, number)
    _moved(clinic, database, number, doctor_id=clinic.park)
    _undo(database, clinic.receptionist)
    assert database.read(told, number) == first
    assert database.read(untrue, NOW) == []


def test_a_move_undone_after_it_was_told_is_told_again(
    clinic: SmallClinic, database: Database
) -> None:
    """Who lost it hears that it is back, who had got it that it is gone."""
    number = _booked(clinic, database)
    database.transact(send)
    _moved(clinic, database, number, doctor_id=clinic.park)
    database.transact(send)
    _undo(database, clinic.receptionist)
    assert database.read(told, number) == [
        f"cancelled email doctor {clinic.park}",
        "changed email",
        "changed sms",
        f"confirmation email doctor {clinic.lee}",
        "reminder email",
        "reminder sms",
    ]  # fmt: skip
    assert database.read(untrue, NOW) == []


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (False, []),
        (True, ["confirmation email", "confirmation email doctor 1", "confirmation sms"]),
    ],
)
def test_a_cancellation_undone(
    clinic: SmallClinic, database: Database, sent: bool, expected: list[str]
) -> None:
    number = _booked(clinic, database)
    database.transact(send, confirmations_only=True)
    _cancelled(clinic, database, number)
    if sent:
        database.transact(send)
    undone = _undo(database, clinic.receptionist)
    assert "is back at Tue 24 Nov 2026 10:00" in undone.sentence
    reminders = ["reminder email", "reminder sms"]
    assert database.read(told, number) == [*expected, *reminders]
    row = database.read(visit, number)
    assert (row.status, row.cancelled_by, row.cancel_reason) == (Status.BOOKED, None, "")


def test_a_yes_undone_after_it_was_told(clinic: SmallClinic, database: Database) -> None:
    """And it can be said once more."""
    number = database.transact(
        add_visit, clinic, at("10:00", 1), patient_id=clinic.maria, status=Status.PENDING
    )
    database.transact(flow.confirm_request, clinic.receptionist, number, NOW, "yes")
    database.transact(send, confirmations_only=True)
    _undo(database, clinic.receptionist)
    assert database.read(visit, number).status is Status.PENDING
    assert len([one for one in database.read(told, number) if "cancelled" in one]) == 3
    database.transact(flow.confirm_request, clinic.receptionist, number, NOW, "yes again")
    assert database.read(visit, number).status is Status.BOOKED


def test_checked_in_by_mistake_before_the_booking_was_told(
    clinic: SmallClinic, database: Database
) -> None:
    number = _booked(clinic, database, starts_at=at("15:00"))
    first = database.read(told, number)
    database.transact(flow.check_in, clinic.receptionist, number, NOW, "in")
    assert database.read(told, number) == []
    _undo(database, clinic.receptionist)
    assert database.read(told, number) == first


# Refused.


def test_the_place_is_gone(clinic: SmallClinic, database: Database) -> None:
    number = _booked(clinic, database)
    _moved(clinic, database, number)
    other = booking(clinic, starts_at=at("10:00", 1), patient_id=clinic.sam)
    database.transact(book_appointment, clinic.doctor_lee, other, NOW)
    refusal = refused(database, SlotTaken, undo_last, clinic.receptionist, NOW, "u")
    assert str(refusal) == "Dr Lee is taken Tue 24 Nov 2026 10:00–10:20."
    assert len(refusal.alternatives) == 3
    assert database.read(visit, number).starts_at == at("11:00", 2)


def test_the_hours_are_gone(clinic: SmallClinic, database: Database) -> None:
    number = _booked(clinic, database)
    _cancelled(clinic, database, number)
    database.transact(add_time_off, clinic.admin, clinic.lee, at("00:00", 1), at("00:00", 2), NOW)
    refusal = refused(database, OutsideHours, undo_last, clinic.receptionist, NOW, "u")
    assert refusal.alternatives


def test_somebody_changed_it_since(clinic: SmallClinic, database: Database) -> None:
    number = _booked(clinic, database)
    request = MoveRequest(number, clinic.lee, at("11:00", 2), 20, None)
    database.transact(move_appointment, clinic.doctor_lee, request, NOW)
    refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")


def test_somebody_has_checked_them_in_since(clinic: SmallClinic, database: Database) -> None:
    number = _booked(clinic, database, starts_at=at("10:00"))
    database.transact(flow.arrive, clinic.doctor_lee, number, NOW, "here")
    refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("book", Role.ADMIN),
        ("check in", Role.ADMIN),
        ("confirm", Role.ADMIN),
        ("add room", Role.RECEPTIONIST),
        ("extra hours", Role.PATIENT),
        ("register", Role.PATIENT),
        ("change patient", Role.PATIENT),
        ("time off", Role.DOCTOR),
    ],
)
def test_who_may_not_do_it_any_more(
    clinic: SmallClinic, database: Database, name: str, role: Role
) -> None:
    actor = both_of(clinic)
    database.transact(_prepare, clinic)
    database.transact(_BACK_AND_FORTH[name], clinic, actor)
    today = replace(actor, roles=frozenset({role}), grants=frozenset(), doctor_id=clinic.park)
    refused(database, NotPermitted, undo_last, today, NOW, "u")


def test_an_overbooking_comes_back_by_who_may_overbook(
    clinic: SmallClinic, database: Database
) -> None:
    number = database.transact(
        add_visit, clinic, at("10:00", 1), patient_id=clinic.maria, overbooked=True,
        overbook_reason="pain",
    )  # fmt: skip
    database.transact(add_visit, clinic, at("10:00", 1), patient_id=clinic.sam)
    _moved(clinic, database, number)
    database.transact(
        lambda s: s.execute(
            update(APPOINTMENTS).where(APPOINTMENTS.c.id == number).values(overbooked=False)
        )
    )
    refused(database, NotPermitted, undo_last, clinic.receptionist, NOW, "u")
    granted = replace(clinic.receptionist, grants=frozenset({Permission.OVERBOOK}))
    _undo(database, granted)
    row = database.read(visit, number)
    assert (row.overbooked, row.overbook_reason) == (True, "pain")


def test_what_is_over_stays(clinic: SmallClinic, database: Database) -> None:
    """Begun is not over: a slip may still be taken back then."""
    number = _booked(clinic, database, starts_at=at("09:10"))
    refused(database, WrongStatus, undo_last, clinic.receptionist, at("09:30"), "late")
    _undo(database, clinic.receptionist, now=at("09:29"))
    assert database.read(visit, number).status is Status.ENTERED_IN_ERROR


def test_a_time_that_has_passed_is_not_booked_again(
    clinic: SmallClinic, database: Database
) -> None:
    number = _booked(clinic, database, starts_at=at("09:10"))
    _cancelled(clinic, database, number)
    refused(database, BadInput, undo_last, clinic.receptionist, at("09:30"), "late")


def test_hours_in_which_visits_stand_by_now(clinic: SmallClinic, database: Database) -> None:
    minutes = (600, 720)
    database.transact(add_extra_hours, clinic.receptionist, clinic.lee, _SATURDAY, *minutes, NOW)
    for patient, clock in ((clinic.maria, "10:00"), (clinic.sam, "11:00")):
        request = booking(clinic, starts_at=at(clock, 5), patient_id=patient)
        database.transact(book_appointment, clinic.doctor_lee, request, NOW)
    refusal = refused(database, OutsideHours, undo_last, clinic.receptionist, NOW, "u")
    assert str(refusal) == "2 visits stand in those hours by now."


def test_visits_that_time_off_had_stranded_may_be_stranded_again(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(add_visit, clinic, at("10:00", 1))
    database.transact(add_time_off, clinic.admin, clinic.lee, at("09:00", 1), at("12:00", 1), NOW)
    hours = database.read(doctor_hours, clinic.admin, clinic.lee)
    away = hours.time_off[0].time_off_id
    database.transact(remove_time_off, clinic.receptionist, clinic.lee, away, NOW)
    _undo(database, clinic.receptionist)
    assert database.read(doctor_hours, clinic.admin, clinic.lee) == hours


def test_hours_that_somebody_else_has_set_since(clinic: SmallClinic, database: Database) -> None:
    """Also where there were none in between."""
    database.transact(set_weekly_hours, clinic.receptionist, clinic.lee, (), NOW)
    database.transact(set_weekly_hours, clinic.admin, clinic.lee, WEEK, NOW)
    refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")


def test_a_patient_who_has_a_visit_by_now(clinic: SmallClinic, database: Database) -> None:
    details = PatientDetails("Weiß", "Bo")
    patient = database.transact(register_patient, clinic.receptionist, details, NOW)
    request = booking(clinic, patient_id=patient)
    database.transact(book_appointment, clinic.doctor_lee, request, NOW)
    refusal = refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")
    assert str(refusal) == "It is in use by now: it cannot be undone."


def test_a_name_that_another_has_by_now(clinic: SmallClinic, database: Database) -> None:
    database.transact(change_room, clinic.admin, clinic.room_one, "Attic", NOW, active=True)
    other = database.transact(
        add_account, clinic.admin, AccountDetails("bo", "Bo", frozenset({Role.ADMIN})), "-", NOW
    )
    database.transact(add_room, replace(clinic.admin, account_id=other), "Room 1", NOW)
    refused(database, AlreadyExists, undo_last, clinic.admin, NOW, "u")


def test_a_specialty_that_others_have_by_now_stays(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_doctor, clinic.admin, _DOCTOR, NOW)
    database.transact(lambda s: s.execute(delete(_STEPS).where(_STEPS.c.operation != "add_doctor")))
    other = database.transact(
        add_account, clinic.admin, AccountDetails("bo", "Bo", frozenset({Role.ADMIN})), "-", NOW
    )
    details = replace(
        database.read(doctor_details, clinic.admin, clinic.park), specialties=("Paediatrics",)
    )
    database.transact(
        change_doctor, replace(clinic.admin, account_id=other), clinic.park, details, NOW
    )
    _undo(database, clinic.admin)
    names = database.read(lambda s: s.scalars(select(table(Specialty).c.name)).all())
    assert "Paediatrics" in names


# One after another.


def test_walking_back(clinic: SmallClinic, database: Database) -> None:
    """Each undo goes one further back, also over steps of the same visit."""
    number = _booked(clinic, database)
    _moved(clinic, database, number)
    _moved(clinic, database, number, doctor_id=clinic.park, starts_at=at("15:00", 3))
    _cancelled(clinic, database, number)
    listed = [one.sentence for one in database.read(undoable, clinic.receptionist, NOW)]
    assert listed == [
        "Cancelled Maria Garcia, Thu 26 Nov 2026 15:00, Dr Park",
        "Moved Maria Garcia from Wed 25 Nov 2026 11:00, Dr Lee to Thu 26 Nov 2026 15:00, Dr Park",
        "Moved Maria Garcia from Tue 24 Nov 2026 10:00 to Wed 25 Nov 2026 11:00",
        "Booked Maria Garcia, Tue 24 Nov 2026 10:00, Dr Lee",
    ]
    stood = []
    for turn in range(4):
        database.transact(send)
        _undo(database, clinic.receptionist, f"u{turn}")
        assert database.read(untrue, NOW) == []
        row = database.read(visit, number)
        stood.append((row.status.value, row.doctor_id, row.starts_at))
    assert stood == [
        ("booked", clinic.park, at("15:00", 3)),
        ("booked", clinic.lee, at("11:00", 2)),
        ("booked", clinic.lee, at("10:00", 1)),
        ("entered-in-error", clinic.lee, at("10:00", 1)),
    ]
    assert database.read(undoable, clinic.receptionist, NOW) == ()
    refused(database, NotFound, undo_last, clinic.receptionist, NOW, "more")


def test_only_ones_own(clinic: SmallClinic, database: Database) -> None:
    number = _booked(clinic, database)
    refused(database, NotFound, undo_last, clinic.doctor_lee, NOW, "u")
    assert database.read(undoable, clinic.doctor_lee, NOW) == ()
    assert database.read(visit, number).status is Status.BOOKED


def test_the_last_twenty_of_a_day(clinic: SmallClinic, database: Database) -> None:
    for turn in range(22):
        database.transact(add_room, clinic.admin, f"Room {turn + 10}", NOW)
    database.transact(add_room, clinic.admin, "Room 99", NOW - timedelta(days=2))
    assert len(database.read(undoable, clinic.admin, NOW)) == 20
    _undo(database, clinic.admin)
    mine = _STEPS.c.account_id == clinic.admin.account_id
    kept = database.read(lambda s: s.scalar(select(func.count()).where(mine)))
    assert kept == 20


def test_signing_in_forgets_old_steps(clinic: SmallClinic, database: Database) -> None:
    _booked(clinic, database)
    accounts = table(Account)
    mine = clinic.receptionist.account_id
    stored = database.read(
        lambda s: s.scalar(select(accounts.c.password_hash).where(accounts.c.id == mine))
    )
    later = NOW + timedelta(days=1, minutes=1)
    database.transact(signed_in, StoredPassword(mine, str(stored)), later)
    assert database.read(lambda s: s.scalar(select(func.count()).select_from(_STEPS))) == 0


def test_several_visits_all_or_none(clinic: SmallClinic, database: Database) -> None:
    """As of a series: where one of them has been changed the other stays, too."""

    def both(session: Session) -> list[int]:
        numbers = [add_visit(session, clinic, at(clock, 1)) for clock in ("10:00", "11:00")]
        way_back = made(numbers, Status.BOOKED).stored()
        step = {"account_id": clinic.receptionist.account_id, "at": NOW, "operation": "series"}
        session.execute(insert(_STEPS).values(**step, way_back=way_back))
        return numbers

    first, second = database.transact(both)
    request = MoveRequest(second, clinic.lee, at("11:00", 2), 20, None)
    database.transact(move_appointment, clinic.doctor_lee, request, NOW)
    refused(database, ChangedMeanwhile, undo_last, clinic.receptionist, NOW, "u")
    assert database.read(visit, first).status is Status.BOOKED


def test_one_request_one_answer(clinic: SmallClinic, database: Database) -> None:
    first = _booked(clinic, database)
    second = _booked(clinic, database, starts_at=at("11:00", 1))
    answer = _undo(database, clinic.receptionist, "once")
    assert _undo(database, clinic.receptionist, "once") == answer
    statuses = [database.read(visit, number).status for number in (first, second)]
    assert statuses == [Status.BOOKED, Status.ENTERED_IN_ERROR]
    refused(database, BadInput, undo_last, clinic.doctor_lee, NOW, "once")


def test_it_is_in_the_trail(clinic: SmallClinic, database: Database) -> None:
    """As an act of its own, which is no step to undo."""
    number = _booked(clinic, database)
    _undo(database, clinic.receptionist)
    entry = database.read(
        lambda s: s.execute(select(_AUDIT).where(_AUDIT.c.operation == "undo")).one()
    )
    assert (entry.appointment_id, entry.patient_id, entry.doctor_id) == (
        number, clinic.maria, clinic.lee,
    )  # fmt: skip
    assert entry.details["of"] == "book"
    refused(database, NotFound, undo_last, clinic.receptionist, NOW, "redo")


def test_a_patient_registered_with_the_booking_stays(
    clinic: SmallClinic, database: Database
) -> None:
    request = BookingRequest(
        clinic.lee, clinic.follow_up, at("10:00", 1), new_patient=PatientDetails("Weiß", "Bo")
    )
    booked = database.transact(book_appointment, clinic.receptionist, request, NOW)
    _undo(database, clinic.receptionist)
    record = database.read(patient_record, clinic.receptionist, booked.patient_id, NOW)
    assert (record.name, record.history) == ("Bo Weiß", ())


def test_an_undone_booking_opens_no_record(clinic: SmallClinic, database: Database) -> None:
    """A doctor sees patients who have a visit with them; an error is none."""
    request = booking(clinic, patient_id=clinic.sam)
    database.transact(book_appointment, clinic.doctor_lee, request, NOW)
    database.read(patient_record, clinic.doctor_lee, clinic.sam, NOW)
    _undo(database, clinic.doctor_lee)
    with pytest.raises(NotPermitted):
        database.read(patient_record, clinic.doctor_lee, clinic.sam, NOW)


def test_what_an_account_did_as_it_is_listed(clinic: SmallClinic, database: Database) -> None:
    actor = both_of(clinic)
    database.transact(_prepare, clinic)
    now = at("13:30")
    for name in ("arrive", "time off", "change patient", "add doctor", "add room",
                 "register", "close", "add visit type"):  # fmt: skip
        database.transact(_BACK_AND_FORTH[name], clinic, actor)
    assert [one.sentence for one in database.read(undoable, actor, now)] == [
        "Added the visit type Check",
        "Closed the clinic: Party",
        "Registered Bo Weiß",
        "Added the room Cellar",
        "Added Dr Sato",
        "Changed the data of Mia García",
        "Added time off of Dr Lee",
        "Marked Mia García, Mon 23 Nov 2026 13:00, Dr Lee, as arrived",
    ]
