"""Every operation that can be undone, by what it does, and what there is to do it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from clinic_tui.domain.access import Actor
from clinic_tui.domain.clinic.closures import close_clinic
from clinic_tui.domain.clinic.rooms import add_room, change_room
from clinic_tui.domain.clinic.settings import change_settings
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, add_visit_type, change_visit_type
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.domain.hours.hours import (
    add_extra_hours,
    doctor_hours,
    remove_extra_hours,
    set_weekly_hours,
)
from clinic_tui.domain.hours.reserved import Reserved
from clinic_tui.domain.hours.reserving import set_reserved_hours
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.hours.time_off import add_time_off, remove_time_off
from clinic_tui.domain.models import UndoStep, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.merging import merge_patients, part_patients
from clinic_tui.domain.patients.patients import change_patient, register_patient
from clinic_tui.domain.series.cancelling import SeriesCancel, cancel_series
from clinic_tui.domain.series.moving import SeriesMove, move_series
from clinic_tui.domain.series.series import SeriesRequest, book_series
from clinic_tui.domain.series.words import Scope
from clinic_tui.domain.staff.doctors import DoctorDetails, add_doctor, change_doctor
from clinic_tui.domain.visits import flow
from clinic_tui.domain.visits.booking import book_appointment, overbook_appointment
from clinic_tui.domain.visits.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.swapping import SwapRequest, swap_appointments
from clinic_tui.domain.visits.together import TogetherRequest, VisitTogether, book_together
from clinic_tui.domain.visits.tray import lift, put_back, put_down
from clinic_tui.domain.waitlist.waitlist import (
    Wish,
    add_to_waitlist,
    change_waitlist_entry,
    withdraw_from_waitlist,
)
from tests.small_clinic import DERMATOLOGY, NOW, SETTINGS, SmallClinic

from .given import OUTBOX, add_visit, at, booking

_STEPS = table(UndoStep)
SATURDAY = NOW.date() + timedelta(days=5)
Act = Callable[[Session, SmallClinic, Actor], Any]


def prepare(session: Session, clinic: SmallClinic) -> None:
    """What there is to act on, written past the steps to undo.

    Maria's visits one to five, of which the first is carried; Thuy's, six; a series of Özlem's,
    seven and eight, of which one is carried too; somebody who was Sam. Thuy wants an earlier time.
    """
    for number, status in enumerate(
        (Status.BOOKED, Status.PENDING, Status.CANCELLED, Status.ARRIVED, Status.NOSHOW)
    ):
        hour, day = f"{13 + number}:00", 0
        starts_at = at("09:00") if status is Status.NOSHOW else at(hour, day)
        arrived_at = NOW if status is Status.ARRIVED else None
        add_visit(session, clinic, starts_at, patient_id=clinic.maria, status=status,
                  arrived_at=arrived_at)  # fmt: skip
    add_extra_hours(session, clinic.admin, clinic.park, SATURDAY, 600, 660, NOW, "open day")
    add_time_off(session, clinic.admin, clinic.park, at("09:00", 9), at("12:00", 9), NOW, "fair")
    add_visit(session, clinic, at("10:00", 3), patient_id=clinic.thuy, doctor_id=clinic.park)
    book_series(session, clinic.receptionist, series_of(clinic, clinic.ozlem), NOW)
    for number in (1, 8):
        lift(session, clinic.receptionist, number, NOW)
    add_to_waitlist(session, clinic.receptionist, Wish(appointment_id=6), NOW)
    twice = register_patient(session, clinic.admin, PatientDetails("Lind", "Samuel"), NOW)
    merge_patients(session, clinic.admin, clinic.sam, twice, NOW)
    for written in (_STEPS, OUTBOX):
        session.execute(delete(written))


def series_of(clinic: SmallClinic, patient_id: int, minute: int = 600) -> SeriesRequest:
    """Two Mondays of that patient's with Okafor, a week from now on."""
    first_day = NOW.date() + timedelta(days=7)
    return SeriesRequest(
        patient_id, clinic.okafor, clinic.follow_up, first_day, minute, "FREQ=WEEKLY;COUNT=2"
    )


def together_of(clinic: SmallClinic) -> TogetherRequest:
    """Two visits of Jonas' on one day."""
    visits = (
        VisitTogether(clinic.okafor, clinic.follow_up, at("10:00", 2)),
        VisitTogether(clinic.park, clinic.follow_up, at("10:40", 2)),
    )
    return TogetherRequest(clinic.jonas, visits)


def _extra(session: Session, actor: Actor, clinic: SmallClinic) -> int:
    return doctor_hours(session, actor, clinic.park).extra[0].extra_hours_id


NEW_DOCTOR = DoctorDetails("Sato", "Emi", specialties=("Paediatrics", DERMATOLOGY))
_TYPE = VisitTypeDetails("Check", "chk", 30, 5, 0, "red", ("Surgery",), reminders=(168, 24))
BACK_AND_FORTH: dict[str, Act] = {
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
    "came": lambda s, _, a: flow.mark_came(s, a, 1, at("13:30"), "c"),
    "no-show": lambda s, _, a: flow.mark_noshow(s, a, 1, at("13:30"), "n"),
    "step back": lambda s, _, a: flow.step_back(s, a, 4, NOW, "s"),
    "no-show taken back": lambda s, _, a: flow.step_back(s, a, 5, NOW, "s"),
    "overbook": lambda s, c, a: overbook_appointment(
        s, a, booking(c, starts_at=at("13:00"), patient_id=c.jonas), "in pain", NOW
    ),
    "swap": lambda s, _, a: swap_appointments(s, a, SwapRequest(1, 6), NOW),
    "lift": lambda s, _, a: lift(s, a, 2, NOW),
    "put down": lambda s, c, a: put_down(s, a, MoveRequest(1, c.lee, at("15:40"), 20, None), NOW),
    "put back": lambda s, _, a: put_back(s, a, 1, NOW),
    "book a series": lambda s, c, a: book_series(s, a, series_of(c, c.jonas, 540), NOW),
    "move a series": lambda s, _, a: move_series(s, a, SeriesMove(7, Scope.ALL, minute=660), NOW),
    "cancel a series": lambda s, _, a: cancel_series(
        s, a, SeriesCancel(7, Scope.ALL, CancelledBy.PATIENT), NOW
    ),
    "book together": lambda s, c, a: book_together(s, a, together_of(c), NOW),
    "wait": lambda s, c, a: add_to_waitlist(s, a, Wish(c.sam, c.follow_up), NOW),
    "wait for something else": lambda s, c, a: change_waitlist_entry(
        s, a, 1, Wish(None, c.follow_up, (c.lee,), note="by bus"), NOW
    ),
    "wait no more": lambda s, _, a: withdraw_from_waitlist(s, a, 1, NOW),
    "merge": lambda s, c, a: merge_patients(s, a, c.ozlem, c.thuy, NOW),
    "part": lambda s, _, a: part_patients(s, a, 1, NOW),
    "reserved hours": lambda s, c, a: set_reserved_hours(
        s, a, c.lee, (Reserved(0, 540, 600, c.follow_up),), NOW
    ),
    "weekly hours": lambda s, c, a: set_weekly_hours(
        s, a, c.lee, (Hours(1, 480, 600), Hours(2, 480, 600, date(2026, 12, 1), None, 2)), NOW
    ),
    "no hours": lambda s, c, a: set_weekly_hours(s, a, c.lee, (), NOW),
    "extra hours": lambda s, c, a: add_extra_hours(s, a, c.lee, SATURDAY, 600, 720, NOW, "fair"),
    "no extra hours": lambda s, c, a: remove_extra_hours(s, a, c.park, _extra(s, a, c), NOW),
    "time off": lambda s, c, a: add_time_off(s, a, c.lee, at("09:00"), at("12:00", 4), NOW, "flu"),
    "no time off": lambda s, c, a: remove_time_off(
        s, a, c.park, doctor_hours(s, a, c.park).time_off[0].time_off_id, NOW
    ),
    "close": lambda s, _, a: close_clinic(s, a, SATURDAY, SATURDAY, "Party", NOW),
    "register": lambda s, _, a: register_patient(
        s, a, PatientDetails("Weiß", "Bo", phones=("+4930901827",), email_consent=True), NOW
    ),
    "change patient": lambda s, c, a: change_patient(
        s, a, c.maria,
        PatientDetails("García", "Mia", date(1984, 3, 8), phones=("+4930901829",), alert="deaf"),
        NOW,
    ),
    "add doctor": lambda s, _, a: add_doctor(s, a, NEW_DOCTOR, NOW),
    "change doctor": lambda s, c, a: change_doctor(
        s, a, c.lee, replace(NEW_DOCTOR, active=False), NOW
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
