"""Whom and what a file means by a name: patients, doctors, rooms and visit types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from ..errors import BadInput
from ..models import Doctor, Patient, Room, VisitType, table
from ..text import clean_name, full_name, may_be_stored, search_key

_DOCTORS, _PATIENTS = table(Doctor), table(Patient)
_TYPES, _ROOMS = table(VisitType), table(Room)
_LONGEST_TYPE_NAME = 40
_SEVERAL = 0
"""Where a doctor's id would stand: that name is the name of several."""


@dataclass(slots=True)
class KnownNames:
    """Ids by what a file calls them; visit types, with their minutes, grow as they are met."""

    doctors: dict[str, int]
    types: dict[str, tuple[int, int]]
    rooms: dict[str, int]
    patients: dict[str, int] = field(default_factory=dict)

    def meet_patients(self, session: Session, called: Iterable[str]) -> None:
        """Look up those patients of a batch who have not been met yet, all at once."""
        unmet = {name for name in called if name not in self.patients and may_be_stored(name)}
        if not unmet:
            return
        for column in (_PATIENTS.c.record_number, _PATIENTS.c.outside_id):
            # The number of a record that was merged leads to the one that was kept.
            kept = func.coalesce(_PATIENTS.c.merged_into, _PATIENTS.c.id)
            query = select(column, kept).where(column.in_(unmet))
            query = query.with_for_update(read=True, key_share=True)
            self.patients.update(session.execute(query).all())

    def patient(self, called: str) -> int:
        """The patient of that identifier or record number, who has been met; else ``BadInput``."""
        patient_id = self.patients.get(called)
        if patient_id is None:
            raise BadInput("Patient", f"There is no patient “{called}”.")
        return patient_id

    def doctor(self, called: str) -> int:
        """The doctor of that identifier or name; ``BadInput`` for none, and for several."""
        doctor_id = self.doctors.get(called) or self.doctors.get(search_key(called))
        if doctor_id == _SEVERAL:
            raise BadInput("Doctor", f"There are several doctors “{called}”.")
        if doctor_id is None:
            raise BadInput("Doctor", f"There is no doctor “{called}”.")
        return doctor_id

    def room(self, called: str) -> int | None:
        """The room of that name, none for no name; ``BadInput`` where there is no such room."""
        if not called:
            return None
        room_id = self.rooms.get(search_key(called))
        if room_id is None:
            raise BadInput("Room", f"There is no room “{called}”.")
        return room_id

    def visit_type(self, name: str) -> tuple[int, int] | None:
        """The visit type of that name and its minutes, if there is one yet."""
        return self.types.get(search_key(name))

    def add_visit_type(self, session: Session, name: str, minutes: int) -> tuple[int, int]:
        """A new one, of that length."""
        type_id: int = session.execute(
            insert(_TYPES)
            .values(
                name=name,
                name_key=search_key(name),
                short_name=name[:4],
                minutes=minutes,
                active=True,
                colour="blue",
                buffer_before=0,
                buffer_after=0,
            )
            .returning(_TYPES.c.id)
        ).scalar_one()
        self.types[search_key(name)] = type_id, minutes
        return type_id, minutes


def known_names(session: Session) -> KnownNames:
    """The doctors, visit types and rooms there are; patients are met batch by batch."""
    rooms = session.execute(select(_ROOMS.c.name_key, _ROOMS.c.id))
    types = session.execute(select(_TYPES.c.name_key, _TYPES.c.id, _TYPES.c.minutes))
    return KnownNames(
        _names_of_doctors(session),
        {row.name_key: (row.id, row.minutes) for row in types},
        dict(rooms.all()),
    )


def type_name(called: str) -> str:
    """The name under which a visit type is stored; ``BadInput`` for none.

    At most 40 characters: without a remark in brackets at its end, else cut.
    """
    name = clean_name(called, "Visit type")
    if len(name) > _LONGEST_TYPE_NAME and name.endswith(")"):
        name = name[: name.rfind("(")].rstrip() or name
    if len(name) > _LONGEST_TYPE_NAME:
        name = f"{name[: _LONGEST_TYPE_NAME - 1].rstrip()}…"
    return name


def _names_of_doctors(session: Session) -> dict[str, int]:
    """Every way to name a doctor → id, ``_SEVERAL`` where that is the name of several."""
    names: dict[str, int] = {}
    identifiers: dict[str, int] = {}
    columns = _DOCTORS.c
    for row in session.execute(
        select(
            columns.id,
            columns.outside_id,
            columns.title,
            columns.given_name,
            columns.family_name,
            columns.shown_name,
        )
    ):
        called = (
            row.family_name,
            f"{row.title} {row.family_name}",
            row.shown_name,
            row.shown_name.removeprefix(f"{row.title} "),
            full_name(row.given_name, row.family_name),
            f"{row.title} {row.given_name} {row.family_name}",
            f"{row.family_name} {row.given_name}",
        )
        for key in {search_key(name) for name in called}:
            names[key] = row.id if key not in names else _SEVERAL
        if row.outside_id is not None:
            identifiers[row.outside_id] = row.id
    return names | identifiers
