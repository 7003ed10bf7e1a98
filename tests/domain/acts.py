"""Every operation that can be undone, by what it does, and what there is to do it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from clinic_tui.domain import flow
from clinic_tui.domain.access import Actor
from clinic_tui.domain.booking import book_appointment
from clinic_tui.domain.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.closures import close_clinic
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.domain.doctors import DoctorDetails, add_doctor, change_doctor
from clinic_tui.domain.hours import (
    add_extra_hours,
    add_time_off,
    doctor_hours,
    remove_extra_hours,
    remove_time_off,
    set_weekly_hours,
)
from clinic_tui.domain.models import UndoStep, table
from clinic_tui.domain.moving import MoveRequest, move_appointment
from clinic_tui.domain.patients import (
    PatientDetails,
    change_patient,
    register_patient,
)
from clinic_tui.domain.rooms import add_room, change_room
from clinic_tui.domain.schedule import Hours
from clinic_tui.domain.settings import change_settings
from clinic_tui.domain.visit_types import VisitTypeDetails, add_visit_type, change_visit_type
from tests.small_clinic import DERMATOLOGY, NOW, SETTINGS, SmallClinic

from .given import (
    add_visit,
    at,
    booking,
)

_STEPS = table(UndoStep)
SATURDAY = NOW.date() + timedelta(days=5)
Act = Callable[[Session, SmallClinic, Actor], Any]


def prepare(session: Session, clinic: SmallClinic) -> None:
    """What there is to act on, written past the steps to undo: one to five."""
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
    session.execute(delete(_STEPS))


def _extra(session: Session, actor: Actor, clinic: SmallClinic) -> int:
    return doctor_hours(session, actor, clinic.park).extra[0].extra_hours_id


NEW_DOCTOR = DoctorDetails("Sato", "Emi", specialties=("Paediatrics", DERMATOLOGY))
_TYPE = VisitTypeDetails("Check", "chk", 30, 5, 0, "red", ("Surgery",))
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
    "no-show": lambda s, _, a: flow.mark_noshow(s, a, 1, at("13:30"), "n"),
    "step back": lambda s, _, a: flow.step_back(s, a, 4, NOW, "s"),
    "no-show taken back": lambda s, _, a: flow.step_back(s, a, 5, NOW, "s"),
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
