"""Every way by which a text comes into the clinic, each tried in one line: store it, read it back.

``DOORS`` is by operation and field, as ``fields_of_operations`` finds them in the code: a new text
field fails a test until its door stands here.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import clinic_tui.domain
from clinic_tui.domain.absence import absence
from clinic_tui.domain.absence import causes as absence_causes
from clinic_tui.domain.access import Actor, Role
from clinic_tui.domain.clinic import (
    closures,
    founding,
    message_settings,
    rooms,
    settings,
    visit_types,
)
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails
from clinic_tui.domain.codes import CancelledBy, Channel, NoticeKind
from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.hours import hours, time_off
from clinic_tui.domain.intake import doctors as intake_doctors
from clinic_tui.domain.intake import patients as intake_patients
from clinic_tui.domain.intake import sheet as intake_sheet
from clinic_tui.domain.intake import visits as intake_visits
from clinic_tui.domain.intake.intake import Incoming, RowsRefused
from clinic_tui.domain.intake.sheet import SheetRow
from clinic_tui.domain.intake.visits import IncomingVisit
from clinic_tui.domain.messages import message_list, templates
from clinic_tui.domain.models import (
    Account,
    Appointment,
    Doctor,
    Patient,
    VisitType,
    WaitlistEntry,
    table,
)
from clinic_tui.domain.patients import callers, lookup, patients
from clinic_tui.domain.patients import history as patient_history
from clinic_tui.domain.patients import search as patient_search
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.series import cancelling as series_cancelling
from clinic_tui.domain.series import series
from clinic_tui.domain.series.words import Scope
from clinic_tui.domain.staff import accounts, doctors, resets, sign_ins
from clinic_tui.domain.staff.accounts import AccountDetails
from clinic_tui.domain.staff.doctors import DoctorDetails
from clinic_tui.domain.visits import booking, cancelling, together
from clinic_tui.domain.visits.booking import BookingRequest
from clinic_tui.domain.visits.cancelling import CancelRequest
from clinic_tui.domain.visits.requests import new_key
from clinic_tui.domain.waitlist import waitlist
from tests.small_clinic import NOW, SETTINGS, SmallClinic

Question = Callable[[Session, SmallClinic, str], object]
Door = Callable[[Session, SmallClinic, str], Any]
"""Brings a text in and answers with what was stored of it."""

PATIENT = PatientDetails("Brandt", "Ida", date(1970, 5, 4))
DOCTOR = DoctorDetails("Sato", "Yui", specialties=("Paediatrics",))
VISIT_TYPE = VisitTypeDetails("Check-up", "chk", 20)
SOON = NOW + timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Field:
    """A text field: its door, what a refusal calls it, the most characters it holds.

    ``needs_a_letter``: a name by which it is found, so that signs alone are refused.
    ``has_a_form``: a phone number or a code, refused unless it looks like one.
    ``shortened_to``: characters to which another system's text is cut instead of refused.
    ``again``: the same cleaning stands behind another door, where every string is tried.
    ``numbered_if_blank``: where nothing is given the program gives the next number.
    """

    door: Door
    called: str
    most: int = 200
    needs_a_letter: bool = False
    has_a_form: bool = False
    shortened_to: int = 0
    again: bool = False
    numbered_if_blank: bool = False


def fields_of_operations() -> Iterator[str]:
    """Each text that an operation takes from a person, as "patients.register_patient family_name".

    An operation takes the actor; the few that begin a clinic or a sign-in have none yet.
    """
    without_actor = ("add_first_admin", "found", "found_clinic", "stored_password")
    for found in pkgutil.walk_packages(clinic_tui.domain.__path__, "clinic_tui.domain."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = list(inspect.signature(function).parameters)
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            if parameters[:2] == ["session", "actor"] or name in without_actor:
                hints = typing.get_type_hints(function)
                for parameter in parameters[1:]:
                    if parameter not in _WHOLE_PARAMETERS:
                        for path in _texts(hints[parameter], parameter):
                            yield f"{found.name.rpartition('.')[2]}.{name} {path}"


def _texts(hint: Any, path: str) -> Iterator[str]:
    """The paths to every text within a parameter: itself, or fields of its dataclass."""
    if hint is str:
        yield path
    elif dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = typing.get_type_hints(hint)
        for field in dataclasses.fields(hint):
            yield from _texts(hints[field.name], field.name)
    else:
        for part in typing.get_args(hint):
            yield from _texts(part, path)


_WHOLE_PARAMETERS = ("actor", "seen")
"""Who acts was read from the account in the same transaction; ``seen`` is only compared."""

NOBODYS_TEXT = {
    "key": "made by the program, never typed",
    "desk": "made by the program",
    "colour": "one of a fixed list",
    "password_hash": "made by the program",
    "token": "compared by its hash",
    "operation": "written by the program",
}
"""Texts that come from no person, and why."""


def _with(details: Any, field: str, text: str) -> Any:
    """The details with the text in that field; alone, where the field holds several."""
    several = field in ("phones", "specialties")
    return replace(details, **{field: (text,) if several else text})


def _registered(session: Session, clinic: SmallClinic, details: PatientDetails) -> int:
    return patients.register_patient(session, clinic.admin, details, NOW)


def _changed(session: Session, clinic: SmallClinic, details: PatientDetails) -> int:
    patients.change_patient(session, clinic.receptionist, clinic.sam, details, NOW)
    return clinic.sam


def _booked_new(session: Session, clinic: SmallClinic, details: PatientDetails) -> int:
    request = BookingRequest(clinic.lee, clinic.follow_up, SOON, new_patient=details)
    booked = booking.book_appointment(session, clinic.receptionist, request, NOW)
    return booked.patient_id


def _imported(session: Session, clinic: SmallClinic, details: PatientDetails) -> int:
    rows = [Incoming(2, details)]
    _taken(intake_patients.take_patients, session, clinic, rows)
    return int(session.scalars(select(table(Patient).c.id).order_by(table(Patient).c.id)).all()[-1])


def _taken(
    operation: Any, session: Session, clinic: SmallClinic, rows: Any, actor: Actor | None = None
) -> None:
    """Take rows in; a row's refusal is raised as if it had been typed."""
    try:
        operation(session, actor or clinic.admin, rows, NOW)
    except RowsRefused as refused:
        (row,) = refused.taken.refused
        raise BadInput(row.field, row.reason) from refused


def _patient_door(bring: Callable[..., int], field: str) -> Door:
    def door(session: Session, clinic: SmallClinic, text: str) -> Any:
        patient_id = bring(session, clinic, _with(PATIENT, field, text))
        if field == "phones":
            actor = clinic.receptionist
            return patient_history.patient_record(session, actor, patient_id, NOW).details.phones[0]
        return _column(session, Patient, field, patient_id)

    return door


def _doctor_door(operation: str, field: str) -> Door:
    def door(session: Session, clinic: SmallClinic, text: str) -> Any:
        details = _with(DOCTOR, field, text)
        if operation == "add_doctor":
            doctor_id = doctors.add_doctor(session, clinic.admin, details, NOW)
        elif operation == "change_doctor":
            doctor_id = clinic.park
            doctors.change_doctor(session, clinic.admin, doctor_id, details, NOW)
        else:
            _taken(intake_doctors.take_doctors, session, clinic, [Incoming(2, details)])
            columns = table(Doctor).c
            doctor_id = session.scalars(select(columns.id).order_by(columns.id)).all()[-1]
        if field == "specialties":
            return doctors.doctor_details(session, clinic.admin, doctor_id).specialties[0]
        return _column(session, Doctor, field, doctor_id)

    return door


def _type_door(field: str, *, change: bool) -> Door:
    def door(session: Session, clinic: SmallClinic, text: str) -> Any:
        details = _with(VISIT_TYPE, field, text)
        type_id = clinic.follow_up
        if change:
            visit_types.change_visit_type(session, clinic.admin, type_id, details, NOW)
        else:
            type_id = visit_types.add_visit_type(session, clinic.admin, details, NOW)
        if field == "specialties":
            every = visit_types.list_visit_types(session, clinic.admin)
            return next(o.details.specialties[0] for o in every if o.visit_type_id == type_id)
        return _column(session, VisitType, field, type_id)

    return door


def _settings_door(operation: str, field: str) -> Door:
    def door(session: Session, clinic: SmallClinic, text: str) -> Any:
        wanted = _with(SETTINGS, field, text)
        if operation == "change_settings":
            settings.change_settings(session, clinic.admin, wanted, NOW)
        elif operation == "found_clinic":
            settings.found_clinic(session, wanted)
        else:
            founding.found(session, wanted, "ada", "hash", NOW)
        return getattr(settings.load_settings(session), field)

    return door


def _column(session: Session, entity: Any, field: str, row_id: int) -> Any:
    columns = table(entity).c
    return session.scalar(select(columns[field]).where(columns.id == row_id))


def _first_admin(session: Session, username: str, name: str) -> Any:
    return accounts.add_first_admin(session, username, name, "hash", NOW)


def _account(session: Session, clinic: SmallClinic, field: str, text: str) -> AccountDetails:
    details = AccountDetails("ben", "Ben Adeyemi", frozenset({Role.RECEPTIONIST}))
    details = _with(details, field, text)
    number = accounts.add_account(session, clinic.admin, details, "hash", NOW)
    listed = accounts.list_accounts(session, clinic.admin)
    return next(one.details for one in listed if one.account_id == number)


def _address(session: Session, clinic: SmallClinic, text: str) -> Any:
    resets.set_account_email(session, clinic.admin, "ana", text, NOW)
    return _column(session, Account, "email", clinic.receptionist.account_id)


def _note(session: Session, clinic: SmallClinic, text: str) -> Any:
    request = BookingRequest(clinic.lee, clinic.follow_up, SOON, clinic.maria, note=text)
    booked = booking.book_appointment(session, clinic.receptionist, request, NOW)
    return _column(session, Appointment, "note", booked.appointment_id)


def _together_note(session: Session, clinic: SmallClinic, text: str) -> Any:
    visits = tuple(
        together.VisitTogether(clinic.lee, clinic.follow_up, SOON + timedelta(minutes=minutes))
        for minutes in (0, 20)
    )
    request = together.TogetherRequest(clinic.maria, visits, text)
    booked = together.book_together(session, clinic.receptionist, request, NOW)
    return _column(session, Appointment, "note", booked[1].appointment_id)


def _series_note(session: Session, clinic: SmallClinic, text: str) -> Any:
    request = replace(_series(clinic), note=text)
    booked = series.book_series(session, clinic.receptionist, request, NOW)
    return _column(session, Appointment, "note", booked.visits[0].visit.appointment_id)


def _series_rule(session: Session, clinic: SmallClinic, text: str) -> Any:
    request = replace(_series(clinic), rule=text)
    return series.book_series(session, clinic.receptionist, request, NOW).rule


def _series_cancel_reason(session: Session, clinic: SmallClinic, text: str) -> Any:
    booked = series.book_series(session, clinic.receptionist, _series(clinic), NOW)
    number = booked.visits[0].visit.appointment_id
    wish = series_cancelling.SeriesCancel(number, Scope.ALL, CancelledBy.CLINIC, text)
    series_cancelling.cancel_series(session, clinic.receptionist, wish, NOW)
    return _column(session, Appointment, "cancel_reason", number)


def _series(clinic: SmallClinic) -> series.SeriesRequest:
    return series.SeriesRequest(
        clinic.maria, clinic.lee, clinic.follow_up, NOW.date(), 11 * 60, "FREQ=DAILY;COUNT=1"
    )


def _wish_note(session: Session, clinic: SmallClinic, text: str) -> Any:
    wish = waitlist.Wish(clinic.maria, clinic.follow_up, note=text)
    number = waitlist.add_to_waitlist(session, clinic.receptionist, wish, NOW)
    return _column(session, WaitlistEntry, "note", number)


def _changed_wish_note(session: Session, clinic: SmallClinic, text: str) -> Any:
    wish = waitlist.Wish(clinic.maria, clinic.follow_up)
    number = waitlist.add_to_waitlist(session, clinic.receptionist, wish, NOW)
    changed = replace(wish, note=text)
    waitlist.change_waitlist_entry(session, clinic.receptionist, number, changed, NOW)
    return _column(session, WaitlistEntry, "note", number)


def _overbooked(field: str) -> Door:
    def bring(session: Session, clinic: SmallClinic, text: str) -> Any:
        texts = {"note": "", "reason": "in pain"} | {field: text}
        request = BookingRequest(
            clinic.lee, clinic.follow_up, SOON, clinic.maria, note=texts["note"]
        )
        visit = booking.overbook_appointment(
            session, clinic.doctor_lee, request, texts["reason"], NOW
        )
        column = {"reason": "overbook_reason"}.get(field, field)
        return _column(session, Appointment, column, visit.appointment_id)

    return bring


def _cancel_reason(session: Session, clinic: SmallClinic, text: str) -> Any:
    request = BookingRequest(clinic.lee, clinic.follow_up, SOON, clinic.maria)
    booked = booking.book_appointment(session, clinic.receptionist, request, NOW)
    wish = CancelRequest(booked.appointment_id, CancelledBy.CLINIC, text, new_key())
    cancelling.cancel_appointment(session, clinic.receptionist, wish, NOW)
    return _column(session, Appointment, "cancel_reason", booked.appointment_id)


def _closure(session: Session, clinic: SmallClinic, text: str) -> Any:
    day = NOW.date()
    closures.close_clinic(session, clinic.admin, day, day, text, NOW)
    return closures.closures(session, clinic.admin)[0].name


def _which_in(language: str) -> templates.Which:
    return templates.Which(NoticeKind.REMINDER, Channel.EMAIL, language)


def _worded(
    session: Session, clinic: SmallClinic, subject: str, body: str, language: str = "en"
) -> templates.Wording:
    which = _which_in(language)
    templates.set_wording(session, clinic.admin, which, subject, body, NOW)
    return templates.wording_of(session, clinic.admin, which)


def _room(session: Session, clinic: SmallClinic, text: str) -> Any:
    number = rooms.add_room(session, clinic.admin, text, NOW)
    every = rooms.list_rooms(session, clinic.admin)
    return next(room.name for room in every if room.room_id == number)


def _renamed_room(session: Session, clinic: SmallClinic, text: str) -> Any:
    number = clinic.room_one
    rooms.change_room(session, clinic.admin, number, text, NOW, active=True)
    every = rooms.list_rooms(session, clinic.admin)
    return next(room.name for room in every if room.room_id == number)


def _extra_hours(session: Session, clinic: SmallClinic, text: str) -> Any:
    day = NOW.date() + timedelta(days=5)
    hours.add_extra_hours(session, clinic.admin, clinic.lee, day, 540, 600, NOW, text)
    return hours.doctor_hours(session, clinic.admin, clinic.lee).extra[0].note


def _time_off(session: Session, clinic: SmallClinic, text: str) -> Any:
    until = SOON + timedelta(hours=1)
    time_off.add_time_off(session, clinic.admin, clinic.lee, SOON, until, NOW, text)
    return hours.doctor_hours(session, clinic.admin, clinic.lee).time_off[0].reason


def _absence(session: Session, clinic: SmallClinic, text: str) -> Any:
    cause = absence_causes.DoctorAway(clinic.lee, SOON, SOON + timedelta(hours=1), text)
    absence.accept_plan(session, clinic.admin, absence.Acceptance(cause, ()), NOW)
    return hours.doctor_hours(session, clinic.admin, clinic.lee).time_off[0].reason


def _closed_by_plan(session: Session, clinic: SmallClinic, text: str) -> Any:
    cause = absence_causes.ClinicClosed(NOW.date(), NOW.date(), text)
    absence.accept_plan(session, clinic.admin, absence.Acceptance(cause, ()), NOW)
    return closures.closures(session, clinic.admin)[0].name


def _countries(session: Session, clinic: SmallClinic, text: str) -> Any:
    now = message_settings.message_settings(session, clinic.admin)
    wanted = replace(now, sms_countries=text)
    message_settings.change_message_settings(session, clinic.admin, wanted, NOW)
    return message_settings.message_settings(session, clinic.admin).sms_countries


def _visit_door(field: str) -> Door:
    """A row of a file of appointments; whom and what it names has to be on record."""

    def door(session: Session, clinic: SmallClinic, text: str) -> Any:
        row = IncomingVisit(
            "000001", "Dr Lee", "Follow-up", SOON, SOON + timedelta(minutes=20), note="x"
        )
        rows = [Incoming(2, _with(row, field, text))]
        _taken(intake_visits.take_appointments, session, clinic, rows)
        columns = table(Appointment).c
        query = select(columns.note, columns.outside_id, table(VisitType).c.name)
        taken = session.execute(
            query.join(table(VisitType), table(VisitType).c.id == columns.visit_type_id).order_by(
                columns.id.desc()
            )
        ).first()
        assert taken is not None
        named = {"note": taken.note, "outside_id": taken.outside_id, "visit_type": taken.name}
        return named[field]

    return door


def _on_sheet(session: Session, clinic: SmallClinic, field: str, text: str) -> None:
    """A row of a sheet typed back in; what it names is only looked for."""
    row = SheetRow("Dr Lee", SOON, "000001", new_key(), visit_type="Follow-up", note="x")
    rows = [Incoming(2, _with(row, field, text))]
    _taken(intake_sheet.take_sheet, session, clinic, rows, clinic.receptionist)


def _looked_for(field: str) -> Question:
    return lambda session, clinic, text: _on_sheet(session, clinic, field, text)


def _noted_on_sheet(session: Session, clinic: SmallClinic, text: str) -> Any:
    _on_sheet(session, clinic, "note", text)
    return session.scalars(select(table(Appointment).c.note)).one()


_PATIENT_FIELDS = {
    "family_name": ("Family name", 80, "free"),
    "given_name": ("Given name", 80, "free"),
    "phones": ("Phone", 40, "form"),
    "email": ("E-mail", 254, "form"),
    "address": ("Address", 200, "free"),
    "language": ("Language", 24, "form"),
    "alert": ("Alert", 200, "free"),
    "record_number": ("Record number", 40, "numbered"),
    "outside_id": ("Id", 100, "free"),
}
_DOCTOR_FIELDS = {
    "family_name": ("Family name", 80, "name"),
    "given_name": ("Given name", 80, "free"),
    "title": ("Title", 20, "free"),
    "specialties": ("Specialty", 60, "name"),
    "email": ("E-mail", 254, "form"),
    "phone": ("Phone", 40, "form"),
    "profile": ("Profile", 200, "free"),
    "outside_id": ("Id", 100, "free"),
}
_TYPE_FIELDS = {
    "name": ("Name", 40, "name"),
    "short_name": ("Short name", 8, "free"),
    "specialties": ("Specialty", 60, "name"),
}
_SETTINGS_FIELDS = {
    "name": ("Clinic name", 80, "free"),
    "zone": ("Time zone", 60, "form"),
    "region": ("Region", 2, "form"),
    "holiday_country": ("Holidays", 2, "form"),
    "holiday_subdivision": ("Holidays", 10, "form"),
    "language": ("Language", 12, "free"),
    "phone": ("Phone", 40, "free"),
    "address": ("Address", 200, "free"),
    "date_order": ("Dates", 3, "form"),
}


def _field(door: Door, known: tuple[str, int, str], *, again: bool) -> Field:
    called, most, kind = known
    return Field(
        door, called, most, kind == "name", kind == "form",
        again=again, numbered_if_blank=kind == "numbered",
    )  # fmt: skip


def _all() -> Iterator[tuple[str, Field]]:
    for operation, bring in (
        ("patients.register_patient", _registered),
        ("patients.change_patient", _changed),
        ("booking.book_appointment", _booked_new),
        ("patients.take_patients", _imported),
    ):
        for field, known in _PATIENT_FIELDS.items():
            if (operation, field) != ("patients.change_patient", "outside_id"):
                yield (
                    f"{operation} {field}",
                    _field(_patient_door(bring, field), known, again=bring is not _registered),
                )
    for operation in ("doctors.add_doctor", "doctors.change_doctor", "doctors.take_doctors"):
        for field, known in _DOCTOR_FIELDS.items():
            if (operation, field) != ("doctors.change_doctor", "outside_id"):
                door = _doctor_door(operation.partition(".")[2], field)
                yield (
                    f"{operation} {field}",
                    _field(door, known, again=operation != "doctors.add_doctor"),
                )
    for operation, change in (("add_visit_type", False), ("change_visit_type", True)):
        for field, known in _TYPE_FIELDS.items():
            door = _type_door(field, change=change)
            yield f"visit_types.{operation} {field}", _field(door, known, again=change)
    for operation in ("settings.change_settings", "settings.found_clinic", "founding.found"):
        for field, known in _SETTINGS_FIELDS.items():
            door = _settings_door(operation.partition(".")[2], field)
            yield (
                f"{operation} {field}",
                _field(door, known, again=operation != "settings.change_settings"),
            )


DOORS: dict[str, Field] = dict(_all()) | {
    "accounts.add_account name": Field(lambda s, c, t: _account(s, c, "name", t).name, "Name", 80),
    "accounts.add_account username": Field(
        lambda s, c, t: _account(s, c, "username", t).username, "User name", 40, has_a_form=True
    ),
    "accounts.add_account email": Field(
        lambda s, c, t: _account(s, c, "email", t).email, "E-mail", 254, has_a_form=True, again=True
    ),
    "resets.set_account_email email": Field(_address, "E-mail", 254, has_a_form=True, again=True),
    "accounts.add_first_admin name": Field(
        lambda s, _, t: _first_admin(s, "ben", t).name, "Name", 80
    ),
    "accounts.add_first_admin username": Field(
        lambda s, _, t: _first_admin(s, t, "Ben").username, "User name", 40, has_a_form=True
    ),
    "founding.found username": Field(
        lambda s, _, t: founding.found(s, SETTINGS, t, "hash", NOW).username,
        "User name",
        40,
        has_a_form=True,
    ),
    "booking.book_appointment note": Field(_note, "Note"),
    "booking.overbook_appointment note": Field(_overbooked("note"), "Note", again=True),
    "booking.overbook_appointment reason": Field(_overbooked("reason"), "Reason"),
    "cancelling.cancel_appointment reason": Field(_cancel_reason, "Reason"),
    "together.book_together note": Field(_together_note, "Note", again=True),
    "series.book_series note": Field(_series_note, "Note", again=True),
    "cancelling.cancel_series reason": Field(_series_cancel_reason, "Reason", again=True),
    "series.book_series rule": Field(_series_rule, "Rule", has_a_form=True, again=True),
    "waitlist.add_to_waitlist note": Field(_wish_note, "Note", again=True),
    "waitlist.change_waitlist_entry note": Field(_changed_wish_note, "Note", again=True),
    "closures.close_clinic name": Field(_closure, "Name", 60),
    "templates.set_wording subject": Field(
        lambda s, c, t: _worded(s, c, t, "Hello").subject, "Subject", 200, has_a_form=True
    ),
    "templates.set_wording body": Field(
        lambda s, c, t: _worded(s, c, "Hello", t).body, "Body", 4000, has_a_form=True, again=True
    ),
    "templates.set_wording language": Field(
        lambda s, c, t: _worded(s, c, "Hello", "Hello", t).body,
        "Language",
        24,
        has_a_form=True,
        again=True,
    ),
    "rooms.add_room name": Field(_room, "Room", 40, needs_a_letter=True),
    "rooms.change_room name": Field(_renamed_room, "Room", 40, needs_a_letter=True, again=True),
    "hours.add_extra_hours note": Field(_extra_hours, "Note", 80),
    "time_off.add_time_off reason": Field(_time_off, "Reason", 80),
    "absence.accept_plan reason": Field(_absence, "Reason", 80, again=True),
    "absence.accept_plan name": Field(_closed_by_plan, "Name", 60, again=True),
    "message_settings.change_message_settings sms_countries": Field(
        _countries, "Countries", has_a_form=True
    ),
    "sheet.take_sheet note": Field(_noted_on_sheet, "Note", again=True),
    "visits.take_appointments note": Field(_visit_door("note"), "Note"),
    "visits.take_appointments outside_id": Field(_visit_door("outside_id"), "Id", 100),
    "visits.take_appointments visit_type": Field(
        _visit_door("visit_type"), "Visit type", needs_a_letter=True, shortened_to=40
    ),
    "visits.take_appointments patient": Field(_visit_door("patient"), "Patient", has_a_form=True),
    "visits.take_appointments doctor": Field(
        _visit_door("doctor"), "Doctor", has_a_form=True, again=True
    ),
    "visits.take_appointments room": Field(
        _visit_door("room"), "Room", has_a_form=True, again=True
    ),
}
"""Every text that is stored."""

WITHOUT_A_CLINIC = ("accounts.add_first_admin", "founding.found", "settings.found_clinic")
"""Operations that need a database with nothing in it."""

ELSEWHERE = (
    {
        "patients.change_patient outside_id": "stays what it was when the patient was taken in",
        "doctors.change_doctor outside_id": "stays what it was when the doctor was taken in",
        "absence.plan_absence reason": "is stored by accepting the plan",
        "absence.plan_absence name": "is stored by accepting the plan",
        "openings.other_openings reason": "is stored by accepting the plan",
        "openings.other_openings name": "is stored by accepting the plan",
    }
    | {
        f"patients.insert_patient {field}": "a step of registering and of booking somebody new"
        for field in _PATIENT_FIELDS
    }
    | {
        f"patients.check_patients {field}": "the half of taking them that stores nothing"
        for field in _PATIENT_FIELDS
    }
    | {
        f"booking.overbook_appointment {field}": "by the step of booking.book_appointment"
        for field in _PATIENT_FIELDS
    }
)
"""Texts that have no door of their own, and why."""


def _duplicates_of(field: str) -> Callable[[Session, SmallClinic, str], object]:
    def ask(session: Session, clinic: SmallClinic, text: str) -> object:
        details = _with(PATIENT, field, text)
        return patient_search.possible_duplicates(session, clinic.receptionist, details, NOW)

    return ask


QUESTIONS: dict[str, Question] = (
    {
        "sign_ins.stored_password username": lambda s, _, t: sign_ins.stored_password(s, t),
        "accounts.disable_account username": lambda s, c, t: accounts.disable_account(
            s, c.admin, t, NOW
        ),
        "message_list.list_messages name": lambda s, c, t: message_list.list_messages(
            s, c.receptionist, message_list.Shown.ALL, NOW, name=t
        ),
        "resets.reset_password username": lambda s, c, t: resets.reset_password(s, c.admin, t, NOW),
        "resets.set_account_email username": lambda s, c, t: resets.set_account_email(
            s, c.admin, t, "", NOW
        ),
        "templates.wording_of language": lambda s, c, t: templates.wording_of(
            s, c.admin, _which_in(t)
        ),
        "templates.reset_wording language": lambda s, c, t: templates.reset_wording(
            s, c.admin, _which_in(t), NOW
        ),
        "doctors.find_doctors text": lambda s, c, t: doctors.find_doctors(s, c.receptionist, t),
        "lookup.doctor_known_as identifier": lambda s, c, t: lookup.doctor_known_as(
            s, c.receptionist, t
        ),
        "lookup.patient_known_as identifier": lambda s, c, t: lookup.patient_known_as(
            s, c.receptionist, t
        ),
        "search.find_patients text": lambda s, c, t: patient_search.find_patients(
            s, c.receptionist, t, NOW
        ),
        "callers.callers number": lambda s, c, t: callers.callers(s, c.receptionist, t),
        "series.preview_series rule": lambda s, c, t: series.preview_series(
            s, c.receptionist, replace(_series(c), rule=t), NOW
        ),
        "series.preview_series note": lambda s, c, t: series.preview_series(
            s, c.receptionist, replace(_series(c), note=t), NOW
        ),
    }
    | {f"search.possible_duplicates {field}": _duplicates_of(field) for field in _PATIENT_FIELDS}
    | {
        f"sheet.take_sheet {field}": _looked_for(field)
        for field in ("doctor", "patient", "visit_type", "room")
    }
)
"""Every text that is only asked about: answered or refused, never an error."""
