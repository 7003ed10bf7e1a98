"""Messages: to whom, on which channel, due when; and nothing said that is not true any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.clinic.settings import change_settings
from clinic_tui.domain.clinic.visit_types import change_visit_type, list_visit_types
from clinic_tui.domain.codes import CancelledBy, Channel, NoticeKind, NoticeStatus
from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.messages.reachable import NOBODY, reachable
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SETTINGS, SmallClinic

from .given import OUTBOX, add_visit, at, booking, told

_EMAIL, _SMS = Channel.EMAIL, Channel.SMS
_GRACE, _REMINDER = timedelta(minutes=3), timedelta(hours=24)
_QUEUED, _SENT = NoticeStatus.QUEUED, NoticeStatus.SENT


@pytest.mark.parametrize(
    ("prefers", "email", "sms", "told_on"),
    [
        (None, True, True, (_EMAIL, _SMS)),
        (None, True, False, (_EMAIL,)),
        (None, False, True, (_SMS,)),
        (None, False, False, ()),
        (_SMS, True, True, (_SMS,)),
        (_EMAIL, True, True, (_EMAIL,)),
        (_SMS, True, False, (_EMAIL,)),
        (_EMAIL, False, True, (_SMS,)),
        (_SMS, False, False, ()),
    ],
)
def test_a_preference_counts_where_it_is_open(
    prefers: Channel | None, email: bool, sms: bool, told_on: tuple[Channel, ...]
) -> None:
    who = reachable(prefers, email=email, sms=sms, doctor_id=7)
    assert who.patient == told_on
    assert who.listeners() == [*((channel, None) for channel in told_on), (_EMAIL, 7)]
    assert NOBODY.listeners() == []


PEOPLE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no consent": ({"email": "bo@example.org", "phones": ("0151 23456788",)}, []),
    "consent without an address": ({"email_consent": True, "sms_consent": True}, []),
    "e-mail": ({"email": "bo@example.org", "email_consent": True}, ["email"]),
    "sms": ({"phones": ("0151 23456788",), "sms_consent": True}, ["sms"]),
    "prefers what is closed": (
        {"email": "bo@example.org", "email_consent": True, "prefers": _SMS},
        ["email"],
    ),
}


@pytest.mark.parametrize("case", PEOPLE)
def test_only_with_an_address_and_consent(
    clinic: SmallClinic, database: Database, case: str
) -> None:
    given, channels = PEOPLE[case]
    details = PatientDetails("Weiß", "Bo", **given)
    patient_id = database.transact(register_patient, clinic.receptionist, details, NOW)
    request = booking(clinic, patient_id=patient_id, doctor_id=clinic.okafor)
    answer = database.transact(book_appointment, clinic.receptionist, request, NOW)
    expected = [f"confirmation {channel}" for channel in channels]
    assert database.read(told, answer.appointment_id) == expected


def _due(session: Session, visit_id: int, kind: NoticeKind) -> set[Any]:
    return set(
        session.scalars(
            select(OUTBOX.c.due_at).where(
                OUTBOX.c.appointment_id == visit_id,
                OUTBOX.c.kind == kind,
                OUTBOX.c.status == _QUEUED,
            )
        )
    )


@pytest.mark.parametrize(
    ("starts_at", "reminded"),
    [
        (NOW + _REMINDER + _GRACE + timedelta(minutes=1), True),
        (NOW + _REMINDER + _GRACE, False),
        (NOW + _REMINDER, False),
        (NOW + timedelta(minutes=10), False),
        (at("10:00", 28), True),
    ],
)
def test_a_reminder_leaves_a_day_before_or_not_at_all(
    clinic: SmallClinic, database: Database, starts_at: Any, reminded: bool
) -> None:
    """Not for a visit so near that its confirmation says the same."""
    request = booking(clinic, starts_at=starts_at)
    visit_id = database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id
    assert database.read(_due, visit_id, NoticeKind.CONFIRMATION) == {NOW + _GRACE}
    due = {starts_at - _REMINDER} if reminded else set()
    assert database.read(_due, visit_id, NoticeKind.REMINDER) == due


def test_grace_and_reminder_are_the_clinics(clinic: SmallClinic, database: Database) -> None:
    settings = replace(SETTINGS, grace_seconds=0, reminder_hours=48)
    database.transact(change_settings, clinic.admin, settings, NOW)
    request = booking(clinic, starts_at=at("10:00", 3))
    visit_id = database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id
    assert database.read(_due, visit_id, NoticeKind.CONFIRMATION) == {NOW}
    assert database.read(_due, visit_id, NoticeKind.REMINDER) == {at("10:00", 1)}


def test_a_visit_type_has_reminders_of_its_own(clinic: SmallClinic, database: Database) -> None:
    """As many as there are, but none whose time has passed; undone, the clinic's own leaves."""

    def leads(visit_id: int) -> list[int]:
        queued = (OUTBOX.c.status == _QUEUED) & (OUTBOX.c.kind == NoticeKind.REMINDER)
        wanted = (OUTBOX.c.appointment_id == visit_id) & queued & (OUTBOX.c.channel == _SMS)
        query = select(OUTBOX).where(wanted).order_by(OUTBOX.c.due_at)
        rows = database.read(lambda session: session.execute(query).all())
        for row in rows:
            assert row.due_at == row.starts_at - timedelta(hours=row.lead_hours)
        return [row.lead_hours for row in rows]

    def booked(day: int) -> int:
        request = booking(clinic, starts_at=at("10:00", day))
        actor = clinic.receptionist
        return database.transact(book_appointment, actor, request, NOW).appointment_id

    before = database.read(list_visit_types, clinic.admin)
    usual = next(one for one in before if one.visit_type_id == clinic.follow_up)
    theirs = replace(usual.details, reminders=(2, 168, 24, 24))
    database.transact(change_visit_type, clinic.admin, clinic.follow_up, theirs, NOW)
    listed = database.read(list_visit_types, clinic.admin)
    assert (168, 24, 2) in [one.details.reminders for one in listed]
    far, near = booked(8), booked(3)
    assert (leads(far), leads(near)) == ([168, 24, 2], [24, 2])
    wanted = MoveRequest(far, clinic.lee, at("11:00", 3), 20, None)
    database.transact(move_appointment, clinic.receptionist, wanted, NOW)
    assert leads(far) == [24, 2]
    database.transact(undo_last, clinic.receptionist, NOW, "a" * 32)
    assert leads(far) == [168, 24, 2]
    database.transact(undo_last, clinic.admin, NOW, "b" * 32)
    assert database.read(list_visit_types, clinic.admin) == before
    assert leads(booked(9)) == [24]
    for wrong in ((0,), (2161,), tuple(range(1, 12))):
        with pytest.raises(BadInput, match="reminder"):
            database.transact(
                change_visit_type, clinic.admin, clinic.follow_up,
                replace(usual.details, reminders=wrong), NOW,
            )  # fmt: skip


class Life:
    """One visit of Maria's, and what is queued about it after each turn of its life."""

    def __init__(self, clinic: SmallClinic, database: Database) -> None:
        self.clinic, self.database = clinic, database
        request = booking(clinic, starts_at=at("10:00", 1))
        self.visit_id = database.transact(
            book_appointment, clinic.receptionist, request, NOW
        ).appointment_id

    def send(self) -> None:
        """Everything queued so far leaves."""
        queued = OUTBOX.c.status == _QUEUED
        self.database.transact(
            lambda session: session.execute(update(OUTBOX).where(queued).values(status=_SENT))
        )

    def move(self, clock: str, doctor_id: int | None = None) -> int:
        wanted = MoveRequest(self.visit_id, doctor_id or self.clinic.lee, at(clock, 1), 20, None)
        actor = self.clinic.receptionist
        return self.database.transact(move_appointment, actor, wanted, NOW).notices

    def cancel(self) -> int:
        wanted = CancelRequest(self.visit_id, CancelledBy.PATIENT)
        actor = self.clinic.receptionist
        return self.database.transact(cancel_appointment, actor, wanted, NOW).notices

    def queued(self) -> list[str]:
        """What is queued, without reminders, each with the start it names."""

        def read(session: Session) -> list[str]:
            rows = session.execute(
                select(OUTBOX).where(
                    OUTBOX.c.appointment_id == self.visit_id,
                    OUTBOX.c.status == _QUEUED,
                    OUTBOX.c.kind != NoticeKind.REMINDER,
                )
            )
            names = {None: "patient", self.clinic.lee: "lee", self.clinic.park: "park"}
            clocks = {at(clock, 1): clock for clock in ("10:00", "11:00", "14:00")}
            return sorted(
                f"{row.kind} {names[row.doctor_id]} {row.channel} {clocks[row.starts_at]}"
                for row in rows
            )

        return self.database.read(read)


@pytest.fixture
def life(clinic: SmallClinic, database: Database) -> Life:
    return Life(clinic, database)


def test_who_has_not_heard_gets_a_confirmation(life: Life) -> None:
    for clock in ("11:00", "14:00"):
        life.move(clock)
        assert life.queued() == [
            f"confirmation lee email {clock}",
            f"confirmation patient email {clock}",
            f"confirmation patient sms {clock}",
        ]


def test_who_has_heard_is_told_of_the_change(life: Life) -> None:
    life.send()
    for clock in ("11:00", "14:00"):
        life.move(clock)
        assert life.queued() == [
            f"changed lee email {clock}",
            f"changed patient email {clock}",
            f"changed patient sms {clock}",
        ]


def test_what_is_on_its_way_counts_as_heard(life: Life) -> None:
    sms = (OUTBOX.c.channel == _SMS) & (OUTBOX.c.kind == NoticeKind.CONFIRMATION)
    life.database.transact(
        lambda session: session.execute(
            update(OUTBOX).where(sms).values(status=NoticeStatus.SENDING)
        )
    )
    life.move("11:00")
    assert life.queued() == [
        "changed patient sms 11:00",
        "confirmation lee email 11:00",
        "confirmation patient email 11:00",
    ]


def test_a_cancellation_names_the_start_they_know(life: Life) -> None:
    """Moved and cancelled before the move was told: what they know of is the first start."""
    life.send()
    life.move("11:00")
    assert life.cancel() == 3
    assert life.queued() == [
        "cancelled lee email 10:00",
        "cancelled patient email 10:00",
        "cancelled patient sms 10:00",
    ]


def test_a_cancellation_names_the_new_start_once_that_was_told(life: Life) -> None:
    life.send()
    life.move("11:00")
    life.send()
    life.cancel()
    assert life.queued() == [
        "cancelled lee email 11:00",
        "cancelled patient email 11:00",
        "cancelled patient sms 11:00",
    ]


def test_another_doctor(life: Life) -> None:
    """To the one it is cancelled at its old time, to the other new, to the patient changed."""
    life.send()
    assert life.move("14:00", life.clinic.park) == 4 + 2
    assert life.queued() == [
        "cancelled lee email 10:00",
        "changed patient email 14:00",
        "changed patient sms 14:00",
        "confirmation park email 14:00",
    ]


def test_another_doctor_before_the_first_heard(life: Life) -> None:
    life.move("14:00", life.clinic.park)
    assert life.queued() == [
        "confirmation park email 14:00",
        "confirmation patient email 14:00",
        "confirmation patient sms 14:00",
    ]


def test_another_doctor_and_back_before_anybody_heard_of_that(life: Life) -> None:
    life.send()
    life.move("10:00", life.clinic.park)
    life.move("11:00", life.clinic.lee)
    assert life.queued() == [
        "changed lee email 11:00",
        "changed patient email 11:00",
        "changed patient sms 11:00",
    ]


def test_whom_it_has_left_still_hears_of_that(life: Life) -> None:
    """Whatever happens to the visit next: it stays true that it is not theirs any more."""
    life.send()
    life.move("14:00", life.clinic.park)
    life.move("11:00", life.clinic.okafor)
    assert "cancelled lee email 10:00" in life.queued()
    life.cancel()
    assert [line for line in life.queued() if "patient" not in line] == [
        "cancelled lee email 10:00"
    ]


def test_a_doctor_without_an_address_is_not_told(life: Life) -> None:
    life.send()
    life.move("10:00", life.clinic.okafor)
    assert [line for line in life.queued() if "patient" not in line] == [
        "cancelled lee email 10:00"
    ]
    life.send()
    life.move("14:00", life.clinic.park)
    assert [line for line in life.queued() if "patient" not in line] == [
        "confirmation park email 14:00"
    ]


def test_reminders_go_with_the_time(life: Life) -> None:
    life.database.transact(lambda session: session.execute(update(OUTBOX).values(status=_QUEUED)))
    life.move("14:00")
    assert life.database.read(_due, life.visit_id, NoticeKind.REMINDER) == {at("14:00")}
    life.move("10:00")
    assert life.database.read(_due, life.visit_id, NoticeKind.REMINDER) == {at("10:00")}
    life.cancel()
    assert life.database.read(_due, life.visit_id, NoticeKind.REMINDER) == set()


def test_nobody_is_told_that_a_past_visit_is_off(clinic: SmallClinic, database: Database) -> None:
    visit_id = database.transact(add_visit, clinic, NOW, patient_id=clinic.maria)
    cancelled = CancelRequest(visit_id, CancelledBy.PATIENT)
    answer = database.transact(cancel_appointment, clinic.receptionist, cancelled, NOW)
    assert answer.notices == 0
    assert database.read(told, visit_id) == []


def test_a_visit_that_was_never_announced_is_still_cancelled_aloud(
    clinic: SmallClinic, database: Database
) -> None:
    """One that came from a file: the patient knows of it from elsewhere."""
    visit_id = database.transact(add_visit, clinic, at("10:00", 1), patient_id=clinic.maria)
    cancelled = CancelRequest(visit_id, CancelledBy.CLINIC)
    answer = database.transact(cancel_appointment, clinic.receptionist, cancelled, NOW)
    assert answer.notices == 3


def test_each_message_has_an_id_of_its_own(life: Life) -> None:
    life.send()
    life.move("11:00")
    life.cancel()
    ids = life.database.read(lambda session: list(session.scalars(select(OUTBOX.c.message_id))))
    assert len(ids) == len(set(ids)) > 8
