"""Doctors: found, read, added, changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, literal, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require, require_some
from ..audit import record
from ..clinic.settings import load_settings
from ..errors import AlreadyExists, BadInput, NotFound
from ..models import Doctor, DoctorSpecialty, Specialty, table
from ..patients.contact import clean_email, clean_phone
from ..text import clean_identifier, clean_name, clean_text, search_key, search_words
from ..undo.row_changes import found_rows, left_rows, new_rows
from ..undo.ways_back import WayBack
from .doctor_names import keep_names, name_doctors
from .specialties import (
    clean_specialties,
    known_specialties,
    specialties_of,
    specialties_since,
    specialty_ids,
)

_DOCTORS, _SPECIALTIES, _LINKS = table(Doctor), table(Specialty), table(DoctorSpecialty)
COLOURS = ("blue", "green", "yellow", "magenta", "cyan", "red", "orange", "purple")
"""What a doctor or a visit type may be coloured with; each theme has its own shade."""


@dataclass(frozen=True, slots=True)
class DoctorDetails:
    """What is known of a doctor, as typed or as stored. ``specialties`` are names."""

    family_name: str
    given_name: str = ""
    title: str = "Dr"
    specialties: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    colour: str = "blue"
    profile: str = ""
    active: bool = True
    outside_id: str | None = None


@dataclass(frozen=True, slots=True)
class ListedDoctor:
    """One line of a list of doctors; ``name`` is how the desk says it."""

    doctor_id: int
    name: str
    family_name: str
    given_name: str
    specialties: tuple[str, ...]
    colour: str
    active: bool


def find_doctors(
    session: Session,
    actor: Actor,
    text: str = "",
    *,
    specialty_id: int | None = None,
    retired: bool = False,
    limit: int = 100,
) -> tuple[ListedDoctor, ...]:
    """Doctors by the beginnings of words of their name or specialty, in order of family name.

    Empty text lists all of them, up to ``limit``; ``retired`` lists those who see nobody any
    more, too.
    """
    require_some(actor, Permission.SEE_DOCTORS)
    query = select(_DOCTORS).order_by(_DOCTORS.c.name_key, _DOCTORS.c.id).limit(limit)
    for word in search_words(text):
        query = query.where(_says(word))
    if specialty_id is not None:
        query = query.where(
            exists().where(
                _LINKS.c.doctor_id == _DOCTORS.c.id, _LINKS.c.specialty_id == specialty_id
            )
        )
    if not retired:
        query = query.where(_DOCTORS.c.active)
    rows = session.execute(query).all()
    names = specialties_of(session, [row.id for row in rows])
    return tuple(_listed(row, names.get(row.id, ())) for row in rows)


def doctor_details(session: Session, actor: Actor, doctor_id: int) -> DoctorDetails:
    """What is known of one doctor; every role may read it."""
    require_some(actor, Permission.SEE_DOCTORS)
    return _details(session, doctor_id)


def listed_doctor(session: Session, actor: Actor, doctor_id: int) -> ListedDoctor:
    """One doctor as a list shows them, retired or not; ``NotFound`` where there is none."""
    require_some(actor, Permission.SEE_DOCTORS)
    row = session.execute(select(_DOCTORS).where(_DOCTORS.c.id == doctor_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such doctor.")
    return _listed(row, specialties_of(session, [doctor_id]).get(doctor_id, ()))


def add_doctor(session: Session, actor: Actor, details: DoctorDetails, now: datetime) -> int:
    """Add a doctor, and the specialties that are new; returns the id.

    Refused with ``BadInput`` naming the field, ``AlreadyExists`` for an outside id that is known.
    """
    require(actor, Permission.MANAGE_CLINIC)
    clean = tidy_doctor(details, load_settings(session).region)
    if clean.outside_id is not None and session.scalar(
        select(_DOCTORS.c.id).where(_DOCTORS.c.outside_id == clean.outside_id)
    ):
        raise AlreadyExists("That doctor is on record already.")
    keep_names(session)
    known = known_specialties(session)
    doctor_id: int = session.execute(
        insert(_DOCTORS)
        .values(**doctor_columns(clean), outside_id=clean.outside_id)
        .returning(_DOCTORS.c.id)
    ).scalar_one()
    _link(session, doctor_id, clean.specialties)
    name_doctors(session)
    made = (
        new_rows(session, _DOCTORS, id=doctor_id),
        new_rows(session, _LINKS, doctor_id=doctor_id),
    )
    way_back = WayBack(rows=(*made, *specialties_since(session, known)))
    record(session, actor, "add_doctor", now, doctor_id=doctor_id, way_back=way_back)
    return doctor_id


def change_doctor(
    session: Session, actor: Actor, doctor_id: int, details: DoctorDetails, now: datetime
) -> None:
    """Replace what is known of a doctor; visits already booked stay whoever retires."""
    require(actor, Permission.MANAGE_CLINIC)
    clean = tidy_doctor(details, load_settings(session).region)
    keep_names(session)
    known = known_specialties(session)
    found = found_rows(session, _DOCTORS, id=doctor_id)
    linked = found_rows(session, _LINKS, doctor_id=doctor_id)
    changed = session.execute(
        update(_DOCTORS)
        .where(_DOCTORS.c.id == doctor_id)
        .values(doctor_columns(clean))
        .returning(_DOCTORS.c.id)
    ).one_or_none()
    if changed is None:
        raise NotFound("There is no such doctor.")
    session.execute(delete(_LINKS).where(_LINKS.c.doctor_id == doctor_id))
    _link(session, doctor_id, clean.specialties)
    name_doctors(session)
    left = (left_rows(session, _DOCTORS, found), left_rows(session, _LINKS, linked))
    way_back = WayBack(rows=(*left, *specialties_since(session, known)))
    record(session, actor, "change_doctor", now, doctor_id=doctor_id, way_back=way_back)


def tidy_doctor(details: DoctorDetails, region: str) -> DoctorDetails:
    """The details in the one spelling that is stored; ``BadInput`` naming the wrong field."""
    if details.colour not in COLOURS:
        raise BadInput("Colour", f"Colour: one of {', '.join(COLOURS)}.")
    return DoctorDetails(
        family_name=clean_name(details.family_name, "Family name", max_length=80),
        given_name=clean_text(details.given_name, "Given name", max_length=80),
        title=clean_text(details.title, "Title", max_length=20),
        specialties=clean_specialties(details.specialties),
        email=clean_email(details.email),
        phone=clean_phone(details.phone, region) if details.phone else "",
        colour=details.colour,
        profile=clean_text(details.profile, "Profile"),
        active=details.active,
        outside_id=clean_identifier(details.outside_id),
    )


def _says(word: str) -> ColumnElement[bool]:
    """Whether a word begins like that in the doctor's name or in one of the specialties."""
    named = (literal(" ") + _DOCTORS.c.name_key).contains(f" {word}", autoescape=True)
    specialised = exists().where(
        _LINKS.c.doctor_id == _DOCTORS.c.id,
        _SPECIALTIES.c.id == _LINKS.c.specialty_id,
        (literal(" ") + _SPECIALTIES.c.name_key).contains(f" {word}", autoescape=True),
    )
    return named | specialised


def _details(session: Session, doctor_id: int) -> DoctorDetails:
    row = session.execute(select(_DOCTORS).where(_DOCTORS.c.id == doctor_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such doctor.")
    return DoctorDetails(
        family_name=row.family_name,
        given_name=row.given_name,
        title=row.title,
        specialties=specialties_of(session, [doctor_id]).get(doctor_id, ()),
        email=row.email,
        phone=row.phone,
        colour=row.colour,
        profile=row.profile,
        active=row.active,
        outside_id=row.outside_id,
    )


def _listed(row: Any, specialties: tuple[str, ...]) -> ListedDoctor:
    return ListedDoctor(
        row.id,
        row.shown_name,
        row.family_name,
        row.given_name,
        specialties,
        row.colour,
        row.active,
    )


def doctor_columns(clean: DoctorDetails) -> dict[str, Any]:
    """The columns that adding, changing and taking in from a file write alike."""
    return {
        "title": clean.title,
        "given_name": clean.given_name,
        "family_name": clean.family_name,
        "name_key": search_key(f"{clean.family_name} {clean.given_name}"),
        "email": clean.email,
        "phone": clean.phone,
        "colour": clean.colour,
        "profile": clean.profile,
        "active": clean.active,
    }


def _link(session: Session, doctor_id: int, specialties: tuple[str, ...]) -> None:
    ids = specialty_ids(session, specialties)
    if ids:
        session.execute(
            insert(_LINKS), [{"doctor_id": doctor_id, "specialty_id": one} for one in ids]
        )
