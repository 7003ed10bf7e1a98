"""Booking: what is written, every refusal, alternatives that hold, buffers, lengths, clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.clinic.closures import close_clinic
from clinic_tui.domain.clinic.rooms import change_room
from clinic_tui.domain.clinic.settings import change_settings
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, change_visit_type
from clinic_tui.domain.codes import Channel, Status
from clinic_tui.domain.errors import (
    BadInput,
    CannotBook,
    NotFound,
    NotPermitted,
    ObstacleKind,
    OutsideHours,
    Refusal,
    SlotTaken,
)
from clinic_tui.domain.hours.hours import add_extra_hours
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.models import AuditEntry, Patient, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.staff.doctors import change_doctor, doctor_details
from clinic_tui.domain.visits.booking import book_appointment
from tests.small_clinic import NOW, SETTINGS, ZONE, SmallClinic

from .given import NOBODY, add_visit, at, booking, everything, refused, told, visit

_AUDIT, _PATIENTS = table(AuditEntry), table(Patient)
Given = Callable[[SmallClinic], dict[str, Any]]


def test_a_booking_is_one_row_its_messages_and_its_trail(
    clinic: SmallClinic, database: Database
) -> None:
    before = database.read(everything)
    request = booking(clinic, room_id=clinic.room_one, note="Knee [left]")
    answer = database.transact(book_appointment, clinic.receptionist, request, NOW)
    after = database.read(everything)

    row = database.read(visit, answer.appointment_id)
    assert (row.doctor_id, row.patient_id, row.room_id) == (
        clinic.lee,
        clinic.maria,
        clinic.room_one,
    )
    assert (row.starts_at, row.ends_at) == (at("10:00"), at("10:20"))
    assert (row.blocked_from, row.blocked_until) == (at("10:00"), at("10:20"))
    assert (row.status, row.sequence, row.overbooked) == (Status.BOOKED, 0, False)
    assert (row.note, row.created_at) == ("Knee [left]", NOW)
    assert (answer.patient, answer.doctor) == ("Maria Garcia", "Dr Lee")
    assert (answer.starts_at, answer.ends_at) == (row.starts_at, row.ends_at)
    assert answer.read_back(ZONE) == "Maria Garcia, Mon 23 Nov 2026, 10:00, Dr Lee, Room 1."
    messages = ["confirmation email", f"confirmation email doctor {clinic.lee}", "confirmation sms"]
    assert database.read(told, answer.appointment_id) == messages
    assert answer.notices == len(messages)

    grown = {name: len(after[name]) - len(before[name]) for name in after}
    assert {name: more for name, more in grown.items() if more} == {
        "appointments": 1,
        "outbox": 3,
        "audit": 1,
        "undo_steps": 1,
    }
    entry = database.read(
        lambda session: session.execute(
            select(_AUDIT).where(_AUDIT.c.request_key == request.key)
        ).one()
    )
    assert (entry.operation, entry.at) == ("book", NOW)
    assert entry.account_id == clinic.receptionist.account_id
    assert entry.appointment_id == answer.appointment_id
    assert (entry.patient_id, entry.doctor_id) == (clinic.maria, clinic.lee)


def _somebody(**given: Any) -> PatientDetails:
    return PatientDetails(**({"family_name": "Weiß", "given_name": "Bo"} | given))


WRONG: dict[str, tuple[type[Refusal], Given]] = {
    "no zone": (BadInput, lambda _: {"starts_at": datetime(2026, 11, 23, 10)}),  # noqa: DTZ001
    "between two minutes": (BadInput, lambda _: {"starts_at": at("10:00") + timedelta(seconds=30)}),
    "over already": (BadInput, lambda _: {"starts_at": NOW - timedelta(minutes=20)}),
    "a year ago": (BadInput, lambda _: {"starts_at": NOW - timedelta(days=365)}),
    "at the end of time": (
        BadInput,
        lambda _: {"starts_at": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)},
    ),
    "at the beginning of time": (
        BadInput,
        lambda _: {"starts_at": datetime.min.replace(tzinfo=ZoneInfo("Asia/Tokyo"))},
    ),
    "0 minutes": (BadInput, lambda _: {"minutes": 0}),
    "4 minutes": (BadInput, lambda _: {"minutes": 4}),
    "-20 minutes": (BadInput, lambda _: {"minutes": -20}),
    "13 hours": (BadInput, lambda _: {"minutes": 13 * 60}),
    "12 hours and a minute": (BadInput, lambda _: {"minutes": 721}),
    "nobody": (BadInput, lambda _: {"patient_id": None}),
    "two patients": (BadInput, lambda _: {"new_patient": _somebody()}),
    "a new patient without a name": (
        BadInput,
        lambda _: {"patient_id": None, "new_patient": _somebody(family_name="", given_name="")},
    ),
    "a note with an escape": (BadInput, lambda _: {"note": "\x1b]52;c;AAAA\a"}),
    "a note too long": (BadInput, lambda _: {"note": "x" * 201}),
    "an unknown doctor": (NotFound, lambda _: {"doctor_id": NOBODY}),
    "an unknown patient": (NotFound, lambda _: {"patient_id": NOBODY}),
    "an unknown visit type": (NotFound, lambda _: {"visit_type_id": NOBODY}),
    "an unknown room": (NotFound, lambda _: {"room_id": NOBODY}),
    "a room of number 0": (NotFound, lambda _: {"room_id": 0}),
    "the last number there is": (NotFound, lambda _: {"patient_id": 2**31 - 1}),
    "a doctor who does not do it": (
        BadInput,
        lambda c: {"doctor_id": c.park, "visit_type_id": c.new_patient},
    ),
    "before the doctor comes": (OutsideHours, lambda _: {"starts_at": at("08:50", 1)}),
    "after the doctor went": (OutsideHours, lambda _: {"starts_at": at("17:00")}),
    "into the evening": (OutsideHours, lambda _: {"starts_at": at("16:50")}),
    "over lunch": (OutsideHours, lambda _: {"starts_at": at("11:50")}),
    "from morning to afternoon": (
        OutsideHours,
        lambda _: {"starts_at": at("11:00"), "minutes": 180},
    ),
    "on a Sunday": (OutsideHours, lambda _: {"starts_at": at("10:00", 6)}),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_requests_are_refused(clinic: SmallClinic, database: Database, case: str) -> None:
    kind, given = WRONG[case]
    refused(
        database,
        kind,
        book_appointment,
        clinic.receptionist,
        booking(clinic, **given(clinic)),
        NOW,
    )


def test_a_visit_under_way_can_still_be_booked(clinic: SmallClinic, database: Database) -> None:
    """Somebody walked in: the visit has begun and is not over."""
    now = at("10:19")
    answer = database.transact(book_appointment, clinic.receptionist, booking(clinic), now)
    assert database.read(told, answer.appointment_id) == []


@pytest.mark.parametrize("who", ["doctor", "visit type", "room"])
def test_the_retired_are_not_booked(clinic: SmallClinic, database: Database, who: str) -> None:
    if who == "doctor":
        details = database.read(doctor_details, clinic.admin, clinic.lee)
        retired = replace(details, active=False)
        database.transact(change_doctor, clinic.admin, clinic.lee, retired, NOW)
    elif who == "visit type":
        retired_type = VisitTypeDetails("Follow-up", "f/up", 20, active=False)
        database.transact(change_visit_type, clinic.admin, clinic.follow_up, retired_type, NOW)
    else:
        database.transact(change_room, clinic.admin, clinic.room_one, "Room 1", NOW, active=False)
    request = booking(clinic, room_id=clinic.room_one)
    refusal = refused(database, BadInput, book_appointment, clinic.receptionist, request, NOW)
    assert refusal.field.lower() == who


def _holidays(session: Session, clinic: SmallClinic) -> None:
    change_settings(session, clinic.admin, replace(SETTINGS, holiday_country="DE"), NOW)


def _closed(session: Session, clinic: SmallClinic) -> None:
    close_clinic(session, clinic.admin, NOW.date(), NOW.date(), "Stocktaking", NOW)


def _away(session: Session, clinic: SmallClinic) -> None:
    add_time_off(session, clinic.admin, clinic.lee, at("10:10"), at("00:00", 5), NOW, "Ski")


def _away_for_good(session: Session, clinic: SmallClinic) -> None:
    far = datetime(2199, 12, 31, 23, 0, tzinfo=UTC)
    add_time_off(session, clinic.admin, clinic.lee, at("10:10"), far, NOW)


def _taken(session: Session, clinic: SmallClinic) -> None:
    add_visit(session, clinic, at("10:10"))


def _taken_by_buffer(session: Session, clinic: SmallClinic) -> None:
    add_visit(session, clinic, at("10:25"), before=10)


def _patient_elsewhere(session: Session, clinic: SmallClinic) -> None:
    add_visit(session, clinic, at("09:50"), doctor_id=clinic.park, patient_id=clinic.maria)


def _room_taken(session: Session, clinic: SmallClinic) -> None:
    add_visit(session, clinic, at("10:15"), doctor_id=clinic.park, room_id=clinic.room_one)


def _all_of_them(session: Session, clinic: SmallClinic) -> None:
    _taken(session, clinic)
    _patient_elsewhere(session, clinic)
    add_visit(
        session, clinic, at("10:10"), patient_id=clinic.sam, doctor_id=clinic.okafor,
        room_id=clinic.room_one,
    )  # fmt: skip


IN_THE_WAY: dict[str, tuple[type[CannotBook], Any, dict[str, Any], list[ObstacleKind], str]] = {
    # What happens first; the request; what stands in the way; the sentence.
    "a public holiday": (
        OutsideHours,
        _holidays,
        {"starts_at": at("10:00", 32)},
        [ObstacleKind.HOLIDAY],
        "Fri 25 Dec 2026 is a holiday: Christmas Day.",
    ),
    "a closed day": (
        OutsideHours,
        _closed,
        {},
        [ObstacleKind.HOLIDAY],
        "The clinic is closed on Mon 23 Nov 2026: Stocktaking.",
    ),
    "time off": (
        OutsideHours,
        _away,
        {},
        [ObstacleKind.AWAY],
        "Dr Lee is away to Fri 27 Nov 2026.",
    ),
    "time off without an end": (
        OutsideHours,
        _away_for_good,
        {},
        [ObstacleKind.AWAY],
        "Dr Lee is away to Tue 31 Dec 2199.",
    ),
    "lunch": (
        OutsideHours,
        None,
        {"starts_at": at("11:50")},
        [ObstacleKind.CLOSED],
        "Dr Lee works 09:00–12:00, 13:00–17:00 on Mon 23 Nov 2026.",
    ),
    "the weekend": (
        OutsideHours,
        None,
        {"starts_at": at("11:50", 5)},
        [ObstacleKind.CLOSED],
        "Dr Lee does not work on Sat 28 Nov 2026.",
    ),
    "the doctor": (
        SlotTaken,
        _taken,
        {},
        [ObstacleKind.DOCTOR],
        "Dr Lee is taken Mon 23 Nov 2026 10:10–10:30.",
    ),
    "the doctor's buffer": (
        SlotTaken,
        _taken_by_buffer,
        {},
        [ObstacleKind.DOCTOR],
        "Dr Lee is taken Mon 23 Nov 2026 10:15–10:45 with buffers.",
    ),
    "the patient": (
        SlotTaken,
        _patient_elsewhere,
        {},
        [ObstacleKind.PATIENT],
        "Maria Garcia has a visit with Dr Park Mon 23 Nov 2026 09:50–10:10.",
    ),
    "the room": (
        SlotTaken,
        _room_taken,
        {"room_id": 1},
        [ObstacleKind.ROOM],
        "Room 1 is taken Mon 23 Nov 2026 10:15–10:35.",
    ),
    "all of them": (
        SlotTaken,
        _all_of_them,
        {"room_id": 1},
        [ObstacleKind.PATIENT, ObstacleKind.DOCTOR, ObstacleKind.ROOM],
        "Maria Garcia has a visit with Dr Park Mon 23 Nov 2026 09:50–10:10.",
    ),
}


@pytest.mark.parametrize("role", ["receptionist", "doctor_lee", "patient"])
@pytest.mark.parametrize("case", IN_THE_WAY)
def test_what_stands_in_the_way_and_where_else(
    clinic: SmallClinic, database: Database, case: str, role: str
) -> None:
    """Whoever is refused learns why, and can book every alternative offered."""
    kind, prepare, given, kinds, sentence = IN_THE_WAY[case]
    if prepare is not None:
        database.transact(prepare, clinic)
    if "room_id" in given:
        given = {**given, "room_id": clinic.room_one}
    actor, request = getattr(clinic, role), booking(clinic, **given)
    refusal = refused(database, kind, book_appointment, actor, request, NOW)

    assert [obstacle.kind for obstacle in refusal.obstacles] == kinds
    if role == "receptionist":
        assert str(refusal) == sentence
    # A doctor is offered no colleague, because they may not book one.
    none = (role, case) == ("doctor_lee", "time off without an end")
    assert none or 1 <= len(refusal.alternatives) <= 3
    assert len(set(refusal.alternatives)) == len(refusal.alternatives)
    for other in refusal.alternatives:
        assert other.starts_at >= NOW
        elsewhere = replace(request, doctor_id=other.doctor_id, starts_at=other.starts_at)
        with Session(database.engine) as session:
            answer = book_appointment(session, actor, elsewhere, NOW)
            assert (answer.starts_at, answer.ends_at) == (other.starts_at, other.ends_at)
            assert answer.doctor == other.doctor
            session.rollback()


def test_alternatives_are_the_same_doctor_after_and_a_colleague_then(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(add_visit, clinic, at("10:00"))
    request = booking(clinic)
    refusal = refused(database, SlotTaken, book_appointment, clinic.receptionist, request, NOW)
    assert [(opening.doctor, opening.starts_at) for opening in refusal.alternatives] == [
        ("Dr Lee", at("10:20")),
        ("Dr Lee", at("10:40")),
        ("Dr Okafor", at("10:00")),
    ]


def test_no_alternative_has_begun(clinic: SmallClinic, database: Database) -> None:
    """Asked at 10:15 for a visit at 10:00 that is taken: 10:10 would fit and is no help."""
    database.transact(add_visit, clinic, at("09:50"))
    now = at("10:15")
    refusal = refused(
        database, SlotTaken, book_appointment, clinic.receptionist, booking(clinic), now
    )
    assert refusal.alternatives[0].starts_at == at("10:20")
    assert all(opening.starts_at >= now for opening in refusal.alternatives)


def test_alternatives_keep_clear_of_a_visit_at_the_end_of_the_search(
    clinic: SmallClinic, database: Database
) -> None:
    """The last opening of the thirty days looked at may reach into a visit that begins later."""
    morning = at("10:00", 30)

    def fill(session: Session) -> None:
        add_visit(session, clinic, at("10:00"))
        add_time_off(
            session, clinic.admin, clinic.lee, at("10:20"), morning - timedelta(minutes=10), NOW
        )
        add_visit(session, clinic, morning, doctor_id=clinic.park, patient_id=clinic.maria)

    database.transact(fill)
    refusal = refused(
        database, SlotTaken, book_appointment, clinic.receptionist, booking(clinic), NOW
    )
    assert [opening.doctor for opening in refusal.alternatives] == ["Dr Okafor"]


def test_buffers_add_up(clinic: SmallClinic, database: Database) -> None:
    """10 after one visit and 5 before the next keep them 15 apart: for the doctor alone."""

    def book(patient_id: int, clock: str, **given: Any) -> Any:
        request = booking(
            clinic,
            patient_id=patient_id,
            starts_at=at(clock),
            **({"visit_type_id": clinic.new_patient} | given),
        )
        return book_appointment, clinic.receptionist, request, NOW

    first = database.transact(*book(clinic.maria, "10:00"))
    row = database.read(visit, first.appointment_id)
    assert (row.blocked_from, row.blocked_until) == (at("09:55"), at("10:50"))
    for clock in ("10:40", "10:50", "10:54", "09:06"):
        refused(database, SlotTaken, *book(clinic.jonas, clock))
    near = refused(database, SlotTaken, *book(clinic.jonas, "10:54"))
    assert str(near) == "Dr Lee is taken Mon 23 Nov 2026 10:00–10:40, too near with buffers."
    refused(database, SlotTaken, *book(clinic.jonas, "10:49", visit_type_id=clinic.follow_up))
    database.transact(*book(clinic.jonas, "10:55"))
    database.transact(*book(clinic.sam, "09:05"))


def test_a_buffer_may_stand_outside_the_hours(clinic: SmallClinic, database: Database) -> None:
    request = booking(clinic, visit_type_id=clinic.new_patient, starts_at=at("09:00", 1))
    database.transact(book_appointment, clinic.receptionist, request, NOW)
    request = booking(clinic, visit_type_id=clinic.new_patient, starts_at=at("16:20", 1))
    database.transact(book_appointment, clinic.receptionist, request, NOW)


def test_a_patients_visits_may_touch(clinic: SmallClinic, database: Database) -> None:
    first = booking(clinic, visit_type_id=clinic.new_patient)
    database.transact(book_appointment, clinic.receptionist, first, NOW)
    too_soon = booking(clinic, doctor_id=clinic.park, starts_at=at("10:39"))
    refused(database, SlotTaken, book_appointment, clinic.receptionist, too_soon, NOW)
    for clock in ("10:40", "09:40"):
        touching = booking(clinic, doctor_id=clinic.park, starts_at=at(clock))
        database.transact(book_appointment, clinic.receptionist, touching, NOW)


def test_shortest_and_longest(clinic: SmallClinic, database: Database) -> None:
    saturday = NOW.date() + timedelta(days=5)
    database.transact(add_extra_hours, clinic.admin, clinic.lee, saturday, 0, 1440, NOW)
    for minutes, clock in ((720, "06:00"), (5, "18:00")):
        request = booking(clinic, starts_at=at(clock, 5), minutes=minutes)
        answer = database.transact(book_appointment, clinic.receptionist, request, NOW)
        assert answer.ends_at - answer.starts_at == timedelta(minutes=minutes)


def test_the_length_stays_when_the_type_changes(clinic: SmallClinic, database: Database) -> None:
    answer = database.transact(book_appointment, clinic.receptionist, booking(clinic), NOW)
    before = database.read(visit, answer.appointment_id)
    longer = VisitTypeDetails("Follow-up", "f/up", 60, 30, 30)
    database.transact(change_visit_type, clinic.admin, clinic.follow_up, longer, NOW)
    assert database.read(visit, answer.appointment_id) == before
    request = booking(clinic, patient_id=clinic.jonas, starts_at=at("10:50"))
    answer = database.transact(book_appointment, clinic.receptionist, request, NOW)
    assert answer.ends_at == at("11:50")


def test_somebody_new_is_registered_with_the_booking(
    clinic: SmallClinic, database: Database
) -> None:
    somebody = _somebody(phones=("0151 23456788",), sms_consent=True, prefers=Channel.SMS)
    request = booking(clinic, patient_id=None, new_patient=somebody)
    answer = database.transact(book_appointment, clinic.receptionist, request, NOW)
    assert answer.patient == "Bo Weiß"
    assert database.read(told, answer.appointment_id) == [
        f"confirmation email doctor {clinic.lee}",
        "confirmation sms",
    ]


@pytest.mark.parametrize("case", ["taken", "closed"])
def test_a_refused_booking_registers_nobody(
    clinic: SmallClinic, database: Database, case: str
) -> None:
    database.transact(add_visit, clinic, at("10:00"))
    clock, kind = {"taken": ("10:00", SlotTaken), "closed": ("12:30", OutsideHours)}[case]
    request = booking(clinic, patient_id=None, new_patient=_somebody(), starts_at=at(clock))
    refused(database, kind, book_appointment, clinic.receptionist, request, NOW)


def test_a_doctor_registers_nobody(clinic: SmallClinic, database: Database) -> None:
    request = booking(clinic, patient_id=None, new_patient=_somebody())
    refused(database, NotPermitted, book_appointment, clinic.doctor_lee, request, NOW)


def test_a_patients_booking_is_a_request_that_occupies(
    clinic: SmallClinic, database: Database
) -> None:
    answer = database.transact(book_appointment, clinic.patient, booking(clinic), NOW)
    assert answer.status is Status.PENDING
    assert database.read(told, answer.appointment_id) == []
    request = booking(clinic, patient_id=clinic.jonas)
    refused(database, SlotTaken, book_appointment, clinic.receptionist, request, NOW)


def test_a_refusal_tells_a_patient_nothing_of_others(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(
        add_visit, clinic, at("10:00"), doctor_id=clinic.park, room_id=clinic.room_one
    )
    database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.ozlem)
    request = booking(clinic, room_id=clinic.room_one)
    refusal = refused(database, SlotTaken, book_appointment, clinic.patient, request, NOW)
    words = " ".join([str(refusal), *(obstacle.text for obstacle in refusal.obstacles)])
    for name in ("Jonas", "Lind", "Özlem", "Yılmaz"):
        assert name not in words


def test_a_doctor_does_not_learn_of_a_patients_other_visits(
    clinic: SmallClinic, database: Database
) -> None:
    """A colleague's visit is busy time, also where it stands in the way."""
    database.transact(_patient_elsewhere, clinic)
    refusal = refused(
        database, SlotTaken, book_appointment, clinic.doctor_lee, booking(clinic), NOW
    )
    assert "Park" not in str(refusal)
    assert "Park" not in refusal.obstacles[0].text


SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
"""The nights in which Berlin's clocks change next."""


def _night(clinic: SmallClinic, database: Database, day: date) -> None:
    database.transact(add_extra_hours, clinic.admin, clinic.lee, day, 0, 6 * 60, NOW)


def test_an_hour_across_the_repeated_hour(clinic: SmallClinic, database: Database) -> None:
    """02:30 summer time for an hour ends at 02:30 winter time, when the next visit may begin."""
    _night(clinic, database, AUTUMN)
    berlin = ZoneInfo(ZONE)
    first = datetime(2027, 10, 31, 2, 30, tzinfo=berlin)
    second = first.replace(fold=1)
    assert first == second
    answers = []
    for starts_at, patient_id in ((first, clinic.maria), (second, clinic.jonas)):
        request = booking(clinic, starts_at=starts_at, minutes=60, patient_id=patient_id)
        answers.append(database.transact(book_appointment, clinic.receptionist, request, NOW))
    utc = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    for answer, starts_at in zip(answers, (utc, utc + timedelta(hours=1)), strict=True):
        assert answer.starts_at == starts_at
        assert answer.ends_at - answer.starts_at == timedelta(hours=1)
        assert answer.starts_at.tzinfo is UTC
        row = database.read(visit, answer.appointment_id)
        assert (row.starts_at, row.ends_at) == (answer.starts_at, answer.ends_at)


def test_the_night_is_as_long_as_it_is(clinic: SmallClinic, database: Database) -> None:
    """From 00:00 to 06:00 there are 5 hours in spring and 7 in autumn."""
    for day, hours in ((SPRING, 5), (AUTUMN, 7)):
        _night(clinic, database, day)
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
        request = booking(clinic, starts_at=midnight, minutes=hours * 60 + 1)
        refused(database, OutsideHours, book_appointment, clinic.receptionist, request, NOW)
        answer = database.transact(
            book_appointment, clinic.receptionist, replace(request, minutes=hours * 60), NOW
        )
        assert answer.ends_at == midnight + timedelta(hours=hours)


class _Trips:
    """Counts what travels to the server: statements, BEGIN and COMMIT or ROLLBACK."""

    def __init__(self, engine: Engine) -> None:
        self.sent: list[str] = []
        event.listen(engine, "begin", lambda _: self.sent.append("BEGIN"))
        event.listen(engine, "commit", lambda _: self.sent.append("COMMIT"))
        event.listen(engine, "rollback", lambda _: self.sent.append("ROLLBACK"))
        event.listen(engine, "before_cursor_execute", self._statement)

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            self.sent.append(statement)


def test_eight_round_trips_at_most(clinic: SmallClinic, database: Database) -> None:
    desk = Desk(database, now=lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    trips = _Trips(database.engine)
    desk.run_now(book_appointment, booking(clinic, room_id=clinic.room_one, note="Knee"), NOW)
    assert trips.sent[0] == "BEGIN"
    assert trips.sent[-1] == "COMMIT"
    # On SQLite nothing travels; the entry and the way back are two statements there.
    assert len(trips.sent) <= (9 if database.is_sqlite else 8), trips.sent
