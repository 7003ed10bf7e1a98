"""Specialties: what doctors are found by. They come into being with the first who has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require_some
from ..models import Doctor, DoctorSpecialty, Specialty, table
from ..text import clean_name, search_key
from ..undo.row_changes import new_rows
from ..undo.ways_back import RowsBefore

_DOCTORS, _SPECIALTIES, _LINKS = table(Doctor), table(Specialty), table(DoctorSpecialty)


@dataclass(frozen=True, slots=True)
class ListedSpecialty:
    """A specialty and how many active doctors have it."""

    specialty_id: int
    name: str
    doctors: int


def list_specialties(session: Session, actor: Actor) -> tuple[ListedSpecialty, ...]:
    """Every specialty by name, with how many active doctors have it."""
    require_some(actor, Permission.SEE_DOCTORS)
    rows = session.execute(
        select(_SPECIALTIES.c.id, _SPECIALTIES.c.name, func.count(_DOCTORS.c.id))
        .outerjoin(_LINKS, _LINKS.c.specialty_id == _SPECIALTIES.c.id)
        .outerjoin(_DOCTORS, (_DOCTORS.c.id == _LINKS.c.doctor_id) & _DOCTORS.c.active)
        .group_by(_SPECIALTIES.c.id, _SPECIALTIES.c.name)
        .order_by(_SPECIALTIES.c.name)
    )
    return tuple(ListedSpecialty(*row) for row in rows)


def clean_specialties(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of specialties as they will be stored, each once; ``BadInput`` for what is none."""
    clean = (clean_name(name, "Specialty", max_length=60) for name in names)
    return tuple({search_key(name): name for name in clean}.values())


def specialty_ids(session: Session, names: tuple[str, ...]) -> list[int]:
    """The specialties of those names, made where they are new: spelling counts without case."""
    ids = []
    for name in names:
        key = search_key(name)
        known = session.scalar(select(_SPECIALTIES.c.id).where(_SPECIALTIES.c.name_key == key))
        ids.append(
            known
            or session.execute(
                insert(_SPECIALTIES).values(name=name, name_key=key).returning(_SPECIALTIES.c.id)
            ).scalar_one()
        )
    return ids


def known_specialties(session: Session) -> set[int]:
    """The numbers of all specialties there are."""
    return set(session.scalars(select(_SPECIALTIES.c.id)))


def specialties_since(session: Session, known: set[int]) -> tuple[RowsBefore, ...]:
    """The way back from the specialties that an operation made besides those known before."""
    made = sorted(known_specialties(session) - known)
    return tuple(new_rows(session, _SPECIALTIES, id=one) for one in made)


def specialties_of(session: Session, doctor_ids: list[int]) -> dict[int, tuple[str, ...]]:
    """The names of each doctor's specialties, in order; without those who have none."""
    query: Select[Any] = (
        select(_LINKS.c.doctor_id, _SPECIALTIES.c.name)
        .join(_SPECIALTIES, _SPECIALTIES.c.id == _LINKS.c.specialty_id)
        .where(_LINKS.c.doctor_id.in_(doctor_ids))
        .order_by(_SPECIALTIES.c.name)
    )
    names: dict[int, tuple[str, ...]] = {}
    for doctor_id, name in session.execute(query):
        names[doctor_id] = (*names.get(doctor_id, ()), name)
    return names
