"""The made-up clinic, put together by the domain's own operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.access import Actor, Permission, Role
from ..domain.clinic.clinic_days import ClinicDays
from ..domain.clinic.closures import close_clinic
from ..domain.clinic.rooms import add_room
from ..domain.clinic.settings import ClinicSettings, found_clinic
from ..domain.clinic.visit_types import VisitTypeDetails, add_visit_type
from ..domain.hours.hours import add_extra_hours, set_weekly_hours
from ..domain.hours.text import WeekOfHours, parse_week
from ..domain.hours.time_off import add_time_off
from ..domain.intake.patients import take_patients
from ..domain.models import Patient, table
from ..domain.staff.accounts import AccountDetails, add_account, add_first_admin
from ..domain.staff.doctors import DoctorDetails, add_doctor
from ..domain.staff.passwords import hash_password
from ..domain.times.walltime import day_bounds, local_day
from .earlier import write_earlier
from .people import patients
from .plan import Plan
from .visits import DemoDoctor, DemoType, write_visits
from .waiting import write_waiting

_PATIENTS = table(Patient)
_DAY = timedelta(days=1)
_HOURS_ON_A_FREE_DAY = (9 * 60, 13 * 60)


@dataclass(frozen=True, slots=True)
class _Days:
    """The working days that are filled, today among them, and whether today is one by itself."""

    filled: list[date]
    today: date
    today_is_usual: bool

    def ahead(self, count: int) -> date:
        """The working day that many working days on."""
        later = [day for day in self.filled if day > self.today]
        return later[count - 1]


def build(session: Session, plan: Plan, zone: str, now: datetime) -> None:
    """Fill an empty database with the clinic as it would stand at ``now``."""
    country, _, subdivision = plan.clinic["holidays"].partition("-")
    settings = ClinicSettings(
        name=plan.clinic["name"],
        zone=zone,
        region=plan.clinic["region"],
        holiday_country=country,
        holiday_subdivision=subdivision,
        phone=plan.clinic["phone"],
        address=plan.clinic["address"],
    )
    password_hash = hash_password(plan.clinic["password"])
    founder = next(one for one in plan.accounts if one["role"] == Role.ADMIN)
    found_clinic(session, settings)
    admin = add_first_admin(session, founder["username"], founder["name"], password_hash, now)
    days = _days(plan, settings, now)
    doctors = _staff(session, admin, plan, days, now, zone)
    take_patients(session, admin, patients(plan, days.today), now)
    known = list(session.scalars(select(_PATIENTS.c.id).order_by(_PATIENTS.c.outside_id)))
    ids = {plan.doctors[at]["family_name"]: one.doctor_id for at, one in enumerate(doctors)}
    ids |= {one["key"]: known[at] for at, one in enumerate(plan.people) if "key" in one}
    for account in plan.accounts:
        if account is not founder:
            add_account(session, admin, _account(account, ids), password_hash, now)
    last = days.filled[-1]
    close_clinic(session, admin, last, last, "Team day", now)
    visits = write_visits(session, plan, settings, doctors, known, days.filled, now)
    write_earlier(session, settings, doctors, visits, days.filled[0])
    write_waiting(session, admin, plan, ids, known, now)


def _days(plan: Plan, settings: ClinicSettings, now: datetime) -> _Days:
    """So many working days before and after today, by the weekdays and the holidays."""
    clinic = ClinicDays(settings.zone, settings.holiday_country, settings.holiday_subdivision)

    def works(day: date) -> bool:
        return day.weekday() < 5 and clinic.holiday(day) is None

    def working_days(first: date, step: timedelta, count: int) -> list[date]:
        found: list[date] = []
        day = first
        while len(found) < count:
            day += step
            if works(day):
                found.append(day)
        return found

    today = local_day(now, settings.zone)
    before = working_days(today, -_DAY, plan.clinic["working_days_before"])
    after = working_days(today, _DAY, plan.clinic["working_days_after"])
    return _Days([*reversed(before), today, *after], today, works(today))


def _staff(
    session: Session, admin: Actor, plan: Plan, days: _Days, now: datetime, zone: str
) -> list[DemoDoctor]:
    """Rooms, visit types, doctors with their weeks; a day off; hours today whatever day it is."""
    rooms = {name: add_room(session, admin, name, now) for name in plan.rooms}
    types = [(one, _type(session, admin, one, now)) for one in plan.visit_types]
    doctors = []
    for one in plan.doctors:
        details = DoctorDetails(
            family_name=one["family_name"],
            given_name=one["given_name"],
            specialties=(one["specialty"],),
            email=one.get("email", ""),
            colour=one["colour"],
        )
        doctor_id = add_doctor(session, admin, details, now)
        week = WeekOfHours(parse_week(one["week"])).hours()
        set_weekly_hours(session, admin, doctor_id, week, now)
        if not days.today_is_usual:
            note = "open for the demonstration"
            add_extra_hours(session, admin, doctor_id, days.today, *_HOURS_ON_A_FREE_DAY, now, note)
        if "day_off" in one:
            off = day_bounds(days.ahead(one["day_off"]), zone)
            add_time_off(session, admin, doctor_id, *off, now, "away")
        done = tuple(
            kind
            for table_of, kind in types
            if one["specialty"] in table_of.get("specialties", (one["specialty"],))
        )
        doctors.append(DemoDoctor(doctor_id, rooms[one["room"]], done))
    return doctors


def _type(session: Session, admin: Actor, one: dict[str, Any], now: datetime) -> DemoType:
    details = VisitTypeDetails(
        one["name"],
        one["short_name"],
        one["minutes"],
        one.get("buffer_before", 0),
        one.get("buffer_after", 0),
        one["colour"],
        tuple(one.get("specialties", ())),
    )
    return DemoType(
        add_visit_type(session, admin, details, now),
        details.minutes,
        details.buffer_before,
        details.buffer_after,
        one["share"],
        one.get("first", False),
    )


def _account(account: dict[str, Any], ids: dict[str, int]) -> AccountDetails:
    role = Role(account["role"])
    return AccountDetails(
        account["username"],
        account["name"],
        frozenset({role}),
        frozenset({Permission.OVERBOOK, Permission.STEP_BACK} if role is Role.RECEPTIONIST else ()),
        ids[account["doctor"]] if "doctor" in account else None,
        ids[account["patient"]] if "patient" in account else None,
    )
