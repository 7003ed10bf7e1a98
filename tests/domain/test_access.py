"""Who may do what: every operation × role × whose it is, by the table of the product.

Operations are found by looking at the code: public functions of the domain that take a session
and an actor. One without a row here fails, so that none is ever added without deciding who may.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import pytest
from sqlalchemy import event, insert, update
from sqlalchemy.orm import Session

import clinic_tui.domain
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.absence import absence, calls
from clinic_tui.domain.absence import causes as absence_causes
from clinic_tui.domain.absence import openings as absence_openings
from clinic_tui.domain.access import GRANTABLE, REACHES, Actor, Permission, Reach, Role
from clinic_tui.domain.clinic import closures, message_settings, rooms, settings, visit_types
from clinic_tui.domain.codes import (
    CancelledBy,
    Channel,
    NoticeKind,
    NoticeStatus,
    ReplyMeaning,
    ReplyStatus,
    Status,
)
from clinic_tui.domain.errors import NotFound, NotPermitted, Refusal
from clinic_tui.domain.hours import hours, reserving, time_off
from clinic_tui.domain.hours.reserved import Reserved
from clinic_tui.domain.intake import doctors as intake_doctors
from clinic_tui.domain.intake import patients as intake_patients
from clinic_tui.domain.intake import sheet as intake_sheet
from clinic_tui.domain.intake import visits as intake_visits
from clinic_tui.domain.messages import message_list, notices, previews, replies, templates
from clinic_tui.domain.models import Notice, Reply, Series, SeriesVisit, Template, table
from clinic_tui.domain.openings import cells, offers, openings
from clinic_tui.domain.overview import board, calendar, day_sheet
from clinic_tui.domain.patients import callers, duplicates, lookup, merging, patients
from clinic_tui.domain.patients import details as patient_details
from clinic_tui.domain.patients import history as patient_history
from clinic_tui.domain.patients import search as patient_search
from clinic_tui.domain.series import cancelling as series_cancelling
from clinic_tui.domain.series import details as series_details
from clinic_tui.domain.series import moving as series_moving
from clinic_tui.domain.series import series
from clinic_tui.domain.series.words import Scope
from clinic_tui.domain.staff import accounts, agendas, doctors, resets, specialties
from clinic_tui.domain.undo import undo
from clinic_tui.domain.visits import (
    appointments,
    asked_for,
    booking,
    cancelling,
    flow,
    holds,
    moving,
    swapping,
    together,
    together_search,
    tray,
)
from clinic_tui.domain.visits.requests import new_key
from clinic_tui.domain.waitlist import (
    accepting,
    declining,
    filling,
    freed,
    offering,
    waitlist,
    what_fits,
    who_waits,
)
from tests.small_clinic import NOW, SETTINGS, WEEK, SmallClinic

from .given import APPOINTMENTS, NOBODY, add_visit, at, everything

Operation = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Whose:
    """What an operation is tried on: numbers, of rows or of none."""

    visit: int
    doctor: int
    patient: int
    extra_hours: int
    time_off: int
    waits: int
    offer: int
    another: int
    reply: int
    message: int


class May(NamedTuple):
    """How far each role reaches, as the product's table has it: "any", "own" or "–"."""

    receptionist: str
    doctor: str
    admin: str
    patient: str


class Row(NamedTuple):
    """Who may, and how the operation is called; ``status`` is the visit's, where that matters."""

    may: May
    call: Callable[[SmallClinic, Whose], tuple[Any, ...]]
    status: Status = Status.BOOKED


ALL = May("any", "any", "any", "any")
ADMIN = May("–", "–", "any", "–")
CALENDAR = May("any", "any", "any", "–")
"""Of every doctor; colleagues' visits as "busy": see the tests of the calendar."""
VISITS = May("any", "own", "–", "own")
"""Book, move and cancel."""
DAY = May("any", "own", "–", "–")
"""Confirm, check in, room, done, no-show."""
OVERBOOK = May("–", "own", "–", "–")
"""Beside what a doctor has: for receptionists if granted."""
BACK = May("–", "own", "–", "–")
"""A step back: for receptionists if granted."""
CONTACT = May("any", "own", "any", "own")
"""A patient's data; of doctors, patients with a visit with them."""
REGISTER = May("any", "–", "any", "–")
HOURS = May("any", "own", "any", "–")
MESSAGES = May("any", "any", "any", "–")
OWN_MESSAGES = May("any", "own", "any", "–")

_STAFF = ("receptionist", "doctor", "admin", "nobody")
_NOBODYS = Whose(NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY - 1, NOBODY, NOBODY)
_KEY = "0123456789abcdef"
_NEW = patient_details.PatientDetails("Weiß", "Bo")
_DAY = date(2026, 12, 1)


def _moved(_: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    return moving.MoveRequest(whose.visit, whose.doctor, at("15:00", 2), 20, None), NOW


def _swapped(_: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    return swapping.SwapRequest(whose.visit, whose.another), NOW


def _asked(clinic: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    asked = offers.Asked(
        clinic.follow_up, at("15:00", 2), doctor_id=whose.doctor, patient_id=whose.patient
    )
    return asked, NOW


def _booked(clinic: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    request = booking.BookingRequest(
        whose.doctor, clinic.follow_up, at("15:00", 2), patient_id=whose.patient
    )
    return request, NOW


def _series(clinic: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    request = series.SeriesRequest(
        whose.patient, whose.doctor, clinic.follow_up, _DAY, 15 * 60, "FREQ=WEEKLY;COUNT=2"
    )
    return request, NOW


def _overbooked(clinic: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    request, now = _booked(clinic, whose)
    return request, "in pain", now


def _away(whose: Whose) -> absence_causes.Cause:
    return absence_causes.DoctorAway(whose.doctor, at("10:00", 5), at("11:00", 5))


def _instead(_: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    cause = absence_causes.DoctorAway(whose.doctor, at("10:00"), at("11:00"))
    return absence.Acceptance(cause, ()), whose.visit, NOW


def _held(clinic: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    request = holds.HoldRequest(
        whose.doctor, clinic.follow_up, at("15:00", 2), "desk", whose.patient
    )
    return request, NOW


def _the_hold(_: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    return whose.visit, NOW


def _together(clinic: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    visits = tuple(
        together.VisitTogether(whose.doctor, clinic.follow_up, at(clock, 2))
        for clock in ("15:00", "15:20")
    )
    return together.TogetherRequest(whose.patient, visits), NOW


def _sought_together(clinic: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    part = together_search.VisitWanted(clinic.follow_up, (whose.doctor,))
    return together_search.TogetherSearch(whose.patient, (part, part), _DAY), NOW


def _wish(clinic: SmallClinic, whose: Whose) -> waitlist.Wish:
    return waitlist.Wish(whose.patient, clinic.follow_up, (whose.doctor,))


def _the_offer(_: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    return whose.offer, NOW, _KEY


def _the_visit(_: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    return whose.visit, NOW, _KEY


_WHICH = templates.Which(NoticeKind.REMINDER, Channel.EMAIL, "en")


def _doctor_details(_: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    return whose.doctor, doctors.DoctorDetails("Weiß"), NOW


TABLE: dict[Operation, Row] = {
    # The calendar, and what everybody needs to find an opening.
    calendar.calendar_day: Row(CALENDAR, lambda _, __: (_DAY, NOW)),
    calendar.calendar_week: Row(CALENDAR, lambda _, whose: (whose.doctor, _DAY, NOW)),
    calendar.calendar_month: Row(CALENDAR, lambda _, __: (_DAY, NOW)),
    day_sheet.day_sheet: Row(CALENDAR, lambda _, __: (_DAY, NOW)),
    openings.find_openings: Row(ALL, lambda c, _: (openings.OpeningSearch(c.follow_up, NOW), NOW)),
    reserving.reserved_hours: Row(ALL, lambda _, whose: (whose.doctor,)),
    cells.explain_cell: Row(CALENDAR, lambda _, whose: (whose.doctor, at("10:00", 1), None, NOW)),
    closures.closures: Row(ALL, lambda _, __: ()),
    rooms.list_rooms: Row(ALL, lambda _, __: ()),
    visit_types.list_visit_types: Row(ALL, lambda _, __: ()),
    settings.clinic_settings: Row(ALL, lambda _, __: ()),
    doctors.find_doctors: Row(ALL, lambda _, __: ("lee",)),
    doctors.doctor_details: Row(ALL, lambda _, whose: (whose.doctor,)),
    doctors.listed_doctor: Row(ALL, lambda _, whose: (whose.doctor,)),
    specialties.list_specialties: Row(ALL, lambda _, __: ()),
    hours.doctor_hours: Row(ALL, lambda _, whose: (whose.doctor,)),
    lookup.doctor_known_as: Row(ALL, lambda _, __: ("1",)),
    # Book, move, cancel.
    booking.book_appointment: Row(VISITS, _booked),
    moving.move_appointment: Row(VISITS, _moved),
    cancelling.cancel_appointment: Row(
        VISITS, lambda _, whose: (cancelling.CancelRequest(whose.visit, CancelledBy.PATIENT), NOW)
    ),
    cancelling.reinstate_appointment: Row(VISITS, _the_visit, Status.CANCELLED),
    booking.overbook_appointment: Row(OVERBOOK, _overbooked),
    holds.hold_opening: Row(VISITS, _held),
    holds.renew_hold: Row(VISITS, _the_hold, Status.HELD),
    holds.release_hold: Row(VISITS, _the_hold, Status.HELD),
    holds.release_desk: Row(May("any", "any", "–", "any"), lambda _, __: ("desk", NOW)),
    swapping.swap_appointments: Row(VISITS, _swapped),
    tray.lift: Row(VISITS, _the_hold),
    tray.carried: Row(May("any", "any", "–", "any"), lambda _, __: ()),
    tray.put_down: Row(VISITS, _moved),
    tray.put_back: Row(VISITS, _the_hold),
    offers.offer_openings: Row(VISITS, _asked),
    series_moving.move_series: Row(
        VISITS, lambda _, whose: (series_moving.SeriesMove(whose.visit, Scope.ALL, days=1), NOW)
    ),
    series_cancelling.cancel_series: Row(
        VISITS,
        lambda _, whose: (
            series_cancelling.SeriesCancel(whose.visit, Scope.ALL, CancelledBy.PATIENT),
            NOW,
        ),
    ),
    series.preview_series: Row(VISITS, _series),
    together_search.find_together: Row(VISITS, _sought_together),
    together.book_together: Row(VISITS, _together),
    series.book_series: Row(VISITS, _series),
    # The waitlist.
    waitlist.add_to_waitlist: Row(VISITS, lambda c, whose: (_wish(c, whose), NOW)),
    waitlist.change_waitlist_entry: Row(
        VISITS, lambda c, whose: (whose.waits, waitlist.Wish(None, c.follow_up), NOW)
    ),
    waitlist.withdraw_from_waitlist: Row(VISITS, lambda _, whose: (whose.waits, NOW)),
    who_waits.list_waitlist: Row(May("any", "any", "–", "any"), lambda _, __: (NOW,)),
    what_fits.openings_wanted: Row(DAY, lambda _, whose: (whose.waits, NOW)),
    filling.who_fits: Row(
        DAY,
        lambda _, whose: (freed.Slot(whose.doctor, at("15:00", 2), at("16:00", 2)), NOW),
    ),
    offering.offer_opening: Row(
        DAY,
        lambda _, whose: (
            offering.OfferRequest(whose.waits, whose.doctor, at("15:00", 2)),
            NOW,
        ),
    ),
    accepting.accept_offer: Row(VISITS, _the_offer),
    declining.decline_offer: Row(VISITS, _the_offer),
    # A visit's day.
    flow.confirm_request: Row(DAY, _the_visit, Status.PENDING),
    flow.arrive: Row(DAY, _the_visit),
    flow.check_in: Row(DAY, _the_visit),
    flow.finish: Row(DAY, _the_visit, Status.CHECKED_IN),
    # The board finds no more than the doctor's own: see the tests of the board.
    board.board_of_today: Row(May("any", "any", "–", "–"), lambda _, __: (NOW,)),
    asked_for.visits_asked_for: Row(May("any", "any", "–", "–"), lambda _, __: (NOW,)),
    flow.mark_came: Row(DAY, lambda _, whose: (whose.visit, at("00:00", 9), _KEY)),
    flow.mark_noshow: Row(DAY, lambda _, whose: (whose.visit, at("00:00", 9), _KEY)),
    flow.step_back: Row(BACK, _the_visit, Status.ARRIVED),
    # Of one's own steps, whatever they were; what each takes is asked again.
    undo.undo_last: Row(ALL, lambda _, __: (NOW, _KEY)),
    undo.leave_last: Row(ALL, lambda _, __: (NOBODY, NOW)),
    undo.undoable: Row(ALL, lambda _, __: (NOW,)),
    # Patients' data.
    appointments.appointment_details: Row(CONTACT, lambda _, whose: (whose.visit,)),
    series_details.series_details: Row(CONTACT, lambda _, whose: (whose.visit,)),
    patient_history.patient_record: Row(CONTACT, lambda _, whose: (whose.patient, NOW)),
    patients.change_patient: Row(CONTACT, lambda _, whose: (whose.patient, _NEW, NOW)),
    patients.register_patient: Row(REGISTER, lambda _, __: (_NEW, NOW)),
    patient_search.possible_duplicates: Row(REGISTER, lambda _, __: (_NEW, NOW)),
    duplicates.find_duplicates: Row(REGISTER, lambda _, __: ()),
    merging.merge_patients: Row(REGISTER, lambda c, _: (c.ozlem, c.thuy, NOW)),
    merging.part_patients: Row(REGISTER, lambda _, __: (NOBODY, NOW)),
    # These three find no more than what is in reach: see the tests below.
    callers.callers: Row(ALL, lambda _, __: ("456789",)),
    patient_search.find_patients: Row(ALL, lambda _, __: ("lind", NOW)),
    lookup.patient_known_as: Row(ALL, lambda _, __: ("000001",)),
    # Messages and replies; the first two find no more than what is in reach.
    message_list.list_messages: Row(MESSAGES, lambda _, __: (message_list.Shown.ALL, NOW)),
    message_list.messages_to_see: Row(MESSAGES, lambda _, __: (NOW,)),
    notices.retry_message: Row(OWN_MESSAGES, lambda _, whose: (whose.message, NOW)),
    notices.withdraw_message: Row(OWN_MESSAGES, lambda _, whose: (whose.message, NOW)),
    previews.preview_message: Row(OWN_MESSAGES, lambda _, whose: (whose.message,)),
    replies.answer_reply: Row(OWN_MESSAGES, lambda _, whose: (replies.Answer(whose.reply), NOW)),
    # Hours and time off.
    hours.set_weekly_hours: Row(HOURS, lambda _, whose: (whose.doctor, WEEK, NOW)),
    reserving.set_reserved_hours: Row(
        HOURS, lambda c, whose: (whose.doctor, (Reserved(0, 540, 600, c.follow_up),), NOW)
    ),
    hours.stranded_by_hours: Row(HOURS, lambda _, whose: (whose.doctor, WEEK, NOW)),
    hours.add_extra_hours: Row(HOURS, lambda _, whose: (whose.doctor, _DAY, 0, 60, NOW)),
    hours.remove_extra_hours: Row(HOURS, lambda _, whose: (whose.doctor, whose.extra_hours, NOW)),
    time_off.visits_in_the_way: Row(
        HOURS, lambda _, whose: (whose.doctor, at("10:00", 1), at("11:00", 1))
    ),
    time_off.add_time_off: Row(
        HOURS, lambda _, whose: (whose.doctor, at("10:00", 1), at("11:00", 1), NOW)
    ),
    absence.plan_absence: Row(HOURS, lambda _, whose: (_away(whose), NOW)),
    absence.accept_plan: Row(HOURS, lambda _, whose: (absence.Acceptance(_away(whose), ()), NOW)),
    absence_openings.other_openings: Row(HOURS, _instead),
    calls.visits_to_call: Row(HOURS, lambda _, whose: ((whose.doctor,), NOW)),
    time_off.remove_time_off: Row(HOURS, lambda _, whose: (whose.doctor, whose.time_off, NOW)),
    # Doctors, specialties, visit types, rooms, holidays, settings, files.
    doctors.add_doctor: Row(ADMIN, lambda _, __: (doctors.DoctorDetails("Weiß"), NOW)),
    doctors.change_doctor: Row(ADMIN, _doctor_details),
    visit_types.add_visit_type: Row(
        ADMIN, lambda _, __: (visit_types.VisitTypeDetails("Check", "chk", 20), NOW)
    ),
    visit_types.change_visit_type: Row(
        ADMIN, lambda c, _: (c.follow_up, visit_types.VisitTypeDetails("Check", "chk", 20), NOW)
    ),
    rooms.add_room: Row(ADMIN, lambda _, __: ("Room 9", NOW)),
    rooms.change_room: Row(ADMIN, lambda c, _: (c.room_one, "Room 9", NOW, {"active": True})),
    closures.close_clinic: Row(ADMIN, lambda _, __: (_DAY, _DAY, "Party", NOW)),
    settings.change_settings: Row(ADMIN, lambda _, __: (SETTINGS, NOW)),
    message_settings.message_settings: Row(ADMIN, lambda _, __: ()),
    message_settings.change_message_settings: Row(
        ADMIN, lambda _, __: (message_settings.MessageSettings(1200, 480, 900, 9, 90, 390), NOW)
    ),
    agendas.set_agenda_wanted: Row(OWN_MESSAGES, lambda _, w: (w.doctor, False, NOW)),
    templates.wording_of: Row(ADMIN, lambda _, __: (_WHICH,)),
    templates.set_wording: Row(ADMIN, lambda _, __: (_WHICH, "Soon", "{date}, {time}", NOW)),
    templates.reset_wording: Row(ADMIN, lambda _, __: (_WHICH, NOW)),
    intake_patients.check_patients: Row(ADMIN, lambda _, __: ((), NOW)),
    intake_patients.take_patients: Row(ADMIN, lambda _, __: ((), NOW)),
    intake_doctors.take_doctors: Row(ADMIN, lambda _, __: ((), NOW)),
    intake_visits.take_appointments: Row(ADMIN, lambda _, __: ((), NOW)),
    intake_sheet.take_sheet: Row(May("any", "any", "–", "–"), lambda _, __: ((), NOW)),
    # Accounts.
    accounts.list_accounts: Row(ADMIN, lambda _, __: ()),
    accounts.add_account: Row(
        ADMIN,
        lambda _, __: (
            accounts.AccountDetails("ben", "Ben", frozenset({Role.RECEPTIONIST})),
            "hash",
            NOW,
        ),
    ),
    accounts.disable_account: Row(ADMIN, lambda _, __: ("park", NOW)),
    resets.reset_password: Row(ADMIN, lambda _, __: ("park", NOW)),
    resets.set_account_email: Row(ADMIN, lambda _, __: ("park", "jin@example.org", NOW)),
}
_MAY_FIND_NOTHING = (undo.undo_last, tray.put_down, tray.put_back)
STEPS = {
    "sign_ins.current_actor": "says who somebody is, and is what every operation begins with",
    "sign_ins.open_token": "signs the actor's own command line in",
    "appointments.locked": "asks for the permission that it is given",
    "rearranging.locked_all": "asks for the permission that it is given",
    "block_booking.book_all": "is a step of what books several, which asks",
    "scope.series_of": "asks, and is where each change of a series begins",
    "scope.locked_visits": "asks for each visit",
    "scope.done_before": "answers only who asked before",
    "scope.record_series": "notes what was permitted",
    "scope.answer_series": "answers what was permitted",
    "audit.record": "notes what was permitted",
    "calendar_visits.load_visits": "is a step of reading the calendar, which asks",
    "visits_back.visits_put_back": "asks for what taking the step needs",
    "rows_back.rows_put_back": "asks for what taking the step needs",
    "audit.answered": "answers only who asked before",
    "flow.take_step": "asks for the permission that the step needs",
    "intake.start_intake": "asks, and is where each intake begins",
    "moving.move_visit": "is a step of moving and of putting down, which both ask",
    "moving.place_elsewhere": "is a step of moving and of swapping, which both ask",
    "placing.held": "finds only what the actor holds",
    "requests.answered_visit": "answers only who asked before",
    "requests.record_visit": "notes what was permitted",
    "search.found_by_id": "shows those whom the caller's permission reaches",
    "audit.details_answered": "answers only who asked before",
    "reply_list.list_replies": "is a step of reading the messages, which asks",
    "notices.require_notice": "asks, and is where each act on a message begins",
    "waiting.locked_entry": "asks for the place's own permission",
    "declining.locked_offer": "asks for the place's own permission",
    "reach.reaches": "says how far a permission reaches",
    "reach.permitted_row": "asks for the permission that it is given",
    "patients.insert_patient": "is a step of registering and of booking, which both ask",
}
"""Public functions that take an actor and are no operations: steps that operations share."""


def _found() -> Iterator[tuple[str, Operation]]:
    """Every public function of the domain that takes a session and an actor."""
    package = clinic_tui.domain
    for module_info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(module_info.name)
        short = module_info.name.rpartition(".")[2]
        for name, function in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            parameters = list(inspect.signature(function).parameters)
            if function.__module__ == module_info.name and parameters[:2] == ["session", "actor"]:
                yield f"{short}.{name}", function


def test_every_operation_has_a_row() -> None:
    found = dict(_found())
    assert {name for name in found if name not in STEPS} == {
        f"{operation.__module__.rpartition('.')[2]}.{operation.__name__}" for operation in TABLE
    }
    assert STEPS.keys() <= found.keys()


def _actors(clinic: SmallClinic) -> dict[str, Actor]:
    """One of each role, and somebody of none."""
    return {
        "receptionist": clinic.receptionist,
        "doctor": clinic.doctor_lee,
        "admin": clinic.admin,
        "patient": clinic.patient,
        "nobody": replace(clinic.receptionist, roles=frozenset()),
    }


def world_of(session: Session, clinic: SmallClinic, status: Status) -> dict[str, dict[str, Whose]]:
    """By role, what is their own, another's and nobody's.

    What is a doctor's own is a patient's with whom they have a visit; who has nothing of their
    own is tried on the same.
    """

    def add(doctor: int, patient: int) -> Whose:
        visit = add_visit(
            session, clinic, at("10:00"), doctor_id=doctor, patient_id=patient, status=status
        )
        another = add_visit(
            session, clinic, at("14:00"), doctor_id=doctor, patient_id=patient, status=status
        )
        if status is not Status.HELD:
            put_into_a_series(session, visit, patient)
        of_doctor = hours_of(session, clinic, doctor)
        waits = waiting_for(session, clinic, patient, doctor)
        reply = replied(session, visit, patient)
        message = failed(session, clinic, doctor, patient)
        return Whose(visit, doctor, patient, *of_doctor, *waits, another, reply, message)

    own_words(session)
    doctors_own = add(clinic.lee, clinic.jonas)
    patients_own = add(clinic.okafor, clinic.maria)
    others = add(clinic.park, clinic.sam)
    world = {"own": doctors_own, "other's": others, "nobody's": _NOBODYS}
    return {"patient": world | {"own": patients_own}} | dict.fromkeys(_STAFF, world)


def replied(session: Session, visit: int, patient: int) -> int:
    """A reply of that patient which nobody has dealt with."""
    reply = {
        "sid": f"SM{visit}", "channel": Channel.SMS, "number": "+4930901820", "body": "hello",
        "meaning": ReplyMeaning.OTHER, "status": ReplyStatus.OPEN, "patient_id": patient,
        "received_at": NOW, "taken_at": NOW,
    }  # fmt: skip
    query = insert(table(Reply)).values(reply).returning(table(Reply).c.id)
    reply_id: int = session.execute(query).scalar_one()
    return reply_id


def own_words(session: Session) -> None:
    """The clinic's own words for the message that the table words."""
    words = {"subject": "Soon", "body": "{date}"}
    of = {"kind": _WHICH.kind, "channel": _WHICH.channel, "language": _WHICH.language}
    session.execute(insert(table(Template)).values(words | of))


def failed(session: Session, clinic: SmallClinic, doctor: int, patient: int) -> int:
    """A message to that doctor that failed, of a day on which they see somebody."""
    add_visit(session, clinic, at("18:00", 8), doctor_id=doctor, patient_id=patient)
    message = {
        "about_day": _DAY, "doctor_id": doctor, "kind": NoticeKind.AGENDA,
        "channel": Channel.EMAIL, "due_at": NOW, "status": NoticeStatus.FAILED,
        "message_id": f"{doctor}@clinic", "created_at": NOW,
    }  # fmt: skip
    query = insert(table(Notice)).values(message).returning(table(Notice).c.id)
    message_id: int = session.execute(query).scalar_one()
    return message_id


def hours_of(session: Session, clinic: SmallClinic, doctor: int) -> tuple[int, int]:
    """Extra hours and time off of that doctor: their numbers."""
    begins, ends = at("10:00", 90), at("11:00", 90)
    extra = hours.add_extra_hours(session, clinic.admin, doctor, _DAY, 0, 60, NOW)
    time_off.add_time_off(session, clinic.admin, doctor, begins, ends, NOW)
    (away,) = hours.doctor_hours(session, clinic.admin, doctor).time_off
    return extra, away.time_off_id


def waiting_for(
    session: Session, clinic: SmallClinic, patient: int, doctor: int
) -> tuple[int, int]:
    """A patient's place on the waitlist for a doctor, and an offer to another place of theirs."""
    wish = waitlist.Wish(patient, clinic.follow_up, (doctor,))
    waits, offered = (
        waitlist.add_to_waitlist(session, clinic.receptionist, replace(wish, key=new_key()), NOW)
        for _ in range(2)
    )
    request = offering.OfferRequest(offered, doctor, at("14:00", 3))
    return waits, offering.offer_opening(session, clinic.receptionist, request, NOW).offer_id


def put_into_a_series(session: Session, visit: int, patient: int) -> None:
    """A series of one visit."""
    series_id = session.execute(
        insert(table(Series))
        .values(patient_id=patient, rule="FREQ=DAILY;COUNT=1", first_day=_DAY, minute=0,
                created_at=NOW)
        .returning(table(Series).c.id)
    ).scalar_one()  # fmt: skip
    session.execute(
        insert(table(SeriesVisit)).values(appointment_id=visit, series_id=series_id, day=_DAY)
    )


def _expected(reach: str, whose: str) -> bool:
    return reach == "any" or (reach == "own" and whose == "own")


def test_every_role_on_own_and_others(clinic: SmallClinic, database: Database) -> None:
    """Permitted or ``NotPermitted``, which leaves nothing and does not tell what there is."""
    wrong = []
    for status in {row.status for row in TABLE.values()}:
        with Session(database.engine) as session:
            world = world_of(session, clinic, status)
            sent: list[str] = []
            event.listen(session.connection(), "before_cursor_execute", _noting(sent))
            for role, actor in _actors(clinic).items():
                if status is Status.HELD:
                    mine = {"held_by": actor.account_id, "held_until": at("23:00")}
                    session.execute(update(APPOINTMENTS).values(mine))
                before = everything(session)
                for operation in (one for one in TABLE if TABLE[one].status is status):
                    reach = getattr(TABLE[operation].may, role, "–")
                    for whose in ("own", "other's", "nobody's"):
                        call = TABLE[operation].call(clinic, world[role][whose])
                        permitted, left = _tried(session, actor, operation, call, before, sent)
                        if permitted != _expected(reach, whose) or (left and not permitted):
                            wrong.append((operation, role, whose, permitted, left))
            session.rollback()
    assert wrong == []


def _tried(
    session: Session,
    actor: Actor,
    operation: Operation,
    args: tuple[Any, ...],
    before: dict[str, Any],
    sent: list[str],
) -> tuple[bool, bool]:
    """Whether it was permitted, and whether a refusal left anything; then all is as before.

    Where the database was asked and told nothing there is nothing to look for.
    """
    attempt = session.begin_nested()
    sent.clear()
    try:
        permitted = _permits(session, actor, operation, args)
        told = not all(statement.lstrip().startswith("SELECT") for statement in sent)
        return permitted, not permitted and told and everything(session) != before
    except Exception as error:
        error.add_note(f"{operation.__module__}.{operation.__name__} by {actor.username}")
        raise
    finally:
        attempt.rollback()


def _noting(sent: list[str]) -> Callable[..., None]:
    """What listens to a connection and writes its statements down."""

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    return note


def _permits(session: Session, actor: Actor, operation: Operation, args: tuple[Any, ...]) -> bool:
    """Whether it was permitted: then it succeeds, or finds no such thing, or nothing to undo."""
    try:
        _call(session, actor, operation, args)
    except NotPermitted:
        return False
    except NotFound:
        return NOBODY in _numbers(args) or operation in _MAY_FIND_NOTHING
    return True


def _call(session: Session, actor: Actor, operation: Operation, args: tuple[Any, ...]) -> None:
    named = args[-1] if args and isinstance(args[-1], dict) else {}
    operation(session, actor, *(args[:-1] if named else args), **named)


def _numbers(args: Iterable[Any]) -> set[Any]:
    """Every number among the arguments, those in a request too, however deep."""
    found: set[Any] = set()
    for arg in args:
        names = getattr(type(arg), "__dataclass_fields__", {})
        found |= _numbers(getattr(arg, name) for name in names) if names else {arg}
    return found


def test_the_table_says_what_the_product_says() -> None:
    """The permissions themselves, written out once more."""
    any_, own, none = Reach.ANY, Reach.OWN, Reach.NONE
    roles = (Role.RECEPTIONIST, Role.DOCTOR, Role.ADMIN, Role.PATIENT)
    expected = {
        Permission.SEE_CALENDAR: (any_, any_, any_, none),
        Permission.SEE_OPENINGS: (any_, any_, any_, any_),
        Permission.SEE_DOCTORS: (any_, any_, any_, any_),
        Permission.BOOK: (any_, own, none, own),
        Permission.RUN_VISITS: (any_, own, none, none),
        Permission.CONFIRM: (any_, own, none, none),
        Permission.WAIT: (any_, own, none, own),
        Permission.OFFER: (any_, own, none, none),
        Permission.OVERBOOK: (none, own, none, none),
        Permission.STEP_BACK: (none, own, none, none),
        Permission.SEE_CONTACT: (any_, own, any_, own),
        Permission.EDIT_CONTACT: (any_, own, any_, own),
        Permission.REGISTER_PATIENT: (any_, none, any_, none),
        Permission.SEE_ALERTS: (any_, own, none, none),
        Permission.SEE_REASONS: (any_, own, none, own),
        Permission.SET_HOURS: (any_, own, any_, none),
        Permission.MANAGE_CLINIC: (none, none, any_, none),
        Permission.MANAGE_ACCOUNTS: (none, none, any_, none),
        Permission.IMPORT: (none, none, any_, none),
        Permission.MESSAGES: (any_, own, any_, none),
    }
    assert {
        permission: tuple(REACHES[permission][role] for role in roles) for permission in REACHES
    } == expected
    assert frozenset({Permission.OVERBOOK, Permission.STEP_BACK}) == GRANTABLE


def _new(clinic: SmallClinic) -> tuple[Any, ...]:
    request = booking.BookingRequest(clinic.lee, clinic.follow_up, at("15:00", 2), new_patient=_NEW)
    return request, NOW


def test_booking_somebody_new_needs_both(clinic: SmallClinic, database: Database) -> None:
    """Booking and registering: a doctor may book and register nobody, an admin the reverse."""
    for role, actor in _actors(clinic).items():
        with Session(database.engine) as session:
            permitted = _permits(session, actor, booking.book_appointment, _new(clinic))
            assert permitted == (role == "receptionist")
    both = replace(clinic.doctor_lee, roles=frozenset({Role.DOCTOR, Role.ADMIN}))
    answer = database.transact(booking.book_appointment, both, *_new(clinic))
    assert answer.status is Status.BOOKED


def test_grants_reach_everybodys(clinic: SmallClinic, database: Database) -> None:
    granted = replace(clinic.receptionist, grants=frozenset({Permission.STEP_BACK}))
    for doctor in (clinic.lee, clinic.park):
        visit = database.transact(
            add_visit, clinic, at("10:00", doctor), doctor_id=doctor, status=Status.ARRIVED
        )
        with pytest.raises(NotPermitted):
            database.transact(flow.step_back, clinic.receptionist, visit, NOW, "no")
        database.transact(flow.step_back, granted, visit, NOW, f"yes {doctor}")


def test_who_is_doctor_and_patient_does_not_decide_on_themselves(
    clinic: SmallClinic, database: Database
) -> None:
    """Own visits as a patient are theirs to ask for; those they see as a doctor to decide on."""
    both = replace(
        clinic.doctor_lee, roles=frozenset({Role.DOCTOR, Role.PATIENT}), patient_id=clinic.maria
    )
    as_patient = booking.BookingRequest(
        clinic.park, clinic.follow_up, at("10:00", 1), patient_id=clinic.maria
    )
    asked = database.transact(booking.book_appointment, both, as_patient, NOW)
    assert asked.status is Status.PENDING
    for step in (flow.confirm_request, flow.arrive):
        with pytest.raises(NotPermitted):
            database.transact(step, both, asked.appointment_id, NOW, "no")
    as_doctor = replace(as_patient, doctor_id=clinic.lee, patient_id=clinic.sam, key="other")
    assert database.transact(booking.book_appointment, both, as_doctor, NOW).status is Status.BOOKED
    neither = replace(as_patient, patient_id=clinic.sam, key="neither")
    with pytest.raises(NotPermitted):
        database.transact(booking.book_appointment, both, neither, NOW)


def test_the_widest_of_several_roles(clinic: SmallClinic, database: Database) -> None:
    """An admin of a small clinic who is its receptionist too does both jobs."""
    both = replace(clinic.admin, roles=frozenset({Role.ADMIN, Role.RECEPTIONIST}))
    request = booking.BookingRequest(
        clinic.park, clinic.follow_up, at("10:00", 1), patient_id=clinic.ozlem
    )
    assert database.transact(booking.book_appointment, both, request, NOW).status is Status.BOOKED
    assert database.read(accounts.list_accounts, both)
    assert database.read(patient_history.patient_record, both, clinic.ozlem, NOW).details.alert


def test_a_role_without_its_person_owns_nothing(clinic: SmallClinic, database: Database) -> None:
    """A doctor's account that is nobody's does not own what belongs to nobody."""
    adrift = replace(clinic.doctor_lee, doctor_id=None)
    with Session(database.engine) as session:
        world = world_of(session, clinic, Status.BOOKED)["doctor"]
        for operation, row in TABLE.items():
            if row.may.doctor == "own":
                for target in world.values():
                    assert not _permits(session, adrift, operation, row.call(clinic, target))
        session.rollback()


def test_notes_and_reasons(clinic: SmallClinic, database: Database) -> None:
    """Why somebody comes is for the desk, their doctor and themselves; not for an admin."""
    visit = database.transact(
        add_visit, clinic, at("10:00", 1), patient_id=clinic.maria, note="Knee",
        cancel_reason="flu", status=Status.CANCELLED, cancelled_by=CancelledBy.PATIENT,
    )  # fmt: skip
    for actor, told in (
        (clinic.receptionist, True),
        (clinic.doctor_lee, True),
        (clinic.patient, True),
        (clinic.admin, False),
        (replace(clinic.admin, roles=frozenset({Role.ADMIN, Role.DOCTOR}), doctor_id=2), False),
        (replace(clinic.admin, roles=frozenset({Role.ADMIN, Role.DOCTOR}), doctor_id=1), True),
    ):
        details = database.read(appointments.appointment_details, actor, visit)
        expected = ("Knee", "flu") if told else (None, None)
        assert (details.note, details.cancel_reason) == expected
        assert details.patient == "Maria Garcia"


def test_search_stays_within_reach(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.ozlem)
    numbers = {"maria": clinic.maria, "ozlem": clinic.ozlem, "sam": clinic.sam}
    for actor, reached in (
        (clinic.receptionist, {"maria", "ozlem", "sam"}),
        (clinic.admin, {"maria", "ozlem", "sam"}),
        (clinic.doctor_lee, {"ozlem"}),
        (clinic.doctor_park, set()),
        (clinic.patient, {"maria"}),
    ):
        for name, number in numbers.items():
            found = database.read(patient_search.find_patients, actor, name, NOW)
            assert [one.patient_id for one in found] == ([number] if name in reached else [])
            known = database.read(lookup.patient_known_as, actor, f"{number:06}")
            assert known == (number if name in reached else None)
        calling = database.read(callers.callers, actor, "456789")
        assert [one.patient_id for one in calling] == [clinic.maria] * ("maria" in reached)


def test_nobody_signed_in(clinic: SmallClinic, database: Database) -> None:
    desk = Desk(database, now=lambda: NOW)
    for operation, row in TABLE.items():
        with pytest.raises(NotPermitted, match="Nobody is signed in"):
            desk.run_now(_call, operation, row.call(clinic, _NOBODYS))


def test_an_account_disabled_a_moment_ago(clinic: SmallClinic, database: Database) -> None:
    """Refused in everything, whatever the terminal still believes."""
    desk = Desk(database, now=lambda: NOW)
    desk.sign_in_as(clinic.receptionist)
    database.transact(accounts.disable_account, clinic.admin, "ana", NOW)
    for operation, row in TABLE.items():
        for run in (desk.run_now, desk.read_now):
            with pytest.raises(NotPermitted, match="disabled"):
                run(_call, operation, row.call(clinic, _NOBODYS))


def test_numbers_of_nothing_are_refused(clinic: SmallClinic, database: Database) -> None:
    """Whatever number is named, to who may do anything: a refusal if any, and no error."""
    actor = replace(
        clinic.receptionist, roles=frozenset(Role), grants=GRANTABLE, doctor_id=1, patient_id=1
    )

    def tried(session: Session, operation: Operation, args: tuple[Any, ...]) -> None:
        _call(session, actor, operation, args)
        raise Refusal("It is not to be kept.")

    for operation, row in TABLE.items():
        for number in (0, -1, NOBODY, 2**31 - 1):
            args = row.call(clinic, Whose(*[number] * 10))
            with Session(database.engine) as session, suppress(Refusal):
                _call(session, actor, operation, args)
        # Past PostgreSQL's columns, and past what SQLite's driver takes.
        for number in (2**31, 99_999_999_999, 10**20):
            with suppress(Refusal):
                database.transact(tried, operation, row.call(clinic, Whose(*[number] * 10)))
